//! Every address of the program, who may use it, and what answers. An address
//! cannot be served without a permission: the router is made of this table.

use crate::{
    account::{
        self, Gate, Permission,
        admin::{self, proposals, slips, units},
        getting_in, guard,
        second::web::{authenticator, code, confirm, passkey},
        single_sign_on::{Provider, web as sso},
    },
    app::App,
    assets,
    attendance::web::{
        self as attendance,
        import::{act, preview, row, undo, upload},
    },
    audit::web::{self as audit, affected},
    catalogue,
    certificate::web::{self as certificate, issue, verify},
    enrolment::{roll::web as roll, web as enrolment},
    error::Error,
    help, home, ledger,
    privacy::web::{answers, data, erase, notice, requests, settings as privacy_settings},
    report::web as report,
    schedule,
    settings::web as settings,
    staff::{self as staff_list, web as staff},
    web::throttle::Throttles,
};
use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request, State},
    handler::Handler,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{from_fn_with_state, map_response_with_state},
    response::{IntoResponse, Response},
    routing::{self, MethodRouter},
};
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::NotForContentType},
    csrf::CsrfLayer,
    trace::TraceLayer,
};

/// The largest upload: a report of 10 MB and the form around it.
const UPLOAD: usize = 10 * 1024 * 1024 + 64 * 1024;

/// The largest staff list, and the form around it.
const STAFF_LIST: usize = staff_list::MAX_BYTES + 64 * 1024;

/// What opening a page is called. What is worth a note in the audit log notes itself.
const LOOK: &str = "Membuka halaman";

/// One address and what may be done there.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub permission: Permission,
    /// Whether it asks for a proof of presence of a short while ago.
    pub fresh: bool,
    /// What whoever comes here does, as the audit log has it.
    pub act: &'static str,
    handler: MethodRouter<App>,
}

fn get<T: 'static>(
    path: &'static str,
    permission: Permission,
    handler: impl Handler<T, App>,
) -> Route {
    let (method, handler) = (Method::GET, routing::get(handler));
    Route { method, path, permission, fresh: false, act: LOOK, handler }
}

fn post<T: 'static>(
    path: &'static str,
    permission: Permission,
    act: &'static str,
    handler: impl Handler<T, App>,
) -> Route {
    let (method, handler) = (Method::POST, routing::post(handler));
    Route { method, path, permission, fresh: false, act, handler }
}

/// What nobody should do with a sign-in that somebody left open.
fn fresh(route: Route) -> Route {
    Route { fresh: true, ..route }
}

