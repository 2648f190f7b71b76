//! What people want put right: asked, due within three days (UU 27/2022, Pasal 30), answered by
//! somebody else, and kept as it was.

use crate::{
    account::{Permission, Reach, SignedIn},
    ids::{ClassId, PersonId, RequestId},
    mail::{self, Kind, Letter},
    people::{self, Field},
    web::show,
};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

/// How long an answer may take: 3×24 hours from the request.
pub const ANSWERED_WITHIN: Duration = Duration::hours(72);

/// What a request is about, and so who answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "request_about", rename_all = "lowercase")]
pub enum About {
    /// A field of the record: an administrator within reach.
    Record,
    /// Attendance and hours: an organiser.
    Hours,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "request_verdict", rename_all = "lowercase")]
pub enum Verdict {
    Done,
    Refused,
}

impl Verdict {
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "Diperbaiki",
            Self::Refused => "Tidak diubah",
        }
    }
}

/// A request to be written down.
#[derive(Debug, Clone)]
pub struct NewRequest {
    pub subject: Asked,
    /// What it should say; 1 to 300 characters.
    pub wanted: String,
    /// 1 to 1000 characters.
    pub reason: String,
    /// Of the form: the same form sent twice asks once.
    pub form_key: String,
}

/// The fields that somebody may ask to have changed, with their codes in forms.
pub const FIELDS: [(&str, Field); 11] = [
    ("name", Field::Name),
    ("nip", Field::Nip),
    ("unit", Field::Unit),
    ("position", Field::Position),
    ("position_kind", Field::PositionKind),
    ("rank", Field::Rank),
    ("email", Field::Email),
    ("phone", Field::Phone),
    ("employed_from", Field::EmployedFrom),
    ("employed_until", Field::EmployedUntil),
    ("standing", Field::Standing),
];

/// What somebody wants put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Record(Field),
    /// Of one class, or of one that the person does not find in their list.
    Hours(Option<ClassId>),
}

/// Requests of one person that may wait for an answer at a time: each binds somebody within 72 hours.
pub const MOST_OPEN: i64 = 10;

