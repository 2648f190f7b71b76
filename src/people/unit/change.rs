//! Adding, renaming, moving, closing and merging units. Each change holds the tree until
//! the transaction ends, says what was seen of the unit before, and leaves a line in its history.

use super::{Field, Standing, changes, find, history::note, tree};
use crate::{
    ids::{PersonId, UnitId},
    people::change::transfer,
    web::show,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// Why a unit was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    #[error("Kode ini sudah dipakai unit lain.")]
    CodeTaken,
    #[error("Unit ini paling awal berlaku {}, ketika unit di atasnya mulai berlaku.", show::date(*.0))]
    TooEarly(NaiveDate),
    #[error(
        "Formulir ini sudah tersimpan dengan isi lain. Muat ulang halamannya untuk menambah unit lagi."
    )]
    AlreadyMade,
    #[error("Unit teratas hanya dapat diganti nama atau kodenya.")]
    Root,
    #[error("Unit ini sudah ditutup, jadi tidak dapat diubah lagi.")]
    Closed,
    #[error("Unit tujuan sudah ditutup atau belum berlaku. Pilih unit lain.")]
    TargetNotOpen,
    #[error("Unit tidak dapat berada di bawah dirinya sendiri. Pilih unit di luar unit ini.")]
    BelowItself,
    #[error(
        "Masih ada {} orang di unit ini. Pindahkan mereka dahulu, atau gabungkan unit ini dengan unit lain.",
        show::number(*.0)
    )]
    HasPeople(i64),
    #[error(
        "Masih ada {} unit di bawah unit ini. Pindahkan atau tutup dahulu, atau gabungkan unit ini dengan unit lain.",
        show::number(*.0)
    )]
    HasUnits(i64),
    #[error("Tulis hari dari {} sampai {}.", show::date(*.0), show::date(*.1))]
    Day(NaiveDate, NaiveDate),
    #[error("Data unit ini diubah oleh {by} pada {at} sejak halaman ini dibuka.")]
    Stale { by: String, at: String },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

fn taken(error: sqlx::Error) -> UnitError {
    match error.as_database_error().and_then(|refusal| refusal.constraint()) {
        Some("unit_code") => UnitError::CodeTaken,
        _ => UnitError::Database(error),
    }
}

/// Whoever changes the tree comes after whoever changes it now.
pub async fn hold_tree(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select id from unit where parent_id is null for no key update")
        .fetch_one(db)
        .await?;
    Ok(())
}

/// The unit, which must be open and as it was seen.
async fn seen(db: &mut PgConnection, stands: &Standing, version: i32) -> Result<(), UnitError> {
    if stands.is_closed() {
        return Err(UnitError::Closed);
    }
    if stands.version != version {
        let last = changes(db, stands.id).await?.into_iter().next();
        let (by, at) = last.map(|last| (last.by, show::moment(last.at))).unwrap_or_default();
        return Err(UnitError::Stale { by, at });
    }
    Ok(())
}

/// What a unit is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUnit {
    pub parent: UnitId,
    /// 1 to 200 characters.
    pub name: String,
    pub code: Option<String>,
    pub valid_from: NaiveDate,
}

/// Adds a unit below another. The same form sent twice adds one; sent again with other
/// content, it is refused.
pub async fn add(
    db: &mut PgConnection,
    new: &NewUnit,
    form_key: Option<&str>,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<UnitId, UnitError> {
    hold_tree(db).await?;
    let made = sqlx::query!(
        "select id, parent_id, name, code, valid_from from unit where form_key = $1",
        form_key
    )
    .fetch_optional(&mut *db)
    .await?;
    if let Some(made) = made {
        let same = made.parent_id == Some(new.parent)
            && (made.name, made.code, made.valid_from)
                == (new.name.clone(), new.code.clone(), new.valid_from);
        return if same { Ok(made.id) } else { Err(UnitError::AlreadyMade) };
    }
    let parent = find(db, new.parent).await?;
    if parent.is_closed() {
        return Err(UnitError::TargetNotOpen);
    }
    if new.valid_from < parent.valid_from {
        return Err(UnitError::TooEarly(parent.valid_from));
    }
    let unit = sqlx::query_scalar!(
        "insert into unit (parent_id, name, code, valid_from, form_key) values ($1, $2, $3, $4, $5) returning id",
        new.parent.0,
        new.name,
        new.code,
        new.valid_from,
        form_key
    )
    .fetch_one(&mut *db)
    .await
    .map_err(taken)?;
    note(db, unit, (Field::Added, None, Some(&new.name)), by, now).await?;
    Ok(unit)
}

/// Gives a unit another name, another code, or none. What was issued before keeps its words.
pub async fn rename(
    db: &mut PgConnection,
    unit: UnitId,
    (name, code): (&str, Option<&str>),
    version: i32,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), UnitError> {
    hold_tree(db).await?;
    let stands = find(db, unit).await?;
    if (stands.name.as_str(), stands.code.as_deref()) == (name, code) {
        return Ok(());
    }
    seen(db, &stands, version).await?;
    sqlx::query!(
        "update unit set name = $2, code = $3, version = version + 1 where id = $1",
        unit.0,
        name,
        code
    )
    .execute(&mut *db)
    .await
    .map_err(taken)?;
    if stands.name != name {
        note(db, unit, (Field::Name, Some(&stands.name), Some(name)), by, now).await?;
    }
    if stands.code.as_deref() != code {
        note(db, unit, (Field::Code, stands.code.as_deref(), code), by, now).await?;
    }
    Ok(())
}

/// Refuses a place to move or merge to that is the unit itself, lies below it, or is not open.
async fn check_target(
    db: &mut PgConnection,
    unit: UnitId,
    target: UnitId,
    now: DateTime<Utc>,
) -> Result<(), UnitError> {
    let tree = tree(db).await?;
    if tree.within(unit).iter().any(|node| node.id == target) {
        return Err(UnitError::BelowItself);
    }
    match tree.find(target) {
        Some(node) if node.is_open(show::local_day(now)) => Ok(()),
        Some(_) => Err(UnitError::TargetNotOpen),
        None => Err(sqlx::Error::RowNotFound.into()),
    }
}

/// Puts a unit, with all below it, below another.
pub async fn move_below(
    db: &mut PgConnection,
    unit: UnitId,
    parent: UnitId,
    version: i32,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), UnitError> {
    hold_tree(db).await?;
    let stands = find(db, unit).await?;
    if stands.is_root() {
        return Err(UnitError::Root);
    }
    if stands.parent_id == Some(parent) {
        return Ok(());
    }
    seen(db, &stands, version).await?;
    check_target(db, unit, parent, now).await?;
    put_below(db, &stands, parent, by, now).await?;
    Ok(())
}

async fn put_below(
    db: &mut PgConnection,
    unit: &Standing,
    parent: UnitId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update unit set parent_id = $2, version = version + 1 where id = $1",
        unit.id.0,
        parent.0
    )
    .execute(&mut *db)
    .await?;
    let name = find(db, parent).await?.name;
    note(db, unit.id, (Field::Parent, unit.parent.as_deref(), Some(&name)), by, now).await
}

