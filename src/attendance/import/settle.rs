//! A report is taken in, thrown away, or taken back.

use crate::attendance::case::{Case, Changed, Kept, open};
use crate::{
    class::{self, Lane},
    ids::{ClassId, EvidenceId, ImportId, PersonId},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeSet;

use super::{Import, ImportError, find, hold, preview, rule::adopt};

/// Takes the report in: its evidence stands from now on, and everything that
/// follows is decided and booked, but for the one who confirms. Confirming twice
/// changes nothing more.
pub async fn confirm(
    db: &mut PgConnection,
    import: ImportId,
    seen: &str,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, ImportError> {
    let class = match hold(db, import).await {
        Err(ImportError::Confirmed) => return Ok(Vec::new()),
        held => held?.class,
    };
    open(&class::find(db, class).await?, now)?;
    if preview(db, import, by).await?.digest != seen {
        return Err(ImportError::Stale);
    }
    stand(db, import, class, by, now).await?;
    adopt(db, import, by, now).await?;
    let case = Case::load(db, class, by).await?;
    Ok(case.settle(db, &format!("impor {import} mengubah keputusan"), now).await?)
}

/// Makes evidence of the participants that count.
async fn stand(
    db: &mut PgConnection,
    import: ImportId,
    class: ClassId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
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
    .execute(db)
    .await?;
    Ok(())
}

/// Throws a preview away. Twice changes nothing more.
pub async fn discard(
    db: &mut PgConnection,
    import: ImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), ImportError> {
    match hold(db, import).await {
        Err(ImportError::Discarded) => return Ok(()),
        held => held?,
    };
    sqlx::query!(
        "update import set discarded_at = $2, discarded_by = $3 where id = $1",
        import.0,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What follows from taking a report back.
#[derive(Debug, Default)]
pub struct Undoing {
    pub changes: Vec<Changed>,
    /// Those who keep their presence until their certificates are revoked.
    pub certified: BTreeSet<PersonId>,
    /// The records of the one who takes it back, if they are left to another organiser.
    pub own: Vec<PersonId>,
}

/// What would follow from taking a report back.
pub async fn undo_preview(
    db: &mut PgConnection,
    import: ImportId,
    by: PersonId,
) -> sqlx::Result<Undoing> {
    let import = find(db, import).await?;
    let of_import: BTreeSet<EvidenceId> = sqlx::query_scalar!(
        "select e.id from evidence e join import_row r on r.id = e.import_row_id where r.import_id = $1 and e.withdrawn_at is null",
        import.id.0
    )
    .fetch_all(&mut *db)
    .await?
    .into_iter()
    .collect();
    let mut case = Case::load(db, import.class, by).await?;
    case.without(|evidence| of_import.contains(&evidence));
    case.reported = others_stand(db, &import).await?;
    let (kept, changes): (Vec<_>, Vec<_>) =
        case.changes().into_iter().partition(|change| change.kept.is_some());
    let certified = kept.iter().filter(|change| change.kept == Some(Kept::Certified));
    Ok(Undoing {
        changes,
        certified: certified.map(|change| change.person).collect(),
        own: kept
            .iter()
            .filter(|change| change.kept == Some(Kept::Own) && change.overturns())
            .map(|change| change.person)
            .collect(),
    })
}

/// Whether silence in another report of the class tells anything.
async fn others_stand(db: &mut PgConnection, import: &Import) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from import where class_id = $1 and id <> $2 and confirmed_at is not null and undo_asked_at is null) as "any!""#,
        import.class.0,
        import.id.0
    )
    .fetch_one(db)
    .await
}

/// Withdraws a report's evidence, and decides and books what follows. Those
/// whose certificates are live keep theirs and are named; once revoked, the
/// rest can be withdrawn the same way. So do those who take it back themselves,
/// until another organiser does. Withdrawing twice changes nothing more.
pub async fn undo(
    db: &mut PgConnection,
    import: ImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<Undoing> {
    let class = find(db, import).await?.class;
    class::lock(db, class).await?;
    let found = find(db, import).await?;
    if found.confirmed_at.is_none() || found.undone_at.is_some() {
        return Ok(Undoing::default());
    }
    let undoing = undo_preview(db, import, by).await?;
    let kept = undoing.certified.iter().copied().chain(undoing.own.iter().copied());
    let kept: Vec<i64> = kept.map(|person| person.0).collect();
    withdraw(db, import, &kept, by, now).await?;
    let case = Case::load(db, class, by).await?;
    let changes = case.settle(db, &format!("impor {import} dibatalkan"), now).await?;
    Ok(Undoing { changes, ..undoing })
}

/// Withdraws a report's evidence on all but those people.
async fn withdraw(
    db: &mut PgConnection,
    import: ImportId,
    but: &[i64],
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update evidence e set withdrawn_at = $2, withdrawn_by = $3
         from import_row r where r.id = e.import_row_id and r.import_id = $1
           and e.withdrawn_at is null and e.person_id <> all($4)",
        import.0,
        now,
        by.0,
        but
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update import set undo_asked_at = coalesce(undo_asked_at, $2),
           undone_at = case when $4 then $2 end, undone_by = case when $4 then $3::bigint end
         where id = $1",
        import.0,
        now,
        by.0,
        but.is_empty()
    )
    .execute(db)
    .await?;
    Ok(())
}
