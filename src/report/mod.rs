//! What units and leaders want to know: learning hours by OPD.

pub mod below;
pub mod web;

use crate::ids::UnitId;
use sqlx::PgConnection;

/// One OPD in a year.
#[derive(Debug, Clone, Default)]
pub struct UnitLine {
    pub name: String,
    pub people: i64,
    pub jp: i64,
    /// People who reached their target.
    pub reached: i64,
    /// People below 5, from 5 to 9, from 10 to 19, and with 20 or more.
    pub spread: [i64; 4],
}

impl UnitLine {
    /// The share of people who reached their target, in tenths of a percent.
    pub fn permille(&self) -> i64 {
        if self.people == 0 { 0 } else { (self.reached * 1000 + self.people / 2) / self.people }
    }

    /// Hours per person, in tenths.
    pub fn average(&self) -> i64 {
        if self.people == 0 { 0 } else { (self.jp * 10 + self.people / 2) / self.people }
    }

    /// All lines as one.
    pub fn sum(lines: &[Self]) -> Self {
        let mut sum =
            Self { name: format!("Seluruh {} Perangkat Daerah", lines.len()), ..Self::default() };
        for line in lines {
            sum.people += line.people;
            sum.jp += line.jp;
            sum.reached += line.reached;
            for (all, one) in sum.spread.iter_mut().zip(line.spread) {
                *all += one;
            }
        }
        sum
    }
}

/// Every OPD with its people, for the units given and what lies below them. An
/// OPD is a unit right below the root; people of the root itself stand under it.
pub async fn by_unit(
    db: &mut PgConnection,
    year: i32,
    scope: &[UnitId],
) -> sqlx::Result<Vec<UnitLine>> {
    let scope: Vec<i64> = scope.iter().map(|unit| unit.0).collect();
    let rows = sqlx::query!(
        r#"with recursive tree as (
             select id, id as opd from unit where parent_id is null
             union all
             select u.id, case when p.parent_id is null then u.id else t.opd end
             from unit u join tree t on t.id = u.parent_id join unit p on p.id = u.parent_id),
           mine as (
             select id from unit where id = any($2)
             union
             select u.id from unit u join mine m on u.parent_id = m.id)
         select o.name as "name!", count(*) as "people!", coalesce(sum(h.jp), 0)::bigint as "jp!",
           count(*) filter (where coalesce(h.jp, 0) >= coalesce(g.minimum, 20)) as "reached!",
           count(*) filter (where coalesce(h.jp, 0) < 5) as "s0!",
           count(*) filter (where h.jp between 5 and 9) as "s1!",
           count(*) filter (where h.jp between 10 and 19) as "s2!",
           count(*) filter (where h.jp >= 20) as "s3!"
         from person p
         join tree t on t.id = p.unit_id
         join unit o on o.id = t.opd
         left join (select person_id, jp from learning_hours where year = $1) h on h.person_id = p.id
         left join target g on g.year = $1 and g.employment = p.employment
         where p.unit_id in (select id from mine) and p.merged_into is null
           and (p.standing in ('active', 'leave') or p.standing_since > make_date($1, 12, 31))
         group by o.id, o.name order by o.name"#,
        year,
        &scope
    )
    .fetch_all(db)
    .await?;
    let line = rows.into_iter().map(|row| UnitLine {
        name: row.name,
        people: row.people,
        jp: row.jp,
        reached: row.reached,
        spread: [row.s0, row.s1, row.s2, row.s3],
    });
    Ok(line.collect())
}
