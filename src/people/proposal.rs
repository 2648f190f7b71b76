//! Changes of a record that whoever keeps it proposes, and an administrator decides.

use super::{
    Correction, Nip, Record, RecordError, Standing,
    change::{self},
    find, lock,
};
use crate::ids::{PersonId, UnitId};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// A change that waits for a decision.
#[derive(Debug, Clone)]
pub struct Proposal {
    pub id: i64,
    pub person: PersonId,
    pub name: String,
    pub nip: String,
    nip_was_wrong: bool,
    pub unit_id: UnitId,
    pub unit: String,
    pub standing: Standing,
    pub since: Option<NaiveDate>,
    pub proposed_at: DateTime<Utc>,
    pub proposed_by: String,
    proposer: PersonId,
}

impl Proposal {
    /// What would change in the record, in words: what, from, to.
    pub fn changes(&self, record: &Record) -> Vec<(&'static str, String, String)> {
        let standing = |standing: Standing, since: Option<NaiveDate>| match since {
            Some(day) => format!("{} sejak {}", standing.label(), crate::web::show::date(day)),
            None => standing.label().to_owned(),
        };
        let nip = crate::web::show::nip;
        let service = &record.service;
        [
            ("NIP", nip(&record.nip), nip(&self.nip)),
            ("Unit kerja", record.unit.clone(), self.unit.clone()),
            (
                "Status",
                standing(service.standing, service.since),
                standing(self.standing, self.since),
            ),
        ]
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .collect()
    }
}

/// Why a proposal was not decided.
#[derive(Debug, thiserror::Error)]
pub enum ProposalError {
    #[error("Usulan ini sudah diputuskan atau ditarik.")]
    Over,
    #[error("Anda tidak dapat memutuskan usulan Anda sendiri atau tentang diri Anda.")]
    Own,
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Changes at once what whoever keeps the record may change, and proposes the rest: NIP, unit and
/// standing. Says whether anything was left to propose; an earlier proposal gives way to it.
pub async fn propose(
    db: &mut PgConnection,
    person: PersonId,
    correction: &Correction,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, RecordError> {
    lock(db, person).await?;
    let stands = find(db, person).await?;
    let new = &correction.record;
    let mut own = correction.clone();
    own.record.nip = Nip::recorded(stands.nip.clone());
    own.record.unit = stands.unit_id;
    own.record.service.standing = stands.service.standing;
    own.record.service.since = stands.service.since;
    change::change(db, person, &own, by, now).await?;
    let rest = new.nip != own.record.nip
        || new.unit != own.record.unit
        || new.service.standing != own.record.service.standing
        || new.service.since != own.record.service.since;
    if !rest {
        return Ok(false);
    }
    let holder = sqlx::query_scalar!(
        r#"select person_id as "person: PersonId" from person_nip where nip = $1"#,
        new.nip.as_str()
    )
    .fetch_optional(&mut *db)
    .await?;
    if holder.is_some_and(|holder| holder != person) {
        return Err(RecordError::NipTaken);
    }
    sqlx::query!(
        "update proposal set decided_at = $2, decided_by = $3, accepted = false
         where person_id = $1 and decided_at is null",
        person.0,
        now,
        by.0
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into proposal (person_id, nip, nip_was_wrong, unit_id, standing, standing_since, proposed_at, proposed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        person.0,
        new.nip.as_str(),
        correction.nip_was_wrong,
        new.unit.0,
        new.service.standing as Standing,
        new.service.since,
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// Proposals that wait, of people of these units, or about one person; the oldest first.
pub async fn proposals(
    db: &mut PgConnection,
    within: &[UnitId],
    person: Option<PersonId>,
) -> sqlx::Result<Vec<Proposal>> {
    let within: Vec<i64> = within.iter().map(|unit| unit.0).collect();
    sqlx::query_as!(
        Proposal,
        r#"select o.id, o.person_id as "person: PersonId", p.name, o.nip, o.nip_was_wrong,
             o.unit_id as "unit_id: UnitId", u.name as unit, o.standing as "standing: Standing",
             o.standing_since as since, o.proposed_at, b.name as proposed_by, o.proposed_by as "proposer: PersonId"
         from proposal o
         join person p on p.id = o.person_id
         join unit u on u.id = o.unit_id
         join person b on b.id = o.proposed_by
         where o.decided_at is null and p.unit_id = any($1) and ($2::bigint is null or p.id = $2)
         order by o.id"#,
        &within,
        person.map(|person| person.0)
    )
    .fetch_all(db)
    .await
}

/// Accepts a proposal, which changes the record as of now, or refuses it.
pub async fn decide(
    db: &mut PgConnection,
    proposal: &Proposal,
    accept: bool,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), ProposalError> {
    lock(db, proposal.person).await?;
    if by == proposal.person || by == proposal.proposer {
        return Err(ProposalError::Own);
    }
    let decided = sqlx::query!(
        "update proposal set decided_at = $2, decided_by = $3, accepted = $4 where id = $1 and decided_at is null",
        proposal.id,
        now,
        by.0,
        accept
    )
    .execute(&mut *db)
    .await?;
    if decided.rows_affected() == 0 {
        return Err(ProposalError::Over);
    }
    if !accept {
        return Ok(());
    }
    let record = find(db, proposal.person).await?;
    let mut correction = Correction::of(&record);
    correction.nip_was_wrong = proposal.nip_was_wrong;
    correction.record.nip = Nip::recorded(proposal.nip.clone());
    correction.record.unit = proposal.unit_id;
    correction.record.service.standing = proposal.standing;
    correction.record.service.since = proposal.since;
    Ok(change::change(db, proposal.person, &correction, by, now).await?)
}
