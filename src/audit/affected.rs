//! Whose data an account changed or looked at, for whoever has to be told when it was in the wrong
//! hands (UU 27/2022, Pasal 46: within 3×24 hours).

use crate::ids::PersonId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// The account, and how much of what it did counts.
#[derive(Debug, Clone)]
pub struct Trail {
    /// Every record that reads as the account's person.
    pub by: Vec<PersonId>,
    pub from: DateTime<Utc>,
    /// Not included.
    pub until: DateTime<Utc>,
    /// The address of the network that it came from; nothing for any.
    pub client: Option<String>,
}

impl Trail {
    fn ids(&self) -> Vec<i64> {
        self.by.iter().map(|person| person.0).collect()
    }
}

/// Somebody whose data the account changed or looked at.
#[derive(Debug, Clone)]
pub struct Affected {
    pub person: i64,
    /// Nothing once the record is gone.
    pub name: Option<String>,
    pub nip: Option<String>,
    pub email: Option<String>,
    pub unit: Option<String>,
    /// Whether something was changed, and not just looked at.
    pub changed: bool,
    pub acts: Vec<String>,
    pub times: i64,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
    /// How many there are in all.
    pub all: i64,
}

/// Everybody but the account's own person: those that entries are about, and for a look at the list
/// of a class all who have a place or a decision in it. Those first whose data was changed. To be asked
/// within a transaction that plans for the trail at hand.
pub async fn people(
    db: &mut PgConnection,
    trail: &Trail,
    (most, skipped): (i64, i64),
) -> sqlx::Result<Vec<Affected>> {
    sqlx::query_as!(
        Affected,
        r#"with done as materialized (
             select at, act, about, person_id, class_id from audit_entry
             where by = any($1) and at >= $2 and at < $3 and ($4::text is null or client = $4)),
           looks as (
             select class_id, act, min(at) as first, max(at) as last, count(*) as times from done
             where person_id is null and about is null and class_id is not null group by class_id, act),
           touched as (
             select person_id as record, act, about is not null as changed, at as first, at as last, 1::bigint as times
             from done where person_id is not null
             union all
             select m.person_id, l.act, false, l.first, l.last, l.times from looks l
             join lateral (select person_id from enrolment where class_id = l.class_id
                           union select person_id from decision where class_id = l.class_id) m on true),
           named as (
             select coalesce(r.person_id, t.record) as person, t.* from touched t
             left join person_record r on r.record_id = t.record),
           summed as (
             select person, bool_or(changed) as changed, array_agg(distinct act) as acts, sum(times)::bigint as times,
               min(first) as first, max(last) as last
             from named where person <> all($1) group by person)
           select s.person as "person!", p.name as "name?", n.nip as "nip?", p.email as "email?", u.name as "unit?",
             s.changed as "changed!", s.acts as "acts!", s.times as "times!", s.first as "first!", s.last as "last!",
             count(*) over () as "all!"
           from summed s
           left join person p on p.id = s.person
           left join person_nip n on n.person_id = s.person and n.ended_at is null
           left join unit u on u.id = p.unit_id
           order by s.changed desc, p.name, s.person limit $5 offset $6"#,
        &trail.ids(),
        trail.from,
        trail.until,
        trail.client,
        most,
        skipped
    )
    .fetch_all(db)
    .await
}

/// What the account did that names neither a person nor a class, as a download of a whole list.
#[derive(Debug, Clone)]
pub struct Sweeping {
    pub act: String,
    pub times: i64,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
}

/// Looks and downloads that are about nobody in particular.
pub async fn sweeping(db: &mut PgConnection, trail: &Trail) -> sqlx::Result<Vec<Sweeping>> {
    sqlx::query_as!(
        Sweeping,
        r#"select act, count(*) as "times!", min(at) as "first!", max(at) as "last!" from audit_entry
           where by = any($1) and at >= $2 and at < $3 and ($4::text is null or client = $4)
             and about is null and person_id is null and class_id is null and act not like 'Ditolak%'
           group by act order by min(at)"#,
        &trail.ids(),
        trail.from,
        trail.until,
        trail.client
    )
    .fetch_all(db)
    .await
}

/// An address of a network from which the account did something.
#[derive(Debug, Clone)]
pub struct Origin {
    pub client: String,
    pub times: i64,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
}

/// Where the account was used from, whatever the trail's own address.
pub async fn origins(db: &mut PgConnection, trail: &Trail) -> sqlx::Result<Vec<Origin>> {
    sqlx::query_as!(
        Origin,
        r#"select client as "client!", count(*) as "times!", min(at) as "first!", max(at) as "last!"
           from audit_entry where by = any($1) and at >= $2 and at < $3 and client is not null
           group by client order by min(at)"#,
        &trail.ids(),
        trail.from,
        trail.until
    )
    .fetch_all(db)
    .await
}

/// How many others the account could have looked at: the people of the units for which it held a role
/// at any time of the trail, with those below.
pub async fn within_reach(db: &mut PgConnection, trail: &Trail) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"with recursive reached as (
             select unit_id as id from role_grant
             where person_id = any($1) and granted_at < $3 and (revoked_at is null or revoked_at >= $2)
             union
             select u.id from unit u join reached r on u.parent_id = r.id)
           select count(*) as "count!" from person
           where merged_into is null and id <> all($1) and unit_id in (select id from reached)"#,
        &trail.ids(),
        trail.from,
        trail.until
    )
    .fetch_one(db)
    .await
}
