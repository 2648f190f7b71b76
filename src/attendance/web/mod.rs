//! The organiser's pages of a class's attendance: who was there and why, and
//! what can be set by hand.

pub mod import;

use super::{ByHandError, Case, Import, Line, Outcome, Shown, Taken, Verdict, case};
use crate::{
    account::{Page, Permission, SignedIn, flash},
    act::{self, Note},
    app::{App, Db},
    class::{self, Class, Lane},
    clock::Now,
    error::{Error, Result},
    ids::{ClassId, PersonId},
    people::{self, Listed, Record},
    web::{
        form::Problems,
        paging::{Wanted, paged},
        show,
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

/// Lines of a list that are shown at a time.
pub const PAGE: usize = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    hal: Wanted,
    q: String,
}

#[derive(Template)]
#[template(path = "attendance/index.html")]
struct AttendancePage {
    page: Page,
    class: Class,
    begun: bool,
    /// Whether attendance can be recorded.
    open: bool,
    counts: Counts,
    lines: Vec<Line>,
    imports: Vec<Import>,
    here: usize,
    pages: usize,
    /// Whom the visitor looks for, and who was found.
    q: String,
    found: Vec<Listed>,
    /// How many more fit.
    more: i64,
}

#[derive(Default)]
struct Counts {
    present: usize,
    partial: usize,
    absent: usize,
    undecided: usize,
}

impl Counts {
    fn of(lines: &[Line]) -> Self {
        let count = |outcome| lines.iter().filter(|line| line.outcome == outcome).count();
        Self {
            present: count(Outcome::Present),
            partial: count(Outcome::Partial),
            absent: count(Outcome::Absent),
            undecided: count(Outcome::Undecided),
        }
    }
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    Now(now): Now,
    Path(class): Path<ClassId>,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>> {
    let class = class::find(&mut db, class).await?;
    act::note(&mut db, "Melihat daftar kehadiran", Note::of_class(class.id), now).await?;
    let lines = super::lines(&mut db, class.id).await?;
    let imports = super::imports(&mut db, class.id).await?;
    let begun = class.starts() <= now;
    let open = case::open(&class, now).is_ok();
    let counts = Counts::of(&lines);
    let (lines, here, pages) = paged(lines, chosen.hal, PAGE);
    let q = chosen.q.trim().to_owned();
    let looks = !q.is_empty() && page.may(Permission::Organise);
    let (found, all) = if looks {
        let found = people::search(&mut db, &q, None, Wanted::default()).await?;
        (found.people, found.all)
    } else {
        (Vec::new(), 0)
    };
    let more = all - i64::try_from(found.len()).unwrap_or(all);
    let shown = AttendancePage {
        page,
        class,
        begun,
        open,
        counts,
        lines,
        imports,
        here,
        pages,
        q,
        found,
        more,
    };
    Ok(Html(shown.render()?))
}

/// The form as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct VerdictForm {
    present: String,
    lane: String,
    reason: String,
}

impl VerdictForm {
    fn parse(&self, class: &Class) -> Result<Verdict, Problems> {
        let mut problems = Problems::default();
        let present = match self.present.as_str() {
            "ya" => Some(true),
            "tidak" => Some(false),
            _ => problems.note("present", "Pilih hadir atau tidak hadir."),
        };
        let mut lanes = class.lanes.iter().map(|(lane, _)| *lane);
        let lane = match lanes.clone().find(|lane| lane.label() == self.lane) {
            Some(lane) => Some(lane),
            None if present == Some(true) && class.lanes.len() > 1 => {
                problems.note("lane", "Pilih cara mengikuti kelas.")
            }
            None => Some(lanes.next().unwrap_or(Lane::Zoom)),
        };
        let reason = problems.text("reason", "alasan", &self.reason, 300);
        match (present, lane, reason) {
            (Some(present), Some(lane), Some(reason)) => Ok(Verdict { present, lane, reason }),
            _ => Err(problems),
        }
    }
}

#[derive(Template)]
#[template(path = "attendance/person.html")]
struct PersonPage {
    page: Page,
    class: Class,
    record: Record,
    evidence: Vec<Shown>,
    decisions: Vec<Taken>,
    form: VerdictForm,
    problems: Problems,
    own: bool,
    /// Whether attendance can be recorded.
    open: bool,
    /// Whether the reports say something else than what was decided.
    pending: bool,
}

impl PersonPage {
    /// Whether something that was decided by hand stands.
    fn by_hand(&self) -> bool {
        self.evidence
            .iter()
            .any(|evidence| evidence.present.is_some() && evidence.withdrawn_at.is_none())
    }
}

struct Asked {
    class: ClassId,
    person: PersonId,
    form: VerdictForm,
    problems: Problems,
}

async fn person_page(app: &App, page: Page, me: &SignedIn, asked: Asked) -> Result<Response> {
    let Asked { class, person, form, problems } = asked;
    let mut db = app.db.acquire().await?;
    let class = class::find(&mut db, class).await?;
    let record = people::find(&mut db, person).await?;
    let evidence = super::evidence(&mut db, class.id, person).await?;
    let decisions = super::decisions(&mut db, class.id, person).await?;
    let status = if problems.none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let open = case::open(&class, app.clock.now()).is_ok();
    let changes = Case::load(&mut db, class.id, me.id).await?.changes();
    let pending = changes.iter().any(|change| change.person == person && change.kept.is_none());
    let shown = PersonPage {
        page,
        class,
        record,
        evidence,
        decisions,
        form,
        problems,
        own: me.id == person,
        open,
        pending,
    };
    Ok((status, Html(shown.render()?)).into_response())
}

pub(crate) async fn person(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path((class, person)): Path<(ClassId, PersonId)>,
) -> Result<Response> {
    let asked =
        Asked { class, person, form: VerdictForm::default(), problems: Problems::default() };
    let shown = person_page(&app, page, &me, asked).await?;
    let note = Note { class: Some(class), ..Note::of(person) };
    act::note(&mut *app.db.acquire().await?, "Melihat kehadiran orang", note, now).await?;
    Ok(shown)
}

pub(crate) async fn decide_by_hand(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path((class, person)): Path<(ClassId, PersonId)>,
    Form(form): Form<VerdictForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    people::find(&mut tx, person).await?;
    let verdict = match form.parse(&class::find(&mut tx, class).await?) {
        Ok(verdict) => verdict,
        Err(problems) => {
            drop(tx);
            return person_page(&app, page, &me, Asked { class, person, form, problems }).await;
        }
    };
    super::set(&mut tx, class, person, &verdict, me.id, now).await?;
    tx.commit().await?;
    let words = if verdict.present { "Ditetapkan hadir." } else { "Ditetapkan tidak hadir." };
    Ok(flash(&format!("/kelola/kelas/{class}/kehadiran/{person}"), words))
}

pub(crate) async fn drop_by_hand(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((class, person)): Path<(ClassId, PersonId)>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    people::find(&mut tx, person).await?;
    super::drop_verdicts(&mut tx, class, person, me.id, now).await?;
    tx.commit().await?;
    Ok(flash(&format!("/kelola/kelas/{class}/kehadiran/{person}"), "Keputusan mengikuti laporan."))
}

impl From<ByHandError> for Error {
    fn from(error: ByHandError) -> Self {
        match error {
            ByHandError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
