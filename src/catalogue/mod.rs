//! What the public sees: the classes to come, and how to find one.

pub mod web;

use crate::{
    enrolment,
    ids::{ClassId, PersonId},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// Classes on one page of the catalogue.
pub const PAGE: i64 = 20;

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
    pub ends: DateTime<Utc>,
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
    let rows = sqlx::query!(
        r#"select c.id, c.slug as "slug!", c.title, t.starts as "starts!", t.ends as "ends!",
             s.name as "speaker?", s.office as "office?", c.jp, c.quota, c.taken, c.waiting,
             c.enrolment_opens, c.enrolment_closes,
             e.state as "mine?: enrolment::State", count(*) over () as "all!"
         from class c
         join lateral (select min(starts) as starts, max(ends) as ends from class_part where class_id = c.id) t on true
         left join class_speaker s on s.class_id = c.id and s.position = 1
         left join enrolment e on e.class_id = c.id and e.person_id = $2 and e.state <> 'withdrawn'
         where c.state = 'published' and t.ends > $1
           and ($3::text is null or sought($3) is null or c.search @@ sought($3)
             or exists (select from class_speaker w
                        where w.class_id = c.id and searchable(w.name || ' ' || w.office) @@ sought($3)))
           and ($4::date is null or date_trunc('month', t.starts at time zone 'Asia/Makassar') = date_trunc('month', $4::date))
           and (not $5 or (c.taken < c.quota and c.enrolment_closes > $1))
         order by t.starts, c.id limit $6 offset $7"#,
        now,
        visitor.map(|person| person.0),
        filter.words,
        filter.month,
        filter.seats_left,
        PAGE,
        (page - 1).max(0) * PAGE
    )
    .fetch_all(db)
    .await?;
    let all = rows.first().map_or(0, |row| row.all);
    let cards = rows.into_iter().map(|row| Card {
        id: row.id,
        slug: row.slug,
        title: row.title,
        starts: row.starts,
        ends: row.ends,
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

/// The months in which a class is to come, by their first days.
pub async fn months(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Vec<NaiveDate>> {
    sqlx::query_scalar!(
        r#"select distinct date_trunc('month', p.starts at time zone 'Asia/Makassar')::date as "month!"
         from class c join class_part p on p.class_id = c.id
         where c.state = 'published' and p.ends > $1 order by 1"#,
        now
    )
    .fetch_all(db)
    .await
}
