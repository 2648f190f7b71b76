//! Upload, preview, corrections, confirmation, undo: nothing is written before
//! the organiser has seen what would be, and everything can be taken back.

use super::paged;
use crate::{
    account::{Page, Permission, SignedIn, flash},
    app::App,
    attendance::{
        self, Changed, Choice, ConfirmError, Import, ImportError, ImportRow, Match, Outcome,
        Preview, Standing, ZONES,
        read::{Upload, expected},
        report::{DateOrder, Hints, MAX_BYTES},
        spans_shown,
    },
    class::{self, Class},
    clock::Now,
    error::{Error, Result},
    ids::{ClassId, ImportId, ImportRowId, PersonId},
    people,
    web::{
        form::{Problems, local},
        show,
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// Rows of each list of the preview that are shown at a time.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "attendance/upload.html")]
struct UploadPage {
    page: Page,
    class: Class,
    problems: Problems,
    same: Option<Import>,
}

pub(crate) async fn ask(
    State(app): State<App>,
    page: Page,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    Ok(Html(UploadPage { page, class, problems: Problems::default(), same: None }.render()?))
}

/// The file of a form: its name and its bytes.
async fn file(mut form: Multipart) -> Result<Option<(String, Vec<u8>)>> {
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() == Some("file") {
            let name = field.file_name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(unreadable)?.to_vec();
            return Ok(
                Some((name, bytes)).filter(|(name, bytes)| !(name.is_empty() && bytes.is_empty()))
            );
        }
    }
    Ok(None)
}

#[expect(clippy::needless_pass_by_value, reason = "map_err passes it by value")]
fn unreadable(error: axum::extract::multipart::MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Error::TooLarge
    } else {
        Error::BadRequest
    }
}

pub(crate) async fn upload(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(id): Path<ClassId>,
    form: Multipart,
) -> Result<Response> {
    let sent = file(form).await?;
    let class = class::find(&mut *app.db.acquire().await?, id).await?;
    let refuse = |page, class, why: String, same| refused(page, class, &why, same);
    let Some((name, bytes)) = sent else {
        return refuse(page, class, "Pilih berkas laporan Zoom dahulu.".into(), None);
    };
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLarge);
    }
    let expected = expected(&class);
    let read = tokio::task::spawn_blocking(move || Upload::read(&name, bytes, &expected)).await;
    let upload = match read.map_err(anyhow::Error::from)? {
        Ok(upload) => upload,
        Err(error) => return refuse(page, class, error.to_string(), None),
    };
    let mut tx = app.db.begin().await?;
    match attendance::upload(&mut tx, id, &upload, me.id, now).await {
        Ok(import) => {
            tx.commit().await?;
            Ok(axum::response::Redirect::to(&format!("/kelola/kelas/{id}/impor/{import}"))
                .into_response())
        }
        Err(ImportError::Same(import)) => {
            let before = attendance::find(&mut tx, import).await?;
            let when = show::moment(before.uploaded_at);
            refuse(
                page,
                class,
                format!(
                    "Berkas ini sudah diimpor {when} (impor {import}). Tidak ada yang dicatat dua kali."
                ),
                Some(before),
            )
        }
        Err(ImportError::Database(error)) => Err(error.into()),
        Err(refusal) => refuse(page, class, refusal.to_string(), None),
    }
}

fn refused(page: Page, class: Class, why: &str, same: Option<Import>) -> Result<Response> {
    let mut problems = Problems::default();
    problems.note::<()>("file", why);
    let answer = UploadPage { page, class, problems, same }.render()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response())
}

/// A participant of the report with what the page says of them.
struct Row {
    said: ImportRow,
    minutes: i64,
    times: String,
    remark: String,
    options: Vec<(PersonId, String)>,
}

impl Row {
    /// Whether this person is chosen for it.
    fn is(&self, person: PersonId) -> bool {
        self.said.person == Some(person) && !self.said.ignored
    }
}

/// A decision that is to change, in words.
struct Effect {
    name: String,
    times: String,
    minutes: i64,
    before: String,
    after: String,
    blocked: bool,
}

#[derive(Template)]
#[template(path = "attendance/preview.html")]
struct PreviewPage {
    page: Page,
    class: Class,
    preview: Preview,
    tiles: Tiles,
    to_choose: Vec<Row>,
    outside: Vec<Row>,
    unknown: Vec<Row>,
    hidden: usize,
    effects: Vec<Effect>,
    here: usize,
    pages: usize,
    rule: RuleForm,
    problems: Problems,
    notice: Option<&'static str>,
}

