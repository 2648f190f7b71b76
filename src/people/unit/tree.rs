//! The tree as a whole.

use crate::ids::UnitId;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::{collections::HashMap, ops::Range};

/// A unit in its place.
#[derive(Debug, Clone)]
pub struct Node {
    pub id: UnitId,
    pub parent: Option<UnitId>,
    pub code: Option<String>,
    pub name: String,
    pub valid_from: NaiveDate,
    pub valid_until: Option<NaiveDate>,
    pub merged_into: Option<UnitId>,
    /// The names on the way to it from below the root; of the root its own.
    pub path: String,
    /// Steps below the root.
    pub depth: usize,
    /// People of the unit itself.
    pub own: i64,
    /// With those of the units below.
    pub people: i64,
}

impl Node {
    /// Whether people can be recorded there on that day.
    pub fn is_open(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && !self.is_closed()
    }

    pub fn is_closed(&self) -> bool {
        self.valid_until.is_some()
    }
}

/// Every unit, each right before those below it, and these by name.
#[derive(Debug, Clone)]
pub struct Tree(Vec<Node>);

impl IntoIterator for Tree {
    type Item = Node;
    type IntoIter = std::vec::IntoIter<Node>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Tree {
    pub fn nodes(&self) -> &[Node] {
        &self.0
    }

    pub fn find(&self, unit: UnitId) -> Option<&Node> {
        self.0.iter().find(|node| node.id == unit)
    }

    /// The unit and all below it, open and closed; nothing when there is no such unit.
    pub fn within(&self, unit: UnitId) -> &[Node] {
        let Some(at) = self.0.iter().position(|node| node.id == unit) else { return &[] };
        &self.0[self.span(at)]
    }

    /// The units right below that are not closed.
    pub fn children(&self, unit: UnitId) -> impl Iterator<Item = &Node> {
        self.0.iter().filter(move |node| node.parent == Some(unit) && !node.is_closed())
    }

    /// The place of a unit and of all below it.
    fn span(&self, at: usize) -> Range<usize> {
        let depth = self.0[at].depth;
        let below = self.0[at + 1..].iter().take_while(|node| node.depth > depth).count();
        at..at + 1 + below
    }

    /// Puts units, of which each stands after its elder sisters, into the order of the tree.
    fn grow(units: Vec<Node>) -> Self {
        let mut below: HashMap<Option<UnitId>, Vec<Node>> = HashMap::new();
        for unit in units {
            below.entry(unit.parent).or_default().push(unit);
        }
        let mut tree = Self(Vec::new());
        tree.put(None, 0, &mut below);
        for at in 0..tree.0.len() {
            tree.0[at].people = tree.0[tree.span(at)].iter().map(|node| node.own).sum();
        }
        tree
    }

    fn put(
        &mut self,
        above: Option<(UnitId, &str)>,
        depth: usize,
        below: &mut HashMap<Option<UnitId>, Vec<Node>>,
    ) {
        for mut unit in below.remove(&above.map(|(id, _)| id)).unwrap_or_default() {
            unit.path = match above {
                Some((_, path)) if depth > 1 => format!("{path} › {}", unit.name),
                _ => unit.name.clone(),
            };
            unit.depth = depth;
            let (id, path) = (unit.id, unit.path.clone());
            self.0.push(unit);
            self.put(Some((id, &path)), depth + 1, below);
        }
    }
}

/// The whole tree with its people counted.
pub async fn tree(db: &mut PgConnection) -> sqlx::Result<Tree> {
    read(db, true).await
}

/// The same; counting people takes longer the more there are.
pub(super) async fn read(db: &mut PgConnection, count: bool) -> sqlx::Result<Tree> {
    let rows = sqlx::query!(
        r#"select u.id, u.parent_id, u.code, u.name, u.valid_from, u.valid_until, u.merged_into,
             coalesce(p.own, 0) as "own!"
         from unit u
         left join (select unit_id, count(*) as own from person where $1 group by unit_id) p on p.unit_id = u.id
         order by u.name, u.id"#,
        count
    )
    .fetch_all(db)
    .await?;
    let units = rows.into_iter().map(|row| Node {
        id: row.id,
        parent: row.parent_id,
        code: row.code,
        name: row.name,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        merged_into: row.merged_into,
        path: String::new(),
        depth: 0,
        own: row.own,
        people: row.own,
    });
    Ok(Tree::grow(units.collect()))
}
