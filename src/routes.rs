//! Every address of the program, who may use it, and what answers. An address
//! cannot be served without a permission: the router is made of this table.

use crate::{
    account::{self, Permission, admin, guard},
    app::App,
    assets,
    attendance::web::{
        self as attendance,
        import::{act, preview, row, undo, upload},
    },
    catalogue,
    certificate::web::{self as certificate, issue, verify},
    enrolment::web as enrolment,
    error::Error,
    help, home, ledger,
    report::web as report,
    schedule,
    settings::web as settings,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::from_fn_with_state,
    routing::{self, MethodRouter},
};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer,
    set_header::SetResponseHeaderLayer, trace::TraceLayer,
};

/// The largest upload: a report of 10 MB and the form around it.
const UPLOAD: usize = 10 * 1024 * 1024 + 64 * 1024;

/// One address and what may be done there.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub permission: Permission,
    handler: MethodRouter<App>,
}

fn get<T: 'static>(
    path: &'static str,
    permission: Permission,
    handler: impl Handler<T, App>,
) -> Route {
    Route { method: Method::GET, path, permission, handler: routing::get(handler) }
}

fn post<T: 'static>(
    path: &'static str,
    permission: Permission,
    handler: impl Handler<T, App>,
) -> Route {
    Route { method: Method::POST, path, permission, handler: routing::post(handler) }
}

