//! Putting a record right, so that it can be seen later who changed what.

use super::{
    Employment, NewPerson, Nip, PositionKind, Record, RecordError, Standing, find, lock, taken,
    unit,
};
use crate::{
    ids::{PersonId, UnitId},
    web::show,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// What a record is to say, and what was seen of it before.
#[derive(Debug, Clone)]
pub struct Correction {
    pub record: NewPerson,
    pub version: i32,
    /// The earlier NIP was never the person's: it is forgotten, and free for whose it is.
    pub nip_was_wrong: bool,
}

impl Correction {
    /// Leaves everything as the record has it.
    pub fn of(record: &Record) -> Self {
        let Record { name, email, unit_id, position, rank, service, version, .. } = record.clone();
        let nip = Nip::recorded(record.nip.clone());
        let record = NewPerson { name, nip, email, unit: unit_id, position, rank, service };
        Self { record, version, nip_was_wrong: false }
    }
}

/// One thing that a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "person_field", rename_all = "snake_case")]
pub enum Field {
    Name,
    Nip,
    Employment,
    Email,
    Unit,
    Position,
    Rank,
    Phone,
    PositionKind,
    EmployedFrom,
    EmployedUntil,
    Standing,
    StandingSince,
    /// Of two records that read as one: the other.
    Merged,
}

impl Field {
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Nama",
            Self::Nip => "NIP",
            Self::Employment => "Kepegawaian",
            Self::Email => "Surel",
            Self::Unit => "Unit kerja",
            Self::Position => "Jabatan",
            Self::Rank => "Pangkat",
            Self::Phone => "Telepon",
            Self::PositionKind => "Jenis jabatan",
            Self::EmployedFrom => "Mulai bekerja",
            Self::EmployedUntil => "Akhir kontrak",
            Self::Standing => "Status",
            Self::StandingSince => "Status sejak",
            Self::Merged => "Digabungkan dengan",
        }
    }

    /// What the history keeps of the field, as people read it.
    pub fn shown(self, kept: &str) -> String {
        let day = || kept.parse().map(|day: NaiveDate| show::date(day)).ok();
        let known = match self {
            Self::Standing => Standing::of(kept).map(|one| one.label().to_owned()),
            Self::PositionKind => PositionKind::of(kept).map(|one| one.label().to_owned()),
            Self::EmployedFrom | Self::EmployedUntil | Self::StandingSince => day(),
            _ => None,
        };
        known.unwrap_or_else(|| kept.to_owned())
    }
}

/// Changes the record of somebody whom nobody changed since. What was issued to the person
/// before keeps its words.
pub async fn change(
    db: &mut PgConnection,
    person: PersonId,
    correction: &Correction,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), RecordError> {
    lock(db, person).await?;
    let before = find(db, person).await?;
    if before.version != correction.version {
        return Err(stale(db, person).await?);
    }
    let new = &correction.record;
    if person == by && new.service.standing != before.service.standing {
        return Err(RecordError::OwnStanding);
    }
    if new.unit != before.unit_id && !unit::hold_open(db, new.unit).await? {
        return Err(RecordError::UnitClosed);
    }
    if new.nip.as_str() != before.nip {
        replace_nip(db, person, correction, by, now).await?;
    }
    sqlx::query!(
        "update person set name = $2, email = $3, employment = $4, unit_id = $5, position = $6, rank = $7,
           phone = $8, position_kind = $9, employed_from = $10, employed_until = $11, standing = $12,
           standing_since = $13, version = version + 1
         where id = $1",
        person.0,
        new.name,
        new.email,
        new.nip.employment() as Employment,
        new.unit.0,
        new.position,
        new.rank,
        new.service.phone,
        new.service.kind as Option<PositionKind>,
        new.service.from,
        new.service.until,
        new.service.standing as Standing,
        new.service.since
    )
    .execute(&mut *db)
    .await
    .map_err(taken)?;
    let after = find(db, person).await?;
    Ok(note(db, &before, &after, by, now).await?)
}