/// Writes a request down; not when [`MOST_OPEN`] of the person's wait already.
pub async fn ask(
    db: &mut PgConnection,
    person: PersonId,
    new: &NewRequest,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let open = sqlx::query_scalar!(
        r#"select count(*) as "open!" from correction_request r
         where person_id = $1 and form_key <> $2
           and not exists (select from correction_answer where request_id = r.id)"#,
        person.0,
        new.form_key
    )
    .fetch_one(&mut *db)
    .await?;
    if open >= MOST_OPEN {
        return Ok(false);
    }
    let (about, field, class) = match new.subject {
        Asked::Record(field) => (About::Record, Some(field), None),
        Asked::Hours(class) => (About::Hours, None, class),
    };
    sqlx::query!(
        "insert into correction_request (person_id, about, field, class_id, wanted, reason, asked_at, due_at, form_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (form_key) do nothing",
        person.0,
        about as About,
        field as Option<Field>,
        class.map(|class| class.0),
        new.wanted,
        new.reason,
        now,
        now + ANSWERED_WITHIN,
        new.form_key
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// A class of which somebody may say that its hours are wrong.
pub struct Choice {
    pub id: ClassId,
    pub title: String,
    pub starts: DateTime<Utc>,
}

/// The classes that began and in which the person had a place or was decided on; the latest first.
pub async fn choices(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Choice>> {
    sqlx::query_as!(
        Choice,
        "select c.id, c.title, c.starts from class c
         where c.starts <= $2 and c.id in (
           select class_id from enrolment e join person_record r on r.record_id = e.person_id where r.person_id = $1
           union
           select class_id from decision d join person_record r on r.record_id = d.person_id where r.person_id = $1)
         order by c.starts desc, c.id limit 300",
        person.0,
        now
    )
    .fetch_all(db)
    .await
}

/// A request, and its answer once there is one.
#[derive(Debug, Clone)]
pub struct Request {
    pub id: RequestId,
    pub person: PersonId,
    pub name: String,
    pub unit: String,
    pub about: About,
    pub field: Option<Field>,
    pub class: Option<ClassId>,
    pub class_title: Option<String>,
    pub wanted: String,
    pub reason: String,
    pub asked_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub verdict: Option<Verdict>,
    pub words: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answered_by: Option<String>,
}

impl Request {
    /// What it is about, in words.
    pub fn subject(&self) -> String {
        match (self.field, &self.class_title) {
            (Some(field), _) => field.label().to_owned(),
            (None, Some(title)) => format!("Kehadiran dan JP: {title}"),
            (None, None) => "Kehadiran dan JP: kelas lain".to_owned(),
        }
    }

    /// When it must be answered, in words.
    pub fn deadline(&self) -> String {
        let day = show::local_day(self.due_at);
        let (weekday, day) = (show::weekday(day), show::date_short(day));
        format!("paling lambat {weekday}, {day} pukul {} WITA", show::time(self.due_at))
    }

    /// Whether it should have been answered.
    pub fn overdue(&self, now: DateTime<Utc>) -> bool {
        self.verdict.is_none() && now > self.due_at
    }
}

/// The person's own requests, of all their records, the latest first.
pub async fn of_person(db: &mut PgConnection, person: PersonId) -> sqlx::Result<Vec<Request>> {
    let found = select(db, Some(person), None, None, false).await?;
    Ok(found.into_iter().rev().collect())
}

/// One request.
pub async fn find(db: &mut PgConnection, request: RequestId) -> sqlx::Result<Request> {
    select(db, None, Some(request), None, false).await?.pop().ok_or(sqlx::Error::RowNotFound)
}

/// What waits for an answer that the visitor may give, by deadline; their own too, which they see
/// and may not answer.
pub async fn open(db: &mut PgConnection, me: &SignedIn) -> sqlx::Result<Vec<Request>> {
    let reach = Reach::of(db, me.id).await?;
    let units: Vec<i64> = reach.units().iter().map(|unit| unit.0).collect();
    let mut found = select(db, None, None, Some(&units), true).await?;
    let hours = me.may(Permission::Organise);
    found.retain(|one| hours || one.about == About::Record);
    Ok(found)
}

/// Requests of a person, one request, or those of records in these units and of all hours; by
/// deadline.
async fn select(
    db: &mut PgConnection,
    person: Option<PersonId>,
    request: Option<RequestId>,
    units: Option<&[i64]>,
    open: bool,
) -> sqlx::Result<Vec<Request>> {
    sqlx::query_as!(
        Request,
        r#"select q.id, r.person_id as "person!: PersonId", p.name, u.name as unit, q.about, q.field, q.class_id as class,
             c.title as "class_title?", q.wanted, q.reason, q.asked_at, q.due_at, a.verdict as "verdict?", a.words as "words?",
             a.answered_at as "answered_at?", b.name as "answered_by?"
         from correction_request q
         join person_record r on r.record_id = q.person_id
         join person p on p.id = r.person_id
         join unit u on u.id = p.unit_id
         left join class c on c.id = q.class_id
         left join correction_answer a on a.request_id = q.id
         left join person b on b.id = a.answered_by
         where ($1::bigint is null or r.person_id = $1) and ($2::bigint is null or q.id = $2)
           and ($3::bigint[] is null or q.about = 'hours' or p.unit_id = any($3))
           and (not $4 or a.request_id is null)
         order by q.due_at, q.id"#,
        person.map(|person| person.0),
        request.map(|request| request.0),
        units,
        open
    )
    .fetch_all(db)
    .await
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error("Permintaan Anda sendiri dijawab oleh petugas lain.")]
    Own,
    #[error("Permintaan ini sudah dijawab.")]
    Answered,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// An answer to be given.
#[derive(Debug, Clone)]
pub struct Answer {
    pub verdict: Verdict,
    /// What was changed, or why nothing was; 1 to 1000 characters.
    pub words: String,
}

/// The request, if the visitor is one of those who answer it; not found otherwise. Their own is
/// refused.
pub async fn answerable(
    db: &mut PgConnection,
    me: &SignedIn,
    request: RequestId,
) -> Result<Request, AnswerError> {
    let found = find(db, request).await?;
    let theirs = match found.about {
        About::Hours => me.may(Permission::Organise),
        About::Record => {
            let unit = people::find(db, found.person).await?.unit_id;
            Reach::of(db, me.id).await?.covers(unit)
        }
    };
    if !theirs {
        return Err(sqlx::Error::RowNotFound.into());
    }
    if found.person == people::owner(db, me.id).await? {
        return Err(AnswerError::Own);
    }
    Ok(found)
}

/// Answers a request, once, and tells the person where `mails` are sent.
pub async fn answer(
    db: &mut PgConnection,
    me: &SignedIn,
    request: RequestId,
    answer: &Answer,
    mails: bool,
    now: DateTime<Utc>,
) -> Result<(), AnswerError> {
    let asked = answerable(db, me, request).await?;
    let given = sqlx::query!(
        "insert into correction_answer (request_id, verdict, words, answered_at, answered_by) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        request.0,
        answer.verdict as Verdict,
        answer.words,
        now,
        me.id.0
    )
    .execute(&mut *db)
    .await?;
    if given.rows_affected() == 0 {
        return Err(AnswerError::Answered);
    }
    if mails {
        tell(db, &asked, now).await?;
    }
    Ok(())
}

/// The mail says that there is an answer; what it says stands behind the sign-in.
async fn tell(db: &mut PgConnection, asked: &Request, now: DateTime<Utc>) -> sqlx::Result<()> {
    let Some(to) = people::find(db, asked.person).await?.email else { return Ok(()) };
    let text = format!(
        "Yth. {},\n\nPermintaan perbaikan data Anda dari {} sudah dijawab. Masuk ke Smart Class ASN, lalu \
         buka Profil › Permintaan perbaikan untuk membacanya.\n\n\
         Smart Class ASN\nBPSDMD Provinsi Sulawesi Tengah\n\n\
         Surel ini dikirim otomatis dan tidak dibaca bila dibalas.\n",
        asked.name,
        show::moment(asked.asked_at)
    );
    let letter = Letter {
        kind: Kind::RequestAnswered,
        subject: asked.id.0,
        person: asked.person,
        to,
        title: "Permintaan perbaikan Anda sudah dijawab".into(),
        text,
        useless_at: None,
    };
    mail::post(db, &letter, now).await
}