/// The numbers on top of the preview.
struct Tiles {
    auto: usize,
    to_choose: usize,
    chosen: usize,
    unknown: usize,
    outside: usize,
    present: usize,
    changed: usize,
    ignored: usize,
    blocked: usize,
}

impl Tiles {
    fn of(preview: &Preview) -> Self {
        let rows = &preview.rows;
        let count = |test: &dyn Fn(&ImportRow) -> bool| rows.iter().filter(|row| test(row)).count();
        let new = |change: &&Changed| {
            change.before.is_none_or(|(outcome, _)| outcome == Outcome::Undecided)
        };
        let open = preview.changes.iter().filter(|change| !change.blocked && change.matters());
        Self {
            auto: count(&|row| row.counts() && !row.chosen),
            to_choose: count(&|row| needs_choice(row)),
            chosen: count(&|row| needs_choice(row) && row.chosen),
            unknown: count(&|row| is_unknown(row)),
            outside: count(&|row| is_outside(row)),
            present: open
                .clone()
                .filter(new)
                .filter(|change| change.after.outcome == Outcome::Present)
                .count(),
            changed: open.filter(|change| !new(change)).count(),
            ignored: count(&|row| !row.counts()),
            blocked: preview.changes.iter().filter(|change| change.blocked).count(),
        }
    }

    /// The effect, on the button.
    fn button(&self) -> String {
        format!("Catat {} kehadiran, ubah {}, abaikan {}", self.present, self.changed, self.ignored)
    }
}

fn matched_by_itself(row: &ImportRow) -> bool {
    !matches!(row.matched, Match::None | Match::Ambiguous)
}

fn needs_choice(row: &ImportRow) -> bool {
    !matched_by_itself(row) && (row.chosen || !row.candidates.is_empty()) && !is_outside(row)
}

fn is_unknown(row: &ImportRow) -> bool {
    !matched_by_itself(row) && !row.chosen && row.candidates.is_empty()
}

fn is_outside(row: &ImportRow) -> bool {
    row.person.is_some() && row.standing != Standing::Enrolled && !row.ignored
}

fn remark(row: &ImportRow) -> String {
    let original =
        row.original_name.as_ref().map(|name| format!("Nama asli {name}. ")).unwrap_or_default();
    let email = row.email.as_ref().map(|email| format!("Surel {email}. ")).unwrap_or_default();
    let why = match (row.matched, row.standing) {
        (_, Standing::Waiting) if row.person.is_some() => "Berada di daftar tunggu",
        (Match::Registrant | Match::Email | Match::Nip | Match::Name, Standing::Outside) => {
            "Tidak mendaftar di kelas ini"
        }
        (Match::Ambiguous, _) => "Cocok dengan lebih dari satu orang",
        (Match::None, _) if !row.candidates.is_empty() => "Mirip, tetapi tidak pasti",
        (Match::None, _) => "Tidak ada peserta yang cocok",
        (Match::Registrant | Match::Email | Match::Nip | Match::Name, _) => "Cocok",
    };
    format!("{original}{email}{why}")
}

fn view(preview: &Preview, row: &ImportRow) -> Row {
    let label = |person: &PersonId| {
        let (name, unit) = preview.people.get(person).cloned().unwrap_or_default();
        (*person, format!("{name}, {unit}"))
    };
    let mut offered = row.candidates.clone();
    if let Some(person) = row.person.filter(|person| !offered.contains(person)) {
        offered.insert(0, person);
    }
    Row {
        minutes: show::minutes(row.seconds(&preview.case.rule.parts)),
        times: spans_shown(&row.joined, &row.departed, row.total_seconds),
        remark: remark(row),
        options: offered.iter().map(label).collect(),
        said: row.clone(),
    }
}

fn effect(preview: &Preview, change: &Changed) -> Effect {
    let say = |outcome: Outcome, jp: i32| format!("{}, {jp} JP", outcome.label());
    let of_person =
        preview.rows.iter().filter(|row| row.counts() && row.person == Some(change.person));
    let times: Vec<String> =
        of_person.map(|row| spans_shown(&row.joined, &row.departed, row.total_seconds)).collect();
    Effect {
        name: preview.people.get(&change.person).map(|(name, _)| name.clone()).unwrap_or_default(),
        times: if times.is_empty() { "–".into() } else { times.join("; ") },
        minutes: show::minutes(change.after.seconds),
        before: change.before.map_or_else(
            || Outcome::Undecided.label().to_owned(),
            |(outcome, jp)| say(outcome, jp),
        ),
        after: say(change.after.outcome, change.after.jp),
        blocked: change.blocked,
    }
}

