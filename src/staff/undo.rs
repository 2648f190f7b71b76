//! Taking a recorded list back.

use super::{import::StaffError, importer::Importer};
use crate::ids::{PersonId, StaffImportId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What taking a list back does, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// People whom the list brought and of whom nothing else is known: they are removed.
    pub removed: i64,
    /// People whom the list brought and who stay, since they did something by now or left the
    /// reach.
    pub staying: i64,
    /// Fields that read again as before.
    pub restored: i64,
    /// Fields that somebody changed since, or whose people the importer may not change: they stay.
    pub overtaken: i64,
}

/// What taking the list back would do now.
pub async fn undoable(
    db: &mut PgConnection,
    import: StaffImportId,
    importer: &Importer,
) -> sqlx::Result<Undo> {
    let units = importer.units();
    let people = sqlx::query!(
        r#"select count(*) filter (where goes) as "removed!", count(*) filter (where not goes) as "staying!"
         from (select used.person_id is null and ($2::bigint[] is null or p.unit_id = any($2)) as goes
           from person p left join person_in_use used on used.person_id = p.id
           where p.staff_import_id = $1) brought"#,
        import.0,
        units.as_deref()
    )
    .fetch_one(&mut *db)
    .await?;
    let fields = sqlx::query!(
        r#"select count(*) filter (where stands) as "restored!", count(*) filter (where not stands) as "overtaken!"
         from staff_import_change($1, $2)"#,
        import.0,
        units.as_deref()
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
/// every field that still reads as the list has it read as before. What lies beyond the importer's
/// reach by now stays.
pub async fn undo(
    db: &mut PgConnection,
    import: StaffImportId,
    importer: &Importer,
    now: DateTime<Utc>,
) -> Result<Undo, StaffError> {
    super::find(db, import, importer).await?;
    let (by, units) = (importer.person, importer.units());
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
    importer.hold_changed(db, import).await?;
    let what = undoable(db, import, importer).await?;
    restore(db, import, units.as_deref(), by, now).await?;
    sqlx::query!(
        "with gone as (
             select p.id from person p left join person_in_use used on used.person_id = p.id
             where p.staff_import_id = $1 and used.person_id is null
               and ($2::bigint[] is null or p.unit_id = any($2))),
           numbers as (delete from person_nip where person_id in (select id from gone))
         delete from person where id in (select id from gone)",
        import.0,
        units.as_deref()
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
    units: Option<&[i64]>,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        // An address stays known as set by whoever set it first: undoing does not vouch for it.
        r#"with standing_change as materialized (select * from staff_import_change($1, $4) where stands),
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
         select s.person_id, s.field, s.after, s.before, $2, case when s.field = 'email' then s.before_by else $3 end
         from standing_change s"#,
        import.0,
        now,
        by.0,
        units
    )
    .execute(db)
    .await?;
    Ok(())
}
