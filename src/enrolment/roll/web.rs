//! `/kelola/kelas/{class}/peserta`: the list as page, workbook and sheet, and taking somebody out.

use super::{PAGE, Participant};
use crate::{
    account::{Page, SignedIn, flash},
    act::{self, Note},
    app::{App, Db},
    class::{self, Class},
    clock::Now,
    enrolment::{self, EnrolError, State},
    error::{Error, Result},
    ids::{ClassId, PersonId},
    web::{
        form::Problems,
        paging::Wanted,
        sheet::{self, Cell},
        show,
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State as Shared},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "enrolment/participants.html")]
struct ParticipantsPage {
    page: Page,
    class: Class,
    q: String,
    seated: Vec<Participant>,
    /// With their places in the queue.
    waiting: Vec<(Participant, i64)>,
    here: i64,
    pages: i64,
}

impl ParticipantsPage {
    /// The search for the addresses of other pages.
    fn query(&self) -> String {
        format!("q={}&", show::encoded(&self.q))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    q: String,
    hal: Wanted,
}

fn split(all: Vec<Participant>) -> (Vec<Participant>, Vec<Participant>) {
    all.into_iter().partition(|participant| participant.state == State::Active)
}

pub(crate) async fn participants(
    mut db: Db,
    page: Page,
    Now(now): Now,
    Path(class): Path<ClassId>,
    Query(search): Query<Search>,
) -> Result<Html<String>> {
    let class = class::find(&mut db, class).await?;
    act::note(&mut db, "Melihat daftar peserta", Note::of_class(class.id), now).await?;
    let wanted = search.hal.number();
    let (mut found, mut all) = super::search(&mut db, class.id, &search.q, wanted).await?;
    if found.is_empty() && wanted > 1 {
        // After the last page no line says how many there are; the first does.
        (found, all) = super::search(&mut db, class.id, &search.q, 1).await?;
    }
    let (here, pages) = search.hal.of(all, PAGE);
    if here < wanted && here > 1 {
        (found, _) = super::search(&mut db, class.id, &search.q, here).await?;
    }
    let (mut seated, mut waiting) = (Vec::new(), Vec::new());
    for (participant, place) in found {
        match place {
            Some(place) => waiting.push((participant, place)),
            None => seated.push(participant),
        }
    }
    let page = ParticipantsPage { page, class, q: search.q, seated, waiting, here, pages };
    Ok(Html(page.render()?))
}

pub(crate) async fn participants_sheet(
    mut db: Db,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Response> {
    let class = class::find(&mut db, class).await?;
    act::note(&mut db, "Mengunduh daftar peserta", Note::of_class(class.id), now).await?;
    let all = super::participants(&mut db, class.id).await?;
    drop(db);
    let rows: Vec<Vec<Cell>> = (1_i64..)
        .zip(all)
        .map(|(n, p)| {
            let state = if p.state == State::Active { "Terdaftar" } else { "Menunggu" };
            vec![
                n.into(),
                p.name.into(),
                p.nip.into(),
                p.position.unwrap_or_default().into(),
                p.unit.into(),
                state.into(),
            ]
        })
        .collect();
    let heads = [
        ("No.", 6),
        ("Nama", 40),
        ("NIP", 22),
        ("Jabatan", 32),
        ("Unit kerja", 40),
        ("Keadaan", 14),
    ];
    let bytes = sheet::workbook("Peserta", &heads, &rows).map_err(anyhow::Error::from)?;
    Ok(sheet::download(&format!("peserta-kelas-{}", class.id), bytes))
}

#[derive(Template)]
#[template(path = "enrolment/sign_sheet.html")]
struct SignSheetPage {
    page: Page,
    class: Class,
    seated: Vec<Participant>,
    printed: String,
}

pub(crate) async fn sign_sheet(
    mut db: Db,
    page: Page,
    Now(now): Now,
    Path(class): Path<ClassId>,
) -> Result<Html<String>> {
    let class = class::find(&mut db, class).await?;
    act::note(&mut db, "Mencetak daftar hadir", Note::of_class(class.id), now).await?;
    let (seated, _) = split(super::participants(&mut db, class.id).await?);
    Ok(Html(SignSheetPage { page, class, seated, printed: show::moment(now) }.render()?))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RemoveForm {
    why: String,
}

#[derive(Template)]
#[template(path = "enrolment/remove.html")]
struct RemovePage {
    page: Page,
    class: Class,
    participant: Participant,
    form: RemoveForm,
    problems: Problems,
}

async fn one_of(
    db: &mut sqlx::PgConnection,
    class: ClassId,
    person: PersonId,
) -> Result<Participant> {
    let all = super::participants(db, class).await?;
    all.into_iter().find(|participant| participant.person == person).ok_or(Error::NotFound)
}

pub(crate) async fn ask_remove(
    mut db: Db,
    page: Page,
    Path((class, person)): Path<(ClassId, PersonId)>,
) -> Result<Html<String>> {
    let class = class::find(&mut db, class).await?;
    let participant = one_of(&mut db, class.id, person).await?;
    let asked = RemovePage {
        page,
        class,
        participant,
        form: RemoveForm::default(),
        problems: Problems::default(),
    };
    Ok(Html(asked.render()?))
}

pub(crate) async fn remove(
    Shared(app): Shared<App>,
    page: Page,
    me: SignedIn,
    Now(now): Now,
    Path((class, person)): Path<(ClassId, PersonId)>,
    Form(form): Form<RemoveForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    let mut problems = Problems::default();
    let Some(why) = problems.text("why", "alasan", &form.why, 300) else {
        let class = class::find(&mut tx, class).await?;
        let participant = one_of(&mut tx, class.id, person).await?;
        let answer = RemovePage { page, class, participant, form, problems }.render()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(answer)).into_response());
    };
    enrolment::standing(&mut tx, class, person).await?.ok_or(Error::NotFound)?;
    match enrolment::remove_by(&mut tx, class, person, me.id, &why, now).await {
        Ok(()) => tx.commit().await?,
        Err(EnrolError::NotEnrolled) => {} // pressed twice
        Err(refusal) => return Err(refusal.into()),
    }
    Ok(flash(
        &format!("/kelola/kelas/{class}/peserta"),
        "Peserta dikeluarkan. Tempatnya diberikan kepada yang menunggu.",
    ))
}
