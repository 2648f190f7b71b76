//! Every address of the program, who may use it, and what answers. An address
//! cannot be served without a permission: the router is made of this table.

use crate::{
    account::{
        self, Permission,
        admin::{self, slips, units},
        getting_in, guard,
        single_sign_on::{Provider, web as sso},
    },
    app::App,
    assets,
    attendance::web::{
        self as attendance,
        import::{act, preview, row, undo, upload},
    },
    catalogue,
    certificate::web::{self as certificate, issue, verify},
    enrolment::{roll::web as roll, web as enrolment},
    error::Error,
    help, home, ledger,
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
#[expect(clippy::too_many_lines, reason = "a table, one line an address")]
#[rustfmt::skip]
pub fn table() -> Vec<Route> {
    use Permission::{Administer, Configure, Inspect, Learner, Organise, Public, Report};
    vec![
        get("/", Public, help::front),
        get("/healthz", Public, help::healthz),
        get("/readyz", Public, help::readyz),
        get("/bantuan", Public, help::help),
        get("/privasi", Public, help::privacy),

        get("/masuk", Public, account::web::sign_in_form),
        post("/masuk", Public, account::web::sign_in),
        get("/masuk/sso", Public, sso::start),
        get("/masuk/sso/kembali", Public, sso::back),
        get("/lupa-sandi", Public, getting_in::forgotten),
        post("/lupa-sandi", Public, getting_in::ask),
        get("/aktivasi", Public, getting_in::code_form),
        post("/aktivasi", Public, getting_in::type_code),
        get("/aktivasi/{token}", Public, account::web::activation),
        post("/aktivasi/{token}", Public, account::web::activate),
        post("/keluar", Learner, account::web::sign_out),
        get("/saya/profil", Learner, account::web::profile),
        post("/saya/profil/perangkat", Learner, account::web::end_device),
        post("/saya/profil/sso/putus", Learner, sso::unlink),

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
        get("/saya/kelas", Learner, home::classes),
        get("/saya/kelas/{class}", Learner, home::class),
        get("/saya/kelas/{class}/zoom", Learner, enrolment::join),
        get("/saya/kelas/{class}/batal", Learner, enrolment::ask_withdraw),
        post("/saya/kelas/{class}/batal", Learner, enrolment::withdraw),

        get("/kelola/jadwal", Inspect, schedule::web::index),
        get("/kelola/kelas/baru", Organise, schedule::web::new),
        post("/kelola/kelas", Organise, schedule::web::create),
        get("/kelola/kelas/{class}", Inspect, schedule::web::show),
        get("/kelola/kelas/{class}/ubah", Organise, schedule::web::edit),
        post("/kelola/kelas/{class}/ubah", Organise, schedule::web::update),
        get("/kelola/kelas/{class}/terbit", Organise, schedule::web::ask_publish),
        post("/kelola/kelas/{class}/terbit", Organise, schedule::web::publish),
        get("/kelola/kelas/{class}/batal", Organise, schedule::web::ask_cancel),
        post("/kelola/kelas/{class}/batal", Organise, schedule::web::cancel),
        get("/kelola/kelas/{class}/peserta", Organise, roll::participants),
        get("/kelola/kelas/{class}/peserta.xlsx", Organise, roll::participants_sheet),
        get("/kelola/kelas/{class}/daftar-hadir", Organise, roll::sign_sheet),
        get("/kelola/kelas/{class}/peserta/{person}/keluarkan", Organise, roll::ask_remove),
        post("/kelola/kelas/{class}/peserta/{person}/keluarkan", Organise, roll::remove),

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

        get("/kelola/pengaturan", Configure, settings::index),
        post("/kelola/pengaturan/sertifikat", Configure, settings::set_certificates),
        post("/kelola/pengaturan/penanda-tangan", Configure, settings::add_signer),
        post("/kelola/pengaturan/penanda-tangan/{signer}/hapus", Configure, settings::drop_signer),
        post("/kelola/pengaturan/logo", Configure, settings::set_logo),
        post("/kelola/pengaturan/logo/hapus", Configure, settings::drop_logo),
        post("/kelola/pengaturan/target", Configure, settings::set_targets),
        get("/kelola/orang", Administer, admin::index),
        post("/kelola/orang", Administer, admin::create),
        get("/kelola/orang/impor", Configure, staff::ask),
        post("/kelola/orang/impor", Configure, staff::upload.layer(DefaultBodyLimit::max(STAFF_LIST))),
        get("/kelola/orang/impor/{list}", Configure, staff::show),
        post("/kelola/orang/impor/{list}", Configure, staff::confirm),
        post("/kelola/orang/impor/{list}/buang", Configure, staff::discard),
        get("/kelola/orang/impor/{list}/salah.xlsx", Configure, staff::wrong_rows),
        get("/kelola/orang/impor/{list}/batal", Configure, staff::ask_undo),
        post("/kelola/orang/impor/{list}/batal", Configure, staff::undo),
        get("/kelola/orang/baru", Administer, admin::new),
        get("/kelola/orang/slip", Administer, slips::ask),
        post("/kelola/orang/slip", Administer, slips::make),
        get("/kelola/orang/{person}", Administer, admin::show),
        get("/kelola/orang/{person}/ubah", Administer, admin::edit),
        post("/kelola/orang/{person}/ubah", Administer, admin::update),
        get("/kelola/orang/{person}/gabung", Administer, admin::ask_merge),
        post("/kelola/orang/{person}/gabung", Administer, admin::merge),
        get("/kelola/orang/{person}/pisah", Administer, admin::ask_separate),
        post("/kelola/orang/{person}/pisah", Administer, admin::separate),
        post("/kelola/orang/{person}/aktivasi", Administer, admin::invite),
        post("/kelola/orang/{person}/aktivasi/surel", Administer, admin::mail_invitation),
        post("/kelola/orang/{person}/peran", Administer, admin::grant),
        post("/kelola/orang/{person}/peran/{grant}/cabut", Administer, admin::revoke),
        get("/kelola/unit", Administer, units::index),
        get("/kelola/unit/{unit}", Administer, units::show),
        get("/kelola/unit/{unit}/baru", Administer, units::new),
        post("/kelola/unit/{unit}/baru", Administer, units::create),
        get("/kelola/unit/{unit}/ubah", Administer, units::edit),
        post("/kelola/unit/{unit}/ubah", Administer, units::update),
        get("/kelola/unit/{unit}/pindah", Administer, units::ask_move),
        post("/kelola/unit/{unit}/pindah", Administer, units::move_below),
        get("/kelola/unit/{unit}/gabung", Administer, units::ask_merge),
        post("/kelola/unit/{unit}/gabung", Administer, units::merge),
        get("/kelola/unit/{unit}/tutup", Administer, units::ask_close),
        post("/kelola/unit/{unit}/tutup", Administer, units::close),
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
        let guarded =
            route.handler.layer(from_fn_with_state((app.clone(), route.permission), guard));
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
