//! The main job, end to end, in a real browser.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod driver;
mod getting_in;
mod second;
mod single_sign_on;

use chrono::{DateTime, Duration, Utc};
use driver::{Browser, pictures};
use smartclass::{
    App,
    account::{self, Role},
    attendance::{self, Verdict},
    class::{Lane, Part},
    clock::Clock,
    config::Config,
    enrolment,
    ids::PersonId,
    password::Hasher,
    people::{self, NewPerson, Nip},
    router,
    schedule::{self, Plan},
    web::show,
};
use sqlx::{Executor, PgPool};
use std::{fs, process::Command, sync::Arc};
use tokio::net::TcpListener;

const PASSWORD: &str = "pisang goreng di teras";

fn start() -> DateTime<Utc> {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

/// Serves the site as it is at that time, on a port of its own.
async fn site(pool: &PgPool, now: DateTime<Utc>) -> String {
    serve(pool, "127.0.0.1", Clock::Stopped(now)).await
}

/// Serves the site under that name of this machine.
async fn serve(pool: &PgPool, host: &str, clock: Clock) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let base_url = format!("http://{host}:{}", addr.port());
    let config = Config {
        database_url: None,
        addr,
        base_url: base_url.clone(),
        data: "data".into(),
        trusted_proxies: Vec::new(),
        mail: None,
        single_sign_on: None,
    };
    let app = App { db: pool.clone(), clock, config: Arc::new(config), hasher: Hasher::default() };
    tokio::spawn(async move { axum::serve(listener, router(app)).await.unwrap() });
    base_url
}

/// Of this story the second factor is no part: a demo world asks nobody for one.
async fn without_second_factor(pool: &PgPool) {
    pool.execute("insert into installation (demo) values (true)").await.unwrap();
}

async fn person(pool: &PgPool, name: &str, nip: &str, role: Option<Role>) -> PersonId {
    let mut db = pool.acquire().await.unwrap();
    let unit = people::root_unit(&mut db).await.unwrap();
    let email = name.split([' ', ',']).next().unwrap().to_lowercase();
    let new = NewPerson {
        name: name.into(),
        nip: Nip::parse(nip, show::local_day(start())).unwrap(),
        email: Some(format!("{email}@sulteng.example")),
        unit,
        position: Some("Analis Kebijakan Ahli Muda".into()),
        rank: None,
        service: people::Service::default(),
    };
    let id = people::add(&mut db, &new, None, start()).await.unwrap();
    let hash = Hasher::default().hash(PASSWORD.into()).await.unwrap();
    account::set_password(&mut db, id, &hash, start()).await.unwrap();
    if let Some(role) = role {
        account::grant(&mut db, id, role, unit, None, start()).await.unwrap();
    }
    id
}

/// Ten hours from an earlier class, so that two more make twelve.
async fn earlier_hours(pool: &PgPool, learner: PersonId, organiser: PersonId) {
    let mut db = pool.begin().await.unwrap();
    let begins = start() - Duration::days(40);
    let part = Part { starts: begins, ends: begins + Duration::hours(8), really: None };
    let plan = Plan {
        title: "Kepemimpinan Pelayanan".into(),
        summary: "Kelas sehari.".into(),
        description: String::new(),
        audience: "Semua ASN".into(),
        jp: 10,
        quota: 5,
        enrolment_opens: None,
        enrolment_closes: begins,
        withdrawal_until: begins,
        presence_percent: 80,
        zoom_meeting_id: None,
        parts: vec![part],
        lanes: vec![],
        speakers: vec![],
    };
    let before = begins - Duration::days(1);
    let class = schedule::create(&mut db, &plan, None, organiser, before).await.unwrap();
    schedule::publish(&mut db, class, organiser, before).await.unwrap();
    enrolment::enrol(&mut db, class, learner, before).await.unwrap();
    let verdict = Verdict { present: true, lane: Lane::Zoom, reason: "Daftar hadir kertas".into() };
    attendance::set(&mut db, class, learner, &verdict, organiser, begins + Duration::days(1))
        .await
        .unwrap();
    db.commit().await.unwrap();
}

