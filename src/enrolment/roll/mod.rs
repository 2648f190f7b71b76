//! The organiser's list of those who have a seat or wait for one.

pub mod web;

use super::State;
use crate::{
    ids::{ClassId, PersonId},
    web::form,
};
use sqlx::PgConnection;

/// People on one page of the list.
pub const PAGE: i64 = 50;

/// One line of a class's list of participants.
#[derive(Debug, Clone)]
pub struct Participant {
    pub person: PersonId,
    pub name: String,
    pub nip: String,
    pub position: Option<String>,
    pub unit: String,
    pub state: State,
}

/// Those with a seat by name, then those who wait in their order.
pub async fn participants(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Participant>> {
    sqlx::query_as!(
        Participant,
        r#"select e.person_id as "person: PersonId", p.name, n.nip, p.position, u.name as unit, e.state
         from enrolment e
         join person_record r on r.record_id = e.person_id
         join person p on p.id = r.person_id
         join person_nip n on n.person_id = p.id and n.ended_at is null
         join unit u on u.id = p.unit_id
         where e.class_id = $1 and e.state <> 'withdrawn'
         order by e.state, case when e.state = 'waiting' then e.queue_place end, p.name, p.id"#,
        class.0
    )
    .fetch_all(db)
    .await
}

/// One page of those whose name or NIP fits, each with the place in the whole queue, and how
/// many there are in all.
pub async fn search(
    db: &mut PgConnection,
    class: ClassId,
    sought: &str,
    page: i64,
) -> sqlx::Result<(Vec<(Participant, Option<i64>)>, i64)> {
    let name = form::sought(sought);
    let digits = Some(form::compact(&name))
        .filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let rows = sqlx::query!(
        r#"select q.person as "person!: PersonId", q.name as "name!", q.nip as "nip!", q.position, q.unit as "unit!",
             q.state as "state!: State", q.place, count(*) over () as "all!"
         from (
           select e.person_id as person, p.name, n.nip, p.position, u.name as unit, e.state,
             case when e.state = 'waiting'
               then row_number() over (partition by e.state order by e.queue_place) end as place
           from enrolment e
           join person_record r on r.record_id = e.person_id
           join person p on p.id = r.person_id
           join person_nip n on n.person_id = p.id and n.ended_at is null
           join unit u on u.id = p.unit_id
           where e.class_id = $1 and e.state <> 'withdrawn') q
         where case when $3::text is not null then q.nip like $3 || '%'
                    else position((select comparable($2)) in comparable(q.name)) > 0 end
         order by q.state, q.place, q.name, q.person limit $4 offset $5"#,
        class.0,
        name,
        digits,
        PAGE,
        (page - 1).max(0) * PAGE
    )
    .fetch_all(db)
    .await?;
    let all = rows.first().map_or(0, |row| row.all);
    let found = rows.into_iter().map(|row| {
        let participant = Participant {
            person: row.person,
            name: row.name,
            nip: row.nip,
            position: row.position,
            unit: row.unit,
            state: row.state,
        };
        (participant, row.place)
    });
    Ok((found.collect(), all))
}
