//! What the public sees: the classes to come, and how to find one.

pub mod web;

use crate::{
    enrolment,
    ids::{ClassId, PersonId},
    web::show::local_day,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// Classes on one page of the catalogue.
pub const PAGE: i64 = 20;

/// From when to when.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// What somebody looks for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words of the theme, the summary or a speaker; all of them, in any form.
    pub words: Option<String>,
    /// Any day of the month.
    pub month: Option<NaiveDate>,
    pub seats_left: bool,
}

/// A class as the catalogue lists it.
#[derive(Debug, Clone)]
pub struct Card {
    pub id: ClassId,
    pub slug: String,
    pub title: String,
    pub starts: DateTime<Utc>,
    /// From when to when: of each part where these are on several days.
    pub times: Vec<Span>,
    pub speaker: Option<String>,
    pub office: Option<String>,
    pub jp: i32,
    pub quota: i32,
    pub taken: i32,
    pub waiting: i32,
    pub enrolment_opens: Option<DateTime<Utc>>,
    pub enrolment_closes: DateTime<Utc>,
    /// Where the visitor stands.
    pub mine: Option<enrolment::State>,
}

/// One page of the published classes that are not over, the nearest first, and
/// how many there are in all.
pub async fn coming(
    db: &mut PgConnection,
    filter: &Filter,
    visitor: Option<PersonId>,
    page: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<(Vec<Card>, i64)> {
    let sought = match &filter.words {
        Some(words) => search(db, words).await?,
        None => None,
    };
    let rows = sqlx::query!(
        r#"select c.id, c.slug as "slug!", c.title, c.starts, c.ends,
             s.name as "speaker?", s.office as "office?", c.jp, c.quota, c.taken, c.waiting,
             c.enrolment_opens, c.enrolment_closes,
             e.state as "mine?: enrolment::State", count(*) over () as "all!"
         from class c
         left join class_speaker s on s.class_id = c.id and s.position = 1
         left join lateral (select state from enrolment where class_id = c.id and state <> 'withdrawn'
           and person_id = any(array(select record_id from person_record where person_id = $2)) limit 1) e on true
         where c.state = 'published' and c.ends > $1
           and ($3::bigint[] is null or c.id = any($3))
           and ($4::date is null or date_trunc('month', c.starts at time zone 'Asia/Makassar') = date_trunc('month', $4::date))
           and (not $5 or (c.taken < c.quota and c.enrolment_closes > $1))
         order by c.starts, c.id limit $6 offset $7"#,
        now,
        visitor.map(|person| person.0),
        sought.as_deref(),
        filter.month,
        filter.seats_left,
        PAGE,
        (page - 1).max(0) * PAGE
    )
    .fetch_all(&mut *db)
    .await?;
    let all = rows.first().map_or(0, |row| row.all);
    let long = rows.iter().filter(|row| local_day(row.starts) != local_day(row.ends));
    let parts = parts(db, &long.map(|row| row.id.0).collect::<Vec<_>>()).await?;
    let times = |class, starts, ends| {
        let own = parts.iter().filter(|(of, _)| *of == class).map(|(_, times)| *times);
        let own: Vec<_> = own.collect();
        if own.is_empty() { vec![(starts, ends)] } else { own }
    };
    let cards = rows.into_iter().map(|row| Card {
        times: times(row.id, row.starts, row.ends),
        id: row.id,
        slug: row.slug,
        title: row.title,
        starts: row.starts,
        speaker: row.speaker,
        office: row.office,
        jp: row.jp,
        quota: row.quota,
        taken: row.taken,
        waiting: row.waiting,
        enrolment_opens: row.enrolment_opens,
        enrolment_closes: row.enrolment_closes,
        mine: row.mine,
    });
    Ok((cards.collect(), all))
}

/// From when to when each part of those classes lasts.
async fn parts(db: &mut PgConnection, classes: &[i64]) -> sqlx::Result<Vec<(ClassId, Span)>> {
    if classes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        "select class_id, starts, ends from class_part where class_id = any($1) order by class_id, position",
        classes
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.class_id, (row.starts, row.ends))).collect())
}

/// The classes of whose theme, summary, description or speakers all words are
/// found, in any form; none when there is nothing to look for in the words.
async fn search(db: &mut PgConnection, words: &str) -> sqlx::Result<Option<Vec<i64>>> {
    sqlx::query_scalar!(
        r#"select case when q.query is not null then array(
             select id from class where search @@ q.query
             union
             select class_id from class_speaker where searchable(name || ' ' || office) @@ q.query) end as classes
         from (select sought($1) as query) q"#,
        words
    )
    .fetch_one(db)
    .await
}

/// The months in which a class is to come, by their first days.
pub async fn months(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Vec<NaiveDate>> {
    sqlx::query_scalar!(
        r#"select distinct date_trunc('month', starts at time zone 'Asia/Makassar')::date as "month!"
         from class where state = 'published' and ends > $1 order by 1"#,
        now
    )
    .fetch_all(db)
    .await
}
