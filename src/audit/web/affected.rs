//! `/kelola/audit/terdampak`: whose data an account touched, as page and as .xlsx.

use super::planned;
use crate::{
    account::{Page, Permission, Reach, SignedIn},
    act::{self, Note},
    app::Db,
    audit::affected::{self, Affected, Origin, Sweeping, Trail},
    clock::{Now, ZONE},
    error::{Error, Result},
    ids::PersonId,
    people::{self, Found, Record},
    web::{
        form::{self, Problems},
        paging::Wanted,
        sheet::{self, Cell},
        show,
    },
};
use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Datelike, Duration, NaiveDateTime, TimeZone, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

/// People on a page.
const PAGE: i64 = 50;

/// What is looked at when nothing is said.
const LATELY: Duration = Duration::days(7);

/// Who, and when, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Whose account, once they are found.
    akun: String,
    /// Name or NIP by which they are looked for.
    q: String,
    dari: String,
    sampai: String,
    alamat: String,
    hal: Wanted,
}

/// A moment in the province as a browser writes it.
fn moment(problems: &mut Problems, field: &'static str, typed: &str) -> Option<DateTime<Utc>> {
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let read =
        formats.iter().find_map(|format| NaiveDateTime::parse_from_str(typed.trim(), format).ok());
    let read = read.filter(|local| (2000..=9999).contains(&local.year()));
    match read.and_then(|local| ZONE.from_local_datetime(&local).earliest()) {
        Some(at) => Some(at.to_utc()),
        None => problems.note(field, "Tulis tanggal dan jam, misalnya 2026-03-10 09:00."),
    }
}

fn typed(at: DateTime<Utc>) -> String {
    at.with_timezone(&ZONE).format("%Y-%m-%dT%H:%M").to_string()
}

impl Asked {
    /// The last days where nothing is said; to the end of the last minute.
    fn filled_in(&mut self, now: DateTime<Utc>) {
        if self.sampai.trim().is_empty() {
            self.sampai = typed(now);
        }
        if self.dari.trim().is_empty() {
            self.dari = typed(now - LATELY);
        }
    }

    fn span(&self, problems: &mut Problems) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let from = moment(problems, "dari", &self.dari);
        let until = moment(problems, "sampai", &self.sampai);
        let (from, until) = from.zip(until)?;
        if until < from {
            return problems.note("sampai", "Akhir tidak dapat mendahului awal.");
        }
        Some((from, until + Duration::minutes(1)))
    }

    /// What was chosen, for the addresses of other pages.
    fn query(&self) -> String {
        let [from, until, client] =
            [&self.dari, &self.sampai, &self.alamat].map(|text| show::encoded(text));
        format!("akun={}&dari={from}&sampai={until}&alamat={client}&", self.akun)
    }
}

/// The account that the address names by number.
async fn account(db: &mut PgConnection, asked: &Asked) -> Result<Option<Record>> {
    match asked.akun.trim() {
        "" => Ok(None),
        id => {
            let id = id.parse().map_err(|_| Error::NotFound)?;
            let person = people::owner(db, PersonId(id)).await?;
            Ok(Some(people::find(db, person).await?))
        }
    }
}

async fn trail(
    db: &mut PgConnection,
    account: &Record,
    asked: &Asked,
    problems: &mut Problems,
) -> Result<Option<Trail>> {
    let Some((from, until)) = asked.span(problems) else { return Ok(None) };
    let client = Some(asked.alamat.trim().to_owned()).filter(|client| !client.is_empty());
    Ok(Some(Trail { by: people::records(db, account.id).await?, from, until, client }))
}

async fn note(
    db: &mut PgConnection,
    what: &'static str,
    of: PersonId,
    asked: &Asked,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let detail = serde_json::json!({ "dari": asked.dari, "sampai": asked.sampai });
    act::note(db, what, Note { detail: Some(detail), ..Note::of(of) }, now).await
}

/// What an account did in the time that was asked for.
struct Outcome {
    people: Vec<Affected>,
    all: i64,
    here: i64,
    pages: i64,
    sweeping: Vec<Sweeping>,
    origins: Vec<Origin>,
    within_reach: i64,
}

impl Outcome {
    async fn of(db: &mut PgConnection, trail: &Trail, wanted: Wanted) -> Result<Self> {
        let mut tx = planned(db).await?;
        let all = affected::people(&mut tx, trail, (1, 0)).await?.first().map_or(0, |one| one.all);
        let (here, pages) = wanted.of(all, PAGE);
        let shown = Self {
            people: affected::people(&mut tx, trail, (PAGE, (here - 1) * PAGE)).await?,
            all,
            here,
            pages,
            sweeping: affected::sweeping(&mut tx, trail).await?,
            origins: affected::origins(&mut tx, trail).await?,
            within_reach: affected::within_reach(&mut tx, trail).await?,
        };
        tx.commit().await?;
        Ok(shown)
    }
}

