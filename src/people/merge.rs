//! One human being who was recorded twice reads as one. No row moves, so that it can be undone:
//! readers go by `person_record`.

use super::{Field, Record, find};
use crate::ids::PersonId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Why two records do not become one.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    #[error("Pilih dua catatan yang berbeda.")]
    Same,
    #[error("Anda tidak dapat menggabungkan catatan Anda sendiri. Minta administrator lain.")]
    Own,
    #[error("Salah satu catatan ini sudah digabungkan. Pisahkan dahulu, lalu gabungkan lagi.")]
    Merged,
    #[error("Catatan yang digabungkan masih memegang peran. Cabut perannya dahulu.")]
    HasRoles,
    #[error(
        "Kedua catatan punya tempat atau JP di kelas yang sama: {}. Batalkan salah satunya dahulu.",
        .0.join("; ")
    )]
    SharedClasses(Vec<String>),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The records that read as this person's beside their own, by name.
pub async fn merged(
    db: &mut PgConnection,
    person: PersonId,
) -> sqlx::Result<Vec<(PersonId, String, String)>> {
    let rows = sqlx::query!(
        r#"select p.id as "id: PersonId", p.name, n.nip from person p
         join person_nip n on n.person_id = p.id and n.ended_at is null
         where p.merged_into = $1 order by p.name, p.id"#,
        person.0
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name, row.nip)).collect())
}

/// All records that read as the person's, their own first.
pub async fn records(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<PersonId>> {
    sqlx::query_scalar!(
        r#"select record_id as "id!: PersonId" from person_record where person_id = $1
         order by record_id <> $1, record_id"#,
        person.0
    )
    .fetch_all(db)
    .await
}

/// As whom the record reads: the person itself unless it was merged.
pub async fn owner(db: &mut PgConnection, record: PersonId) -> sqlx::Result<PersonId> {
    sqlx::query_scalar!(
        r#"select person_id as "id!: PersonId" from person_record where record_id = $1"#,
        record.0
    )
    .fetch_one(db)
    .await
}

/// Whether the two may become one, and if not, why. Both are locked against anything that would
/// refer to them.
pub async fn may_merge(
    db: &mut PgConnection,
    record: PersonId,
    into: PersonId,
    by: PersonId,
) -> Result<(Record, Record), MergeError> {
    if record == into {
        return Err(MergeError::Same);
    }
    if by == record || by == into {
        return Err(MergeError::Own);
    }
    sqlx::query!(
        "select id from person where id = any($1) order by id for update",
        &[record.0, into.0]
    )
    .fetch_all(&mut *db)
    .await?;
    let (one, other) = (find(db, record).await?, find(db, into).await?);
    let taken_in = sqlx::query_scalar!(
        r#"select exists (select from person where merged_into = $1) as "is!""#,
        record.0
    )
    .fetch_one(&mut *db)
    .await?;
    if taken_in || one.merged_into.is_some() || other.merged_into.is_some() {
        return Err(MergeError::Merged);
    }
    let roles = sqlx::query_scalar!(
        r#"select exists (select from role_grant where person_id = $1 and revoked_at is null) as "has!""#,
        record.0
    )
    .fetch_one(&mut *db)
    .await?;
    if roles {
        return Err(MergeError::HasRoles);
    }
    let shared = sqlx::query_scalar!(
        r#"select distinct title as "title!" from person_record r, lateral shared_class($1, r.record_id)
         where r.person_id = $2 order by 1"#,
        record.0,
        into.0
    )
    .fetch_all(db)
    .await?;
    if shared.is_empty() { Ok((one, other)) } else { Err(MergeError::SharedClasses(shared)) }
}

/// From now on the record reads as that person: hours, certificates and enrolments of both are
/// one person's, who signs in with either NIP and the password of the record that stays.
pub async fn merge(
    db: &mut PgConnection,
    record: PersonId,
    into: PersonId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), MergeError> {
    let (one, other) = may_merge(db, record, into, by).await?;
    set(db, &one, Some(into)).await?;
    note(db, &one, None, Some(&other), by, now).await?;
    Ok(note(db, &other, None, Some(&one), by, now).await?)
}

/// The record reads for itself again. Once is as good as twice.
pub async fn separate(
    db: &mut PgConnection,
    record: PersonId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), MergeError> {
    super::lock(db, record).await?;
    let one = find(db, record).await?;
    let Some(into) = one.merged_into else { return Ok(()) };
    if by == record || by == into {
        return Err(MergeError::Own);
    }
    let other = find(db, into).await?;
    set(db, &one, None).await?;
    note(db, &one, Some(&other), None, by, now).await?;
    Ok(note(db, &other, Some(&one), None, by, now).await?)
}

async fn set(db: &mut PgConnection, record: &Record, into: Option<PersonId>) -> sqlx::Result<()> {
    sqlx::query!(
        "update person set merged_into = $2, version = version + 1 where id = $1",
        record.id.0,
        into.map(|into| into.0)
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn note(
    db: &mut PgConnection,
    of: &Record,
    before: Option<&Record>,
    after: Option<&Record>,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let words = |record: &Record| format!("{} ({})", record.name, record.nip);
    sqlx::query!(
        "insert into person_change (person_id, field, before, after, at, by) values ($1, $2, $3, $4, $5, $6)",
        of.id.0,
        Field::Merged as Field,
        before.map(words),
        after.map(words),
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}
