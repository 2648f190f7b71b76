//! Seals: signatures over what was written since the seal before, in two chains, one over the
//! audit log and one over the ends of the ledger's books. They are made in batches, apart from
//! the writing, which never waits for them.

mod keys;
mod verify;

pub use keys::{KEY_FILES, Keys};
pub use verify::{Verified, verify};

use crate::assets::hex;
use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};

/// What is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "seal_chain", rename_all = "snake_case")]
pub enum Chain {
    Audit,
    Ledger,
}

impl Chain {
    fn code(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Ledger => "ledger",
        }
    }

    /// As people know it.
    fn label(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Ledger => "buku JP",
        }
    }
}

/// The most that comes under one seal.
const BATCH: i64 = 5_000;

/// A seal that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub number: i32,
    pub items: i32,
    pub hash: Vec<u8>,
}

/// What came of trying to seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Batch {
    Made(Made),
    /// Nothing is new.
    Empty,
    /// Another program seals that chain at the moment.
    Elsewhere,
}

/// An entry of the audit log as it is sealed: every column.
struct Entry {
    id: i64,
    at: DateTime<Utc>,
    by: Option<i64>,
    client: Option<String>,
    act: String,
    about: Option<String>,
    row_key: Option<String>,
    person_id: Option<i64>,
    unit_id: Option<i64>,
    class_id: Option<i64>,
    before: Option<String>,
    after: Option<String>,
    xid: String,
}

impl Entry {
    /// SHA-256 over a JSON list of the columns, the time in microseconds since 1970.
    fn digest(&self) -> Vec<u8> {
        let line = json!([
            self.id,
            self.at.timestamp_micros(),
            self.by,
            self.client,
            self.act,
            self.about,
            self.row_key,
            self.person_id,
            self.unit_id,
            self.class_id,
            self.before,
            self.after,
            self.xid
        ]);
        Sha256::digest(line.to_string()).to_vec()
    }
}

/// What a seal says of one thing under it: its key and its SHA-256.
fn item(key: &str, digest: &[u8]) -> String {
    format!("{key} {}", hex(digest))
}

/// SHA-256 over the hash before, what the seal says of itself, and each item.
fn hash(
    before: &[u8],
    chain: Chain,
    number: i32,
    made_at: DateTime<Utc>,
    items: &[String],
) -> Vec<u8> {
    let head = json!([chain.code(), number, made_at.timestamp_micros(), items.len()]);
    let mut hash = Sha256::new().chain_update(before).chain_update(head.to_string());
    for item in items {
        hash.update("\n");
        hash.update(item);
    }
    hash.finalize().to_vec()
}

/// Seals what was written to the audit log by transactions that have ended, from the entry after
/// `from` on, one batch at most.
///
/// The number of a late transaction may be lower than one under a seal already: what counts is
/// that an entry is under none yet.
pub async fn seal_audit(
    db: &mut PgConnection,
    keys: &Keys,
    from: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Batch> {
    if !alone(db, Chain::Audit).await? {
        return Ok(Batch::Elsewhere);
    }
    // Numbers of transactions that are yet to come are those of the server that a copy was made of.
    let entries = sqlx::query_as!(
        Entry,
        r#"select id, at, by, client, act, about, row_key, person_id, unit_id, class_id, before::text, after::text,
             xid::text as "xid!"
           from audit_entry e
           where id > $1 and not exists (select from audit_sealed s where s.entry_id = e.id)
             and (xid < pg_snapshot_xmin(pg_current_snapshot()) or xid >= pg_snapshot_xmax(pg_current_snapshot()))
           order by id limit $2"#,
        from,
        BATCH
    )
    .fetch_all(&mut *db)
    .await?;
    if entries.is_empty() {
        return Ok(Batch::Empty);
    }
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    let digests: Vec<Vec<u8>> = entries.iter().map(Entry::digest).collect();
    let items: Vec<String> =
        ids.iter().zip(&digests).map(|(id, digest)| item(&id.to_string(), digest)).collect();
    let made = append(db, keys, Chain::Audit, &items, now).await?;
    sqlx::query!(
        "insert into audit_sealed (entry_id, seal, digest)
         select id, $3, digest from unnest($1::bigint[], $2::bytea[]) l (id, digest)",
        &ids,
        &digests,
        made.number
    )
    .execute(db)
    .await?;
    Ok(Batch::Made(made))
}

/// Seals the ends of books that grew since they were sealed last, one batch at most. Those that
/// are being written to are left for the next time.
pub async fn seal_ledger(
    db: &mut PgConnection,
    keys: &Keys,
    now: DateTime<Utc>,
) -> sqlx::Result<Batch> {
    if !alone(db, Chain::Ledger).await? {
        return Ok(Batch::Elsewhere);
    }
    let heads = sqlx::query!(
        "select person_id, number, hash from ledger_head where number > sealed
         order by person_id limit $1 for no key update skip locked",
        BATCH
    )
    .fetch_all(&mut *db)
    .await?;
    if heads.is_empty() {
        return Ok(Batch::Empty);
    }
    let items: Vec<String> = heads
        .iter()
        .map(|head| item(&format!("{}/{}", head.person_id, head.number), &head.hash))
        .collect();
    let made = append(db, keys, Chain::Ledger, &items, now).await?;
    let people: Vec<i64> = heads.iter().map(|head| head.person_id).collect();
    let numbers: Vec<i32> = heads.iter().map(|head| head.number).collect();
    let hashes: Vec<Vec<u8>> = heads.into_iter().map(|head| head.hash).collect();
    sqlx::query!(
        "with sealed as (
           insert into ledger_sealed (seal, person_id, number, hash)
           select $4, person, number, hash from unnest($1::bigint[], $2::int[], $3::bytea[]) l (person, number, hash)
           returning person_id, number)
         update ledger_head h set sealed = s.number from sealed s where h.person_id = s.person_id",
        &people,
        &numbers,
        &hashes,
        made.number
    )
    .execute(db)
    .await?;
    Ok(Batch::Made(made))
}

