//! The report that a class of the demo world still waits for, as Zoom would write it.

use super::{
    cast::{CAST, LEARNER},
    crowd::{self, Crowd, Known, Manner},
    dice::Dice,
    reports::Shape,
    staff::{self, Person},
};
use crate::{
    attendance::report::Span,
    class,
    enrolment::{self, State},
    ids::{ClassId, PersonId},
    people,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A report to upload, and where.
#[derive(Debug)]
pub struct Awaited {
    pub class: ClassId,
    pub title: String,
    pub bytes: Vec<u8>,
}

/// Those who come first show what a report has to be corrected for; the rest come by chance.
const FIRST: [(Manner, Known); 4] = [
    (Manner::Broken, Known::ByEmail),
    (Manner::Whole, Known::Hardly),
    (Manner::TooShort, Known::ByNip),
    (Manner::Away, Known::ByName),
];

/// The report of the class that is over for longest without one. The same each time.
pub async fn report(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Option<Awaited>> {
    let waiting = sqlx::query_scalar!(
        "select id from class c where state = 'published' and ends < $1 and not exists (
           select from import i where i.class_id = c.id and i.confirmed_at is not null and i.undone_at is null)
         order by ends, id limit 1",
        now
    );
    let Some(id) = waiting.fetch_optional(&mut *db).await? else { return Ok(None) };
    let class = class::find(db, id).await?;
    let crowd = crowd(db, id, Span { from: class.starts(), to: class.ends() }).await?;
    let meeting = class.zoom_meeting_id.as_deref().unwrap_or_default();
    let bytes = Shape::E.write(&class.title, meeting, &crowd.stays);
    Ok(Some(Awaited { class: id, title: class.title, bytes }))
}

async fn crowd(db: &mut PgConnection, class: ClassId, time: Span) -> sqlx::Result<Crowd> {
    let mut dice = Dice::new(class.0.unsigned_abs());
    let (mut crowd, mut first) = (Crowd::default(), FIRST.iter());
    for seated in enrolment::participants(db, class).await? {
        if seated.state != State::Active {
            continue;
        }
        let person = person(db, seated.person).await?;
        let (manner, known) = if person.nip == CAST[LEARNER].nip {
            (Manner::Whole, Known::ByEmail)
        } else if let Some(first) = first.next() {
            *first
        } else {
            (crowd::manner(&mut dice, &person), crowd::known(&mut dice, &person))
        };
        crowd.comes(&mut dice, time, &person, manner, known);
    }
    for stranger in without_a_seat(db, class).await? {
        let person = person(db, stranger).await?;
        crowd.comes(&mut dice, time, &person, Manner::Whole, Known::ByNip);
    }
    crowd.others_come(&mut dice, time);
    crowd.in_order();
    Ok(crowd)
}

/// Two who come all the same.
async fn without_a_seat(db: &mut PgConnection, class: ClassId) -> sqlx::Result<Vec<PersonId>> {
    sqlx::query_scalar!(
        "select id from person p
         where not exists (select from enrolment e where e.class_id = $1 and e.person_id = p.id)
           and not exists (select from class_speaker s where s.class_id = $1 and s.person_id = p.id)
           and not exists (select from role_grant g where g.person_id = p.id)
         order by id desc limit 2",
        class.0
    )
    .fetch_all(db)
    .await
}

async fn person(db: &mut PgConnection, id: PersonId) -> sqlx::Result<Person> {
    let found = people::find(db, id).await?;
    Ok(Person {
        id,
        bare: staff::bare(&found.name),
        name: found.name,
        nip: found.nip,
        email: found.email,
        position: found.position.unwrap_or_default(),
        zeal: 50,
    })
}