/// The fields that say something else, as the history keeps them.
fn differences(before: &Record, after: &Record) -> Vec<(Field, Option<String>, Option<String>)> {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    let fields = |of: &Record| {
        [
            (Field::Name, Some(of.name.clone())),
            (Field::Nip, Some(of.nip.clone())),
            (Field::Employment, Some(of.employment.label().to_owned())),
            (Field::Email, of.email.clone()),
            (Field::Unit, Some(of.unit.clone())),
            (Field::Position, of.position.clone()),
            (Field::Rank, of.rank.clone()),
            (Field::Phone, of.service.phone.clone()),
            (Field::PositionKind, of.service.kind.map(|kind| kind.code().to_owned())),
            (Field::EmployedFrom, day(of.service.from)),
            (Field::EmployedUntil, day(of.service.until)),
            (Field::Standing, Some(of.service.standing.code().to_owned())),
            (Field::StandingSince, day(of.service.since)),
        ]
    };
    let both = fields(before).into_iter().zip(fields(after));
    both.filter(|(old, new)| old != new).map(|((field, old), (_, new))| (field, old, new)).collect()
}

/// Keeps what each field said before and says now, where that differs.
async fn note(
    db: &mut PgConnection,
    before: &Record,
    after: &Record,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for (field, old, new) in differences(before, after) {
        sqlx::query!(
            "insert into person_change (person_id, field, before, after, at, by) values ($1, $2, $3, $4, $5, $6)",
            before.id.0,
            field as Field,
            old,
            new,
            now,
            by.0
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Puts everybody of a unit into another. Says how many.
pub(super) async fn transfer(
    db: &mut PgConnection,
    from: UnitId,
    to: UnitId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let moved = sqlx::query!(
        "with moved as (update person set unit_id = $2, version = version + 1 where unit_id = $1 returning id)
         insert into person_change (person_id, field, before, after, at, by)
         select moved.id, 'unit', before.name, after.name, $3, $4
         from moved, unit before, unit after where before.id = $1 and after.id = $2
         order by moved.id",
        from.0,
        to.0,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(moved.rows_affected())
}

/// Ends the NIP that the person holds and gives them the new one. One that they held before
/// comes back; one that somebody else holds or held never does.
async fn replace_nip(
    db: &mut PgConnection,
    person: PersonId,
    correction: &Correction,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), RecordError> {
    if correction.nip_was_wrong {
        sqlx::query!("delete from person_nip where person_id = $1 and ended_at is null", person.0)
            .execute(&mut *db)
            .await?;
    } else {
        sqlx::query!(
            "update person_nip set ended_at = $2 where person_id = $1 and ended_at is null",
            person.0,
            now
        )
        .execute(&mut *db)
        .await?;
    }
    let given = sqlx::query!(
        "insert into person_nip as held (nip, person_id, recorded_at, recorded_by) values ($1, $2, $3, $4)
         on conflict (nip) do update set ended_at = null where held.person_id = excluded.person_id",
        correction.record.nip.as_str(),
        person.0,
        now,
        by.0
    )
    .execute(db)
    .await?;
    if given.rows_affected() == 0 { Err(RecordError::NipTaken) } else { Ok(()) }
}

async fn stale(db: &mut PgConnection, person: PersonId) -> sqlx::Result<RecordError> {
    let last = changes(db, person).await?.into_iter().next();
    let (by, at) = last.map(|last| (last.by, show::moment(last.at))).unwrap_or_default();
    let by = by.unwrap_or_else(|| "impor daftar pegawai".to_owned());
    Ok(RecordError::Stale { by, at })
}

/// One field's change.
pub struct Changed {
    pub field: Field,
    pub before: Option<String>,
    pub after: Option<String>,
    pub at: DateTime<Utc>,
    /// Nobody when it was a command.
    pub by: Option<String>,
}

impl Changed {
    /// What the field said before, in words.
    pub fn was(&self) -> String {
        self.words(self.before.as_ref())
    }

    /// What it says since.
    pub fn became(&self) -> String {
        self.words(self.after.as_ref())
    }

    fn words(&self, kept: Option<&String>) -> String {
        kept.map_or_else(|| "–".to_owned(), |kept| self.field.shown(kept))
    }
}

/// What was changed in a record, the latest first.
pub async fn changes(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<Changed>> {
    sqlx::query_as!(
        Changed,
        r#"select c.field as "field: Field", c.before, c.after, c.at, p.name as "by?"
         from person_change c left join person p on p.id = c.by
         where c.person_id = $1 order by c.at desc, c.id"#,
        person.0
    )
    .fetch_all(db)
    .await
}

/// A NIP that the person no longer holds.
pub struct FormerNip {
    pub nip: String,
    pub recorded_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
}

/// The NIPs that the person held before, the latest first.
pub async fn former_nips(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<FormerNip>> {
    sqlx::query_as!(
        FormerNip,
        r#"select nip, recorded_at, ended_at as "ended_at!" from person_nip
         where person_id = $1 and ended_at is not null order by ended_at desc"#,
        person.0
    )
    .fetch_all(db)
    .await
}