/// Whether nobody else seals that chain at the moment.
async fn alone(db: &mut PgConnection, chain: Chain) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtext('smartclass seal'), hashtext($1)) as "alone!""#,
        chain.code()
    )
    .fetch_one(db)
    .await
}

async fn append(
    db: &mut PgConnection,
    keys: &Keys,
    chain: Chain,
    items: &[String],
    now: DateTime<Utc>,
) -> sqlx::Result<Made> {
    let last = sqlx::query!(
        "select number, hash from seal where chain = $1 order by number desc limit 1",
        chain as Chain
    )
    .fetch_optional(&mut *db)
    .await?;
    let (number, before) = last.map_or((1, Vec::new()), |last| (last.number + 1, last.hash));
    let hash = hash(&before, chain, number, now, items);
    let count = i32::try_from(items.len()).unwrap_or(i32::MAX);
    sqlx::query!(
        "insert into seal_key (public, made_at) values ($1, $2) on conflict do nothing",
        keys.public(),
        now
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into seal (chain, number, made_at, items, hash, signature, key_id)
         select $1, $2, $3, $4, $5, $6, id from seal_key where public = $7",
        chain as Chain,
        number,
        now,
        count,
        &hash,
        keys.sign(&hash),
        keys.public()
    )
    .execute(db)
    .await?;
    Ok(Made { number, items: count, hash })
}

/// Seals from time to time, and knows from where on to look.
pub struct Sealer {
    keys: Keys,
    /// Every entry up to this one is under a seal, or will never be there.
    settled: i64,
    /// The last number that was given to an entry, and a transaction that began after that: when
    /// all before it have ended, so have all that hold a number up to there.
    given: Option<(i64, i64)>,
}

impl Sealer {
    pub fn new(keys: Keys) -> Self {
        Self { keys, settled: 0, given: None }
    }

    /// Seals all that can be. Says how many seals were made.
    pub async fn run(&mut self, pool: &PgPool, now: DateTime<Utc>) -> anyhow::Result<u32> {
        let settled = self.settles(&mut *pool.acquire().await?).await?;
        let mut seals = 0;
        for chain in [Chain::Audit, Chain::Ledger] {
            loop {
                let mut tx = pool.begin().await?;
                let made = match chain {
                    Chain::Audit => seal_audit(&mut tx, &self.keys, self.settled, now).await?,
                    Chain::Ledger => seal_ledger(&mut tx, &self.keys, now).await?,
                };
                let made = match made {
                    Batch::Made(made) => made,
                    Batch::Empty => break,
                    // Whether all of it is sealed in the end is not known here.
                    Batch::Elsewhere => return Ok(seals),
                };
                let known = sqlx::query_scalar!("select public from seal_key").fetch_all(&mut *tx);
                let known = known.await?;
                tx.commit().await?;
                self.keys.remember(chain, made.number, &made.hash, &known)?;
                seals += 1;
            }
        }
        self.settled = settled;
        Ok(seals)
    }

    /// What will be settled when all that can be sealed now is.
    async fn settles(&mut self, db: &mut PgConnection) -> sqlx::Result<i64> {
        // In this order: a transaction has its number before its entries have theirs.
        let given = sqlx::query_scalar!(r#"select case when is_called then last_value else 0 end as "last!" from audit_entry_id_seq"#)
            .fetch_one(&mut *db)
            .await?;
        // A number of our own: the end of a snapshot is no bound, transactions may run beyond it.
        let snapshot = sqlx::query!(
            r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "all_ended!",
                 pg_current_xact_id()::text::bigint as "next!""#
        )
        .fetch_one(db)
        .await?;
        match self.given {
            Some((before, next)) if next <= snapshot.all_ended => {
                self.given = Some((given, snapshot.next));
                Ok(before)
            }
            None => {
                self.given = Some((given, snapshot.next));
                Ok(self.settled)
            }
            Some(_) => Ok(self.settled),
        }
    }
}
