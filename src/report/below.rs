//! Who has not reached the target of a year yet, and what they lack.

use crate::{
    ids::UnitId,
    web::{form, paging::Wanted},
};
use sqlx::PgConnection;

/// How many people a page of the list holds.
pub const PAGE: i64 = 50;

/// Somebody below the target.
#[derive(Debug, Clone)]
pub struct Below {
    pub name: String,
    pub nip: String,
    pub position: Option<String>,
    pub unit: String,
    /// Hours in the year.
    pub jp: i32,
    /// What the year asks of them.
    pub target: i32,
}

impl Below {
    pub fn missing(&self) -> i32 {
        self.target - self.jp
    }
}

/// Who is looked for.
#[derive(Debug, Clone)]
pub struct Sought<'a> {
    pub year: i32,
    /// Units whose people may be seen; what lies below is included.
    pub scope: &'a [UnitId],
    /// One of these or below, to look at alone.
    pub unit: Option<UnitId>,
    /// Words of the name, or the beginning of the NIP.
    pub words: &'a str,
    /// Only those without any hours.
    pub none_yet: bool,
}

/// One page of the people below the target, those who lack most first, and how many there are;
/// all of them at once where no page is wanted.
pub async fn below(
    db: &mut PgConnection,
    sought: &Sought<'_>,
    page: Option<Wanted>,
) -> sqlx::Result<(Vec<Below>, i64)> {
    let ids = |units: &[UnitId]| units.iter().map(|unit| unit.0).collect::<Vec<_>>();
    let words = form::sought(sought.words);
    let digits = form::compact(&words);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let rows = sqlx::query!(
        r#"with recursive mine as (
             select id from unit where id = any($2)
             union
             select u.id from unit u join mine m on u.parent_id = m.id),
           chosen as (
             select id from unit where id = $3
             union
             select u.id from unit u join chosen c on u.parent_id = c.id),
           lacking as (
             select p.name, n.nip, p.position, u.name as unit, coalesce(h.jp, 0) as jp,
               coalesce(g.minimum, 20) as target
             from person p
             join person_nip n on n.person_id = p.id and n.ended_at is null
             join unit u on u.id = p.unit_id
             left join (select person_id, jp from learning_hours where year = $1) h on h.person_id = p.id
             left join target g on g.year = $1 and g.employment = p.employment
             where p.unit_id in (select id from mine) and ($3::bigint is null or p.unit_id in (select id from chosen))
               and p.merged_into is null
               and (p.standing in ('active', 'leave') or p.standing_since > make_date($1, 12, 31))
               and coalesce(h.jp, 0) < coalesce(g.minimum, 20)
               and (not $4 or coalesce(h.jp, 0) = 0)
               and ($5::text is null or n.nip like $5 || '%')
               and ($5::text is not null or position((select comparable($6)) in p.comparable_name) > 0)),
           counted as materialized (select count(*) as all from lacking)
         select name as "name!", nip as "nip!", position, unit as "unit!", jp as "jp!", target as "target!",
           (select counted.all from counted) as "all!"
         from lacking order by target - jp desc, name, nip limit $7
         offset coalesce(least($8::bigint - 1, greatest((select counted.all - 1 from counted), 0) / $7) * $7, 0)"#,
        sought.year,
        &ids(sought.scope),
        sought.unit.map(|unit| unit.0),
        sought.none_yet,
        is_number.then_some(digits),
        words,
        page.map(|_| PAGE),
        page.map(Wanted::number)
    )
    .fetch_all(db)
    .await?;
    let all = rows.first().map_or(0, |row| row.all);
    let people = rows.into_iter().map(|row| Below {
        name: row.name,
        nip: row.nip,
        position: row.position,
        unit: row.unit,
        jp: row.jp,
        target: row.target,
    });
    Ok((people.collect(), all))
}
