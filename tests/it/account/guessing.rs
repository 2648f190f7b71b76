//! Guesses that come all at once are counted all the same, and the same crowd against a
//! program that looks first and counts after shows that they come at once indeed.

use axum::http::StatusCode;
use smartclass::account::TRIES;
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::support::{World, number, run, world::monday};

const GUESSES: usize = 40;
const NOBODY: &str = "197001012000011999";

fn checked(answers: &[bool]) -> i64 {
    answers.iter().filter(|checked| **checked).count().try_into().unwrap()
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn guesses_at_the_same_time_are_counted_one_after_the_other(db: PgPool) {
    let world = World::new(db);
    let ada = world.person("Ada").with_password().create().await;
    for nip in [ada.nip.as_str(), NOBODY] {
        let mut guesses = JoinSet::new();
        for guess in 0..GUESSES {
            let (mut visitor, nip) = (world.visitor(monday()), nip.to_owned());
            guesses.spawn(async move {
                let guess = format!("tebakan ke-{guess}");
                visitor.post("/masuk", &[("nip", &nip), ("password", &guess)]).await;
                match visitor.status {
                    StatusCode::UNPROCESSABLE_ENTITY => true,
                    StatusCode::TOO_MANY_REQUESTS => false,
                    status => panic!("{status}: {}", visitor.page()),
                }
            });
        }
        assert_eq!(checked(&guesses.join_all().await), TRIES, "{nip}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_program_that_looks_first_and_counts_after_lets_more_through(db: PgPool) {
    let world = World::new(db.clone());
    let mut guesses = JoinSet::new();
    for guess in 0..GUESSES {
        let (db, hasher) = (db.clone(), world.app(monday()).hasher);
        guesses.spawn(async move {
            if number(&db, "select count(*) from sign_in_try").await >= TRIES {
                return false;
            }
            hasher.verify(format!("tebakan ke-{guess}"), None).await.unwrap();
            run(&db, &format!("insert into sign_in_try values ('{NOBODY}', now())")).await;
            true
        });
    }
    assert!(checked(&guesses.join_all().await) > TRIES);
}
