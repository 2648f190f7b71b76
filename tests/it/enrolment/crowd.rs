//! 500 people and 30 seats, over a real socket; and the same crowd against a programme that
//! counts first and inserts then, which shows that the crowd is rough enough.

use std::sync::Arc;

use smartclass::{account, enrolment, ids::ClassId};
use sqlx::{
    AssertSqlSafe, Executor, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::support::{
    World, assert_in_order,
    network::{self, Server},
    number, run,
    world::monday,
};

const PEOPLE: usize = 500;
const SEATS: i64 = 30;
const CONNECTIONS: usize = 60;

/// People made by the thousand, each signed in; gives their cookies.
async fn crowd(db: &PgPool) -> Vec<String> {
    let at = monday().to_rfc3339();
    let mut rows = Vec::new();
    let mut cookies = Vec::new();
    run(
        db,
        &format!(
            "with made as (
           insert into person (name, employment, unit_id, added_at)
           select 'Orang ' || n, 'pns', (select id from unit where parent_id is null), now()
           from generate_series(1, {PEOPLE}) n returning id, name)
         insert into person_nip (nip, person_id, recorded_at)
         select (199002010000000000 + substring(name from 7)::bigint)::text, id, now() from made"
        ),
    )
    .await;
    let ids = crate::support::column(
        db,
        "select person_id::text from person_nip where nip like '19900201%' order by nip",
    )
    .await;
    for id in &ids {
        let token = account::new_token().unwrap();
        let hash = smartclass::assets::hex(&account::digest(&token));
        rows.push(format!("(decode('{hash}', 'hex'), {id}, '{at}', '{at}', '{at}', false)"));
        cookies.push(format!("sid={token}"));
    }
    let columns = "token_hash, person_id, started_at, seen_at, proved_at, own_device";
    run(db, &format!("insert into sign_in ({columns}) values {}", rows.join(", "))).await;
    cookies
}

/// Sends all requests at once, as far as the connections allow; gives the statuses.
async fn all_at_once(server: &Server, requests: Vec<Vec<u8>>) -> Vec<u16> {
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    let mut clients = JoinSet::new();
    for request in requests {
        let (free, addr) = (free.clone(), server.addr);
        clients.spawn(async move {
            let _turn = free.acquire().await.unwrap();
            network::status(addr, &request).await
        });
    }
    clients.join_all().await
}

async fn server(options: PgPoolOptions, database: PgConnectOptions) -> (World, Server) {
    let db = options.connect_with(database.clone()).await.unwrap();
    (World::new(db), Server::start(database, monday()).await)
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn thirty_of_five_hundred_get_a_seat_and_the_rest_a_place_in_line(
    options: PgPoolOptions,
    database: PgConnectOptions,
) {
    let (world, server) = server(options, database).await;
    let db = &world.db;
    let class = world.class().seats(30).create().await;
    let path = format!("{}/daftar", world.address(class).await);
    let cookies = crowd(db).await;
    let requests = cookies.iter().map(|cookie| server.form(&path, cookie, "")).collect();
    let statuses = all_at_once(&server, requests).await;
    assert_eq!(statuses, vec![303; PEOPLE]);
    assert_eq!(number(db, "select count(*) from enrolment where state = 'active'").await, SEATS);
    assert_eq!(number(db, "select taken from class").await, SEATS);
    let places = crate::support::column(db, "select queue_place::text from enrolment where state = 'waiting' order by enrolment.queue_place").await;
    let expected: Vec<_> = (1..=470).map(|place: i32| place.to_string()).collect();
    assert_eq!(places, expected);
    assert_in_order(db).await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn everybody_clicking_twice_changes_nothing(
    options: PgPoolOptions,
    database: PgConnectOptions,
) {
    let (world, server) = server(options, database).await;
    let class = world.class().seats(30).create().await;
    let path = format!("{}/daftar", world.address(class).await);
    let cookies = crowd(&world.db).await;
    let twice = cookies[..60]
        .iter()
        .flat_map(|cookie| [server.form(&path, cookie, ""), server.form(&path, cookie, "")]);
    let statuses = all_at_once(&server, twice.collect()).await;
    assert_eq!(statuses, vec![303; 120]);
    assert_eq!(number(&world.db, "select count(*) from enrolment").await, 60);
    assert_in_order(&world.db).await;
}

/// What the program would be without its one conditional update: it counts, then inserts.
async fn naive(db: &PgPool, class: ClassId, person: i64) {
    let mut tx = db.begin().await.unwrap();
    let sql = format!("select from enrolment where class_id = {class} and state = 'active'");
    let taken = tx.fetch_all(AssertSqlSafe(sql)).await.unwrap().len();
    if taken < 30 {
        let sql = format!(
            "insert into enrolment (class_id, person_id, state) values ({class}, {person}, 'active')"
        );
        tx.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_same_crowd_oversells_when_seats_are_counted_first(
    options: PgPoolOptions,
    database: PgConnectOptions,
) {
    let db = options.connect_with(database.clone()).await.unwrap();
    let world = World::new(db.clone());
    let class = world.class().seats(30).create().await;
    crowd(&db).await;
    let _alone = network::alone().await;
    let wide = PgPoolOptions::new().max_connections(20).connect_with(database).await.unwrap();
    let ids = crate::support::column(
        &db,
        "select person_id::text from person_nip where nip like '19900201%'",
    )
    .await;
    let mut clients = JoinSet::new();
    for id in ids {
        let wide = wide.clone();
        clients.spawn(async move { naive(&wide, class, id.parse().unwrap()).await });
    }
    clients.join_all().await;
    let seated = number(&db, "select count(*) from enrolment where state = 'active'").await;
    assert!(seated > SEATS, "the crowd is too gentle to show anything: {seated}");
    // And the constraint that stands behind the statement would have stopped it.
    let refusal = crate::support::refusal(&db, &format!("update class set taken = {seated}")).await;
    assert!(refusal.contains("never_overbooked"), "{refusal}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn seats_given_up_and_taken_at_once_never_leak(
    options: PgPoolOptions,
    database: PgConnectOptions,
) {
    let (world, server) = server(options, database).await;
    let db = &world.db;
    let class = world.class().seats(10).create().await;
    let (enter, leave) =
        (format!("{}/daftar", world.address(class).await), format!("/saya/kelas/{class}/batal"));
    let cookies = crowd(db).await;
    let enrol = |cookie: &String| server.form(&enter, cookie, "");
    all_at_once(&server, cookies[..40].iter().map(enrol).collect()).await;
    let mixed = cookies[..20]
        .iter()
        .map(|cookie| server.form(&leave, cookie, ""))
        .chain(cookies[40..60].iter().map(enrol));
    let statuses = all_at_once(&server, mixed.collect()).await;
    assert_eq!(statuses, vec![303; 40]);
    let found = world.find(class).await;
    assert_eq!((found.taken, found.waiting), (10, 30));
    // Whoever was promoted came before whoever waits.
    let skipped = "select count(*) from enrolment w join enrolment a on a.class_id = w.class_id
                   where w.state = 'waiting' and a.state = 'active' and a.queue_place > w.queue_place";
    assert_eq!(number(db, skipped).await, 0);
    let all = enrolment::participants(&mut *world.conn().await, class).await.unwrap();
    assert_eq!(all.len(), 40);
    assert_in_order(db).await;
}
