//! `/kelola/orang`: an administrator records the people of their units, invites them, and
//! gives roles.

mod record;
mod roles;
pub(crate) mod units;

pub(crate) use record::{create, edit, new, update};
pub(crate) use roles::{grant, revoke};

use crate::{
    account::{self, Grant, Page, Reach, Role, SignedIn},
    act::{self, Note},
    app::{App, Db},
    clock::Now,
    error::{Error, Result},
    ids::{PersonId, UnitId},
    people::{
        self, Changed, FormerNip, Found, Record, Unit,
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
    let reach = Reach::of(&mut db, me.id).await?;
    let (unit, below) = match search.unit.trim() {
        "" => (None, None),
        typed => {
            let tree = unit::tree(&mut db).await?;
            let chosen = typed.parse().ok().and_then(|id| tree.find(UnitId(id)));
            let chosen = chosen.filter(|unit| reach.covers(unit.id)).ok_or(Error::NotFound)?;
            let below = tree.within(chosen.id).iter().map(|unit| unit.id).collect::<Vec<_>>();
            (Some(chosen.clone()), Some(below))
        }
    };
    let within = below.as_deref().unwrap_or(reach.units());
    let found = people::search(&mut db, &search.q, Some(within), search.hal).await?;
    Ok(Html(PeoplePage { page, q: search.q, unit, found }.render()?))
}

#[derive(Template)]
#[template(path = "account/person.html")]
struct PersonPage {
    page: Page,
    record: Record,
    former: Vec<FormerNip>,
    changes: Vec<Changed>,
    grants: Vec<Grant>,
    /// Whether the visitor may act on the person, who may hold a role beyond their reach.
    within: bool,
    units: Vec<Unit>,
    roles: Vec<Role>,
    /// Shown once, right after it was made.
    link: Option<String>,
    own: bool,
}

async fn person_page(
    db: &mut PgConnection,
    page: Page,
    me: &SignedIn,
    person: PersonId,
    link: Option<String>,
    now: DateTime<Utc>,
) -> Result<Response> {
    let reach = Reach::of(db, me.id).await?;
    let record = reach.see(db, person).await?;
    let within = reach.holds(db, person).await?;
    let former = people::former_nips(db, person).await?;
    let changes = people::changes(db, person).await?;
    let grants = account::grants(db, person).await?;
    let units = open_units(db, &reach, now).await?;
    let all = reach.covers(people::root_unit(db).await?);
    let roles = Role::ALL.into_iter().filter(|role| all || !role.needs_all()).collect();
    let own = me.id == person;
    let shown =
        PersonPage { page, record, former, changes, grants, within, units, roles, link, own };
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
    person_page(db, page, me, person, Some(link), now).await
}

pub(crate) async fn show(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(person): Path<PersonId>,
) -> Result<Response> {
    let shown = person_page(&mut db, page, &me, person, None, now).await?;
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