/// How presence is counted, as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RuleForm {
    percent: String,
    started: String,
    ended: String,
}

/// When a part of a class really took place, where that differs from the plan.
type Really = Option<(DateTime<Utc>, DateTime<Utc>)>;

impl RuleForm {
    fn of(class: &Class) -> Self {
        let (started, ended) = class.parts.first().map_or((None, None), |part| {
            let (started, ended) = part.really.unwrap_or((part.starts, part.ends));
            (Some(started), Some(ended))
        });
        Self {
            percent: class.presence_percent.to_string(),
            started: started.map(show::time).unwrap_or_default(),
            ended: ended.map(show::time).unwrap_or_default(),
        }
    }

    fn parse(&self, class: &Class, problems: &mut Problems) -> Option<(i32, Vec<Really>)> {
        let percent = match problems.number("percent", &self.percent) {
            Some(percent @ 1..=100) => Some(percent),
            Some(_) => problems.note("percent", "Batas hadir antara 1 dan 100 persen."),
            None => None,
        };
        let started = problems.time("started", &self.started);
        let ended = problems.time("ended", &self.ended);
        let (percent, started, ended) = (percent?, started?, ended?);
        let first = class.parts.first()?;
        let day = show::local_day(first.starts);
        let (started, ended) = (local(day, started)?, local(day, ended)?);
        if ended <= started {
            return problems.note("ended", "Jam selesai harus sesudah jam mulai.");
        }
        let really = Some((started, ended)).filter(|really| *really != (first.starts, first.ends));
        let others = class.parts.iter().skip(1).map(|part| part.really);
        Some((percent, std::iter::once(really).chain(others).collect()))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    hal: usize,
}

/// The import of that class, or nothing.
async fn of_class(db: &mut sqlx::PgConnection, class: ClassId, import: ImportId) -> Result<Import> {
    let import = attendance::find(db, import).await?;
    if import.class == class { Ok(import) } else { Err(Error::NotFound) }
}

struct Shown {
    hal: usize,
    rule: Option<RuleForm>,
    problems: Problems,
    notice: Option<&'static str>,
    status: StatusCode,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            hal: 1,
            rule: None,
            problems: Problems::default(),
            notice: None,
            status: StatusCode::OK,
        }
    }
}

async fn preview_page(
    app: &App,
    page: Page,
    class: ClassId,
    import: ImportId,
    shown: Shown,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let preview = attendance::preview(&mut db, import).await?;
    drop(db);
    let tiles = Tiles::of(&preview);
    let list = |test: fn(&ImportRow) -> bool| -> Vec<&ImportRow> {
        let mut rows: Vec<_> = preview.rows.iter().filter(|row| test(row)).collect();
        rows.sort_by_key(|row| row.chosen);
        rows
    };
    let lists = [list(needs_choice), list(is_outside), list(is_unknown)];
    let hidden = lists.iter().map(|rows| rows.len().saturating_sub(SHOWN)).sum();
    let [to_choose, outside, unknown] =
        lists.map(|rows| rows.into_iter().take(SHOWN).map(|row| view(&preview, row)).collect());
    let mut changes: Vec<&Changed> =
        preview.changes.iter().filter(|change| change.matters()).collect();
    // What overturns an earlier decision comes first.
    changes.sort_by_key(|change| {
        (
            change.before.is_none_or(|(outcome, _)| outcome == Outcome::Undecided),
            preview.people.get(&change.person).map(|(name, _)| name.clone()),
        )
    });
    let (changes, here, pages) = paged(changes, shown.hal, SHOWN);
    let effects = changes.into_iter().map(|change| effect(&preview, change)).collect();
    let rule = shown.rule.unwrap_or_else(|| RuleForm::of(&class));
    let (problems, notice) = (shown.problems, shown.notice);
    let page = PreviewPage {
        page,
        class,
        preview,
        tiles,
        to_choose,
        outside,
        unknown,
        hidden,
        effects,
        here,
        pages,
        rule,
        problems,
        notice,
    };
    Ok((shown.status, Html(page.render()?)).into_response())
}

#[derive(Template)]
#[template(path = "attendance/result.html")]
struct ResultPage {
    page: Page,
    class: Class,
    import: Import,
}

pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Query(chosen): Query<Chosen>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let found = of_class(&mut db, class, import).await?;
    if found.confirmed_at.is_none() && found.discarded_at.is_none() {
        drop(db);
        return preview_page(
            &app,
            page,
            class,
            import,
            Shown { hal: chosen.hal, ..Shown::default() },
        )
        .await;
    }
    let class = class::find(&mut db, class).await?;
    Ok(Html(ResultPage { page, class, import: found }.render()?).into_response())
}

/// The choices in a posted form: `r12` is a person's id, `abaikan` or empty; `w12` is `ya`.
fn choices(form: &[(String, String)]) -> Vec<(ImportRowId, Choice)> {
    let value =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let mut choices = Vec::new();
    for (key, said) in form {
        let id =
            |mark: &str| key.strip_prefix(mark).and_then(|id| id.parse().ok()).map(ImportRowId);
        if let Some(row) = id("r") {
            let choice = match said.as_str() {
                "abaikan" => Choice::Ignore,
                said => {
                    said.parse().map_or(Choice::Open, |person| Choice::Person(PersonId(person)))
                }
            };
            choices.push((row, choice));
        } else if let Some(row) = id("di") {
            // The hidden twin of a tick box: an empty box sends nothing.
            choices.push((row, Choice::WalkIn(value(&format!("w{row}")) == Some("ya"))));
        }
    }
    choices
}

pub(crate) async fn submit(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let said = |name: &str| {
        form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    };
    let mut tx = app.db.begin().await?;
    of_class(&mut tx, class, import).await?;
    let mut chosen = false;
    for (row, choice) in choices(&form) {
        chosen |= attendance::choose(&mut tx, import, row, choice, me.id, now).await?;
    }
    if said("aksi") != "catat" || chosen {
        tx.commit().await?;
        if said("aksi") == "catat" {
            let notice = Some("Pilihan tersimpan dan jumlahnya berubah. Periksa lagi, lalu catat.");
            return preview_page(&app, page, class, import, Shown { notice, ..Shown::default() })
                .await;
        }
        return Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), "Pilihan tersimpan."));
    }
    match attendance::confirm(&mut tx, import, said("terlihat"), me.id, now).await {
        Ok(changes) => {
            tx.commit().await?;
            let present =
                changes.iter().filter(|change| change.after.outcome == Outcome::Present).count();
            let words = format!(
                "Kehadiran tercatat: {} keputusan, {present} di antaranya hadir.",
                changes.len()
            );
            Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), &words))
        }
        Err(ConfirmError::Database(error)) => Err(error.into()),
        Err(ConfirmError::Stale) => {
            drop(tx);
            let notice = Some("Data berubah sejak pratinjau ini dibuka. Periksa lagi, lalu catat.");
            preview_page(
                &app,
                page,
                class,
                import,
                Shown { notice, status: StatusCode::CONFLICT, ..Shown::default() },
            )
            .await
        }
        Err(refusal) => Err(Error::Refused(refusal.to_string())),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReadForm {
    order: String,
    zone: String,
}

pub(crate) async fn read_again(
    State(app): State<App>,
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Form(form): Form<ReadForm>,
) -> Result<Response> {
    let date_order = match form.order.as_str() {
        "mdy" => Some(DateOrder::Mdy),
        "dmy" => Some(DateOrder::Dmy),
        "ymd" => Some(DateOrder::Ymd),
        _ => None,
    };
    let zone =
        ZONES.iter().find(|(name, _)| *name == form.zone).and_then(|(name, _)| name.parse().ok());
    let mut tx = app.db.begin().await?;
    of_class(&mut tx, class, import).await?;
    match attendance::reread(&mut tx, import, &Hints { date_order, zone }).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), "Laporan dibaca ulang."))
        }
        Err(ImportError::Database(error)) => Err(error.into()),
        Err(refusal) => {
            drop(tx);
            let mut problems = Problems::default();
            problems.note::<()>("order", refusal.to_string());
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            preview_page(&app, page, class, import, Shown { problems, status, ..Shown::default() })
                .await
        }
    }
}

pub(crate) async fn set_rule(
    State(app): State<App>,
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Form(form): Form<RuleForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let found = of_class(&mut tx, class, import).await?;
    if found.confirmed_at.is_some() {
        return Err(Error::Refused(
            "Impor ini sudah dicatat. Batalkan dahulu untuk mengubah cara menghitung.".into(),
        ));
    }
    let mut problems = Problems::default();
    let Some((percent, parts)) = form.parse(&class::find(&mut tx, class).await?, &mut problems)
    else {
        drop(tx);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return preview_page(
            &app,
            page,
            class,
            import,
            Shown { rule: Some(form), problems, status, ..Shown::default() },
        )
        .await;
    };
    attendance::set_rule(&mut tx, class, percent, &parts).await?;
    tx.commit().await?;
    Ok(flash(
        &format!("/kelola/kelas/{class}/impor/{import}"),
        "Cara menghitung tersimpan. Hasil di bawah sudah mengikuti.",
    ))
}