fn run(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|_| panic!("{program}: run scripts/need pdf-tools"));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        done.status.success(),
        "{program} {arguments:?}: {said}{}",
        String::from_utf8_lossy(&done.stderr)
    );
    said
}

const TITLE: &str = "Keamanan Informasi bagi ASN: Mengenali Penipuan Daring";

async fn schedule_a_class(site: &Browser) {
    site.sign_in("198202022006042002", PASSWORD).await;
    site.go("/kelola/jadwal").await;
    site.look("jadwal-kosong").await;
    site.press("Buat kelas").await;
    site.press("Simpan draf").await;
    site.sees("Ada yang perlu diperbaiki").await;
    site.look("kelas-baru-salah").await;
    site.fill("Tema", TITLE).await;
    site.fill("Ringkasan", "Mengenali pesan palsu dan mengamankan akun kerja.").await;
    site.fill(
        "Yang akan dipelajari (boleh kosong)",
        "Membedakan pesan resmi dari yang palsu\nLangkah pertama ketika akun diambil alih",
    )
    .await;
    site.fill("Tanggal", "2026-12-01").await;
    site.fill("Kuota", "2").await;
    site.fill("Tautan Zoom (boleh kosong)", "https://zoom.us/j/84512207741").await;
    site.fill("Narasumber", "Ir. Andi Rusdianto, M.T.").await;
    site.fill("Jabatan narasumber", "Kepala Bidang Persandian").await;
    site.press("Simpan draf").await;
    site.sees("Draf kelas tersimpan").await;
    site.look("kelola-kelas-draf").await;
    site.press("Periksa dan terbitkan").await;
    site.look("kelas-terbitkan").await;
    site.press("Terbitkan kelas").await;
    site.sees("Kelas sudah terbit").await;
}

async fn set_up_the_signer(site: &Browser) {
    site.sign_in("198001012005011001", PASSWORD).await;
    site.go("/kelola/pengaturan").await;
    site.look("pengaturan").await;
    site.fill("Nama dengan gelar", "Dr. Irwan Tolambu, M.Si.").await;
    site.fill("Jabatan", "Kepala BPSDMD Provinsi Sulawesi Tengah").await;
    site.fill("Hari pertama", "2026-01-01").await;
    site.press("Tambah penanda tangan").await;
    site.sees("Dr. Irwan Tolambu").await;
    site.go("/kelola/orang").await;
    site.look("orang").await;
}

async fn enrol_and_wait(site: &Browser) {
    site.sign_out().await;
    site.go("/kelas?q=penipuan").await;
    site.look("katalog").await;
    site.press("Keamanan Informasi").await;
    site.look("kelas-tamu").await;
    site.press("Masuk untuk mendaftar").await;
    site.look("masuk").await;
    site.fill("NIP", "19900505 201503 2 005").await;
    site.fill("Kata sandi", PASSWORD).await;
    site.press("Masuk").await;
    site.tab_to("Daftar").await; // the keyboard alone
    site.sees("Anda terdaftar").await;
    site.look("kelas-saya-terdaftar").await;
    site.sign_in("199306062020121006", PASSWORD).await;
    site.go("/kelas?q=penipuan").await;
    site.press("Keamanan Informasi").await;
    site.press("Daftar").await;
    site.sees("Anda terdaftar").await;
}

async fn wait_and_win_a_seat(site: &Browser) {
    site.sign_in("199107072019031007", PASSWORD).await;
    site.go("/kelas?q=penipuan").await;
    site.press("Keamanan Informasi").await;
    site.look("kelas-penuh").await;
    site.press("Masuk daftar tunggu").await;
    site.sees("urutan ke-1 dari 1").await;
    site.look("kelas-saya-menunggu").await;
    site.sign_in("199306062020121006", PASSWORD).await;
    site.go("/saya/kelas").await;
    site.look("kelas-saya").await;
    site.press("Keamanan Informasi").await;
    site.press("Batalkan pendaftaran").await;
    site.look("batalkan").await;
    site.press("Batalkan pendaftaran").await;
    site.sees("Pendaftaran Anda dibatalkan").await;
    site.sign_in("199107072019031007", PASSWORD).await;
    site.sees("Anda mendapat tempat").await;
    site.look("beranda-tempat-baru").await;
}

