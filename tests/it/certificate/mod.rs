//! Certificates from issue to check, revocation and undo.

mod check;
mod download;
mod frozen;
mod issue;

use chrono::{DateTime, Utc};
use smartclass::{
    attendance::{self, Verdict},
    certificate::{self, Certificate},
    class::Lane,
    ids::ClassId,
    settings::{self, Certificates, Signer},
};
use sqlx::PgPool;

use crate::support::{
    World,
    world::{Person, evening},
};

pub const SITE: &str = "https://belajar.example";

/// A world in which somebody signs, and numbers begin where paper ended.
pub async fn world(db: &PgPool) -> World {
    let world = World::new(db.clone());
    let_sign(&world).await;
    world
}

/// Lets the one who signs do so, whoever did before.
pub async fn let_sign(world: &World) {
    let signer = Signer {
        from: "2020-01-01".parse().unwrap(),
        until: None,
        acting: false,
        office: "Kepala Badan".into(),
        name: "Dr. Irwan Tolambu, M.Si.".into(),
        rank: None,
        nip: None,
    };
    let year = smartclass::clock::year_of(evening());
    let settings = Certificates {
        signers: vec![signer],
        first_numbers: vec![(year, 41)],
        ..Certificates::default()
    };
    settings::set_certificates(&mut *world.conn().await, &settings, None, evening()).await.unwrap();
}

/// A class at which all of them were present, by hand.
pub async fn attended(world: &World, people: &[Person], by: &Person) -> ClassId {
    let class = world.class().seats(100).create().await;
    let mut db = world.conn().await;
    for person in people {
        world.enrol(class, person).await;
        let verdict = Verdict { present: true, lane: Lane::Zoom, reason: "daftar hadir".into() };
        attendance::set(&mut db, class, person.id, &verdict, by.id, evening()).await.unwrap();
    }
    class
}

/// Issues in a transaction of its own; says how many.
pub async fn issue(db: &PgPool, class: ClassId, by: &Person, now: DateTime<Utc>) -> usize {
    let mut tx = db.begin().await.unwrap();
    let issued = certificate::issue_class(&mut tx, class, SITE, by.id, now).await.unwrap();
    tx.commit().await.unwrap();
    issued.len()
}

pub async fn of_class(world: &World, class: ClassId) -> Vec<Certificate> {
    certificate::of_class(&mut *world.conn().await, class).await.unwrap()
}

/// All at the same time, in order of the list.
pub async fn all_at_once<T: Send + 'static>(
    all: impl Iterator<Item = impl Future<Output = T>>,
) -> Vec<T> {
    let mut waiting: Vec<_> = all.map(Box::pin).map(|one| (one, None)).collect();
    std::future::poll_fn(|context| {
        for (one, done) in &mut waiting {
            if done.is_none()
                && let std::task::Poll::Ready(value) = one.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if waiting.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, done)| done).collect()
}
