//! `/kelola/orang`: an administrator records the people of their units, invites them, and
//! gives roles.

mod merge;
pub(crate) mod proposals;
mod record;
mod roles;
pub(crate) mod slips;
pub(crate) mod units;

pub(crate) use merge::{ask_merge, ask_separate, merge, separate};
pub(crate) use record::{create, edit, new, update};
pub(crate) use roles::{grant, reset_second, revoke, sign_out_everywhere};

use crate::{
    account::{self, Grant, MailError, Page, Reach, Role, SignedIn, flash, single_sign_on},
    act::{self, Note},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    ids::{PersonId, UnitId},
    mail::{self, Told},
    people::{
        self, Changed, FormerNip, Found, Proposal, Record, Unit,
        unit::{self, Node},
    },
    web::{paging::Wanted, show},
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    q: String,
    /// A unit, whose people are listed with those below it.
    unit: String,
    hal: Wanted,
}

#[derive(Template)]
#[template(path = "account/people.html")]
struct PeoplePage {
    page: Page,
    q: String,
    /// The unit whose people are listed.
    unit: Option<Node>,
    found: Found,
    /// How many proposals wait for the visitor.
    proposals: usize,
}

impl PeoplePage {
    fn query(&self) -> String {
        let unit = self.unit.as_ref().map(|unit| format!("unit={}&", unit.id));
        format!("{}q={}&", unit.unwrap_or_default(), show::encoded(&self.q))
    }
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Query(search): Query<Search>,
) -> Result<Html<String>> {
    let reach = Reach::keeping(&mut db, me.id).await?;
    let (unit, below) = within(&mut db, &reach, &search.unit).await?;
    let within = below.as_deref().unwrap_or(reach.units());
    let found = people::search(&mut db, &search.q, Some(within), search.hal).await?;
    let proposals = people::proposals(&mut db, reach.administered(), None).await?.len();
    Ok(Html(PeoplePage { page, q: search.q, unit, found, proposals }.render()?))
}

/// The unit that an address asks for, with the units below whose people are listed; none for
/// every unit within reach.
async fn within(
    db: &mut PgConnection,
    reach: &Reach,
    typed: &str,
) -> Result<(Option<Node>, Option<Vec<UnitId>>)> {
    if typed.trim().is_empty() {
        return Ok((None, None));
    }
    let tree = unit::tree(db).await?;
    let chosen = typed.trim().parse().ok().and_then(|id| tree.find(UnitId(id)));
    let chosen = chosen.filter(|unit| reach.covers(unit.id)).ok_or(Error::NotFound)?;
    let below = tree.within(chosen.id).iter().map(|unit| unit.id).collect();
    Ok((Some(chosen.clone()), Some(below)))
}

/// What the visitor may do with the person whom they see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// Nothing: the person holds a role beyond the visitor's reach.
    Beyond,
    /// Keep the record, as an operator.
    Kept,
    Administered,
}

#[derive(Template)]
#[template(path = "account/person.html")]
struct PersonPage {
    page: Page,
    record: Record,
    former: Vec<FormerNip>,
    /// Records that read as this one's, with their names and NIPs.
    merged: Vec<(PersonId, String, String)>,
    links: Vec<single_sign_on::Link>,
    changes: Vec<Changed>,
    grants: Vec<Grant>,
    hold: Hold,
    /// What an operator proposes.
    proposal: Option<Proposal>,
    units: Vec<Unit>,
    roles: Vec<Role>,
    /// Shown once, right after it was made.
    link: Option<String>,
    own: bool,
    /// The last mails to the person.
    told: Vec<Told>,
    /// Whether links are mailed here.
    mails: bool,
    /// Whether the person has a second factor.
    second: bool,
}

impl PersonPage {
    fn within(&self) -> bool {
        self.hold != Hold::Beyond
    }

    fn administers(&self) -> bool {
        self.hold == Hold::Administered
    }
}

async fn person_page(
    db: &mut PgConnection,
    (app, page): (&App, Page),
    me: &SignedIn,
    person: PersonId,
    link: Option<String>,
    now: DateTime<Utc>,
) -> Result<Response> {
    let reach = Reach::keeping(db, me.id).await?;
    let record = reach.see(db, person).await?;
    let hold = match reach.holds(db, person).await? {
        false => Hold::Beyond,
        true if reach.administers(record.unit_id) => Hold::Administered,
        true => Hold::Kept,
    };
    let proposal = people::proposals(db, reach.units(), Some(person)).await?.pop();
    let former = people::former_nips(db, person).await?;
    let merged = people::merged(db, person).await?;
    let links = single_sign_on::links(db, person).await?;
    let changes = people::changes(db, person).await?;
    let grants = account::grants(db, person).await?;
    let units = open_units(db, &reach, now).await?;
    let all = reach.covers(people::root_unit(db).await?);
    let roles = Role::ALL.into_iter().filter(|role| all || !role.needs_all()).collect();
    let shown = PersonPage {
        page,
        record,
        former,
        merged,
        links,
        changes,
        grants,
        hold,
        proposal,
        units,
        roles,
        link,
        own: me.id == person,
        told: mail::told(db, person).await?,
        mails: app.config.mail.is_some(),
        second: account::second::has(db, person).await?,
    };
    Ok(Html(shown.render()?).into_response())
}

/// The units to choose from.
async fn open_units(
    db: &mut PgConnection,
    reach: &Reach,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Unit>> {
    let mut units = people::units(db, now).await?;
    units.retain(|unit| reach.covers(unit.id));
    Ok(units)
}

/// The page of somebody whom a link was just made for.
async fn invited(
    app: &App,
    db: &mut PgConnection,
    page: Page,
    me: &SignedIn,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Response> {
    let token = account::invite(db, person, Some(me.id), now).await?;
    let link = format!("{}/aktivasi/{token}", app.config.base_url);
    person_page(db, (app, page), me, person, Some(link), now).await
}

pub(crate) async fn show(
    State(app): State<App>,
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let shown = person_page(&mut db, (&app, page), &me, person, None, now).await?;
    act::note(&mut db, "Melihat data orang", Note::of(person), now).await?;
    Ok(shown)
}

pub(crate) async fn invite(
    State(app): State<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    Reach::of(&mut tx, me.id).await?.act(&mut tx, person).await?;
    let shown = invited(&app, &mut tx, page, &me, person, now).await?;
    tx.commit().await?;
    Ok(shown)
}

/// Mails a link, which nobody is shown.
pub(crate) async fn mail_invitation(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    Reach::of(&mut tx, me.id).await?.act(&mut tx, person).await?;
    if app.config.mail.is_none() {
        return Err(Error::Refused(
            "Surel belum diatur di server ini. Tampilkan tautannya, atau cetak slip aktivasi."
                .into(),
        ));
    }
    let base_url = &app.config.base_url;
    let to = account::mail_invitation(&mut tx, person, me.id, base_url, now).await?;
    tx.commit().await?;
    let words = format!("Tautan aktivasi dikirim ke {}.", mail::masked(&to));
    Ok(flash(&format!("/kelola/orang/{person}"), &words))
}

impl From<MailError> for Error {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Database(error) => error.into(),
            MailError::Other(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