/// One by e-mail, one by NIP, one whose name is only like, one outside the class, one unknown.
const REPORT: &str = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest
Nurhidayah,nurhidayah@sulteng.example,12/01/2026 08:55:00 AM,12/01/2026 09:40:00 AM,45,No
Nurhidayah,nurhidayah@sulteng.example,12/01/2026 09:43:00 AM,12/01/2026 11:02:00 AM,79,No
199107072019031007 Komang,,12/01/2026 09:00:00 AM,12/01/2026 11:00:00 AM,120,Yes
Rahmat,rahmat@sulteng.example,12/01/2026 09:00:00 AM,12/01/2026 11:00:00 AM,120,Yes
iPhone,,12/01/2026 09:00:00 AM,12/01/2026 09:30:00 AM,30,Yes
";

async fn import_and_issue(site: &Browser) {
    site.sign_in("198202022006042002", PASSWORD).await;
    site.go("/kelola/jadwal?bagian=selesai").await;
    site.press("Keamanan Informasi").await;
    site.press("Unggah laporan Zoom").await;
    site.look("unggah").await;
    let file = pictures().join("participants_84512207741.csv");
    fs::write(&file, REPORT).unwrap();
    site.fill("Berkas laporan", file.to_str().unwrap()).await;
    site.press("Unggah dan periksa").await;
    site.sees("Di luar kelas").await;
    site.sees("Tidak dikenal").await;
    site.look("pratinjau").await;
    site.press("Catat 2 hadir, abaikan 2 baris").await;
    site.sees("Kehadiran tercatat").await;
    site.look("hasil-impor").await;
    site.press("Lihat kehadiran").await;
    site.sees("Hadir 117 menit dari 120 menit; batasnya 96 menit (80%).").await;
    site.look("kehadiran").await;
    site.press("Nurhidayah").await;
    site.look("kehadiran-orang").await;
    site.go("/kelola/laporan").await;
    site.look("laporan").await;
    site.go("/kelola/jadwal?bagian=selesai").await;
    site.press("Keamanan Informasi").await;
    site.press("Sertifikat").await;
    site.look("sertifikat-kelas").await;
    site.press("Terbitkan sertifikat (2)").await;
    site.sees("2 sertifikat terbit").await;
    site.look("sertifikat-kelas-terbit").await;
}