#[derive(Template)]
#[template(path = "audit/affected.html")]
struct AffectedPage {
    page: Page,
    asked: Asked,
    problems: Problems,
    /// Those among whom the account's person is to be chosen.
    found: Option<Found>,
    account: Option<Record>,
    outcome: Option<Outcome>,
    /// Whether the visitor may end the account's sign-ins.
    may_end: bool,
}

impl AffectedPage {
    /// Whether the address that was chosen is none from which something was done in this span.
    fn elsewhere(&self) -> bool {
        let known = self.outcome.iter().flat_map(|outcome| &outcome.origins);
        !self.asked.alamat.is_empty()
            && known.into_iter().all(|one| one.client != self.asked.alamat)
    }
}

/// Whether the visitor administers the account's person.
async fn may_end(
    db: &mut PgConnection,
    page: &Page,
    me: &SignedIn,
    account: &Record,
) -> Result<bool> {
    if !page.may(Permission::Administer) || me.id == account.id {
        return Ok(false);
    }
    let reach = Reach::of(db, me.id).await?;
    Ok(reach.covers(account.unit_id) && reach.holds(db, account.id).await?)
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Query(mut asked): Query<Asked>,
) -> Result<Response> {
    asked.filled_in(now);
    let mut problems = Problems::default();
    let account = account(&mut db, &asked).await?;
    let mut found = None;
    if account.is_none() && !form::sought(&asked.q).is_empty() {
        found = Some(people::search(&mut db, &asked.q, None, Wanted::default()).await?);
    }
    let (mut outcome, mut ends) = (None, false);
    if let Some(account) = &account {
        ends = may_end(&mut db, &page, &me, account).await?;
        if let Some(trail) = trail(&mut db, account, &asked, &mut problems).await? {
            outcome = Some(Outcome::of(&mut db, &trail, asked.hal).await?);
            note(&mut db, "Melihat orang terdampak", account.id, &asked, now).await?;
        }
    }
    let status = if problems.none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = AffectedPage { page, asked, problems, found, account, outcome, may_end: ends };
    Ok((status, Html(shown.render()?)).into_response())
}

impl Affected {
    /// The name, or what is left of somebody whose record is gone.
    fn who(&self) -> String {
        self.name
            .clone()
            .unwrap_or_else(|| format!("orang nomor {}, catatannya sudah dihapus", self.person))
    }

    fn how(&self) -> &'static str {
        if self.changed { "Diubah" } else { "Terlihat" }
    }

    fn cells(self) -> Vec<Cell> {
        vec![
            self.who().into(),
            self.nip.clone().unwrap_or_default().into(),
            self.unit.clone().unwrap_or_default().into(),
            self.email.clone().unwrap_or_default().into(),
            self.how().into(),
            self.acts.join("; ").into(),
            self.times.into(),
            show::machine(self.first).into(),
            show::machine(self.last).into(),
        ]
    }
}

pub(crate) async fn workbook(
    mut db: Db,
    Now(now): Now,
    Query(mut asked): Query<Asked>,
) -> Result<Response> {
    asked.filled_in(now);
    let account = account(&mut db, &asked).await?.ok_or(Error::NotFound)?;
    let trail = trail(&mut db, &account, &asked, &mut Problems::default()).await?;
    let trail = trail.ok_or(Error::BadRequest)?;
    note(&mut db, "Mengunduh orang terdampak", account.id, &asked, now).await?;
    let mut tx = planned(&mut db).await?;
    let people = affected::people(&mut tx, &trail, (i64::MAX, 0)).await?;
    tx.commit().await?;
    drop(db);
    // Whoever took the account over had all of its own person's data before them.
    let own = Affected {
        person: account.id.0,
        name: Some(account.name),
        nip: Some(account.nip),
        email: account.email,
        unit: Some(account.unit),
        changed: false,
        acts: vec!["Pemilik akun".into()],
        times: 0,
        first: trail.from,
        last: trail.until,
        all: 1,
    };
    let heads = [
        ("Nama", 40),
        ("NIP", 22),
        ("Unit kerja", 44),
        ("Surel", 32),
        ("Data", 12),
        ("Perbuatan", 60),
        ("Kali", 8),
        ("Pertama", 26),
        ("Terakhir", 26),
    ];
    let made = tokio::task::spawn_blocking(move || {
        let rows: Vec<Vec<Cell>> =
            std::iter::once(own).chain(people).map(Affected::cells).collect();
        sheet::workbook("Terdampak", &heads, &rows)
    });
    let bytes = made.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    Ok(sheet::download("orang-terdampak", bytes))
}
