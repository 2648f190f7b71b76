//! What holds of the tree, whoever changes it and when.

use smartclass::{
    account::{self, EndError, GrantError, Role},
    ids::UnitId,
    people::{
        self, NewPerson, Nip, RecordError,
        unit::{self, NewUnit, UnitError},
    },
};
use sqlx::PgPool;

use super::{HEALTH, Province, SOCIAL, of};
use crate::support::{Gate, column, number, refusal, world::monday};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn two_moves_at_once_never_make_a_ring(db: PgPool) {
    let Province { world, admin } = Province::new(&db).await;
    let (health, social) = (world.unit(HEALTH).await, world.unit(SOCIAL).await);
    // Both have looked at the tree when the first of them may write.
    let rows = "select from unit where name in ('Dinas Kesehatan', 'Dinas Sosial') for update";
    let gate = Gate::before(&db, rows).await;
    let go = async |unit: UnitId, below: UnitId| {
        let mut tx = db.begin().await.unwrap();
        let moved = unit::move_below(&mut tx, unit, below, 1, admin.id, monday()).await;
        tx.commit().await.unwrap();
        moved
    };
    let (one, other, ()) = tokio::join!(go(health, social), go(social, health), gate.open_for(2));
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert!(matches!(refused[..], [UnitError::BelowItself]), "{refused:?}");
    let tree = unit::tree(&mut *world.conn().await).await.unwrap();
    assert_eq!(tree.nodes().len(), 41, "every unit hangs from the root");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_unit_is_put_neither_below_itself_nor_below_what_lies_below_it(db: PgPool) {
    let province = Province::new(&db).await;
    let health = province.world.unit(HEALTH).await;
    let hospital = province.below(health, "UPT RSUD Undata").await;
    let ward = province.below(hospital, "Instalasi Farmasi").await;
    let (mut db, by) = (province.world.conn().await, province.admin.id);
    for target in [health, hospital, ward] {
        let moved = unit::move_below(&mut db, health, target, 1, by, monday()).await;
        assert!(matches!(moved, Err(UnitError::BelowItself)), "{target}: {moved:?}");
        let merged = unit::merge(&mut db, health, target, 1, by, monday()).await;
        assert!(matches!(merged, Err(UnitError::BelowItself)), "{target}: {merged:?}");
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_root_is_renamed_and_nothing_else(db: PgPool) {
    let Province { world, admin } = Province::new(&db).await;
    let (root, social) = (world.root().await, world.unit(SOCIAL).await);
    let (mut conn, by, now) = (world.conn().await, admin.id, monday());
    let today = "2026-03-02".parse().unwrap();
    unit::rename(&mut conn, root, ("Provinsi", None), 1, by, now).await.unwrap();
    let moved = unit::move_below(&mut conn, root, social, 2, by, now).await;
    assert!(matches!(moved, Err(UnitError::Root)), "{moved:?}");
    let merged = account::merge_unit(&mut conn, root, social, 2, by, now).await;
    assert!(matches!(merged, Err(EndError::Unit(UnitError::Root))), "{merged:?}");
    let closed = account::close_unit(&mut conn, root, today, 2, by, now).await;
    assert!(matches!(closed, Err(EndError::Unit(UnitError::Root))), "{closed:?}");
    assert_eq!(column(&db, &of(root, "name")).await, ["Provinsi"]);
}

fn somebody(unit: UnitId) -> NewPerson {
    NewPerson {
        name: "Pegawai Baru".into(),
        nip: Nip::recorded("199005052015032005".into()),
        email: None,
        unit,
        position: None,
        rank: None,
        service: people::Service::default(),
    }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_comes_to_a_unit_while_it_is_closed(db: PgPool) {
    let Province { world, admin } = Province::new(&db).await;
    let social = world.unit(SOCIAL).await;
    let (today, now) = ("2026-03-02".parse().unwrap(), monday());
    // Who is recorded first keeps it open.
    let mut first = db.begin().await.unwrap();
    people::add(&mut first, &somebody(social), None, now).await.unwrap();
    let close = async || {
        let mut tx = db.begin().await.unwrap();
        let closed = account::close_unit(&mut tx, social, today, 1, admin.id, now).await;
        if closed.is_ok() {
            tx.commit().await.unwrap();
        }
        closed
    };
    let waiting = Gate::of(&db, first);
    let (closed, ()) = tokio::join!(close(), waiting.open_for(1));
    assert!(matches!(closed, Err(EndError::Unit(UnitError::HasPeople(1)))), "{closed:?}");
    // Who comes later finds it closed, and so does a role.
    let root = world.root().await;
    let mut ending = db.begin().await.unwrap();
    unit::merge(&mut ending, social, root, 1, admin.id, now).await.unwrap();
    let gate = Gate::of(&db, ending);
    let (mut one, mut other) = (world.conn().await, world.conn().await);
    let new = NewPerson { nip: Nip::recorded("199005052015032006".into()), ..somebody(social) };
    let (late, given, ()) = tokio::join!(
        people::add(&mut one, &new, None, now),
        account::grant(&mut other, admin.id, Role::Leader, social, None, now),
        gate.open_for(2)
    );
    assert!(matches!(late, Err(RecordError::UnitClosed)), "{late:?}");
    assert!(matches!(given, Err(GrantError::UnitClosed)), "{given:?}");
    assert_eq!(
        number(&db, &format!("select count(*) from person where unit_id = {social}")).await,
        0
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_code_belongs_to_one_open_unit(db: PgPool) {
    let Province { world, admin } = Province::new(&db).await;
    let (health, social) = (world.unit(HEALTH).await, world.unit(SOCIAL).await);
    let (mut conn, by, now) = (world.conn().await, admin.id, monday());
    let code = &*column(&db, &of(social, "code")).await[0];
    let taken = unit::rename(&mut conn, health, (HEALTH, Some(code)), 1, by, now).await;
    assert!(matches!(taken, Err(UnitError::CodeTaken)), "{taken:?}");
    account::close_unit(&mut conn, social, "2026-03-01".parse().unwrap(), 1, by, now)
        .await
        .unwrap();
    unit::rename(&mut conn, health, (HEALTH, Some(code)), 1, by, now).await.unwrap();
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_unit_begins_no_earlier_than_the_one_above_and_ends_no_later_than_today(db: PgPool) {
    let Province { world, admin } = Province::new(&db).await;
    let parent = world.unit(SOCIAL).await;
    let (mut conn, by, now) = (world.conn().await, admin.id, monday());
    let day = |text: &str| text.parse().unwrap();
    let mut new =
        NewUnit { parent, name: "Panti".into(), code: None, valid_from: day("2016-12-31") };
    let early = unit::add(&mut conn, &new, None, by, now).await;
    assert!(matches!(early, Err(UnitError::TooEarly(_))), "{early:?}");
    new.valid_from = day("2026-01-01");
    let panti = unit::add(&mut conn, &new, None, by, now).await.unwrap();
    for wrong in ["2025-12-31", "2026-03-03"] {
        let closed = unit::close(&mut conn, panti, day(wrong), 1, by, now).await;
        assert!(matches!(closed, Err(UnitError::Day(..))), "{wrong}: {closed:?}");
    }
    // One that was planned and never begins.
    new.valid_from = day("2027-01-01");
    let never = unit::add(&mut conn, &new, None, by, now).await.unwrap();
    let moved = unit::move_below(&mut conn, panti, never, 1, by, now).await;
    assert!(matches!(moved, Err(UnitError::TargetNotOpen)), "{moved:?}");
    unit::close(&mut conn, never, day("2027-01-01"), 1, by, now).await.unwrap();
    unit::close(&mut conn, panti, day("2026-03-02"), 1, by, now).await.unwrap();
    let again = unit::rename(&mut conn, panti, ("Lain", None), 2, by, now).await;
    assert!(matches!(again, Err(UnitError::Closed)), "{again:?}");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_history_of_a_unit_only_grows(db: PgPool) {
    let province = Province::new(&db).await;
    province.below(province.world.unit(SOCIAL).await, "Panti").await;
    for sql in
        ["update unit_change set after = ''", "delete from unit_change", "truncate unit_change"]
    {
        assert!(refusal(&db, sql).await.contains("unit_change only ever grows"), "{sql}");
    }
}
