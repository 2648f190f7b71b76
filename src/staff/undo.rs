//! Taking a recorded list back.

use super::import::StaffError;
use crate::ids::{PersonId, StaffImportId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What taking a list back does, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// People whom the list brought and of whom nothing else is known: they are removed.
    pub removed: i64,
    /// People whom the list brought and who stay, since they did something by now.
    pub staying: i64,
    /// Fields that read again as before.
    pub restored: i64,
    /// Fields that somebody changed since: they stay.
    pub overtaken: i64,
}

/// What taking the list back would do now.
pub async fn undoable(db: &mut PgConnection, import: StaffImportId) -> sqlx::Result<Undo> {
    let people = sqlx::query!(
        r#"select count(*) filter (where used.person_id is null) as "removed!", count(used.person_id) as "staying!"
         from person p left join person_in_use used on used.person_id = p.id
         where p.staff_import_id = $1"#,
        import.0
    )
    .fetch_one(&mut *db)
    .await?;
    let fields = sqlx::query!(
        r#"select count(*) filter (where stands) as "restored!", count(*) filter (where not stands) as "overtaken!"
         from staff_import_change($1)"#,
        import.0
    )
    .fetch_one(db)
    .await?;
    Ok(Undo {
        removed: people.removed,
        staying: people.staying,
        restored: fields.restored,
        overtaken: fields.overtaken,
    })
}

/// Takes a recorded list back, once: removes whom it brought and who did nothing since, and lets
/// every field that still reads as the list has it read as before.
pub async fn undo(
    db: &mut PgConnection,
    import: StaffImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Undo, StaffError> {
    let taken = sqlx::query!(
        "update staff_import set undone_at = $2, undone_by = $3 where id = $1 and confirmed_at is not null and undone_at is null",
        import.0,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    if taken.rows_affected() == 0 {
        return Err(StaffError::Over);
    }
    super::lock(db).await?;
    let what = undoable(db, import).await?;
    restore(db, import, by, now).await?;
    sqlx::query!(
        "with gone as (
             select p.id from person p left join person_in_use used on used.person_id = p.id
             where p.staff_import_id = $1 and used.person_id is null),
           numbers as (delete from person_nip where person_id in (select id from gone))
         delete from person where id in (select id from gone)",
        import.0
    )
    .execute(db)
    .await?;
    Ok(what)
}

/// Lets every field that still reads as the list has it read as before, and keeps that in the
/// history as well.
async fn restore(
    db: &mut PgConnection,
    import: StaffImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"with standing_change as materialized (select * from staff_import_change($1) where stands),
           was as (
             select person_id, jsonb_object_agg(field, before) as fields, max(before_unit) as unit
             from standing_change group by person_id),
           restored as (
             update person p set
               name = coalesce(fields->>'name', name),
               unit_id = coalesce(was.unit, unit_id),
               email = case when fields ? 'email' then fields->>'email' else email end,
               position = case when fields ? 'position' then fields->>'position' else position end,
               rank = case when fields ? 'rank' then fields->>'rank' else rank end,
               phone = case when fields ? 'phone' then fields->>'phone' else phone end,
               position_kind = case when fields ? 'position_kind'
                 then (fields->>'position_kind')::position_kind else position_kind end,
               standing = coalesce((fields->>'standing')::standing, standing),
               standing_since = case when fields ? 'standing_since'
                 then (fields->>'standing_since')::date else standing_since end,
               version = version + 1
             from was where p.id = was.person_id)
         insert into person_change (person_id, field, before, after, at, by)
         select person_id, field, after, before, $2, $3 from standing_change"#,
        import.0,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}
