//! Taking a recorded list back.

use super::import::StaffError;
use crate::{
    ids::{PersonId, StaffImportId},
    people::Field,
};
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

async fn restore(
    db: &mut PgConnection,
    import: StaffImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let fields = sqlx::query!(
        r#"select person_id as "person!", field as "field!: Field", before, after, before_unit
         from staff_import_change($1) where stands"#,
        import.0
    )
    .fetch_all(&mut *db)
    .await?;
    let column = |one: Field| -> (Vec<i64>, Vec<Option<String>>) {
        let changes = fields.iter().filter(|change| change.field == one);
        changes.map(|change| (change.person, change.before.clone())).unzip()
    };
    let (names, name) = column(Field::Name);
    let (emails, email) = column(Field::Email);
    let (positions, position) = column(Field::Position);
    let (ranks, rank) = column(Field::Rank);
    let units: Vec<(i64, i64)> =
        fields.iter().filter_map(|change| Some((change.person, change.before_unit?))).collect();
    let (moved, from): (Vec<i64>, Vec<i64>) = units.into_iter().unzip();
    let people: Vec<i64> = fields.iter().map(|change| change.person).collect();
    sqlx::query!(
        r#"update person p set
             name = coalesce(n.text, p.name), unit_id = coalesce(u.unit, p.unit_id),
             email = case when e.id is null then p.email else e.text end,
             position = case when o.id is null then p.position else o.text end,
             rank = case when r.id is null then p.rank else r.text end,
             version = version + 1
           from (select distinct id from unnest($1::bigint[]) id) l
           left join unnest($2::bigint[], $3::text[]) as n (id, text) on n.id = l.id
           left join unnest($4::bigint[], $5::text[]) as e (id, text) on e.id = l.id
           left join unnest($6::bigint[], $7::text[]) as o (id, text) on o.id = l.id
           left join unnest($8::bigint[], $9::text[]) as r (id, text) on r.id = l.id
           left join unnest($10::bigint[], $11::bigint[]) as u (id, unit) on u.id = l.id
           where p.id = l.id"#,
        &people,
        &names,
        &name as &[Option<String>],
        &emails,
        &email as &[Option<String>],
        &positions,
        &position as &[Option<String>],
        &ranks,
        &rank as &[Option<String>],
        &moved,
        &from
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"insert into person_change (person_id, field, before, after, at, by)
         select person_id, field, after, before, $2, $3
         from unnest($1::bigint[], $4::person_field[], $5::text[], $6::text[]) as l (person_id, field, before, after)"#,
        &people,
        now,
        by.0,
        &fields.iter().map(|change| change.field).collect::<Vec<_>>() as &[Field],
        &fields.iter().map(|change| change.before.clone()).collect::<Vec<_>>() as &[Option<String>],
        &fields.iter().map(|change| change.after.clone()).collect::<Vec<_>>() as &[Option<String>]
    )
    .execute(db)
    .await?;
    Ok(())
}
