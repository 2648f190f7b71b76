//! Reading the audit log: what was done, narrowed down and put into words.

pub mod affected;
pub mod web;
mod words;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use words::{Names, Said};

/// What to look for; whatever is nothing does not narrow.
#[derive(Debug, Default)]
pub struct Filter {
    /// People who acted.
    by: Option<Vec<i64>>,
    /// Whom or what it concerns.
    people: Option<Vec<i64>>,
    units: Option<Vec<i64>>,
    classes: Option<Vec<i64>>,
    act: Option<String>,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// An entry, with the names of those that it concerns as they are now.
#[derive(Debug, Clone)]
pub struct Line {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub by: Option<i64>,
    pub by_name: Option<String>,
    pub client: Option<String>,
    pub act: String,
    pub about: Option<String>,
    pub row_key: Option<String>,
    pub person: Option<String>,
    pub unit: Option<String>,
    pub class: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// The number of the seal that covers it.
    pub seal: Option<i32>,
}

/// Where a page of the log begins: with the entry before this one.
pub type Place = (DateTime<Utc>, i64);

/// The latest entries that fit, at most so many. To be asked within a transaction that plans for
/// the filter at hand.
pub async fn find(
    db: &mut PgConnection,
    filter: &Filter,
    before: Option<Place>,
    most: i64,
) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        r#"with found as (
             select id, at, by, client, act, about, row_key, person_id, unit_id, class_id, before, after
             from audit_entry
             where ($1::bigint[] is null or by = any($1))
               and ($2::bigint[] is null or person_id = any($2))
               and ($3::bigint[] is null or unit_id = any($3))
               and ($4::bigint[] is null or class_id = any($4))
               and ($5::text is null or act = $5)
               and ($6::timestamptz is null or at >= $6) and ($7::timestamptz is null or at < $7)
               and ($8::timestamptz is null or (at, id) < ($8, $9::bigint))
             order by at desc, id desc limit $10)
           select f.id as "id!", f.at as "at!", f.by, b.name as "by_name?", f.client, f.act as "act!", f.about,
             f.row_key, p.name as "person?", u.name as "unit?", c.title as "class?", f.before, f.after,
             s.seal as "seal?"
           from found f
           left join person b on b.id = f.by
           left join person p on p.id = f.person_id
           left join unit u on u.id = f.unit_id
           left join class c on c.id = f.class_id
           left join audit_sealed s on s.entry_id = f.id
           order by f.at desc, f.id desc"#,
        filter.by.as_deref(),
        filter.people.as_deref(),
        filter.units.as_deref(),
        filter.classes.as_deref(),
        filter.act,
        filter.from,
        filter.until,
        before.map(|(at, _)| at),
        before.map(|(_, id)| id),
        most
    )
    .fetch_all(db)
    .await
}

/// One entry.
pub async fn entry(db: &mut PgConnection, id: i64) -> sqlx::Result<Line> {
    sqlx::query_as!(
        Line,
        r#"select f.id, f.at, f.by, b.name as "by_name?", f.client, f.act, f.about, f.row_key, p.name as "person?",
             u.name as "unit?", c.title as "class?", f.before, f.after, s.seal as "seal?"
           from audit_entry f
           left join person b on b.id = f.by
           left join person p on p.id = f.person_id
           left join unit u on u.id = f.unit_id
           left join class c on c.id = f.class_id
           left join audit_sealed s on s.entry_id = f.id
           where f.id = $1"#,
        id
    )
    .fetch_one(db)
    .await
}

/// Every act that there is in the log, found by leaping from one to the next.
pub async fn acts(db: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"with recursive one as (
             (select act from audit_entry order by act limit 1)
             union all
             select (select e.act from audit_entry e where e.act > one.act order by e.act limit 1)
             from one where one.act is not null)
           select act as "act!" from one where act is not null"#
    )
    .fetch_all(db)
    .await
}

/// So many units or classes of a name are looked for, the latest.
const NAMESAKES: i64 = 50;

async fn units_named(db: &mut PgConnection, words: &str) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "select id as \"id: i64\" from unit where position(lower($1) in lower(name)) > 0 order by id desc limit $2",
        words,
        NAMESAKES
    )
    .fetch_all(db)
    .await
}

async fn classes_named(db: &mut PgConnection, words: &str) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "select id as \"id: i64\" from class where position(lower($1) in lower(title)) > 0 order by id desc limit $2",
        words,
        NAMESAKES
    )
    .fetch_all(db)
    .await
}

/// The names of the people and units that the values speak of by number.
async fn names(db: &mut PgConnection, lines: &[Line]) -> sqlx::Result<Names> {
    let (mut people, mut units) = (Vec::new(), Vec::new());
    let objects = lines.iter().flat_map(|line| [&line.before, &line.after]).flatten();
    for (field, value) in objects.filter_map(Value::as_object).flatten() {
        let Some(id) = value.as_i64() else { continue };
        if words::is_person(field) {
            people.push(id);
        } else if words::is_unit(field) {
            units.push(id);
        }
    }
    let people =
        sqlx::query!(r#"select id as "id: i64", name from person where id = any($1)"#, &people)
            .fetch_all(&mut *db)
            .await?;
    let units =
        sqlx::query!(r#"select id as "id: i64", name from unit where id = any($1)"#, &units)
            .fetch_all(db)
            .await?;
    Ok(Names {
        people: people.into_iter().map(|row| (row.id, row.name)).collect(),
        units: units.into_iter().map(|row| (row.id, row.name)).collect(),
    })
}

impl Line {
    /// What was done to what.
    pub fn thing(&self) -> Option<&str> {
        self.about.as_deref().map(words::table)
    }

    /// Whom, what unit or what class it concerns, by name.
    pub fn concerned(&self) -> Vec<&str> {
        [&self.person, &self.unit, &self.class].into_iter().flatten().map(String::as_str).collect()
    }

    /// Who acted.
    pub fn who(&self) -> String {
        match (&self.by_name, self.by) {
            (Some(name), _) => name.clone(),
            (None, Some(id)) => format!("orang nomor {id}"),
            (None, None) => "–".to_owned(),
        }
    }

    /// Each field that changed, as it read before and after.
    fn changes(&self, names: &Names) -> Vec<Said> {
        let empty = Map::new();
        let object = |side: &Option<Value>| {
            side.as_ref().and_then(Value::as_object).unwrap_or(&empty).clone()
        };
        let (before, after) = (object(&self.before), object(&self.after));
        let fields: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let about = self.about.as_deref();
        fields
            .into_iter()
            .filter(|field| !words::is_plain_key(field))
            .map(|field| words::said(names, about, field, before.get(field), after.get(field)))
            .collect()
    }
}
