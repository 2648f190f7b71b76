//! Recomputes every chain and every total, and finds the first break.

use super::Sealed;
use crate::ids::{ClassId, DecisionId, PersonId};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// What was found in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub people: i64,
    pub entries: i64,
}

/// Entries read at a time.
const PAGE: i64 = 10_000;

struct Row {
    person: PersonId,
    number: i32,
    year: i32,
    happened_on: NaiveDate,
    jp: i32,
    class: Option<ClassId>,
    decision: Option<DecisionId>,
    reverses: Option<i32>,
    note: String,
    recorded_at: DateTime<Utc>,
    recorded_by: PersonId,
    hash: Vec<u8>,
}

async fn page(db: &mut PgConnection, after: (i64, i32)) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select person_id as "person: PersonId", number, year, happened_on, jp, class_id as class,
             decision_id as decision, reverses, note, recorded_at, recorded_by as "recorded_by: PersonId", hash
         from ledger_entry where (person_id, number) > ($1, $2) order by person_id, number limit $3"#,
        after.0,
        after.1,
        PAGE
    )
    .fetch_all(db)
    .await
}

/// What is in order, or a sentence that names the first break.
pub async fn verify(db: &mut PgConnection) -> sqlx::Result<Result<Verified, String>> {
    let mut after = (0, 0);
    let mut chain: (i64, i32, Vec<u8>) = (0, 0, Vec::new());
    let mut found = Verified { people: 0, entries: 0 };
    loop {
        let rows = page(db, after).await?;
        let Some(last) = rows.last() else { break };
        after = (last.person.0, last.number);
        for row in rows {
            if row.person.0 != chain.0 {
                if let Some(problem) = wrong_end(db, &chain).await? {
                    return Ok(Err(problem));
                }
                chain = (row.person.0, 0, Vec::new());
                found.people += 1;
            }
            if row.number != chain.1 + 1 {
                return Ok(Err(format!(
                    "orang {}: catatan nomor {} hilang",
                    row.person,
                    chain.1 + 1
                )));
            }
            let sealed = Sealed {
                person: row.person,
                number: row.number,
                year: row.year,
                happened_on: row.happened_on,
                jp: row.jp,
                class: row.class,
                decision: row.decision,
                reverses: row.reverses,
                recorded_at: row.recorded_at,
                recorded_by: row.recorded_by,
                note: &row.note,
            };
            if sealed.hash(&chain.2) != row.hash {
                return Ok(Err(format!(
                    "orang {}: catatan nomor {} tidak sesuai sidiknya",
                    row.person, row.number
                )));
            }
            chain = (row.person.0, row.number, row.hash);
            found.entries += 1;
        }
    }
    if let Some(problem) = wrong_end(db, &chain).await? {
        return Ok(Err(problem));
    }
    Ok(match headless(db).await?.or(wrong_reversal(db).await?).or(wrong_total(db).await?) {
        Some(problem) => Err(problem),
        None => Ok(found),
    })
}

/// A chain that ends elsewhere than was noted.
async fn wrong_end(
    db: &mut PgConnection,
    (person, number, hash): &(i64, i32, Vec<u8>),
) -> sqlx::Result<Option<String>> {
    if *person == 0 {
        return Ok(None);
    }
    let fits = sqlx::query_scalar!(
        r#"select exists (select from ledger_head where person_id = $1 and number = $2 and hash = $3) as "fits!""#,
        person,
        number,
        hash
    )
    .fetch_one(db)
    .await?;
    Ok((!fits).then(|| {
        format!(
            "orang {person}: buku berakhir pada catatan {number}, bukan pada ujung yang disegel"
        )
    }))
}

/// A sealed end whose whole book is gone.
async fn headless(db: &mut PgConnection) -> sqlx::Result<Option<String>> {
    let person = sqlx::query_scalar!(
        "select person_id from ledger_head h where number > 0
           and not exists (select from ledger_entry e where e.person_id = h.person_id) limit 1"
    )
    .fetch_optional(db)
    .await?;
    Ok(person.map(|person| format!("orang {person}: seluruh buku hilang")))
}

/// A reversal that does not take back exactly what it names.
async fn wrong_reversal(db: &mut PgConnection) -> sqlx::Result<Option<String>> {
    let wrong = sqlx::query!(
        "select r.person_id, r.number from ledger_entry r
         join ledger_entry e on e.person_id = r.person_id and e.number = r.reverses
         where e.jp <> -r.jp or e.year <> r.year or e.class_id is distinct from r.class_id or e.number >= r.number limit 1"
    )
    .fetch_optional(db)
    .await?;
    Ok(wrong.map(|row| {
        format!(
            "orang {}: pembalikan nomor {} tidak sama dengan yang dibalik",
            row.person_id, row.number
        )
    }))
}

/// Hours of a class that differ from the decision that holds.
async fn wrong_total(db: &mut PgConnection) -> sqlx::Result<Option<String>> {
    let wrong = sqlx::query!(
        r#"with decided as (
             select distinct on (class_id, person_id) class_id, person_id, jp from decision
             order by class_id, person_id, revision desc),
           booked as (
             select class_id, person_id, sum(jp)::int as jp from ledger_entry where class_id is not null
             group by class_id, person_id)
         select coalesce(d.person_id, b.person_id) as "person!", coalesce(d.class_id, b.class_id) as "class!",
           coalesce(d.jp, 0) as "decided!", coalesce(b.jp, 0) as "booked!"
         from decided d full join booked b on b.class_id = d.class_id and b.person_id = d.person_id
         where coalesce(d.jp, 0) <> coalesce(b.jp, 0) limit 1"#
    )
    .fetch_optional(db)
    .await?;
    Ok(wrong.map(|row| {
        format!(
            "orang {}: kelas {} diputuskan {} JP, tercatat {} JP",
            row.person, row.class, row.decided, row.booked
        )
    }))
}