/// The whole table.
#[expect(clippy::too_many_lines, reason = "a table, one line an address")]
#[rustfmt::skip]
pub fn table() -> Vec<Route> {
    use Permission::{
        Administer, Answer, Audit, Configure, Inspect, Keep, Learner, Organise, Public, Report,
    };
    vec![
        get("/", Public, help::front),
        get("/healthz", Public, help::healthz),
        get("/readyz", Public, help::readyz),
        get("/bantuan", Public, help::help),
        get("/privasi", Public, notice::show),

        get("/masuk", Public, account::web::sign_in_form),
        post("/masuk", Public, "Masuk", account::web::sign_in),
        get("/masuk/sso", Public, sso::start),
        get("/masuk/sso/kembali", Public, sso::back),
        get("/lupa-sandi", Public, getting_in::forgotten),
        post("/lupa-sandi", Public, "Meminta tautan kata sandi", getting_in::ask),
        get("/aktivasi", Public, getting_in::code_form),
        post("/aktivasi", Public, "Mengetik kode slip", getting_in::type_code),
        get("/masuk/kode", Public, code::ask),
        post("/masuk/kode", Public, "Masuk, langkah kedua", code::check),
        post("/masuk/passkey/mulai", Public, "Memulai masuk dengan passkey", passkey::challenge),
        post("/masuk/passkey", Public, "Masuk dengan passkey", passkey::sign_in),
        get("/konfirmasi", Learner, confirm::ask),
        fresh(post("/konfirmasi", Learner, "Membuktikan diri", confirm::go_on)),
        post("/konfirmasi/passkey", Learner, "Membuktikan diri dengan passkey", passkey::prove),
        get("/aktivasi/{token}", Public, account::web::activation),
        post("/aktivasi/{token}", Public, "Membuat kata sandi", account::web::activate),
        post("/keluar", Learner, "Keluar", account::web::sign_out),
        get("/saya/profil", Learner, account::web::profile),
        post("/saya/profil/perangkat", Learner, "Mengeluarkan perangkat", account::web::end_device),

        get("/saya/profil/autentikator", Learner, authenticator::show),
        fresh(post("/saya/profil/autentikator", Learner, "Memasang aplikasi autentikator", authenticator::begin)),
        fresh(post("/saya/profil/autentikator/kode", Learner, "Menyelesaikan pemasangan autentikator", authenticator::confirm)),
        fresh(post("/saya/profil/autentikator/hapus", Learner, "Menghapus aplikasi autentikator", authenticator::remove)),
        fresh(post("/saya/profil/kode-pemulihan", Learner, "Membuat kode pemulihan", authenticator::new_codes)),
        fresh(post("/saya/profil/passkey/mulai", Learner, "Memulai pemasangan passkey", passkey::offer)),
        fresh(post("/saya/profil/passkey", Learner, "Menambah passkey", passkey::add)),
        fresh(post("/saya/profil/passkey/hapus", Learner, "Menghapus passkey", passkey::remove)),

        get("/saya/data", Learner, data::show),
        get("/saya/data.json", Learner, data::download),
        get("/saya/permintaan", Learner, requests::index),
        post("/saya/permintaan", Learner, "Mengajukan perbaikan data", requests::create),
        get("/saya/permintaan/baru", Learner, requests::new),
        get("/kelola/permintaan", Answer, answers::index),
        get("/kelola/permintaan/{request}", Answer, answers::show),
        post("/kelola/permintaan/{request}", Answer, "Menjawab permintaan perbaikan", answers::answer),
        fresh(post("/saya/profil/sso/putus", Learner, "Memutus akun masuk terpadu", sso::unlink)),

        get("/v", Public, verify::ask),
        get("/v/{code}", Public, verify::show),
        post("/v/{code}/cocok", Public, "Mencocokkan sertifikat", verify::compare),

        get("/kelas", Public, catalogue::web::index),
        get("/kelas/{slug}", Public, catalogue::web::show),
        get("/saya", Learner, home::index),
        get("/saya/jp", Learner, ledger::web::book),
        get("/saya/sertifikat", Learner, certificate::mine),
        get("/saya/sertifikat/{file}", Learner, certificate::my_pdf),
        post("/kelas/{slug}/daftar", Learner, "Mendaftar kelas", enrolment::create),
        get("/saya/kelas", Learner, home::classes),
        get("/saya/kelas/{class}", Learner, home::class),
        get("/saya/kelas/{class}/zoom", Learner, enrolment::join),
        get("/saya/kelas/{class}/batal", Learner, enrolment::ask_withdraw),
        post("/saya/kelas/{class}/batal", Learner, "Membatalkan pendaftaran", enrolment::withdraw),

        get("/kelola/jadwal", Inspect, schedule::web::index),
        get("/kelola/kelas/baru", Organise, schedule::web::new),
        post("/kelola/kelas", Organise, "Membuat kelas", schedule::web::create),
        get("/kelola/kelas/{class}", Inspect, schedule::web::show),
        get("/kelola/kelas/{class}/ubah", Organise, schedule::web::edit),
        post("/kelola/kelas/{class}/ubah", Organise, "Mengubah kelas", schedule::web::update),
        get("/kelola/kelas/{class}/terbit", Organise, schedule::web::ask_publish),
        post("/kelola/kelas/{class}/terbit", Organise, "Menerbitkan kelas", schedule::web::publish),
        get("/kelola/kelas/{class}/batal", Organise, schedule::web::ask_cancel),
        post("/kelola/kelas/{class}/batal", Organise, "Membatalkan kelas", schedule::web::cancel),
        get("/kelola/kelas/{class}/peserta", Organise, roll::participants),
        get("/kelola/kelas/{class}/peserta.xlsx", Organise, roll::participants_sheet),
        get("/kelola/kelas/{class}/daftar-hadir", Organise, roll::sign_sheet),
        get("/kelola/kelas/{class}/peserta/{person}/keluarkan", Organise, roll::ask_remove),
        post("/kelola/kelas/{class}/peserta/{person}/keluarkan", Organise, "Mengeluarkan peserta", roll::remove),

        get("/kelola/kelas/{class}/kehadiran", Inspect, attendance::index),
        get("/kelola/kelas/{class}/kehadiran/{person}", Inspect, attendance::person),
        post("/kelola/kelas/{class}/kehadiran/{person}", Organise, "Memutuskan kehadiran", attendance::decide_by_hand),
        post("/kelola/kelas/{class}/kehadiran/{person}/tarik", Organise, "Menarik keputusan kehadiran", attendance::drop_by_hand),
        get("/kelola/kelas/{class}/impor", Organise, upload::ask),
        post("/kelola/kelas/{class}/impor", Organise, "Mengunggah laporan kehadiran", upload::upload.layer(DefaultBodyLimit::max(UPLOAD))),
        get("/kelola/kelas/{class}/impor/{import}", Inspect, preview::show),
        post("/kelola/kelas/{class}/impor/{import}", Organise, "Mengonfirmasi laporan kehadiran", act::submit),
        post("/kelola/kelas/{class}/impor/{import}/baca", Organise, "Membaca ulang laporan kehadiran", act::read_again),
        post("/kelola/kelas/{class}/impor/{import}/aturan", Organise, "Menetapkan aturan kehadiran", act::set_rule),
        post("/kelola/kelas/{class}/impor/{import}/buang", Organise, "Membuang laporan kehadiran", act::discard),
        get("/kelola/kelas/{class}/impor/{import}/cari", Organise, row::ask),
        post("/kelola/kelas/{class}/impor/{import}/pilih", Organise, "Memilih orang pada laporan", row::pick),
        get("/kelola/kelas/{class}/impor/{import}/batal", Organise, undo::ask_undo),
        fresh(post("/kelola/kelas/{class}/impor/{import}/batal", Organise, "Membatalkan impor kehadiran", undo::undo)),

        get("/kelola/kelas/{class}/sertifikat", Organise, issue::index),
        post("/kelola/kelas/{class}/sertifikat", Organise, "Menerbitkan sertifikat", issue::issue),
        get("/kelola/kelas/{class}/sertifikat/contoh.pdf", Organise, issue::sample),
        get("/kelola/sertifikat/{file}", Organise, issue::download),
        get("/kelola/sertifikat/{file}/cabut", Organise, issue::ask_revoke),
        fresh(post("/kelola/sertifikat/{file}/cabut", Organise, "Mencabut sertifikat", issue::revoke)),

        get("/kelola/laporan", Report, report::index),
        get("/kelola/laporan/rekap.xlsx", Report, report::workbook),
        get("/kelola/laporan/kurang", Report, report::below::index),
        get("/kelola/laporan/kurang.xlsx", Report, report::below::workbook),

        get("/kelola/audit", Audit, audit::index),
        get("/kelola/audit.xlsx", Audit, audit::workbook),
        get("/kelola/audit/terdampak", Audit, affected::index),
        get("/kelola/audit/terdampak.xlsx", Audit, affected::workbook),
        get("/kelola/audit/{entry}", Audit, audit::entry),

        fresh(get("/kelola/pengaturan", Configure, settings::index)),
        fresh(post("/kelola/pengaturan/sertifikat", Configure, "Mengubah pengaturan sertifikat", settings::set_certificates)),
        fresh(post("/kelola/pengaturan/penanda-tangan", Configure, "Menambah penanda tangan", settings::add_signer)),
        fresh(post("/kelola/pengaturan/penanda-tangan/{signer}/hapus", Configure, "Menghapus penanda tangan", settings::drop_signer)),
        fresh(post("/kelola/pengaturan/logo", Configure, "Mengganti logo", settings::set_logo)),
        fresh(post("/kelola/pengaturan/logo/hapus", Configure, "Menghapus logo", settings::drop_logo)),
        fresh(post("/kelola/pengaturan/target", Configure, "Mengubah target JP", settings::set_targets)),
        get("/kelola/orang", Keep, admin::index),
        fresh(post("/kelola/orang", Keep, "Menambah orang", admin::create)),
        fresh(get("/kelola/pengaturan/privasi", Configure, privacy_settings::show)),
        fresh(post("/kelola/pengaturan/privasi", Configure, "Mengubah pemberitahuan privasi", privacy_settings::set_notice)),
        fresh(post("/kelola/pengaturan/privasi/masa-simpan", Configure, "Mengubah masa simpan", privacy_settings::set_retention)),
        get("/kelola/orang/impor", Administer, staff::ask),
        post("/kelola/orang/impor", Administer, "Mengunggah daftar pegawai", staff::upload.layer(DefaultBodyLimit::max(STAFF_LIST))),
        get("/kelola/orang/impor/{list}", Administer, staff::show),
        fresh(post("/kelola/orang/impor/{list}", Administer, "Mencatat daftar pegawai", staff::confirm)),
        post("/kelola/orang/impor/{list}/kolom", Administer, "Memilih kolom daftar pegawai", staff::columns::choose),
        post("/kelola/orang/impor/{list}/unit", Administer, "Memilih unit untuk daftar pegawai", staff::units::choose),
        post("/kelola/orang/impor/{list}/buang", Administer, "Membuang daftar pegawai", staff::discard),
        get("/kelola/orang/impor/{list}/salah.xlsx", Administer, staff::wrong_rows),
        get("/kelola/orang/impor/{list}/batal", Administer, staff::ask_undo),
        fresh(post("/kelola/orang/impor/{list}/batal", Administer, "Membatalkan daftar pegawai", staff::undo)),
        get("/kelola/orang/baru", Keep, admin::new),
        get("/kelola/orang/slip", Keep, slips::ask),
        fresh(post("/kelola/orang/slip", Keep, "Membuat slip aktivasi", slips::make)),
        get("/kelola/orang/usulan", Administer, proposals::index),
        get("/kelola/orang/{person}", Keep, admin::show),
        get("/kelola/orang/{person}/ubah", Keep, admin::edit),
        fresh(post("/kelola/orang/{person}/ubah", Keep, "Mengubah data orang", admin::update)),
        fresh(post("/kelola/orang/{person}/usulan", Administer, "Memutuskan usulan perubahan", proposals::decide)),
        get("/kelola/orang/{person}/hapus-data", Administer, erase::ask),
        fresh(post("/kelola/orang/{person}/hapus-data", Administer, "Menghapus data akun", erase::erase)),
        get("/kelola/orang/{person}/gabung", Administer, admin::ask_merge),
        fresh(post("/kelola/orang/{person}/gabung", Administer, "Menggabungkan dua catatan", admin::merge)),
        get("/kelola/orang/{person}/pisah", Administer, admin::ask_separate),
        fresh(post("/kelola/orang/{person}/pisah", Administer, "Memisahkan dua catatan", admin::separate)),
        fresh(post("/kelola/orang/{person}/aktivasi", Administer, "Membuat tautan aktivasi", admin::invite)),
        fresh(post("/kelola/orang/{person}/aktivasi/surel", Administer, "Mengirim tautan aktivasi", admin::mail_invitation)),
        fresh(post("/kelola/orang/{person}/peran", Administer, "Memberi peran", admin::grant)),
        fresh(post("/kelola/orang/{person}/peran/{grant}/cabut", Administer, "Mencabut peran", admin::revoke)),
        fresh(post("/kelola/orang/{person}/faktor-kedua", Administer, "Mengatur ulang faktor kedua", admin::reset_second)),
        fresh(post("/kelola/orang/{person}/keluarkan", Administer, "Mengeluarkan dari semua perangkat", admin::sign_out_everywhere)),
        get("/kelola/unit", Administer, units::index),
        get("/kelola/unit/{unit}", Administer, units::show),
        get("/kelola/unit/{unit}/baru", Administer, units::new),
        post("/kelola/unit/{unit}/baru", Administer, "Menambah unit", units::create),
        get("/kelola/unit/{unit}/ubah", Administer, units::edit),
        post("/kelola/unit/{unit}/ubah", Administer, "Mengubah unit", units::update),
        get("/kelola/unit/{unit}/pindah", Administer, units::ask_move),
        fresh(post("/kelola/unit/{unit}/pindah", Administer, "Memindahkan unit", units::move_below)),
        get("/kelola/unit/{unit}/gabung", Administer, units::ask_merge),
        fresh(post("/kelola/unit/{unit}/gabung", Administer, "Menggabungkan unit", units::merge)),
        get("/kelola/unit/{unit}/tutup", Administer, units::ask_close),
        fresh(post("/kelola/unit/{unit}/tutup", Administer, "Menutup unit", units::close)),
    ]
}

