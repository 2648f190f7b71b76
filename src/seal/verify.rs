//! Recomputes every seal and finds the first break.

use super::{Chain, Entry, hash, item, keys::Memory};
use crate::assets::hex;
use chrono::{DateTime, Utc};
use ring::signature::{ED25519, UnparsedPublicKey};
use sqlx::PgConnection;
use std::{collections::BTreeMap, path::Path};

/// What was found in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub seals: i64,
    /// Entries of the audit log, and how many of them no seal covers yet.
    pub entries: i64,
    pub unsealed: i64,
}

struct Seal {
    number: i32,
    made_at: DateTime<Utc>,
    items: i32,
    hash: Vec<u8>,
    key_id: i32,
    signature: Vec<u8>,
}

/// Things read at a time, unless one seal covers more.
const PAGE: i32 = 10_000;

/// A sentence that names the first break.
type Found<T> = anyhow::Result<Result<T, String>>;

macro_rules! in_order {
    ($found:expr) => {
        match $found {
            Ok(found) => found,
            Err(problem) => return Ok(Err(problem)),
        }
    };
}

/// What is in order, or a sentence that names the first break. The folder is the one with the
/// keys: what it remembers is held against the database.
pub async fn verify(db: &mut PgConnection, folder: &Path) -> Found<Verified> {
    let memory = Memory::read(folder)?;
    let mut seals = 0;
    for chain in [Chain::Audit, Chain::Ledger] {
        seals += in_order!(verify_chain(db, chain, memory.as_ref()).await?);
    }
    let counted = sqlx::query!(
        r#"select (select count(*) from audit_entry) as "entries!", (select count(*) from audit_sealed) as "sealed!""#
    )
    .fetch_one(db)
    .await?;
    let unsealed = counted.entries - counted.sealed;
    Ok(Ok(Verified { seals, entries: counted.entries, unsealed }))
}

async fn verify_chain(db: &mut PgConnection, chain: Chain, memory: Option<&Memory>) -> Found<i64> {
    let label = chain.label();
    let keys = keys(db).await?;
    let last = memory.and_then(|memory| memory.last.get(chain.code()));
    let (mut number, mut before) = (0, Vec::new());
    loop {
        let seals = page(db, chain, number).await?;
        let Some(end) = seals.last().map(|seal| seal.number) else { break };
        let mut items = in_order!(items(db, chain, number + 1, end).await?);
        for seal in seals {
            if seal.number != number + 1 {
                return Ok(Err(format!("segel {label} nomor {} hilang", number + 1)));
            }
            number = seal.number;
            let own = items.remove(&number).unwrap_or_default();
            if hash(&before, chain, number, seal.made_at, &own) != seal.hash {
                return Ok(Err(format!("isi segel {label} nomor {number} tidak sesuai sidiknya")));
            }
            in_order!(signed(&seal, &keys, memory, label));
            if last.is_some_and(|last| last.number == number && last.hash != hex(&seal.hash)) {
                return Ok(Err(format!(
                    "segel {label} nomor {number} bukan yang dibuat di sini: seluruh rantainya ditulis ulang"
                )));
            }
            before = seal.hash;
        }
    }
    if let Some(last) = last.filter(|last| last.number > number) {
        return Ok(Err(format!("segel {label} nomor {} hilang dari ujung rantai", last.number)));
    }
    match beyond(db, chain, number).await? {
        Some(beyond) => Ok(Err(format!("segel {label} nomor {beyond} hilang dari ujung rantai"))),
        None => Ok(Ok(number.into())),
    }
}

/// The public half of each key.
async fn keys(db: &mut PgConnection) -> sqlx::Result<BTreeMap<i32, Vec<u8>>> {
    let keys = sqlx::query!("select id, public from seal_key").fetch_all(db).await?;
    Ok(keys.into_iter().map(|key| (key.id, key.public)).collect())
}

fn signed(
    seal: &Seal,
    keys: &BTreeMap<i32, Vec<u8>>,
    memory: Option<&Memory>,
    label: &str,
) -> Result<(), String> {
    let number = seal.number;
    let public = keys.get(&seal.key_id).map(Vec::as_slice).unwrap_or_default();
    if UnparsedPublicKey::new(&ED25519, public).verify(&seal.hash, &seal.signature).is_err() {
        return Err(format!(
            "tanda tangan segel {label} nomor {number} tidak cocok dengan kuncinya"
        ));
    }
    if memory.is_some_and(|memory| !memory.keys.contains(&hex(public))) {
        return Err(format!(
            "segel {label} nomor {number} ditandatangani dengan kunci yang tidak dikenal di sini"
        ));
    }
    Ok(())
}

