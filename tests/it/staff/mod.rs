//! Staff lists: what each row comes to, what is recorded, and how it is taken back.

mod columns;
mod crowd;
mod reach;
mod undo;
mod units;

use crate::support::{
    column, number, run,
    visitor::Visitor,
    world::{Person, World, monday},
};
use smartclass::account::Role;
use sqlx::PgPool;

const LIST: &str = "\
NIP;NAMA;GELAR BELAKANG;GOL;JABATAN;UNIT KERJA;EMAIL
19900101 201501 2 501;Sari Dewi;S.E.;III/b;Analis;Dinas Sosial;sari@sulteng.example
199001012015012502;Budi Tahir;;;;DINAS KESEHATAN;
";

async fn administrator(world: &World) -> (Person, Visitor) {
    let admin = world.person("Ani").role(Role::Administrator).create().await;
    let visitor = world.signed_in(&admin, monday()).await;
    (admin, visitor)
}

async fn upload<'a>(visitor: &'a mut Visitor, text: &str) -> &'a mut Visitor {
    visitor.open("/kelola/orang/impor").await;
    visitor.upload("Unggah dan periksa", "file", "pegawai.csv", text.as_bytes()).await
}

/// The reasons of a preview's wrong rows.
async fn reasons(visitor: &mut Visitor, text: &str) -> Vec<String> {
    upload(visitor, text).await;
    visitor.sees("td[data-l=Kesalahan]")
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_list_is_recorded_once_it_was_looked_at(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, LIST).await;
    assert_eq!(number(&db, "select count(*) from person").await, 1);
    visitor.press("Catat 2 orang baru", &[]).await;
    assert_eq!(visitor.banner(), "Daftar pegawai tercatat.");
    let recorded = column(
        &db,
        "select concat_ws('|', n.nip, p.name, p.rank, p.position, u.name, p.email)
         from person p join person_nip n on n.person_id = p.id join unit u on u.id = p.unit_id
         where p.staff_import_id is not null order by p.id",
    )
    .await;
    assert_eq!(
        recorded,
        [
            "199001012015012501|Sari Dewi, S.E.|Penata Muda Tingkat I (III/b)|Analis|Dinas Sosial|sari@sulteng.example",
            "199001012015012502|Budi Tahir|Dinas Kesehatan",
        ]
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_same_list_again_changes_nothing(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, LIST).await.press("Catat 2 orang baru", &[]).await;
    upload(&mut visitor, LIST).await;
    visitor.must_see("Tidak ada yang perlu dicatat: semuanya sudah sama dengan yang tercatat.");
    // Capitals, dots and spaces are no change either.
    let shouted = LIST.replace("Sari Dewi;S.E.", "SARI  DEWI;SE");
    upload(&mut visitor, &shouted).await;
    visitor.must_see("semuanya sudah sama dengan yang tercatat.");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_differs_is_changed_with_a_trace_and_an_empty_cell_says_nothing(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, LIST).await.press("Catat 2 orang baru", &[]).await;
    let later = "NIP,NAMA,GOL,JABATAN,UNIT KERJA,EMAIL\n199001012015012501,Sari Dewi,III/c,,Dinas Kesehatan,\n";
    upload(&mut visitor, later).await;
    assert_eq!(
        visitor.sees("td[data-l=Perubahan]"),
        [
            "Pangkat: Penata Muda Tingkat I (III/b) menjadi Penata (III/c) Unit kerja: Dinas Sosial menjadi Dinas Kesehatan"
        ]
    );
    visitor.press("Catat perubahan 1 orang", &[]).await;
    let record = column(
        &db,
        "select concat_ws('|', p.name, p.rank, p.position, u.name, p.email, p.version)
         from person p join unit u on u.id = p.unit_id join person_nip n on n.person_id = p.id where n.nip like '%501'",
    )
    .await;
    assert_eq!(
        record,
        ["Sari Dewi, S.E.|Penata (III/c)|Analis|Dinas Kesehatan|sari@sulteng.example|2"]
    );
    let traces = column(
        &db,
        "select concat_ws('|', field, before, after) from person_change order by field",
    )
    .await;
    assert_eq!(
        traces,
        ["unit|Dinas Sosial|Dinas Kesehatan", "rank|Penata Muda Tingkat I (III/b)|Penata (III/c)"]
    );
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn each_wrong_row_says_why(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    world.person("Rina").email("rina@sulteng.example").create().await;
    let rows = [
        (",Tanpa Nip,Dinas Sosial,,,", "NIP: NIP kosong."),
        ("1.98012E+17,Bulat,Dinas Sosial,,,", "NIP: NIP tersimpan sebagai angka"),
        ("199001012015010000,Nol,Dinas Sosial,,,", "NIP: Angka ke-15 NIP harus 1 atau 2."),
        ("199001012015011000,Nol,Dinas Sosial,,,", "NIP: Tiga angka terakhir NIP 000"),
        ("199001012015012601,,Dinas Sosial,,,", "NAMA: Nama kosong."),
        ("199001012015012602,Tanpa Unit,,,,", "UNIT KERJA: Unit kerja kosong."),
        (
            "199001012015012603,Unit Asing,Dinas Sosail,,,",
            "UNIT KERJA: Unit kerja “Dinas Sosail” tidak dikenal; mirip: Dinas Sosial",
        ),
        (
            "199001012015012604,Golongan,Dinas Sosial,III/x,,",
            "GOL: Golongan “III/x” tidak dikenal.",
        ),
        (
            "199001012015012605,Surel,Dinas Sosial,,rina@sulteng.example,",
            "EMAIL: Alamat surel ini sudah dipakai orang lain.",
        ),
        (
            "199001012015012606,Kerja,Dinas Sosial,,,PPPK",
            "STATUS: Kolom ini menyebut PPPK, sedangkan NIP-nya NIP PNS.",
        ),
        ("199001012015012607,Kembar,Dinas Sosial,,,", ""),
        ("199001012015012607,Kembar,Dinas Sosial,,,", "NIP: NIP ini sama dengan baris 12."),
    ];
    let lines: Vec<&str> = rows.iter().map(|(row, _)| *row).collect();
    let text = format!("NIP,NAMA,UNIT KERJA,GOL,EMAIL,STATUS\n{}\n", lines.join("\n"));
    let said = reasons(&mut visitor, &text).await;
    let expected: Vec<&str> = rows.iter().map(|(_, why)| *why).filter(|w| !w.is_empty()).collect();
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said} is not {expected}");
    }
    // What is right is recorded when the operator says so; the rest changes nothing.
    visitor.press("Catat 1 orang baru, lewati 11 baris salah", &[]).await;
    assert_eq!(number(&db, "select count(*) from person").await, 3);
    assert_eq!(number(&db, "select count(*) from person_change").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_unit_that_is_not_known_leaves_people_in_their_office(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    let text = "NIP,NAMA,UNIT KERJA,OPD\n199001012015012601,Sari,Bidang Anggrek,Dinas Sosial\n";
    upload(&mut visitor, text).await;
    visitor.must_see("1 unit kerja tidak dikenal").must_see("Bidang Anggrek");
    visitor.press("Catat 1 orang baru", &[]).await;
    let unit = column(
        &db,
        "select u.name from person p join unit u on u.id = p.unit_id where p.name = 'Sari'",
    )
    .await;
    assert_eq!(unit, ["Dinas Sosial"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_nip_that_somebody_gave_up_is_not_given_to_another(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    let person = world.person("Rina").create().await;
    run(
        &db,
        &format!(
            "update person_nip set ended_at = now() where person_id = {0};
             insert into person_nip (nip, person_id, recorded_at) values ('199001012015012777', {0}, now())",
            person.id
        ),
    )
    .await;
    let text = format!("NIP,NAMA,UNIT KERJA\n{},Lain,Dinas Sosial\n", person.nip);
    let said = reasons(&mut visitor, &text).await;
    assert_eq!(said, ["NIP: NIP ini dahulu milik Rina, yang kini memiliki NIP lain."]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_changed_since_it_was_seen_is_shown_again(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, LIST).await;
    let late = visitor.fill("Catat 2 orang baru", &[], None);
    let twice = visitor.fill("Catat 2 orang baru", &[], None);
    run(&db, "update unit set valid_until = '2026-01-01' where name = 'Dinas Sosial'").await;
    visitor.submit(late).await;
    visitor.must_see("Data berubah sejak pratinjau ini dibuka. Periksa lagi, lalu catat.");
    assert_eq!(number(&db, "select count(*) from person").await, 1);
    run(&db, "update unit set valid_until = null where name = 'Dinas Sosial'").await;
    visitor.submit(twice).await;
    assert_eq!(number(&db, "select count(*) from person").await, 3);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_button_pressed_twice_records_once(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, LIST).await;
    let again = visitor.fill("Catat 2 orang baru", &[], None);
    visitor.press("Catat 2 orang baru", &[]).await;
    visitor.submit(again).await;
    assert_eq!(number(&db, "select count(*) from person").await, 3);
    // A file that waits is not kept twice.
    upload(&mut visitor, "NIP,NAMA\n199001012015012501,Lain\n").await;
    upload(&mut visitor, "NIP,NAMA\n199001012015012501,Lain\n").await;
    assert_eq!(number(&db, "select count(*) from staff_import").await, 2);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_list_is_taken_back_as_far_as_nobody_built_on_it(db: PgPool) {
    let world = World::new(db.clone());
    let (admin, mut visitor) = administrator(&world).await;
    let person = world.person("Rina").email("rina@sulteng.example").create().await;
    let text = format!(
        "NIP,NAMA,JABATAN,UNIT KERJA,EMAIL\n{},Rina Baru,Analis,Dinas Sosial,rina2@sulteng.example\n\
         199001012015012501,Sari,,Dinas Sosial,\n199001012015012502,Budi,,Dinas Sosial,\n",
        person.nip
    );
    upload(&mut visitor, &text).await;
    visitor.press("Catat 2 orang baru dan perubahan 1 orang", &[]).await;
    // Budi was invited, and Rina's address was put right since.
    run(
        &db,
        &format!(
            "insert into activation (token_hash, person_id, way, made_at, made_by, expires_at)
             select '\\x00', id, 'shown', now(), {}, now() from person where name = 'Budi';
             update person set email = 'rina3@sulteng.example' where id = {}",
            admin.id, person.id
        ),
    )
    .await;
    visitor.click("Batalkan impor ini").await;
    visitor
        .must_see("1 orang yang ditambahkan impor ini dihapus.")
        .must_see("1 orang tetap")
        .must_see("3 isian kembali seperti sebelumnya.")
        .must_see("1 isian tetap");
    let again = visitor.fill("Batalkan impor", &[], None);
    visitor.press("Batalkan impor", &[]).await;
    assert_eq!(visitor.banner(), "Impor dibatalkan: 1 orang dihapus, 3 isian dikembalikan.");
    visitor.submit(again).await;
    let left = column(
        &db,
        "select concat_ws('|', p.name, p.position, u.name, p.email) from person p join unit u on u.id = p.unit_id
         where p.name <> 'Ani' order by p.name",
    )
    .await;
    assert_eq!(
        left,
        ["Budi|Dinas Sosial", "Rina|Pemerintah Provinsi Sulawesi Tengah|rina3@sulteng.example"]
    );
}

/// Every column that names a person as themselves and not as who acted is looked at before
/// somebody is removed. Whoever signs in has a password, and whoever has an entry a head.
#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn whoever_is_named_anywhere_counts_as_in_use(db: PgPool) {
    let names = column(
        &db,
        "select c.conrelid::regclass::text from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where c.contype = 'f' and c.confrelid = 'person'::regclass and a.attname = 'person_id'
           and c.conrelid not in ('person_nip'::regclass, 'sign_in'::regclass, 'known_device'::regclass,
             'ledger_entry'::regclass, 'authenticator'::regclass, 'passkey'::regclass,
             'passkey_holder'::regclass, 'passkey_challenge'::regclass, 'recovery_code'::regclass,
             'pending_sign_in'::regclass, 'code_try'::regclass)
         except
         select view_table from (
           select distinct d.refobjid::regclass::text as view_table from pg_depend d
           join pg_rewrite r on r.oid = d.objid where r.ev_class = 'person_in_use'::regclass) v",
    )
    .await;
    assert_eq!(names, Vec::<String>::new());
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_list_can_be_thrown_away_and_its_file_is_gone(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, LIST).await;
    visitor.press("Buang dan ganti berkas", &[]).await;
    assert_eq!(visitor.banner(), "Daftar dibuang. Tidak ada yang dicatat.");
    assert_eq!(number(&db, "select count(file) from staff_import").await, 0);
    visitor.must_see("Dibuang");
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn the_wrong_rows_come_back_with_their_reasons(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, "NIP;NAMA;UNIT KERJA\n199001012015012501;Sari;Dinas Entah\n").await;
    visitor.click("Unduh baris yang salah (Excel)").await;
    let back = smartclass::staff::read(&visitor.body).unwrap();
    assert_eq!(back.rows[0].text(smartclass::staff::Column::Nip), Some("199001012015012501"));
    assert_eq!(back.unused, ["BARIS", "KESALAHAN"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn what_is_no_list_is_refused_and_not_kept(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, "halo").await;
    assert!(visitor.problem("file").contains("bukan daftar pegawai"));
    assert_eq!(number(&db, "select count(*) from staff_import").await, 0);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_list_says_who_left_and_how_to_reach_those_who_stay(db: PgPool) {
    let world = World::new(db.clone());
    let (_, mut visitor) = administrator(&world).await;
    upload(&mut visitor, LIST).await.press("Catat 2 orang baru", &[]).await;
    let second = "\
NIP;NAMA;NO HP;KEDUDUKAN;JENIS JABATAN;UNIT KERJA
199001012015012501;Sari Dewi;0812-3456-7890;Aktif;Jabatan Fungsional Tertentu;
199001012015012502;Budi Tahir;;Pensiun BUP;Pelaksana;
199001012015012503;Cici;;Entah;Pelaksana;Dinas Sosial
";
    assert_eq!(
        reasons(&mut visitor, second).await,
        ["KEDUDUKAN: Kedudukan “Entah” tidak dikenal."]
    );
    visitor.press("Catat perubahan 2 orang, lewati 1 baris salah", &[]).await;
    let facts = "select concat_ws('|', name, phone, position_kind, standing) from person
                 where staff_import_id is not null order by id";
    assert_eq!(
        column(&db, facts).await,
        ["Sari Dewi, S.E.|+6281234567890|functional|active", "Budi Tahir|executive|retired"]
    );
    visitor.open("/kelola/orang/impor").await.click("Impor 2").await;
    visitor.click("Batalkan impor ini").await.press("Batalkan impor", &[]).await;
    assert_eq!(column(&db, facts).await, ["Sari Dewi, S.E.|active", "Budi Tahir|active"]);
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_record_that_was_merged_is_known_under_its_number(db: PgPool) {
    let world = World::new(db.clone());
    let (admin, mut visitor) = administrator(&world).await;
    upload(&mut visitor, LIST).await.press("Catat 2 orang baru", &[]).await;
    let ids =
        column(&db, "select id::text from person where staff_import_id is not null order by id")
            .await;
    let id = |at: usize| smartclass::ids::PersonId(ids[at].parse().unwrap());
    let mut tx = db.begin().await.unwrap();
    smartclass::people::merge(&mut tx, id(1), id(0), admin.id, monday()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        reasons(&mut visitor, LIST).await,
        ["NIP: NIP ini dahulu milik Budi Tahir, yang kini memiliki NIP lain."]
    );
}
