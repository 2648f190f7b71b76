//! A report is taken in, thrown away, or taken back.

use crate::attendance::case::{Case, Changed};
use crate::{
    class::{self, Lane},
    ids::{ImportId, PersonId},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeSet;

use super::{Import, find, preview};

/// Why a report was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    #[error("Data berubah sejak pratinjau ini dibuka. Periksa lagi, lalu catat.")]
    Stale,
    #[error("Impor ini sudah dibuang.")]
    Discarded,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Takes the report in: its evidence stands from now on, and everything that
/// follows is decided and booked. Confirming twice changes nothing more.
pub async fn confirm(
    db: &mut PgConnection,
    import: ImportId,
    seen: &str,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, ConfirmError> {
    let class = find(db, import).await?.class;
    class::lock(db, class).await?;
    let preview = preview(db, import).await?;
    if preview.import.confirmed_at.is_some() {
        return Ok(Vec::new());
    }
    if preview.import.discarded_at.is_some() {
        return Err(ConfirmError::Discarded);
    }
    if preview.digest != seen {
        return Err(ConfirmError::Stale);
    }
    sqlx::query!(
        "insert into evidence (class_id, person_id, lane, kind, import_row_id, joined, departed, total_seconds, recorded_at, recorded_by)
         select $2, r.person_id, $3, 'zoom_report', r.id, r.joined, r.departed, r.total_seconds, $4, $5
         from import_row r
         where r.import_id = $1 and r.person_id is not null and not r.ignored
           and (r.walk_in or exists (select from enrolment e
             where e.class_id = $2 and e.person_id = r.person_id and e.state = 'active'))",
        import.0,
        class.0,
        Lane::Zoom as Lane,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update import set confirmed_at = $2, confirmed_by = $3 where id = $1",
        import.0,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    let case = Case::load(db, class).await?;
    Ok(case.settle(db, &format!("impor {import} mengubah keputusan"), by, now).await?)
}

/// Throws a preview away.
pub async fn discard(
    db: &mut PgConnection,
    import: ImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update import set discarded_at = $2, discarded_by = $3
         where id = $1 and confirmed_at is null and discarded_at is null",
        import.0,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The case as it would be without a report, and whose evidence must stay.
async fn without(
    db: &mut PgConnection,
    import: &Import,
) -> sqlx::Result<(Case, BTreeSet<PersonId>)> {
    let of_import = sqlx::query_scalar!(
        "select e.id from evidence e join import_row r on r.id = e.import_row_id where r.import_id = $1 and e.withdrawn_at is null",
        import.id.0
    )
    .fetch_all(&mut *db)
    .await?;
    let of_import: BTreeSet<_> = of_import.into_iter().collect();
    let mut case = Case::load(db, import.class).await?;
    case.without(|_, evidence| of_import.contains(&evidence));
    let blocked = case
        .changes()
        .into_iter()
        .filter(|change| change.blocked)
        .map(|change| change.person)
        .collect();
    Ok((case, blocked))
}

/// What would follow from withdrawing a report: the changes, and the people
/// who keep their presence until their certificates are revoked.
pub async fn undo_preview(
    db: &mut PgConnection,
    import: ImportId,
) -> sqlx::Result<(Vec<Changed>, BTreeSet<PersonId>)> {
    let import = find(db, import).await?;
    let others = sqlx::query_scalar!(
        r#"select exists (select from import where class_id = $1 and id <> $2 and confirmed_at is not null and undone_at is null) as "any!""#,
        import.class.0,
        import.id.0
    )
    .fetch_one(&mut *db)
    .await?;
    let (mut case, blocked) = without(db, &import).await?;
    case.reported = others || !blocked.is_empty();
    let changes = case.changes().into_iter().filter(|change| !change.blocked).collect();
    Ok((changes, blocked))
}

/// Withdraws a report's evidence, and decides and books what follows. Those
/// whose certificates are live keep theirs and are named; once revoked, the
/// rest can be withdrawn the same way. Withdrawing twice changes nothing more.
pub async fn undo(
    db: &mut PgConnection,
    import: ImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<(Vec<Changed>, BTreeSet<PersonId>)> {
    let class = find(db, import).await?.class;
    class::lock(db, class).await?;
    let import = find(db, import).await?;
    if import.confirmed_at.is_none() || import.undone_at.is_some() {
        return Ok((Vec::new(), BTreeSet::new()));
    }
    let (_, blocked) = without(db, &import).await?;
    let kept: Vec<i64> = blocked.iter().map(|person| person.0).collect();
    sqlx::query!(
        "update evidence e set withdrawn_at = $2, withdrawn_by = $3
         from import_row r where r.id = e.import_row_id and r.import_id = $1
           and e.withdrawn_at is null and e.person_id <> all($4)",
        import.id.0,
        now,
        by.0,
        &kept
    )
    .execute(&mut *db)
    .await?;
    if blocked.is_empty() {
        sqlx::query!(
            "update import set undone_at = $2, undone_by = $3 where id = $1",
            import.id.0,
            now,
            by.0
        )
        .execute(&mut *db)
        .await?;
    }
    let case = Case::load(db, class).await?;
    let changes = case.settle(db, &format!("impor {} dibatalkan", import.id), by, now).await?;
    Ok((changes, blocked))
}
