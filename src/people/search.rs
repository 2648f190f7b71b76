//! Finding people by name or NIP.

use crate::{
    ids::{PersonId, UnitId},
    web::{form, paging::Wanted},
};
use sqlx::{Connection, PgConnection};

use super::Standing;

/// A person as lists show them.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: PersonId,
    pub name: String,
    pub nip: String,
    pub unit: String,
    pub standing: Standing,
}

/// How many people a page of a list holds.
pub const PAGE: i64 = 50;

/// What a search found: one page of it, and how much there is.
pub struct Found {
    pub people: Vec<Listed>,
    pub all: i64,
    pub here: i64,
    pub pages: i64,
}

/// People whose name contains all the words, or who hold or held a NIP that begins with the
/// digits; everybody for an empty search. Those of the units `within`, or of every unit. Whoever
/// was recorded twice is found once.
pub async fn search(
    db: &mut PgConnection,
    sought: &str,
    within: Option<&[UnitId]>,
    wanted: Wanted,
) -> sqlx::Result<Found> {
    let words = form::sought(sought);
    let digits = form::compact(&words);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let nip = is_number.then_some(digits);
    let patterns: Vec<String> = if is_number {
        Vec::new()
    } else {
        words.split_whitespace().map(|word| format!("%{}%", escaped(word))).collect()
    };
    let within: Option<Vec<i64>> = within.map(|units| units.iter().map(|unit| unit.0).collect());
    let mut db = db.begin().await?;
    // A colon comes right after the digits.
    let asked = sqlx::query!(
        r#"select array(select comparable(pattern) from unnest($1::text[]) pattern) as "patterns!",
             case when $2::text is not null then array(
               select r.person_id from person_nip n join person_record r on r.record_id = n.person_id
               where n.nip ~>=~ $2 and n.nip ~<~ ($2 || ':')) end as holders,
             set_config('plan_cache_mode', 'force_custom_plan', true)"#,
        &patterns,
        nip
    )
    .fetch_one(&mut *db)
    .await?;
    // The longest is looked up, since it tells most; the others narrow what it found.
    let mut patterns = asked.patterns;
    patterns.sort_unstable_by_key(String::len);
    let longest = patterns.pop();
    // Unlike other statements this one is planned for what it asks: that decides what is of use.
    // A page after the last is the last; only the rows tell which that is.
    let rows = sqlx::query!(
        r#"with found as not materialized (
             select p.id, p.name, p.unit_id, p.standing from person p
             where p.merged_into is null
               and ($2::bigint[] is null or p.id = any($2))
               and ($6::text is null or p.comparable_name like $6)
               and p.comparable_name like all($1::text[])
               and ($5::bigint[] is null or p.unit_id = any($5))),
           counted as materialized (select count(*) as all from found),
           page as materialized (
             select id, name, unit_id, standing from found order by name, id limit $3
             offset least($4::bigint - 1, greatest((select counted.all - 1 from counted), 0) / $3) * $3)
         select p.id as "id!: PersonId", p.name as "name!", n.nip, u.name as unit, p.standing as "standing!: Standing",
           (select counted.all from counted) as "all!"
         from page p
         join person_nip n on n.person_id = p.id and n.ended_at is null
         join unit u on u.id = p.unit_id
         order by p.name, p.id"#,
        &patterns,
        asked.holders.as_deref(),
        PAGE,
        wanted.number(),
        within.as_deref(),
        longest
    )
    .fetch_all(&mut *db)
    .await?;
    db.commit().await?;
    let all = rows.first().map_or(0, |row| row.all);
    let (here, pages) = wanted.of(all, PAGE);
    let people = rows.into_iter().map(|row| Listed {
        id: row.id,
        name: row.name,
        nip: row.nip,
        unit: row.unit,
        standing: row.standing,
    });
    Ok(Found { people: people.collect(), all, here, pages })
}

/// The word as a pattern that means it alone.
fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