/// The next seals, as many as fit a page.
async fn page(db: &mut PgConnection, chain: Chain, after: i32) -> sqlx::Result<Vec<Seal>> {
    let mut seals = sqlx::query_as!(
        Seal,
        "select number, made_at, items, hash, key_id, signature from seal
         where chain = $1 and number > $2 order by number limit 1000",
        chain as Chain,
        after
    )
    .fetch_all(db)
    .await?;
    let mut items = 0;
    let fit = seals.iter().take_while(|seal| {
        items += seal.items;
        items <= PAGE
    });
    let fit = fit.count().max(1);
    seals.truncate(fit);
    Ok(seals)
}

type Items = BTreeMap<i32, Vec<String>>;

/// What each of those seals covers, once it is what was sealed.
async fn items(db: &mut PgConnection, chain: Chain, from: i32, to: i32) -> Found<Items> {
    match chain {
        Chain::Audit => entries(db, from, to).await,
        Chain::Ledger => heads(db, from, to).await,
    }
}

async fn entries(db: &mut PgConnection, from: i32, to: i32) -> Found<Items> {
    let marks = sqlx::query!(
        "select entry_id, seal, digest from audit_sealed where seal between $1 and $2 order by seal, entry_id",
        from,
        to
    )
    .fetch_all(&mut *db)
    .await?;
    let ids: Vec<i64> = marks.iter().map(|mark| mark.entry_id).collect();
    let stand = sqlx::query_as!(
        Entry,
        r#"select id, at, by, client, act, about, row_key, person_id, unit_id, class_id, before::text, after::text,
             xid::text as "xid!" from audit_entry where id = any($1)"#,
        &ids
    )
    .fetch_all(db)
    .await?;
    let stand: BTreeMap<i64, Vec<u8>> =
        stand.iter().map(|entry| (entry.id, entry.digest())).collect();
    let mut items = Items::new();
    for mark in marks {
        let (id, seal) = (mark.entry_id, mark.seal);
        match stand.get(&id) {
            None => return Ok(Err(format!("catatan audit {id} (segel {seal}) hilang"))),
            Some(digest) if *digest != mark.digest => {
                return Ok(Err(format!(
                    "catatan audit {id} (segel {seal}) diubah sesudah disegel"
                )));
            }
            Some(digest) => items.entry(seal).or_default().push(item(&id.to_string(), digest)),
        }
    }
    Ok(Ok(items))
}

async fn heads(db: &mut PgConnection, from: i32, to: i32) -> Found<Items> {
    let heads = sqlx::query!(
        r#"select s.seal, s.person_id, s.number, s.hash, e.hash as "stands?"
           from ledger_sealed s left join ledger_entry e on e.person_id = s.person_id and e.number = s.number
           where s.seal between $1 and $2 order by s.seal, s.person_id"#,
        from,
        to
    )
    .fetch_all(db)
    .await?;
    let mut items = Items::new();
    for head in heads {
        let (person, number, seal) = (head.person_id, head.number, head.seal);
        if head.stands.as_ref() != Some(&head.hash) {
            return Ok(Err(format!(
                "orang {person}: catatan JP nomor {number} yang disegel (segel {seal}) hilang atau berubah"
            )));
        }
        let item = item(&format!("{person}/{number}"), &head.hash);
        items.entry(seal).or_default().push(item);
    }
    Ok(Ok(items))
}

/// The first seal after the last that something names.
async fn beyond(db: &mut PgConnection, chain: Chain, last: i32) -> sqlx::Result<Option<i32>> {
    let seal = match chain {
        Chain::Audit => {
            sqlx::query_scalar!("select min(seal) from audit_sealed where seal > $1", last)
                .fetch_one(db)
                .await?
        }
        Chain::Ledger => {
            sqlx::query_scalar!("select min(seal) from ledger_sealed where seal > $1", last)
                .fetch_one(db)
                .await?
        }
    };
    Ok(seal)
}
