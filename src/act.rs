//! Who does what, and from where. Each transaction says it to the database, whose triggers note
//! in the audit log what changes.

use crate::ids::{ClassId, PersonId};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use std::net::IpAddr;

tokio::task_local! {
    static CURRENT: Act;
}

/// What is being done, by whom, from which address.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// In the reader's words: "Memberi peran".
    pub what: &'static str,
    /// Nobody for commands and strangers.
    pub by: Option<PersonId>,
    pub from: Option<IpAddr>,
}

/// Whom and what a note is about.
#[derive(Debug, Default)]
pub struct Note {
    /// Who it was, where that is known only now.
    pub by: Option<PersonId>,
    pub person: Option<PersonId>,
    pub class: Option<ClassId>,
    /// An object, whose names are for the reader.
    pub detail: Option<Value>,
}

/// Does some work under that name.
pub async fn during<T>(act: Act, work: impl Future<Output = T>) -> T {
    CURRENT.scope(act, work).await
}

/// A transaction in the name of the request that runs.
pub async fn begin(
    pool: &PgPool,
    at: DateTime<Utc>,
) -> sqlx::Result<Transaction<'static, Postgres>> {
    match current() {
        Some(act) => act.begin(pool, at).await,
        None => pool.begin().await,
    }
}

/// What the request that runs does; nothing outside of one.
fn current() -> Option<Act> {
    CURRENT.try_with(|act| *act).ok()
}

/// Notes what leaves no row behind, as that act of whoever asks.
pub async fn note(
    db: &mut PgConnection,
    what: &'static str,
    note: Note,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let act = current().unwrap_or(Act { what, by: None, from: None });
    Act { what, ..act }.note(db, note, at).await
}

impl Note {
    /// About a person.
    pub fn of(person: PersonId) -> Self {
        Self { person: Some(person), ..Self::default() }
    }

    /// About a class.
    pub fn of_class(class: ClassId) -> Self {
        Self { class: Some(class), ..Self::default() }
    }
}

impl Act {
    /// What a command does.
    pub fn command(what: &'static str) -> Self {
        Self { what, by: None, from: None }
    }

    /// A transaction in which this is done. It is said on the way, without a question more.
    pub async fn begin(
        self,
        pool: &PgPool,
        at: DateTime<Utc>,
    ) -> sqlx::Result<Transaction<'static, Postgres>> {
        // Nothing in it was typed by anybody.
        let said = self.said(at).to_string().replace('\'', "''");
        pool.begin_with(AssertSqlSafe(format!("begin; set local smartclass.act = '{said}'"))).await
    }

    /// Notes it without a change.
    pub async fn note(
        self,
        db: &mut PgConnection,
        note: Note,
        at: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        let said = Self { by: note.by.or(self.by), ..self }.said(at);
        sqlx::query!(
            "select audit_note($1, $2, $3, $4)",
            said,
            note.person.map(|person| person.0),
            note.class.map(|class| class.0),
            note.detail
        )
        .execute(db)
        .await?;
        Ok(())
    }

    fn said(self, at: DateTime<Utc>) -> Value {
        json!({ "act": self.what, "by": self.by, "from": self.from, "at": at })
    }
}
