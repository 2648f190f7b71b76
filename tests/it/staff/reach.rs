//! An administrator of one unit brings lists of its people, and reaches no further.

use super::{administrator, reasons, upload};
use crate::support::{
    Person, Visitor, World, column, number, run,
    world::{monday, set_up},
};
use axum::http::StatusCode;
use smartclass::account::{self, Role};
use sqlx::PgPool;

const OUTSIDE: &str = "NIP: Orang dengan NIP ini tercatat di luar unit yang Anda kelola.";

/// An administrator for Dinas Sosial, and somebody there and elsewhere.
struct Scene {
    world: World,
    admin: Visitor,
    near: Person,
    far: Person,
}

async fn scene(db: &PgPool) -> Scene {
    let world = World::new(db.clone());
    let (social, health) = (world.unit("Dinas Sosial").await, world.unit("Dinas Kesehatan").await);
    let admin = world.person("Ani").unit(social).role(Role::Administrator).create().await;
    let near =
        world.person("Warga Dekat").unit(social).email("dekat@sulteng.example").create().await;
    let far = world.person("Warga Jauh").unit(health).email("jauh@sulteng.example").create().await;
    let admin = world.signed_in(&admin, monday()).await;
    Scene { world, admin, near, far }
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn people_of_ones_units_are_recorded_and_changed(db: PgPool) {
    let Scene { mut admin, near, .. } = scene(&db).await;
    admin.open("/kelola/orang").await.click("Impor daftar pegawai").await;
    admin.must_see("Hanya orang di unit yang Anda kelola yang dapat dicatat.");
    let text = format!(
        "NIP,NAMA,JABATAN,UNIT KERJA\n{},Warga Dekat,Analis,\n199001012015012501,Sari,,Dinas Sosial\n",
        near.nip
    );
    upload(&mut admin, &text).await.press("Catat 1 orang baru dan perubahan 1 orang", &[]).await;
    assert_eq!(admin.banner(), "Daftar pegawai tercatat.");
    admin.click("Batalkan impor ini").await.press("Batalkan impor", &[]).await;
    assert_eq!(admin.banner(), "Impor dibatalkan: 1 orang dihapus, 1 isian dikembalikan.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nothing_is_told_or_changed_of_people_beyond(db: PgPool) {
    let Scene { world, mut admin, far, .. } = scene(&db).await;
    let former =
        world.person("Warga Dahulu").unit(world.unit("Dinas Kesehatan").await).create().await;
    run(
        &db,
        &format!(
            "update person_nip set ended_at = now() where person_id = {0};
             insert into person_nip (nip, person_id, recorded_at) values ('199001012015012777', {0}, now());
             update person set position = 'Rahasia' where id in ({0}, {1})",
            former.id, far.id
        ),
    )
    .await;
    // As it stands, with another unit, and moved into one's own; by the NIP of now or of before.
    let rows = [
        format!("{},Nama Ngawur,Dinas Kesehatan,Analis,", far.nip),
        format!("{},Nama Lain,Dinas Sosial,Analis,", former.nip),
        "199001012015012777,Nama Lain,Dinas Sosial,,pindah@sulteng.example".to_owned(),
        "199001012015012503,Cici,Dinas Sosial,,jauh@sulteng.example".to_owned(),
    ];
    let text = format!("NIP,NAMA,UNIT KERJA,JABATAN,EMAIL\n{}\n", rows.join("\n"));
    let said = reasons(&mut admin, &text).await;
    let taken = "EMAIL: Alamat surel ini sudah dipakai orang lain.";
    assert_eq!(said, [OUTSIDE, OUTSIDE, OUTSIDE, taken]);
    for told in ["Warga Jauh", "Warga Dahulu", "Rahasia", "Catat"] {
        assert!(!admin.sees_text(told), "{told}");
    }
    let digest = "select md5(string_agg(p::text, '|' order by id)) from person p";
    let before = column(&db, digest).await;
    admin.post("/kelola/orang/impor/1", &[("terlihat", "x")]).await;
    assert_eq!(admin.status, StatusCode::CONFLICT);
    assert_eq!(column(&db, digest).await, before);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_is_put_into_a_unit_beyond(db: PgPool) {
    let Scene { mut admin, near, world, .. } = scene(&db).await;
    let text = format!(
        "NIP,NAMA,UNIT KERJA\n{},Warga Dekat,Dinas Kesehatan\n199001012015012501,Sari,Dinas Kesehatan\n\
         199001012015012502,Budi,Dinas Entah\n",
        near.nip
    );
    let said = reasons(&mut admin, &text).await;
    let beyond = "UNIT KERJA: Unit kerja “Dinas Kesehatan” berada di luar unit yang Anda kelola.";
    assert_eq!(said[..2], [beyond, beyond]);
    assert_eq!(said[2], "UNIT KERJA: Unit kerja “Dinas Entah” tidak dikenal; mirip: Dinas Sosial.");
    assert_eq!(
        admin.sees("#u0 option"),
        ["Biarkan seperti tertulis", "Dinas Sosial", "Dinas Sosial"]
    );
    let health = world.unit("Dinas Kesehatan").await.to_string();
    admin.post("/kelola/orang/impor/1/unit", &[("n0", "dinas entah"), ("u0", &health)]).await;
    assert_eq!(admin.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(admin.problem("unit").contains("di luar unit yang Anda kelola"));
    // Not even when it was chosen by somebody who reaches it.
    run(
        &db,
        &format!("update staff_import set units = jsonb_build_object('dinas entah', {health})"),
    )
    .await;
    admin.open("/kelola/orang/impor/1").await;
    assert!(!admin.sees_text("Catat"));
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_holds_a_role_beyond_is_changed_by_others_only(db: PgPool) {
    let Scene { world, mut admin, near, .. } = scene(&db).await;
    let root = world.root().await;
    let mut conn = world.conn().await;
    let text = format!("NIP,NAMA,EMAIL\n{},Warga Dekat,milik-saya@sulteng.example\n", near.nip);
    upload(&mut admin, &text).await;
    let late = admin.fill("Catat perubahan 1 orang", &[], None);
    account::grant(&mut conn, near.id, Role::Organiser, root, None, monday()).await.unwrap();
    admin.submit(late).await;
    assert_eq!(admin.status, StatusCode::CONFLICT);
    assert_eq!(
        admin.sees("td[data-l=Kesalahan]"),
        [
            "NIP: Orang ini memegang peran di luar unit Anda, jadi hanya administrator untuk unit itu yang dapat mengubahnya."
        ]
    );
    // A row that changes nothing is no mistake.
    upload(&mut admin, &format!("NIP,NAMA\n{},Warga Dekat\n", near.nip)).await;
    admin.must_see("semuanya sudah sama dengan yang tercatat");
    assert_eq!(number(&db, "select count(*) from person_change").await, 0);
    let (_, mut whole) = administrator(&world).await;
    upload(&mut whole, &text).await.press("Catat perubahan 1 orang", &[]).await;
    assert_eq!(whole.banner(), "Daftar pegawai tercatat.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn only_ones_own_people_are_missing_from_a_list(db: PgPool) {
    let Scene { world, mut admin, near, .. } = scene(&db).await;
    let missing = |visitor: &Visitor| visitor.sees(".tiles > div:last-child dd")[0].clone();
    let text = format!("NIP,NAMA\n{},Warga Dekat\n", near.nip);
    upload(&mut admin, &text).await;
    assert_eq!(missing(&admin), "1", "Ani herself");
    let (_, mut whole) = administrator(&world).await;
    upload(&mut whole, &text).await;
    assert_eq!(missing(&whole), "3", "both administrators, and who is far");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_imports_of_others_are_not_there_but_for_the_whole_province(db: PgPool) {
    let Scene { world, mut admin, .. } = scene(&db).await;
    let social = world.unit("Dinas Sosial").await;
    let other = world.person("Tuti").unit(social).role(Role::Administrator).create().await;
    let mut other = world.signed_in(&other, monday()).await;
    upload(&mut admin, "NIP,NAMA,UNIT KERJA\n199001012015012501,Sari,Dinas Sosial\n").await;
    let address = "/kelola/orang/impor/1";
    for path in ["", "/salah.xlsx", "/batal"] {
        other.open(&format!("{address}{path}")).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["", "/buang", "/kolom", "/unit", "/batal"] {
        other.post(&format!("{address}{path}"), &[("terlihat", "x")]).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND, "{path}");
    }
    other.open("/kelola/orang/impor").await;
    assert!(!other.sees_text("Impor 1"));
    let (_, mut whole) = administrator(&world).await;
    whole.open("/kelola/orang/impor").await.click("Impor 1").await;
    whole.press("Catat 1 orang baru", &[]).await;
    other.post(&format!("{address}/batal"), &[]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    admin.open(address).await.click("Batalkan impor ini").await.press("Batalkan impor", &[]).await;
    assert_eq!(admin.banner(), "Impor dibatalkan: 1 orang dihapus, 0 isian dikembalikan.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn undo_leaves_who_came_beyond_the_reach_since(db: PgPool) {
    let Scene { world, mut admin, near, .. } = scene(&db).await;
    let social = world.unit("Dinas Sosial").await;
    let gone = world.person("Warga Pindah").unit(social).create().await;
    let text = format!(
        "NIP,NAMA,EMAIL,UNIT KERJA\n{},Warga Dekat,baru@sulteng.example,\n{},Warga Pindah,pindah@sulteng.example,\n\
         199001012015012501,Sari,,Dinas Sosial\n199001012015012502,Budi,,Dinas Sosial\n",
        near.nip, gone.nip
    );
    upload(&mut admin, &text).await.press("Catat 2 orang baru dan perubahan 2 orang", &[]).await;
    // Taken back, the address of before would open an account of more reach.
    let mut conn = world.conn().await;
    account::grant(&mut conn, near.id, Role::Organiser, world.root().await, None, monday())
        .await
        .unwrap();
    set_up(&mut conn, near.id).await;
    let away = world.unit("Dinas Kesehatan").await;
    run(&db, &format!("update person set unit_id = {away} where name in ('Warga Pindah', 'Budi')"))
        .await;
    admin.open("/kelola/orang/impor/1").await.click("Batalkan impor ini").await;
    admin
        .must_see("1 orang yang ditambahkan impor ini dihapus.")
        .must_see("1 orang tetap, karena sudah diundang, mendaftar, atau tercatat di tempat lain, atau kini di luar unit yang Anda kelola.")
        .must_see("0 isian kembali seperti sebelumnya.")
        .must_see("2 isian tetap");
    admin.press("Batalkan impor", &[]).await;
    let emails = column(
        &db,
        "select concat_ws('|', name, email) from person where name <> 'Ani' order by id",
    )
    .await;
    assert_eq!(
        emails,
        [
            "Warga Dekat|baru@sulteng.example",
            "Warga Jauh|jauh@sulteng.example",
            "Warga Pindah|pindah@sulteng.example",
            "Budi"
        ]
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_name_that_units_of_others_bear_too_means_ones_own(db: PgPool) {
    let Scene { mut admin, .. } = scene(&db).await;
    run(
        &db,
        "insert into unit (parent_id, name, valid_from)
         select id, 'Sekretariat', '2020-01-01' from unit where name in ('Dinas Sosial', 'Dinas Kesehatan')",
    )
    .await;
    let text = "NIP,NAMA,UNIT KERJA,OPD\n199001012015012501,Sari,Sekretariat,\n\
                199001012015012502,Budi,Sekretariat,Dinas Kesehatan\n199001012015012503,Cici,Entah,Dinas Kesehatan\n";
    let said = reasons(&mut admin, text).await;
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said.iter().all(|why| why.ends_with("berada di luar unit yang Anda kelola.")),
        "{said:?}"
    );
    admin.press("Catat 1 orang baru, lewati 2 baris salah", &[]).await;
    let place = "select o.name from person p join unit u on u.id = p.unit_id join unit o on o.id = u.parent_id
                 where p.name = 'Sari'";
    assert_eq!(column(&db, place).await, ["Dinas Sosial"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_office_above_ones_unit_leaves_people_where_they_are(db: PgPool) {
    let world = World::new(db.clone());
    run(
        &db,
        "insert into unit (parent_id, name, valid_from)
         select id, 'Panti Sosial', '2020-01-01' from unit where name = 'Dinas Sosial'",
    )
    .await;
    let home = world.unit("Panti Sosial").await;
    let admin = world.person("Ani").unit(home).role(Role::Administrator).create().await;
    let person = world.person("Warga Panti").unit(home).create().await;
    let mut admin = world.signed_in(&admin, monday()).await;
    let text = format!(
        "NIP,NAMA,JABATAN,UNIT KERJA,OPD\n{0},Warga Panti,Analis,,Dinas Sosial\n\
         199001012015012501,Sari,,Panti Sosial,Dinas Sosial\n199001012015012502,Budi,,,Dinas Sosial\n",
        person.nip
    );
    assert_eq!(
        reasons(&mut admin, &text).await,
        ["OPD: Unit kerja “Dinas Sosial” berada di luar unit yang Anda kelola."]
    );
    admin.press("Catat 1 orang baru dan perubahan 1 orang, lewati 1 baris salah", &[]).await;
    let homes = format!("select count(*) from person where unit_id = {home}");
    assert_eq!(number(&db, &homes).await, 3);
}