/// The learner's own pages, and their certificate as independent tools see it.
async fn learn_and_download(site: &Browser) -> String {
    site.sign_in("199005052015032005", PASSWORD).await;
    site.sees("12 dari 20 JP").await;
    site.look("beranda").await;
    site.go("/saya/jp").await;
    site.look("buku-jp").await;
    site.go("/saya/profil").await;
    site.look("profil").await;
    site.go("/saya/sertifikat").await;
    site.look("sertifikat-saya").await;
    let pdf = site.download(&site.href("Unduh PDF").await).await;
    let file = pictures().join("sertifikat.pdf");
    fs::write(&file, pdf).unwrap();
    let file = file.to_str().unwrap();
    run("qpdf", &["--check", file]);
    for font in run("pdffonts", &[file]).lines().skip(2) {
        assert!(font.contains(" yes yes yes "), "not embedded, subset and readable: {font}");
    }
    let text = run("pdftotext", &["-layout", file, "-"]);
    for words in [
        "SERTIFIKAT",
        "800.2.4/00002/BPSDMD/2026",
        "Nurhidayah Lasimpala, A.Md.Kep.",
        "19900505 201503 2 005",
        "2 (dua) Jam Pelajaran",
        "1 Desember 2026",
        "Dr. Irwan Tolambu, M.Si.",
        "elum ditandatangani secara elektronik",
    ] {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
    let picture = pictures().join("sertifikat");
    run("pdftoppm", &["-r", "150", "-png", "-singlefile", file, picture.to_str().unwrap()]);
    let scanned = run("zbarimg", &["-q", "--raw", &format!("{}.png", picture.display())]);
    scanned.trim().to_owned()
}

async fn verify_as_a_stranger(site: &Browser, scanned: &str) {
    site.sign_out().await;
    site.go(scanned).await;
    site.sees("SAH").await;
    site.sees("Nurhidayah Lasimpala, A.Md.Kep.").await;
    site.sees("berakhir dengan 2005").await;
    assert!(!site.text().await.contains("19900505"), "the birth date is in a NIP's beginning");
    site.look("verifikasi").await;
    site.fill("Berkas PDF", pictures().join("sertifikat.pdf").to_str().unwrap()).await;
    site.press("Cocokkan berkas").await;
    site.sees("Berkas sama dengan aslinya").await;
    site.go("/v/0000000000000000").await;
    site.sees("TIDAK DITEMUKAN").await;
    site.look("verifikasi-tidak-ditemukan").await;
    site.go("/halaman-lain").await;
    site.look("404").await;
    site.go("/bantuan").await;
    site.look("bantuan").await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_zoom_report_becomes_a_verified_certificate(pool: PgPool) {
    without_second_factor(&pool).await;
    person(&pool, "Sigit Administrator", "198001012005011001", Some(Role::Administrator)).await;
    let organiser =
        person(&pool, "Irfan Saputra, S.STP.", "198202022006042002", Some(Role::Organiser)).await;
    let learner =
        person(&pool, "Nurhidayah Lasimpala, A.Md.Kep.", "199005052015032005", None).await;
    person(&pool, "Yohanis Tobondo, S.Pd.", "199306062020121006", None).await;
    person(&pool, "Komang Sudiarta, S.Kom.", "199107072019031007", None).await;
    person(&pool, "Rahmat Hidayat", "198808082015031008", None).await;
    earlier_hours(&pool, learner, organiser).await;

    let before = site(&pool, start()).await;
    let mut browser = Browser::open(&before).await;
    schedule_a_class(&browser).await;
    set_up_the_signer(&browser).await;
    enrol_and_wait(&browser).await;
    wait_and_win_a_seat(&browser).await;
    let after = site(&pool, start() + Duration::days(7) + Duration::hours(4)).await;
    browser.at(&after);
    import_and_issue(&browser).await;
    let scanned = learn_and_download(&browser).await;
    assert!(scanned.starts_with(&format!("{after}/v/")), "{scanned}");
    verify_as_a_stranger(&browser, &scanned).await;
    browser.close().await;
}

#[sqlx::test(migrator = "smartclass::database::MIGRATIONS")]
async fn a_unit_is_added_and_merged_into_another(pool: PgPool) {
    without_second_factor(&pool).await;
    person(&pool, "Sigit Administrator", "198001012005011001", Some(Role::Administrator)).await;
    let units = people::units(&mut pool.acquire().await.unwrap(), start()).await.unwrap();
    let social = units.iter().find(|unit| unit.name == "Dinas Sosial").unwrap().id;
    let base = site(&pool, start()).await;
    let site = Browser::open(&base).await;
    site.sign_in("198001012005011001", PASSWORD).await;
    site.go("/kelola/unit").await;
    site.look("unit").await;
    site.press("Dinas Kesehatan").await;
    site.press("Tambah unit di bawahnya").await;
    site.press("Tambah unit").await;
    site.sees("Ada yang perlu diperbaiki").await;
    site.look("unit-baru-salah").await;
    site.fill("Nama unit", "UPT RSUD Undata").await;
    site.press("Tambah unit").await;
    site.sees("Unit ditambahkan.").await;
    site.look("unit-satu").await;
    site.press("Tutup unit").await;
    site.look("unit-tutup").await;
    site.press("Kembali tanpa menutup").await;
    let unit = site.href("Gabungkan").await;
    site.press("Gabungkan").await;
    site.look("unit-tujuan").await;
    site.go(&format!("{unit}?ke={social}")).await;
    site.look("unit-gabung").await;
    site.press("Gabungkan unit").await;
    site.sees("Unit digabung. 0 orang dan 0 unit pindah ke Dinas Sosial.").await;
    site.go("/kelola/unit?q=undata").await;
    site.look("unit-ditutup").await;
    site.press("Dinas Kesehatan › UPT RSUD Undata").await;
    site.sees("Digabung ke Dinas Sosial").await;
    site.look("unit-satu-ditutup").await;
    site.close().await;
}