/// What the log says of a request; a link with which a password is set stays out of it.
fn span(request: &Request) -> tracing::Span {
    let path = request.uri().path();
    let path = if path.starts_with("/aktivasi/") { "/aktivasi/…" } else { path };
    tracing::debug_span!("request", method = %request.method(), path)
}

/// What every answer carries.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ("x-robots-tag", "noarchive"),
];

/// Files that are packed already stay as they are: packed again they would
/// hardly shrink, and a broken download could not go on where it stopped.
fn compressible() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/vnd.openxmlformats"))
}

/// The router, made of the table.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in table() {
        let (permission, fresh, act) = (route.permission, route.fresh, route.act);
        let gate = Gate { app: app.clone(), permission, fresh, act };
        let guarded = route.handler.layer(from_fn_with_state(gate, guard));
        router = router.route(route.path, guarded);
    }
    router
        .route("/static/{file}", routing::get(assets::serve))
        .fallback(|| async { Error::NotFound })
        .method_not_allowed_fallback(|| async { Error::NotFound })
        .layer(
            ServiceBuilder::new()
                .layer(Extension(Arc::new(Throttles::default())))
                .layer(Extension(Provider::of(&app.config)))
                .layer(TraceLayer::new_for_http().make_span_with(|request: &Request| span(request)))
                .layer(CatchPanicLayer::custom(|_| {
                    Error::Internal(anyhow::anyhow!("a handler panicked")).into_response()
                }))
                .layer(CompressionLayer::new().compress_when(compressible()))
                .layer(
                    CsrfLayer::new().with_rejection_response(|_| Error::Foreign.into_response()),
                ),
        )
        .layer(map_response_with_state(app.clone(), with_headers))
        .with_state(app)
}

async fn with_headers(State(app): State<App>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    if app.config.secure() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    response
}
