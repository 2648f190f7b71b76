//! Taking a list back gives nobody more than they had.

use super::{administrator, upload};
use crate::support::{World, column, number, run};
use sqlx::PgPool;

const RINA: &str =
    "select concat_ws(' ', email, by) from person p join person_change c on c.person_id = p.id
                    where p.name = 'Rina' and field = 'email' order by c.id desc limit 1";

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_address_that_comes_back_is_known_as_set_by_whoever_set_it_first(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    let other = world.person("Pengisi").create().await;
    let rina = world.person("Rina").email("pertama@sulteng.example").create().await;
    run(
        &db,
        &format!(
            "insert into person_change (person_id, field, before, after, at, by)
             values ({}, 'email', null, 'pertama@sulteng.example', now(), {})",
            rina.id, other.id
        ),
    )
    .await;
    let text = format!("NIP,NAMA,EMAIL\n{},Rina,kedua@sulteng.example\n", rina.nip);
    upload(&mut visitor, &text).await.press("Catat perubahan 1 orang", &[]).await;
    visitor.click("Batalkan impor ini").await.press("Batalkan impor", &[]).await;
    assert_eq!(column(&db, RINA).await, [format!("pertama@sulteng.example {}", other.id)]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn an_address_that_somebody_else_has_by_now_stays_theirs(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    let rina = world.person("Rina").email("pertama@sulteng.example").create().await;
    let text = format!("NIP,NAMA,JABATAN,EMAIL\n{},Rina,Analis,kedua@sulteng.example\n", rina.nip);
    upload(&mut visitor, &text).await.press("Catat perubahan 1 orang", &[]).await;
    world.person("Budi").email("Pertama@sulteng.example").create().await;
    visitor.click("Batalkan impor ini").await;
    visitor.must_see("1 isian kembali seperti sebelumnya.").must_see("1 isian tetap");
    visitor.press("Batalkan impor", &[]).await;
    assert_eq!(visitor.banner(), "Impor dibatalkan: 0 orang dihapus, 1 isian dikembalikan.");
    assert_eq!(
        column(&db, "select email from person where name = 'Rina'").await,
        ["kedua@sulteng.example"]
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn nobody_changes_their_own_standing_by_a_list(db: PgPool) {
    let world = World::new(db.clone());
    let (admin, mut visitor) = administrator(&world).await;
    let text = format!("NIP,NAMA,KEDUDUKAN\n{},Ani,Pensiun\n", admin.nip);
    upload(&mut visitor, &text).await.press("Catat perubahan 1 orang", &[]).await;
    visitor.must_see("Daftar ini mengubah kedudukan Anda sendiri.");
    let here = "select count(*) from person where name = 'Ani' and standing = 'active'";
    assert_eq!(number(&db, here).await, 1);
}
