//! The organiser's list of participants.

use sqlx::PgPool;

use crate::support::{World, world::monday};

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_long_list_is_searched_and_turned_page_by_page(db: PgPool) {
    let world = World::new(db);
    let class = world.class().seats(55).create().await;
    let mut people = world.people(57).await;
    people.push(world.person("Zulfah Nūr").create().await);
    for person in &people {
        world.enrol(class, person).await;
    }
    let list = format!("/kelola/kelas/{class}/peserta");
    let mut visitor = world.signed_in(&world.organiser().await, monday()).await;
    visitor.open(&list).await.must_see("55 dari 55 tempat terisi, 3 orang menunggu");
    assert_eq!(visitor.sees("tbody tr").len(), 50);
    visitor.click("Berikutnya").await;
    assert_eq!(visitor.sees("tbody tr").len(), 8);
    visitor.must_see("Daftar tunggu");
    visitor.press("Cari", &[("q", "zulfah nur")]).await;
    assert_eq!(visitor.sees("tbody th"), ["Zulfah Nūr"]);
    assert_eq!(visitor.sees("td[data-l=Urutan]"), ["3"], "the place in the whole queue");
    visitor.press("Cari", &[("q", &people[0].nip)]).await;
    assert_eq!(visitor.sees("tbody th"), ["Orang 1"]);
    visitor.press("Cari", &[("q", "tidak ada")]).await;
    visitor.must_see("Tidak ada peserta yang cocok dengan “tidak ada”.");
    visitor.open(&format!("/kelola/kelas/{class}/daftar-hadir")).await;
    assert_eq!(visitor.sees("tbody tr").len(), 55, "the sheet to sign is whole");
}
