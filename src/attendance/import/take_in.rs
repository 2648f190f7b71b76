//! A file is read against its class and stored; nothing is decided yet.

use crate::attendance::{
    Match,
    case::{array, open},
    matching::{Candidate, Found, match_all, nips_in},
    read::{Upload, expected},
    report::{self, Expected, Report},
};
use crate::{
    class::{self},
    ids::{ClassId, ImportId, PersonId},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{ImportError, counted, find, hold};

/// Stores what was read as a preview; nothing is decided yet.
pub async fn upload(
    db: &mut PgConnection,
    class: ClassId,
    upload: &Upload,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<ImportId, ImportError> {
    let report = &upload.report;
    let found = matched(db, class, report).await?;
    class::lock(db, class).await?;
    open(&class::find(db, class).await?, now)?;
    let content = upload.content_sha256();
    let same = sqlx::query_scalar!(
        "select id from import where class_id = $1 and content_sha256 = $2 and discarded_at is null and undone_at is null",
        class.0,
        content
    )
    .fetch_optional(&mut *db)
    .await?;
    if let Some(import) = same {
        return Err(ImportError::Same(import));
    }
    let import = sqlx::query_scalar!(
        "insert into import (class_id, file_name, file, file_sha256, content_sha256, format, date_order, date_order_why,
           zone, zone_why, skipped, uploaded_at, uploaded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id",
        class.0,
        upload.file_name,
        upload.bytes,
        upload.file_sha256(),
        content,
        format!("{:?}", report.format),
        report.date_order.map(report::DateOrder::describe),
        report.order_why(),
        report.zone.name(),
        report.zone_reason.describe(),
        serde_json::to_value(&report.skipped).unwrap_or_default(),
        now,
        by.0
    )
    .fetch_one(&mut *db)
    .await?;
    store_rows(db, import, report, &found).await?;
    Ok(import)
}

/// The file of a report, and what the report must agree with: to be read again.
pub async fn stored(db: &mut PgConnection, import: ImportId) -> sqlx::Result<(Vec<u8>, Expected)> {
    let class = counted(db, import).await?;
    let file = sqlx::query_scalar!("select file from import where id = $1", import.0)
        .fetch_one(db)
        .await?;
    Ok((file, expected(&class)))
}

/// Takes what was read in the same file another way; choices start over.
pub async fn reread(
    db: &mut PgConnection,
    import: ImportId,
    report: &Report,
) -> Result<(), ImportError> {
    let class = find(db, import).await?.class;
    let found = matched(db, class, report).await?;
    hold(db, import).await?;
    sqlx::query!(
        "update import set date_order = $2, date_order_why = $3, zone = $4, zone_why = $5, skipped = $6 where id = $1",
        import.0,
        report.date_order.map(report::DateOrder::describe),
        report.order_why(),
        report.zone.name(),
        report.zone_reason.describe(),
        serde_json::to_value(&report.skipped).unwrap_or_default()
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("delete from import_row where import_id = $1", import.0).execute(&mut *db).await?;
    Ok(store_rows(db, import, report, &found).await?)
}

/// Who the participants are, found out before the class is locked and away from the threads that
/// serve pages. What changes until then is seen in the preview.
async fn matched(
    db: &mut PgConnection,
    class: ClassId,
    report: &Report,
) -> Result<Vec<Found>, ImportError> {
    let people = candidates(db, class, report).await?;
    let participants = report.participants.clone();
    Ok(tokio::task::spawn_blocking(move || match_all(&participants, &people)).await?)
}

async fn store_rows(
    db: &mut PgConnection,
    import: ImportId,
    report: &Report,
    found: &[Found],
) -> sqlx::Result<()> {
    let all = &report.participants;
    let times = |of: fn(&report::Span) -> DateTime<Utc>| -> Vec<String> {
        all.iter().map(|one| array(one.segments.iter().map(|span| of(span).to_rfc3339()))).collect()
    };
    let names: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
    let originals: Vec<Option<String>> = all.iter().map(|one| one.original_name.clone()).collect();
    let emails: Vec<Option<String>> = all.iter().map(|one| one.email.clone()).collect();
    let registrants: Vec<Option<String>> =
        all.iter().map(|one| one.registrant_id.clone()).collect();
    let totals: Vec<Option<i32>> =
        all.iter().map(|one| one.total_seconds.and_then(|t| i32::try_from(t).ok())).collect();
    let matched: Vec<Match> = found.iter().map(|one| one.matched).collect();
    let persons: Vec<Option<i64>> =
        found.iter().map(|one| one.person.map(|person| person.0)).collect();
    let offered: Vec<String> =
        found.iter().map(|one| array(one.candidates.iter().map(|person| person.0))).collect();
    sqlx::query!(
        "insert into import_row (import_id, name, original_name, email, registrant_id, joined, departed, total_seconds,
           matched, person_id, candidates)
         select $1, name, original, email, registrant, joined::timestamptz[], departed::timestamptz[], total, matched,
           person, offered::bigint[]
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::match_kind[],
           $10::bigint[], $11::text[])
           n (name, original, email, registrant, joined, departed, total, matched, person, offered)",
        import.0,
        &names,
        &originals as &[Option<String>],
        &emails as &[Option<String>],
        &registrants as &[Option<String>],
        &times(|span| span.from),
        &times(|span| span.to),
        &totals as &[Option<i32>],
        &matched as &[Match],
        &persons as &[Option<i64>],
        &offered
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Those who enrolled, and whoever is known by an address or a NIP in the report.
async fn candidates(
    db: &mut PgConnection,
    class: ClassId,
    report: &Report,
) -> sqlx::Result<Vec<Candidate>> {
    let emails: Vec<String> =
        report.participants.iter().filter_map(|one| one.email.clone()).collect();
    let names = report
        .participants
        .iter()
        .flat_map(|one| std::iter::once(&one.name).chain(&one.original_name));
    let nips: Vec<String> = names.flat_map(|name| nips_in(name)).collect();
    let rows = sqlx::query!(
        r#"with mentioned as (
             select r.person_id from enrolment e join person_record r on r.record_id = e.person_id
             where e.class_id = $1 and e.state <> 'withdrawn'
             union
             select coalesce(merged_into, id) from person where lower(email) = any($2)
             union
             select r.person_id from person_nip n join person_record r on r.record_id = n.person_id
             where n.nip = any($3))
           select coalesce(e.record, p.id) as "id!: PersonId", p.name, e.record is not null as "enrolled!",
             array(select lower(o.email) from person o
               where coalesce(o.merged_into, o.id) = p.id and o.email is not null) as "emails!",
             array(select n.nip from person_nip n join person_record r on r.record_id = n.person_id
               where r.person_id = p.id) as "nips!"
           from mentioned m join person p on p.id = m.person_id
           left join lateral (select e.person_id as record from person_record r
             join enrolment e on e.person_id = r.record_id and e.class_id = $1 and e.state <> 'withdrawn'
             where r.person_id = p.id limit 1) e on true"#,
        class.0,
        &emails,
        &nips
    )
    .fetch_all(db)
    .await?;
    let candidate = rows.into_iter().map(|row| Candidate {
        person: row.id,
        name: row.name,
        emails: row.emails,
        nips: row.nips,
        enrolled: row.enrolled,
    });
    Ok(candidate.collect())
}
