//! Certificates: issued to those who were present, numbered without gaps,
//! frozen as they were issued, and open to anybody's check.

mod check;
mod code;
pub mod web;

pub use check::{Checked, check_file, fingerprint, pdf};
pub use code::Code;

use crate::{
    class::{self, Class, State},
    clock::year_of,
    ids::{CertificateId, ClassId, PersonId},
    paper::Paper,
    settings::{self, Certificates, Signer},
    web::show,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "certificate_kind", rename_all = "lowercase")]
pub enum Kind {
    Participant,
    Speaker,
    Moderator,
}

impl Kind {
    /// As the paper says it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Participant => "Peserta",
            Self::Speaker => "Narasumber",
            Self::Moderator => "Moderator",
        }
    }
}

/// Why nothing was issued or revoked.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    #[error("Kelas ini masih draf. Terbitkan kelasnya dahulu, lalu sertifikatnya.")]
    Draft,
    #[error("Kelas ini dibatalkan, jadi sertifikatnya tidak dapat diterbitkan.")]
    Cancelled,
    #[error("Belum ada penanda tangan untuk hari ini. Administrator mengisinya di Pengaturan.")]
    NoSigner,
    #[error("Tema kelas terlalu panjang untuk sertifikat. Persingkat dahulu.")]
    TitleTooLong,
    #[error("Anda tidak dapat memutuskan sertifikat Anda sendiri. Minta penyelenggara lain.")]
    Own,
    #[error(transparent)]
    Random(#[from] getrandom::Error),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Somebody who was present and has no live certificate of the class.
#[derive(Debug, Clone)]
pub struct Eligible {
    pub person: PersonId,
    /// The record on which the decision stands.
    pub record: PersonId,
    pub name: String,
    pub nip: String,
    pub position: Option<String>,
    pub unit: String,
    /// Hours as decided.
    pub jp: i32,
}

/// Everybody who is due a certificate as a participant, by name.
pub async fn eligible(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Eligible>> {
    sqlx::query_as!(
        Eligible,
        r#"select p.id as "person: PersonId", d.person_id as "record: PersonId", p.name, n.nip, p.position,
             u.name as unit, d.jp
         from (select distinct on (person_id) person_id, outcome, jp from decision where class_id = $1
               order by person_id, revision desc) d
         join person_record r on r.record_id = d.person_id
         join person p on p.id = r.person_id
         join person_nip n on n.person_id = p.id and n.ended_at is null
         join unit u on u.id = p.unit_id
         where d.outcome = 'present'
           and not exists (select from certificate c where c.class_id = $1 and c.person_id = d.person_id
             and c.kind = 'participant' and c.revoked_at is null)
         order by p.name, p.id"#,
        class.0
    )
    .fetch_all(db)
    .await
}

/// Only what was held is certified.
pub fn may_issue(class: &Class) -> Result<(), IssueError> {
    match class.state {
        State::Draft => Err(IssueError::Draft),
        State::Cancelled => Err(IssueError::Cancelled),
        State::Published if !crate::paper::theme_fits(&class.title) => {
            Err(IssueError::TitleTooLong)
        }
        State::Published => Ok(()),
    }
}

/// Issues a certificate to everybody who is due one, but not to the issuer.
/// Twice at once issues once: the class is locked, then the year's counter.
/// Gives the new certificates in the order of their numbers.
pub async fn issue_class(
    db: &mut PgConnection,
    class: ClassId,
    base_url: &str,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<CertificateId>, IssueError> {
    sqlx::query!("select id from class where id = $1 for update", class.0)
        .fetch_one(&mut *db)
        .await?;
    let facts = class::find(db, class).await?;
    may_issue(&facts)?;
    let mut due = eligible(db, class).await?;
    due.retain(|one| one.person != by);
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let settings = settings::certificates(db).await?;
    let signer = settings.signer(show::local_day(now)).ok_or(IssueError::NoSigner)?.clone();
    let logo = settings::logo(db).await?.map(|(id, _)| id);
    let year = year_of(now);
    let first = take_numbers(db, &settings, year, due.len()).await?;
    let mut rows = Rows::default();
    let draft = Draft { class: &facts, settings: &settings, signer: &signer, base_url, now };
    for (number, one) in (first..).zip(&due) {
        let code = Code::new()?;
        let label = settings.label(number, year);
        rows.people.push(one.record.0);
        rows.numbers.push(number);
        rows.papers.push(Json(draft.paper(one, Kind::Participant, &label, &code)));
        rows.labels.push(label);
        rows.codes.push(code.to_string());
    }
    Ok(rows.insert(db, class, year, logo, by, now).await?)
}

/// Takes numbers from the year's counter; it stays locked until the end of the
/// transaction, so that a number given is a number used. Gives the first.
async fn take_numbers(
    db: &mut PgConnection,
    settings: &Certificates,
    year: i32,
    count: usize,
) -> sqlx::Result<i32> {
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    sqlx::query!(
        "insert into certificate_counter (year, last) values ($1, $2) on conflict do nothing",
        year,
        settings.first_number(year) - 1
    )
    .execute(&mut *db)
    .await?;
    sqlx::query_scalar!(
        r#"update certificate_counter set last = last + $2 where year = $1 returning last - $2 + 1 as "first!""#,
        year,
        count
    )
    .fetch_one(db)
    .await
}

#[derive(Default)]
struct Rows {
    people: Vec<i64>,
    numbers: Vec<i32>,
    labels: Vec<String>,
    codes: Vec<String>,
    papers: Vec<Json<Paper>>,
}

impl Rows {
    async fn insert(
        &self,
        db: &mut PgConnection,
        class: ClassId,
        year: i32,
        logo: Option<i64>,
        by: PersonId,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Vec<CertificateId>> {
        sqlx::query_scalar!(
            "insert into certificate (class_id, person_id, kind, year, number, label, code, paper, logo_id, issued_at, issued_by)
             select $1, person, $2, $3, number, label, code, paper, $4, $5, $6
             from unnest($7::bigint[], $8::int[], $9::text[], $10::text[], $11::jsonb[])
               n (person, number, label, code, paper)
             order by number returning id",
            class.0,
            Kind::Participant as Kind,
            year,
            logo,
            now,
            by.0,
            &self.people,
            &self.numbers,
            &self.labels,
            &self.codes,
            &self.papers as &[Json<Paper>]
        )
        .fetch_all(db)
        .await
    }
}

/// What all certificates of one issue have in common.
pub(crate) struct Draft<'a> {
    pub class: &'a Class,
    pub settings: &'a Certificates,
    pub signer: &'a Signer,
    pub base_url: &'a str,
    pub now: DateTime<Utc>,
}

impl Draft<'_> {
    /// Everything that one person's paper says.
    pub fn paper(&self, one: &Eligible, kind: Kind, label: &str, code: &Code) -> Paper {
        let Self { class, settings, signer, base_url, now } = *self;
        Paper {
            government: settings.government.clone(),
            agency: settings.agency.clone(),
            product: "Smart Class ASN".into(),
            number: label.to_owned(),
            legal_basis: settings.legal_basis.clone(),
            name: one.name.clone(),
            nip: one.nip.clone(),
            position: one.position.clone(),
            unit: one.unit.clone(),
            role: kind.label().into(),
            theme: class.title.clone(),
            held_on: days(show::local_day(class.starts()), show::local_day(class.ends())),
            learning_hours: format!("{} ({}) Jam Pelajaran", one.jp, show::in_words(one.jp)),
            mode: "Daring melalui Zoom".into(),
            place_and_date: format!("{}, {}", settings.place, show::date(show::local_day(now))),
            office: signer.office_lines(),
            signer_name: signer.name.clone(),
            signer_rank: signer.rank.clone(),
            signer_nip: signer.nip.clone(),
            verify_url: format!("{base_url}/v/{code}"),
            code: code.to_string(),
            issued_at: now,
            signed: false,
        }
    }
}

/// `28 s.d. 30 September 2026`: what both days have in common is said once.
fn days(first: NaiveDate, last: NaiveDate) -> String {
    let until = show::date(last);
    if first == last {
        until
    } else if first.year() != last.year() {
        format!("{} s.d. {until}", show::date(first))
    } else if first.month() != last.month() {
        format!("{} {} s.d. {until}", first.day(), show::month(first))
    } else {
        format!("{} s.d. {until}", first.day())
    }
}

/// A certificate, live or revoked.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub id: CertificateId,
    pub class: ClassId,
    /// As whom its record reads.
    pub person: PersonId,
    pub kind: Kind,
    pub label: String,
    pub code: String,
    pub paper: Json<Paper>,
    pub logo: Option<i64>,
    pub issued_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub revoked_because: Option<String>,
}

/// The certificate of that id.
pub async fn find(db: &mut PgConnection, certificate: CertificateId) -> sqlx::Result<Certificate> {
    let mut found = some(db, Sought { id: Some(certificate.0), ..Sought::default() }).await?;
    found.pop().ok_or(sqlx::Error::RowNotFound)
}

/// The certificate of that code.
pub async fn by_code(db: &mut PgConnection, code: &Code) -> sqlx::Result<Option<Certificate>> {
    let code = code.to_string();
    Ok(some(db, Sought { code: Some(&code), ..Sought::default() }).await?.pop())
}

/// A person's certificates, the latest first.
pub async fn of_person(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<Certificate>> {
    let mut found = some(db, Sought { person: Some(person.0), ..Sought::default() }).await?;
    found.reverse();
    Ok(found)
}

/// A class's certificates in the order of their numbers.
pub async fn of_class(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<Certificate>> {
    some(db, Sought { class: Some(class.0), ..Sought::default() }).await
}

/// One of these says which certificates are meant.
#[derive(Default)]
struct Sought<'a> {
    id: Option<i64>,
    code: Option<&'a str>,
    person: Option<i64>,
    class: Option<i64>,
}

async fn some(db: &mut PgConnection, sought: Sought<'_>) -> sqlx::Result<Vec<Certificate>> {
    sqlx::query_as!(
        Certificate,
        r#"select c.id, c.class_id as "class: ClassId", coalesce(p.merged_into, p.id) as "person!: PersonId", c.kind, c.label,
             c.code, c.paper as "paper: Json<Paper>", c.logo_id as logo, c.issued_at, c.revoked_at, c.revoked_because
         from certificate c join person p on p.id = c.person_id
         where c.id = $1 or c.code = $2 or c.class_id = $4
           or c.person_id = any(array(select record_id from person_record where person_id = $3))
         order by c.year, c.number"#,
        sought.id,
        sought.code,
        sought.person,
        sought.class
    )
    .fetch_all(db)
    .await
}

/// Revokes a certificate, with a reason that everybody who checks it reads.
/// Revoking twice changes nothing more.
pub async fn revoke(
    db: &mut PgConnection,
    certificate: CertificateId,
    because: &str,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), IssueError> {
    let found = find(db, certificate).await?;
    if found.person == by {
        return Err(IssueError::Own);
    }
    // The class first, as everywhere: an undo under way sees this certificate live or gone.
    sqlx::query!("select id from class where id = $1 for update", found.class.0)
        .fetch_one(&mut *db)
        .await?;
    sqlx::query!(
        "update certificate set revoked_at = $2, revoked_by = $3, revoked_because = $4 where id = $1 and revoked_at is null",
        certificate.0,
        now,
        by.0,
        because
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The live certificate that stands in for a revoked one.
pub async fn replacement(
    db: &mut PgConnection,
    of: &Certificate,
) -> sqlx::Result<Option<Certificate>> {
    let found = some(db, Sought { person: Some(of.person.0), ..Sought::default() }).await?;
    let mut live = found.into_iter().filter(|one| one.revoked_at.is_none());
    Ok(live.find(|one| one.class == of.class && one.kind == of.kind && one.id != of.id))
}

#[cfg(test)]
mod tests {
    #[test]
    fn several_days_share_what_they_have_in_common() {
        let days =
            |first: &str, last: &str| super::days(first.parse().unwrap(), last.parse().unwrap());
        assert_eq!(days("2026-09-28", "2026-09-28"), "28 September 2026");
        assert_eq!(days("2026-09-28", "2026-09-30"), "28 s.d. 30 September 2026");
        assert_eq!(days("2026-09-28", "2026-10-02"), "28 September s.d. 2 Oktober 2026");
        assert_eq!(days("2026-12-31", "2027-01-01"), "31 Desember 2026 s.d. 1 Januari 2027");
    }
}