/// Keeps everybody from coming to the unit until the transaction ends.
async fn shut(db: &mut PgConnection, unit: UnitId) -> sqlx::Result<()> {
    sqlx::query!("select id from unit where id = $1 for update", unit.0).fetch_one(db).await?;
    Ok(())
}

/// Closes a unit that is empty, from a day that has come. A unit that has not begun is closed
/// on its first day: it never was.
pub async fn close(
    db: &mut PgConnection,
    unit: UnitId,
    day: NaiveDate,
    version: i32,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), UnitError> {
    hold_tree(db).await?;
    let stands = find(db, unit).await?;
    if stands.is_root() {
        return Err(UnitError::Root);
    }
    if stands.valid_until == Some(day) && stands.merged_into.is_none() {
        return Ok(());
    }
    seen(db, &stands, version).await?;
    shut(db, unit).await?;
    let tree = tree(db).await?;
    let people = tree.find(unit).map_or(0, |node| node.own);
    if people > 0 {
        return Err(UnitError::HasPeople(people));
    }
    let below = tree.children(unit).count();
    if below > 0 {
        return Err(UnitError::HasUnits(i64::try_from(below).unwrap_or(i64::MAX)));
    }
    let last = stands.valid_from.max(show::local_day(now));
    if !(stands.valid_from..=last).contains(&day) {
        return Err(UnitError::Day(stands.valid_from, last));
    }
    end(db, unit, day, None, by, now).await?;
    Ok(())
}

async fn end(
    db: &mut PgConnection,
    unit: UnitId,
    day: NaiveDate,
    into: Option<UnitId>,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update unit set valid_until = $2, merged_into = $3, version = version + 1 where id = $1",
        unit.0,
        day,
        into.map(|into| into.0)
    )
    .execute(&mut *db)
    .await?;
    note(db, unit, (Field::Closed, None, Some(&show::date(day))), by, now).await
}

/// What went over to the other unit.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    pub people: u64,
    pub units: usize,
}

/// Lets another unit take over the people and the open sub-units of a unit, which is closed
/// today. Roles follow with `account::merge_unit`. Nothing when it was merged so before.
pub async fn merge(
    db: &mut PgConnection,
    unit: UnitId,
    into: UnitId,
    version: i32,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<Merged>, UnitError> {
    hold_tree(db).await?;
    let stands = find(db, unit).await?;
    if stands.is_root() {
        return Err(UnitError::Root);
    }
    if stands.merged_into == Some(into) {
        return Ok(None);
    }
    seen(db, &stands, version).await?;
    check_target(db, unit, into, now).await?;
    shut(db, unit).await?;
    let people = transfer(db, unit, into, by, now).await?;
    let below: Vec<UnitId> = tree(db).await?.children(unit).map(|node| node.id).collect();
    for one in &below {
        let one = find(db, *one).await?;
        put_below(db, &one, into, by, now).await?;
    }
    let name = find(db, into).await?.name;
    note(db, unit, (Field::Merged, None, Some(&name)), by, now).await?;
    end(db, unit, stands.valid_from.max(show::local_day(now)), Some(into), by, now).await?;
    Ok(Some(Merged { people, units: below.len() }))
}
