//! Operators keep the records of their unit's people; what decides who somebody is, or where,
//! waits for an administrator.

use axum::http::StatusCode;
use smartclass::account::Role;
use sqlx::PgPool;

use crate::support::{Person, Visitor, World, column, world::monday};

struct Office {
    world: World,
    operator: Person,
    ada: Person,
}

async fn office(db: &PgPool) -> Office {
    let world = World::new(db.clone());
    let unit = world.unit("Dinas Sosial").await;
    let operator = world.person("Opa").unit(unit).role(Role::UnitOperator).create().await;
    let ada = world.person("Ada Lestrai").unit(unit).create().await;
    Office { world, operator, ada }
}

impl Office {
    async fn operator(&self) -> Visitor {
        self.world.signed_in(&self.operator, monday()).await
    }

    async fn administrator(&self) -> Visitor {
        let admin = self.world.person("Siti Admin").role(Role::Administrator).create().await;
        self.world.signed_in(&admin, monday()).await
    }

    /// What the record says.
    async fn record(&self) -> Vec<String> {
        let facts = format!(
            "select concat_ws('|', p.name, n.nip, p.standing) from person p
             join person_nip n on n.person_id = p.id and n.ended_at is null where p.id = {}",
            self.ada.id
        );
        column(&self.world.db, &facts).await
    }
}

const NEW_NIP: &str = "199005052015032005";

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_operator_corrects_at_once_and_proposes_what_identifies(db: PgPool) {
    let office = office(&db).await;
    let mut operator = office.operator().await;
    operator.open(&format!("/kelola/orang/{}", office.ada.id)).await.click("Ubah data").await;
    let typed = [("name", "Ada Lestari"), ("nip", NEW_NIP), ("standing", "leave")];
    operator.press("Simpan", &typed).await;
    assert!(operator.banner().contains("menunggu persetujuan administrator"));
    let old = format!("Ada Lestari|{}|active", office.ada.nip);
    assert_eq!(office.record().await, [old.as_str()]);
    operator.must_see("Menunggu keputusan administrator.");
    let mut admin = office.administrator().await;
    admin.open("/kelola/orang").await.click("1 usulan perubahan dari operator").await;
    admin.must_see("Aktif menjadi Cuti atau tugas belajar");
    admin.press("Setujui usulan tentang Ada Lestari", &[]).await;
    assert_eq!(admin.banner(), "Usulan disetujui dan tercatat.");
    assert_eq!(office.record().await, [format!("Ada Lestari|{NEW_NIP}|leave")]);
    admin.open("/kelola/orang/usulan").await.must_see("Tidak ada usulan yang menunggu.");
    let by = "select string_agg(field || ' ' || b.name, ', ' order by c.id)
              from person_change c join person b on b.id = c.by";
    assert_eq!(column(&db, by).await, ["name Opa, nip Siti Admin, standing Siti Admin"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_proposal_that_is_refused_or_replaced_changes_nothing(db: PgPool) {
    let office = office(&db).await;
    let mut operator = office.operator().await;
    let form = format!("/kelola/orang/{}/ubah", office.ada.id);
    for standing in ["leave", "retired"] {
        operator.open(&form).await;
        operator.press("Simpan", &[("standing", standing), ("since", "01/03/2026")]).await;
    }
    let states =
        "select standing || ' ' || coalesce(accepted::text, '-') from proposal order by id";
    assert_eq!(column(&db, states).await, ["leave false", "retired -"]);
    let mut admin = office.administrator().await;
    admin.open(&format!("/kelola/orang/{}", office.ada.id)).await;
    admin.press("Tolak usulan tentang Ada Lestrai", &[]).await;
    assert_eq!(column(&db, states).await, ["leave false", "retired false"]);
    assert_eq!(office.record().await, [format!("Ada Lestrai|{}|active", office.ada.nip)]);
    let again = [("proposal", "2"), ("putusan", "setuju")];
    admin.post(&format!("/kelola/orang/{}/usulan", office.ada.id), &again).await;
    assert_eq!(admin.status, StatusCode::CONFLICT);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_operator_adds_people_and_prints_their_slips(db: PgPool) {
    let office = office(&db).await;
    let mut operator = office.operator().await;
    operator.open("/kelola/orang/baru").await;
    let unit = office.world.unit("Dinas Sosial").await.to_string();
    let elsewhere = office.world.unit("Dinas Kesehatan").await.to_string();
    let typed = [("name", "Budi"), ("nip", NEW_NIP), ("unit", elsewhere.as_str())];
    operator.post("/kelola/orang", &typed).await;
    assert_eq!(operator.problem("unit"), "Pilih unit kerja.");
    operator.open("/kelola/orang/baru").await;
    operator.press("Simpan", &[("name", "Budi"), ("nip", NEW_NIP), ("unit", &unit)]).await;
    assert_eq!(operator.banner(), "Orang tercatat. Berikan slip aktivasi agar ia dapat masuk.");
    operator.click("Cetak slip aktivasi").await;
    operator.press("Buat slip untuk 1 orang ini", &[]).await;
    operator.must_see("Budi");
    assert_eq!(column(&db, "select count(*)::text from activation").await, ["1"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_operator_has_no_hold_on_those_with_roles_nor_on_other_units(db: PgPool) {
    let office = office(&db).await;
    let world = &office.world;
    let unit = world.unit("Dinas Sosial").await;
    let leader = world.person("Lala").unit(unit).role(Role::Leader).create().await;
    let stranger =
        world.person("Orang Jauh").unit(world.unit("Dinas Kesehatan").await).create().await;
    let mut operator = office.operator().await;
    for (person, status) in [
        (&leader, StatusCode::CONFLICT),
        (&office.operator, StatusCode::CONFLICT),
        (&stranger, StatusCode::NOT_FOUND),
    ] {
        operator.open(&format!("/kelola/orang/{}/ubah", person.id)).await;
        assert_eq!(operator.status, status, "{}", person.name);
        operator.post("/kelola/orang/slip", &[("orang", &person.id.to_string())]).await;
        assert_eq!(operator.status, StatusCode::NOT_FOUND, "{}", person.name);
    }
    for act in ["aktivasi", "peran", "gabung", "usulan"] {
        operator.post(&format!("/kelola/orang/{}/{act}", office.ada.id), &[]).await;
        assert_eq!(operator.status, StatusCode::FORBIDDEN, "{act}");
    }
    operator.open(&format!("/kelola/orang/{}", office.ada.id)).await;
    assert!(!operator.sees_text("Beri peran"));
}
