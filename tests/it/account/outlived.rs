//! Links and codes reach no further than those who may know them.

use axum::http::StatusCode;
use smartclass::{
    account::{self, Codes, Reach, Role},
    router,
};
use sqlx::PgPool;

use crate::support::{
    Gate, Person, Visitor, World, column, number, run,
    world::{PASSWORD, monday},
};

const NEW: &str = "lemari kuning di lorong";

/// An operator of Dinas Sosial, and somebody whose record they keep there.
struct Office<'a> {
    world: &'a World,
    operator: Person,
    ada: Person,
}

async fn office(world: &World) -> Office<'_> {
    let social = world.unit("Dinas Sosial").await;
    let operator = world.person("Opa").unit(social).role(Role::UnitOperator).create().await;
    let ada = world.person("Ada Lestari").unit(social).create().await;
    Office { world, operator, ada }
}

/// What may become of the operator and of whom they kept.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Moved,
    Revoked,
    Risen,
}

const TURNS: [Turn; 3] = [Turn::Moved, Turn::Revoked, Turn::Risen];

impl Office<'_> {
    /// The code of a slip that the operator makes.
    async fn slip(&self) -> String {
        let codes = Codes::make(vec![self.ada.id]).await.unwrap();
        let mut tx = self.world.db.begin().await.unwrap();
        let reach = Reach::keeping(&mut tx, self.operator.id).await.unwrap();
        let by = self.operator.id;
        let slips = account::hand_out(&mut tx, &reach, codes, by, monday()).await.unwrap();
        tx.commit().await.unwrap();
        slips.into_iter().next().unwrap().code
    }

    /// The page to which the code leads; nothing when it is refused.
    async fn redeem(&self, code: &str) -> Option<Visitor> {
        let mut visitor = self.world.visitor(monday());
        let typed = [("nip", self.ada.nip.as_str()), ("code", code)];
        visitor.open("/aktivasi").await.press("Lanjut", &typed).await;
        (visitor.status == StatusCode::OK).then_some(visitor)
    }

    async fn turn(&self, turn: Turn) {
        let (db, person) = (&self.world.db, self.ada.id);
        let health = self.world.unit("Dinas Kesehatan").await;
        let sql = match turn {
            Turn::Moved => format!("update person set unit_id = {health} where id = {person}"),
            Turn::Revoked => format!(
                "update role_grant set revoked_at = now() where person_id = {}",
                self.operator.id
            ),
            Turn::Risen => format!(
                "insert into role_grant (person_id, role, unit_id, granted_at)
                 select {person}, 'leader', unit_id, now() from person where id = {person}"
            ),
        };
        run(db, &sql).await;
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_slip_of_somebody_who_no_longer_keeps_the_person_is_refused_as_one_that_expired(
    db: PgPool,
) {
    let world = World::new(db.clone());
    for turn in TURNS {
        let office = office(&world).await;
        let code = office.slip().await;
        assert!(office.redeem(&code).await.is_some(), "while they keep the person");
        office.turn(turn).await;
        assert!(office.redeem(&code).await.is_none(), "{turn:?}");
    }
    assert_eq!(number(&db, "select count(*) from password").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_code_that_was_typed_before_sets_no_password_after(db: PgPool) {
    let world = World::new(db.clone());
    for turn in TURNS {
        let office = office(&world).await;
        let code = office.slip().await;
        let mut visitor = office.redeem(&code).await.unwrap();
        office.turn(turn).await;
        visitor.press("Simpan dan masuk", &[("password", NEW), ("again", NEW)]).await;
        let answer = (visitor.status, visitor.cookie("sid"));
        assert_eq!(answer, (StatusCode::NOT_FOUND, None), "{turn:?}");
        visitor.must_see("Tautan tidak berlaku lagi");
    }
    assert_eq!(number(&db, "select count(*) from password").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_link_that_was_shown_works_while_its_maker_administers_the_person(db: PgPool) {
    let world = World::new(db.clone());
    let (social, health) = (world.unit("Dinas Sosial").await, world.unit("Dinas Kesehatan").await);
    let near = world.person("Dekat").unit(social).role(Role::Administrator).create().await;
    let ada = world.person("Ada").unit(social).create().await;
    let mut links = Vec::new();
    for by in [Some(near.id), None] {
        let mut conn = world.conn().await;
        let token = account::invite(&mut conn, ada.id, by, monday()).await.unwrap();
        links.push(format!("/aktivasi/{token}"));
        let mut visitor = world.visitor(monday());
        assert_eq!(visitor.open(&links[links.len() - 1]).await.status, StatusCode::OK);
        run(&db, &format!("update person set unit_id = {health} where id = {}", ada.id)).await;
        visitor.open(&links[links.len() - 1]).await;
        let status = if by.is_some() { StatusCode::NOT_FOUND } else { StatusCode::OK };
        assert_eq!(visitor.status, status, "from the command line it is known to nobody else");
        run(&db, &format!("update person set unit_id = {social} where id = {}", ada.id)).await;
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn no_password_is_set_with_a_link_while_its_person_moves(db: PgPool) {
    let world = World::new(db.clone());
    let office = office(&world).await;
    let by = Some(office.operator.id);
    let mut conn = office.world.conn().await;
    let token = account::invite(&mut conn, office.ada.id, by, monday()).await.unwrap();
    let moving = "update person set unit_id = (select id from unit where name = 'Dinas Kesehatan')
                  where name = 'Ada Lestari'";
    let gate = Gate::before(&db, moving).await;
    let (set, ()) =
        tokio::join!(account::activate(&mut conn, &token, "-", monday()), gate.open_for(1));
    assert_eq!(set.unwrap(), None);
    assert_eq!(number(&db, "select count(*) from password").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_mailbox_leads_in_until_its_person_holds_more_than_who_gave_its_address_reaches(
    db: PgPool,
) {
    let world = World::new(db.clone());
    for turn in TURNS {
        let office = office(&world).await;
        let (app, ada) = (office.world.mailing(monday()), &office.ada);
        let mut conn = office.world.conn().await;
        let token = account::sign_in(&mut conn, office.operator.id, false, monday()).await.unwrap();
        let mut operator = Visitor::new(router(app.clone())).with_cookie("sid", &token);
        operator.open(&format!("/kelola/orang/{}/ubah", ada.id)).await;
        let email = format!("opa{}@jahat.example", ada.id);
        operator.press("Simpan", &[("email", &email)]).await;
        let link = format!(
            "select substring(body from '/aktivasi/[0-9a-f]{{64}}') from mail
             where kind = 'forgotten' and body <> '' and person_id = {}",
            ada.id
        );
        let site = "http://127.0.0.1:8080";
        account::request_link(&mut conn, &ada.nip, monday()).await.unwrap();
        account::answer_request(&mut conn, site, monday()).await.unwrap();
        let links = column(&db, &link).await;
        let mut visitor = Visitor::new(router(app));
        assert_eq!(visitor.open(&links[0]).await.status, StatusCode::OK);
        office.turn(turn).await;
        let (status, mailed) = match turn {
            // People whose addresses somebody brought in who has left since must find their way in.
            Turn::Moved | Turn::Revoked => (StatusCode::OK, 2),
            Turn::Risen => (StatusCode::NOT_FOUND, 1),
        };
        assert_eq!(visitor.open(&links[0]).await.status, status, "{turn:?}");
        account::request_link(&mut conn, &ada.nip, monday()).await.unwrap();
        account::answer_request(&mut conn, site, monday()).await.unwrap();
        assert_eq!(column(&db, &link).await.len(), mailed, "{turn:?}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_merger_of_units_gives_a_role_to_nobody_who_came_in_with_less(db: PgPool) {
    let world = World::new(db.clone());
    let root = world.person("Admin").role(Role::Administrator).create().await;
    let (social, health) = (world.unit("Dinas Sosial").await, world.unit("Dinas Kesehatan").await);
    let leader = world.person("Lala").unit(social).role(Role::Leader).create().await;
    let near = world.person("Dekat").unit(social).role(Role::Administrator).create().await;
    let mut conn = world.conn().await;
    let token = account::invite(&mut conn, leader.id, Some(near.id), monday()).await.unwrap();
    let mut visitor = world.visitor(monday());
    let typed = [("password", PASSWORD), ("again", PASSWORD)];
    visitor.open(&format!("/aktivasi/{token}")).await.press("Simpan dan masuk", &typed).await;
    assert_eq!(visitor.at, "/saya");
    let revoke = format!("update role_grant set revoked_at = now() where person_id = {}", near.id);
    run(&db, &revoke).await; // what would have become of their own role
    let mut open = world.visitor(monday());
    let token = account::invite(&mut conn, leader.id, None, monday()).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    account::merge_unit(&mut tx, social, health, 1, root.id, monday()).await.unwrap();
    tx.commit().await.unwrap();
    open.open(&format!("/aktivasi/{token}")).await;
    assert_eq!(open.status, StatusCode::NOT_FOUND, "a link that was under way");
    visitor.open("/saya").await;
    visitor.press("Masuk", &[("nip", &leader.nip), ("password", PASSWORD)]).await;
    assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(number(&db, "select count(*) from password").await, 0);
}