pub(crate) async fn discard(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    of_class(&mut tx, class, import).await?;
    attendance::discard(&mut tx, import, me.id, now).await?;
    tx.commit().await?;
    Ok(flash(
        &format!("/kelola/kelas/{class}/impor"),
        "Pratinjau dibuang. Tidak ada yang tercatat.",
    ))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    baris: i64,
    q: String,
}

#[derive(Template)]
#[template(path = "attendance/search.html")]
struct SearchPage {
    page: Page,
    class: Class,
    import: ImportId,
    row: ImportRow,
    q: String,
    people: Vec<people::Listed>,
}

pub(crate) async fn search(
    State(app): State<App>,
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Query(search): Query<Search>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    of_class(&mut db, class, import).await?;
    let class = class::find(&mut db, class).await?;
    let rows = attendance::preview(&mut db, import).await?.rows;
    let row = rows.into_iter().find(|row| row.id.0 == search.baris).ok_or(Error::NotFound)?;
    let people = match search.q.trim() {
        "" => Vec::new(),
        q => people::search(&mut db, q, 1).await?.0,
    };
    Ok(Html(SearchPage { page, class, import, row, q: search.q, people }.render()?))
}

#[derive(Deserialize)]
pub(crate) struct PickForm {
    row: i64,
    person: i64,
}

pub(crate) async fn pick(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Form(form): Form<PickForm>,
) -> Result<Response> {
    if me.id.0 == form.person {
        return Err(Error::Refused(
            "Anda tidak dapat memutuskan kehadiran Anda sendiri. Minta penyelenggara lain.".into(),
        ));
    }
    let mut tx = app.db.begin().await?;
    of_class(&mut tx, class, import).await?;
    people::find(&mut tx, PersonId(form.person)).await?;
    attendance::choose(
        &mut tx,
        import,
        ImportRowId(form.row),
        Choice::Person(PersonId(form.person)),
        me.id,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), "Orang dipilih."))
}

#[derive(Template)]
#[template(path = "attendance/undo.html")]
struct UndoPage {
    page: Page,
    class: Class,
    import: Import,
    effects: Vec<(String, String, String)>,
    more: usize,
    blocked: Vec<String>,
}

pub(crate) async fn ask_undo(
    State(app): State<App>,
    page: Page,
    Path((class, import)): Path<(ClassId, ImportId)>,
) -> Result<Html<String>> {
    let mut db = app.db.acquire().await?;
    let import = of_class(&mut db, class, import).await?;
    let class = class::find(&mut db, class).await?;
    let (changes, blocked) = attendance::undo_preview(&mut db, import.id).await?;
    let people =
        changes.iter().map(|change| change.person).chain(blocked.iter().copied()).collect();
    let people = attendance::names(&mut db, &people).await?;
    let name =
        |person: &PersonId| people.get(person).map(|(name, _)| name.clone()).unwrap_or_default();
    let matter: Vec<&Changed> = changes.iter().filter(|change| change.matters()).collect();
    let more = matter.len().saturating_sub(SHOWN);
    let effects = matter.into_iter().take(SHOWN).map(|change| {
        let before = change
            .before
            .map_or_else(String::new, |(outcome, jp)| format!("{}, {jp} JP", outcome.label()));
        (
            name(&change.person),
            before,
            format!("{}, {} JP", change.after.outcome.label(), change.after.jp),
        )
    });
    let effects = effects.collect();
    let blocked = blocked.iter().map(name).collect();
    Ok(Html(UndoPage { page, class, import, effects, more, blocked }.render()?))
}

pub(crate) async fn undo(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    of_class(&mut tx, class, import).await?;
    let (changes, blocked) = attendance::undo(&mut tx, import, me.id, now).await?;
    tx.commit().await?;
    let words = match blocked.len() {
        0 => format!("Impor {import} dibatalkan: {} keputusan berubah.", changes.len()),
        n => format!(
            "Impor {import} dibatalkan, kecuali bagi {n} orang yang sertifikatnya masih berlaku."
        ),
    };
    Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}"), &words))
}
