//! Records what a judged list has that the records have not.

use super::judge::{Judged, Verdict};
use crate::{
    ids::{PersonId, StaffImportId},
    people::{Employment, Field, NewPerson, PositionKind, Standing, unit},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// Who records, when, and from which uploaded list; a command has neither person nor upload.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    pub at: DateTime<Utc>,
    pub by: Option<PersonId>,
    pub import: Option<StaffImportId>,
}

/// How many people are written at a time.
const BATCH: usize = 5_000;

/// Records the new people and the changes of a list that was judged in the same transaction,
/// after [`lock`]; tells `done` how many people are written so far. Rows that are wrong are left
/// out.
pub async fn record(
    db: &mut PgConnection,
    judged: &Judged,
    source: Source,
    mut done: impl FnMut(usize),
) -> sqlx::Result<()> {
    let new: Vec<&NewPerson> = judged
        .rows
        .iter()
        .filter_map(|row| if let Verdict::New(person) = &row.verdict { Some(person) } else { None })
        .collect();
    let mut written = 0;
    for people in new.chunks(BATCH) {
        add(db, people, source).await?;
        written += people.len();
        done(written);
    }
    let changed: Vec<_> = judged
        .rows
        .iter()
        .filter_map(|row| match &row.verdict {
            Verdict::Changed(person, record, differences) => Some((*person, record, differences)),
            _ => None,
        })
        .collect();
    for people in changed.chunks(BATCH) {
        let mut batch = Changes::default();
        for (person, record, differences) in people {
            batch.people.push(person.0);
            batch.records.push(record);
            for difference in *differences {
                batch.of.push(person.0);
                batch.fields.push(difference.field);
                batch.before.push(difference.before.clone());
                batch.after.push(difference.after.clone());
                batch.units.push(difference.unit.map(|unit| unit.0));
            }
        }
        batch.write(db, source).await?;
        written += people.len();
        done(written);
    }
    Ok(())
}

/// Keeps others from changing units or people until the transaction ends. Reading goes on.
pub async fn lock(db: &mut PgConnection) -> sqlx::Result<()> {
    unit::hold_tree(db).await?;
    sqlx::query!("lock table person, person_nip in share row exclusive mode").execute(db).await?;
    Ok(())
}

/// The columns of many records, as arrays.
#[derive(Default)]
struct Fields {
    names: Vec<String>,
    nips: Vec<String>,
    emails: Vec<Option<String>>,
    employments: Vec<Employment>,
    units: Vec<i64>,
    positions: Vec<Option<String>>,
    ranks: Vec<Option<String>>,
    phones: Vec<Option<String>>,
    kinds: Vec<Option<PositionKind>>,
    standings: Vec<Standing>,
    since: Vec<Option<NaiveDate>>,
}

impl Fields {
    fn of(people: &[&NewPerson]) -> Self {
        let mut fields = Self::default();
        for person in people {
            fields.names.push(person.name.clone());
            fields.nips.push(person.nip.as_str().to_owned());
            fields.emails.push(person.email.clone());
            fields.employments.push(person.nip.employment());
            fields.units.push(person.unit.0);
            fields.positions.push(person.position.clone());
            fields.ranks.push(person.rank.clone());
            fields.phones.push(person.service.phone.clone());
            fields.kinds.push(person.service.kind);
            fields.standings.push(person.service.standing);
            fields.since.push(person.service.since);
        }
        fields
    }
}

async fn add(db: &mut PgConnection, people: &[&NewPerson], source: Source) -> sqlx::Result<()> {
    let fields = Fields::of(people);
    // Numbered beforehand, so that each NIP finds its person.
    sqlx::query!(
        r#"with listed as materialized (
             select nextval(pg_get_serial_sequence('person', 'id')) as id, l.*
             from unnest($1::text[], $2::text[], $3::text[], $4::employment[], $5::bigint[], $6::text[], $7::text[],
                 $11::text[], $12::position_kind[], $13::standing[])
               as l (name, nip, email, employment, unit, position, rank, phone, kind, standing)),
           added as (
             insert into person (id, name, email, employment, unit_id, position, rank, phone, position_kind, standing,
               added_at, added_by, staff_import_id)
             overriding system value
             select id, name, email, employment, unit, position, rank, phone, kind, standing, $8, $9, $10 from listed)
           insert into person_nip (nip, person_id, recorded_at, recorded_by)
           select nip, id, $8, $9 from listed"#,
        &fields.names,
        &fields.nips,
        &fields.emails as &[Option<String>],
        &fields.employments as &[Employment],
        &fields.units,
        &fields.positions as &[Option<String>],
        &fields.ranks as &[Option<String>],
        source.at,
        source.by.map(|by| by.0),
        source.import.map(|import| import.0),
        &fields.phones as &[Option<String>],
        &fields.kinds as &[Option<PositionKind>],
        &fields.standings as &[Standing]
    )
    .execute(db)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Changes<'a> {
    people: Vec<i64>,
    records: Vec<&'a NewPerson>,
    /// Whose each of the following is.
    of: Vec<i64>,
    fields: Vec<Field>,
    before: Vec<Option<String>>,
    after: Vec<Option<String>>,
    /// Where the person worked before, if that changes.
    units: Vec<Option<i64>>,
}

impl Changes<'_> {
    async fn write(&self, db: &mut PgConnection, source: Source) -> sqlx::Result<()> {
        let fields = Fields::of(&self.records);
        sqlx::query!(
            r#"update person p set name = l.name, email = l.email, unit_id = l.unit, position = l.position,
                 rank = l.rank, phone = l.phone, position_kind = l.kind, standing = l.standing,
                 standing_since = l.since, version = p.version + 1
               from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                 $8::position_kind[], $9::standing[], $10::date[])
                 as l (id, name, email, unit, position, rank, phone, kind, standing, since)
               where p.id = l.id"#,
            &self.people,
            &fields.names,
            &fields.emails as &[Option<String>],
            &fields.units,
            &fields.positions as &[Option<String>],
            &fields.ranks as &[Option<String>],
            &fields.phones as &[Option<String>],
            &fields.kinds as &[Option<PositionKind>],
            &fields.standings as &[Standing],
            &fields.since as &[Option<NaiveDate>]
        )
        .execute(&mut *db)
        .await?;
        sqlx::query!(
            r#"insert into person_change (person_id, field, before, after, at, by, staff_import_id, before_unit)
               select person, field, before, after, $5, $6, $7, unit
               from unnest($1::bigint[], $2::person_field[], $3::text[], $4::text[], $8::bigint[])
                 as l (person, field, before, after, unit)"#,
            &self.of,
            &self.fields as &[Field],
            &self.before as &[Option<String>],
            &self.after as &[Option<String>],
            source.at,
            source.by.map(|by| by.0),
            source.import.map(|import| import.0),
            &self.units as &[Option<i64>]
        )
        .execute(db)
        .await?;
        Ok(())
    }
}