/// The whole table.
#[rustfmt::skip]
pub fn table() -> Vec<Route> {
    use Permission::{Administer, Inspect, Learner, Organise, Public, Report};
    vec![
        get("/", Public, help::front),
        get("/healthz", Public, help::healthz),
        get("/readyz", Public, help::readyz),
        get("/bantuan", Public, help::help),
        get("/privasi", Public, help::privacy),

        get("/masuk", Public, account::web::sign_in_form),
        post("/masuk", Public, account::web::sign_in),
        get("/lupa-sandi", Public, account::web::forgotten),
        get("/aktivasi/{token}", Public, account::web::activation),
        post("/aktivasi/{token}", Public, account::web::activate),
        post("/keluar", Learner, account::web::sign_out),
        get("/saya/profil", Learner, account::web::profile),
        post("/saya/profil/perangkat", Learner, account::web::end_device),

        get("/v", Public, verify::ask),
        get("/v/{code}", Public, verify::show),
        post("/v/{code}/cocok", Public, verify::compare),

        get("/kelas", Public, catalogue::web::index),
        get("/kelas/{slug}", Public, catalogue::web::show),
        get("/saya", Learner, home::index),
        get("/saya/jp", Learner, ledger::web::book),
        get("/saya/sertifikat", Learner, certificate::mine),
        get("/saya/sertifikat/{file}", Learner, certificate::my_pdf),
        post("/kelas/{slug}/daftar", Learner, enrolment::create),
        get("/saya/kelas", Learner, enrolment::mine),
        get("/saya/kelas/{class}", Learner, enrolment::show),
        get("/saya/kelas/{class}/zoom", Learner, enrolment::join),
        get("/saya/kelas/{class}/batal", Learner, enrolment::ask_withdraw),
        post("/saya/kelas/{class}/batal", Learner, enrolment::withdraw),

        get("/kelola/jadwal", Inspect, schedule::web::index),
        get("/kelola/kelas/baru", Organise, schedule::web::new),
        post("/kelola/kelas", Organise, schedule::web::create),
        get("/kelola/kelas/{class}", Inspect, schedule::web::show),
        get("/kelola/kelas/{class}/ubah", Organise, schedule::web::edit),
        post("/kelola/kelas/{class}/ubah", Organise, schedule::web::update),
        post("/kelola/kelas/{class}/terbit", Organise, schedule::web::publish),
        get("/kelola/kelas/{class}/batal", Organise, schedule::web::ask_cancel),
        post("/kelola/kelas/{class}/batal", Organise, schedule::web::cancel),
        get("/kelola/kelas/{class}/peserta", Organise, enrolment::participants),
        get("/kelola/kelas/{class}/peserta.xlsx", Organise, enrolment::participants_sheet),
        get("/kelola/kelas/{class}/daftar-hadir", Organise, enrolment::sign_sheet),
        get("/kelola/kelas/{class}/peserta/{person}/keluarkan", Organise, enrolment::ask_remove),
        post("/kelola/kelas/{class}/peserta/{person}/keluarkan", Organise, enrolment::remove),

        get("/kelola/kelas/{class}/kehadiran", Inspect, attendance::index),
        get("/kelola/kelas/{class}/kehadiran/{person}", Inspect, attendance::person),
        post("/kelola/kelas/{class}/kehadiran/{person}", Organise, attendance::decide_by_hand),
        post("/kelola/kelas/{class}/kehadiran/{person}/tarik", Organise, attendance::drop_by_hand),
        get("/kelola/kelas/{class}/impor", Organise, upload::ask),
        post("/kelola/kelas/{class}/impor", Organise, upload::upload.layer(DefaultBodyLimit::max(UPLOAD))),
        get("/kelola/kelas/{class}/impor/{import}", Inspect, preview::show),
        post("/kelola/kelas/{class}/impor/{import}", Organise, act::submit),
        post("/kelola/kelas/{class}/impor/{import}/baca", Organise, act::read_again),
        post("/kelola/kelas/{class}/impor/{import}/aturan", Organise, act::set_rule),
        post("/kelola/kelas/{class}/impor/{import}/buang", Organise, act::discard),
        get("/kelola/kelas/{class}/impor/{import}/cari", Organise, row::ask),
        post("/kelola/kelas/{class}/impor/{import}/pilih", Organise, row::pick),
        get("/kelola/kelas/{class}/impor/{import}/batal", Organise, undo::ask_undo),
        post("/kelola/kelas/{class}/impor/{import}/batal", Organise, undo::undo),

        get("/kelola/kelas/{class}/sertifikat", Organise, issue::index),
        post("/kelola/kelas/{class}/sertifikat", Organise, issue::issue),
        get("/kelola/kelas/{class}/sertifikat/contoh.pdf", Organise, issue::sample),
        get("/kelola/sertifikat/{file}", Organise, issue::download),
        get("/kelola/sertifikat/{file}/cabut", Organise, issue::ask_revoke),
        post("/kelola/sertifikat/{file}/cabut", Organise, issue::revoke),

        get("/kelola/laporan", Report, report::index),
        get("/kelola/laporan/rekap.xlsx", Report, report::workbook),

        get("/kelola/pengaturan", Administer, settings::index),
        post("/kelola/pengaturan/sertifikat", Administer, settings::set_certificates),
        post("/kelola/pengaturan/penanda-tangan", Administer, settings::add_signer),
        post("/kelola/pengaturan/penanda-tangan/{at}/hapus", Administer, settings::drop_signer),
        post("/kelola/pengaturan/logo", Administer, settings::set_logo),
        post("/kelola/pengaturan/logo/hapus", Administer, settings::drop_logo),
        post("/kelola/pengaturan/target", Administer, settings::set_targets),
        get("/kelola/orang", Administer, admin::index),
        post("/kelola/orang", Administer, admin::create),
        get("/kelola/orang/baru", Administer, admin::new),
        get("/kelola/orang/{person}", Administer, admin::show),
        post("/kelola/orang/{person}/aktivasi", Administer, admin::invite),
        post("/kelola/orang/{person}/peran", Administer, admin::grant),
        post("/kelola/orang/{person}/peran/{grant}/cabut", Administer, admin::revoke),
    ]
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

/// The router, made of the table.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in table() {
        let guarded =
            route.handler.layer(from_fn_with_state((app.clone(), route.permission), guard));
        router = router.route(route.path, guarded);
    }
    let mut router = router
        .route("/static/{file}", routing::get(assets::serve))
        .fallback(|| async { Error::NotFound })
        .method_not_allowed_fallback(|| async { Error::NotFound })
        .layer(
            ServiceBuilder::new()
                .layer(TraceLayer::new_for_http())
                .layer(CatchPanicLayer::custom(|_| {
                    axum::response::IntoResponse::into_response(Error::Internal(anyhow::anyhow!(
                        "a handler panicked"
                    )))
                }))
                .layer(CompressionLayer::new())
                .layer(CsrfLayer::new()),
        );
    for (name, value) in HEADERS {
        router = router.layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        ));
    }
    if app.config.secure() {
        router = router.layer(SetResponseHeaderLayer::if_not_present(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        ));
    }
    router.with_state(app)
}
