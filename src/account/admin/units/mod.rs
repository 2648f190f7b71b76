//! `/kelola/unit`: the tree of units, as far as an administrator reaches.

mod end;
mod form;
mod place;

pub(crate) use end::{ask_close, close};
pub(crate) use form::{create, edit, new, update};
pub(crate) use place::{ask_merge, ask_move, merge, move_below};

use crate::{
    account::{self, EndError, Holder, Page, Reach, SignedIn},
    app::Db,
    clock::Now,
    error::{Error, Result},
    ids::UnitId,
    people::{
        Unit,
        unit::{self, Change, Node, Standing, Tree, UnitError},
    },
    web::show,
};
use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Html,
};
use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::PgConnection;

/// The tree, and how much of it an administrator may see and change.
struct Seen {
    tree: Tree,
    reach: Reach,
}

impl Seen {
    async fn of(db: &mut PgConnection, me: &SignedIn) -> sqlx::Result<Self> {
        Ok(Self { tree: unit::tree(db).await?, reach: Reach::of(db, me.id).await? })
    }

    /// The same for whoever is about to change something: nobody else moves a unit out of
    /// their reach meanwhile.
    async fn to_change(db: &mut PgConnection, me: &SignedIn) -> sqlx::Result<Self> {
        unit::hold_tree(db).await?;
        Self::of(db, me).await
    }

    /// A unit; not found when it lies outside.
    fn node(&self, unit: UnitId) -> Result<&Node> {
        self.tree.find(unit).filter(|node| self.reach.covers(node.id)).ok_or(Error::NotFound)
    }

    fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.tree.nodes().iter().filter(|node| self.reach.covers(node.id))
    }

    /// The unit of that number, as a form sends it.
    fn chosen(&self, typed: &str) -> Option<&Node> {
        self.node(UnitId(typed.parse().ok()?)).ok()
    }

    /// The units to which another can be moved or merged.
    fn targets(&self, unit: UnitId, today: NaiveDate) -> Vec<Unit> {
        let own = self.tree.within(unit);
        self.nodes()
            .filter(|node| node.is_open(today) && !own.iter().any(|one| one.id == node.id))
            .map(|node| Unit { id: node.id, name: node.name.clone(), path: node.path.clone() })
            .collect()
    }
}

/// A unit in the list of those that are open.
struct Line<'a> {
    node: &'a Node,
    /// The next line is the first below it.
    opens: bool,
    /// Levels that end after it.
    ends: usize,
}

/// The lines of a nested list; each level begins below a line and ends after one.
fn nested<'a>(nodes: impl Iterator<Item = &'a Node>, reach: &Reach) -> Vec<Line<'a>> {
    let mut top = 0;
    let level = |node: &'a Node| {
        if !node.parent.is_some_and(|parent| reach.covers(parent)) {
            top = node.depth;
        }
        (node, node.depth - top)
    };
    let nodes: Vec<(&Node, usize)> = nodes.map(level).collect();
    let next = nodes.iter().skip(1).map(|(_, level)| *level).chain([0]);
    nodes
        .iter()
        .zip(next)
        .map(|((node, level), next)| Line {
            node,
            opens: next > *level,
            ends: level.saturating_sub(next),
        })
        .collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    q: String,
}

#[derive(Template)]
#[template(path = "account/units.html")]
struct UnitsPage<'a> {
    page: Page,
    q: String,
    today: NaiveDate,
    /// All that are open, or those found.
    lines: Vec<Line<'a>>,
    closed: Vec<&'a Node>,
}

impl UnitsPage<'_> {
    fn searched(&self) -> bool {
        !self.q.trim().is_empty()
    }
}

pub(crate) async fn index(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Query(search): Query<Search>,
) -> Result<Html<String>> {
    let seen = Seen::of(&mut db, &me).await?;
    drop(db);
    let sought = search.q.trim().to_lowercase();
    let found = seen.nodes().filter(|node| node.name.to_lowercase().contains(&sought));
    let (closed, open): (Vec<&Node>, Vec<&Node>) = found.partition(|node| node.is_closed());
    let lines = if sought.is_empty() {
        nested(open.into_iter(), &seen.reach)
    } else {
        open.into_iter().map(|node| Line { node, opens: false, ends: 0 }).collect()
    };
    let today = show::local_day(now);
    Ok(Html(UnitsPage { page, q: search.q, today, lines, closed }.render()?))
}

/// A unit with what belongs to it.
struct Subject {
    unit: Standing,
    /// People of the unit itself, and with those of the units below.
    own: i64,
    people: i64,
    /// Open units right below, and at any depth.
    children: Vec<Node>,
    below: usize,
    holders: Vec<Holder>,
}

impl Subject {
    async fn of(db: &mut PgConnection, seen: &Seen, unit: UnitId) -> Result<Self> {
        let node = seen.node(unit)?;
        let (own, people) = (node.own, node.people);
        let below = seen.tree.within(unit).iter().filter(|one| !one.is_closed()).count();
        Ok(Self {
            unit: unit::find(db, unit).await?,
            own,
            people,
            children: seen.tree.children(unit).cloned().collect(),
            below: below.saturating_sub(1),
            holders: account::holders(db, unit).await?,
        })
    }

    /// One that can be moved, merged or closed.
    async fn to_end(db: &mut PgConnection, seen: &Seen, unit: UnitId) -> Result<Self> {
        let subject = Self::of(db, seen, unit).await?;
        match &subject.unit {
            unit if unit.is_root() => Err(UnitError::Root.into()),
            _ => Ok(subject),
        }
    }

    /// Why the visitor cannot end the unit, whatever they choose.
    fn obstacle(&self, me: &SignedIn) -> Option<String> {
        if self.unit.is_closed() {
            return Some(UnitError::Closed.to_string());
        }
        let own = self.holders.iter().any(|holder| holder.person == me.id);
        own.then(|| EndError::Own.to_string())
    }
}

#[derive(Template)]
#[template(path = "account/unit.html")]
struct UnitPage {
    page: Page,
    today: NaiveDate,
    subject: Subject,
    /// Whether the visitor may see the unit above, and the one that it was merged into.
    parent_seen: bool,
    merged_seen: bool,
    reach: Reach,
    changes: Vec<Change>,
}

pub(crate) async fn show(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path(unit): Path<UnitId>,
) -> Result<Html<String>> {
    let seen = Seen::of(&mut db, &me).await?;
    let subject = Subject::of(&mut db, &seen, unit).await?;
    let changes = unit::changes(&mut db, unit).await?;
    let reach = seen.reach;
    let shown = UnitPage {
        page,
        today: show::local_day(now),
        parent_seen: subject.unit.parent_id.is_some_and(|parent| reach.covers(parent)),
        merged_seen: subject.unit.merged_into.is_some_and(|into| reach.covers(into)),
        subject,
        reach,
        changes,
    };
    Ok(Html(shown.render()?))
}

impl From<UnitError> for Error {
    fn from(error: UnitError) -> Self {
        match error {
            UnitError::Database(error) => error.into(),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
