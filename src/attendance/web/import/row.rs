//! One name of the report: who it is, chosen again or left out.

use super::{
    lists::Places,
    of_class,
    view::{Row, view},
};
use crate::{
    account::{Page, SignedIn, flash},
    app::{App, Db},
    attendance::{self, Choice},
    class::{self, Class},
    clock::Now,
    error::{Error, Result},
    ids::{ClassId, ImportId, ImportRowId, PersonId},
    people,
    web::{paging::Wanted, show},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::{Html, Response},
};
use serde::Deserialize;

/// What is said of a row in a form: a person's id, `abaikan`, or nothing.
pub(super) fn choice(said: &str) -> Choice {
    match said {
        "abaikan" => Choice::Ignore,
        said => said.parse().map_or(Choice::Open, |person| Choice::Person(PersonId(person))),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    baris: i64,
    q: String,
    hal: Wanted,
}

#[derive(Template)]
#[template(path = "attendance/row.html")]
struct RowPage {
    page: Page,
    class: Class,
    import: ImportId,
    row: Row,
    /// Whether the row stands for the one who looks.
    own: bool,
    q: String,
    /// Nothing before somebody is looked for.
    found: Option<people::Found>,
    places: Places,
}

impl RowPage {
    /// The search and the lists' pages, for the addresses of its other pages.
    fn query(&self) -> String {
        let places = self.places.pairs();
        let mark = if places.is_empty() { "" } else { "&" };
        format!("baris={}&q={}&{places}{mark}", self.row.said.id, show::encoded(&self.q))
    }
}

pub(crate) async fn ask(
    mut db: Db,
    page: Page,
    me: SignedIn,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Query(search): Query<Search>,
    Query(places): Query<Places>,
) -> Result<Html<String>> {
    of_class(&mut db, class, import).await?;
    let class = class::find(&mut db, class).await?;
    let preview = attendance::preview(&mut db, import, me.id).await?;
    let row = preview.rows.iter().find(|row| row.id.0 == search.baris).ok_or(Error::NotFound)?;
    let found = match search.q.trim() {
        "" => None,
        q => Some(people::search(&mut db, q, None, search.hal).await?),
    };
    let own = row.person == Some(me.id);
    let row = view(&preview, row);
    let q = search.q;
    Ok(Html(RowPage { page, class, import, row, own, q, found, places }.render()?))
}

#[derive(Deserialize)]
pub(crate) struct PickForm {
    row: i64,
    person: String,
}

pub(crate) async fn pick(
    State(app): State<App>,
    me: SignedIn,
    Now(now): Now,
    Path((class, import)): Path<(ClassId, ImportId)>,
    Query(places): Query<Places>,
    Form(form): Form<PickForm>,
) -> Result<Response> {
    let mut tx = app.begin().await?;
    of_class(&mut tx, class, import).await?;
    let (row, choice) = (ImportRowId(form.row), choice(&form.person));
    let rows = attendance::preview(&mut tx, import, me.id).await?.rows;
    let found = rows.iter().find(|found| found.id == row).ok_or(Error::NotFound)?;
    if found.person == Some(me.id) || choice == Choice::Person(me.id) {
        return Err(Error::Refused(
            "Anda tidak dapat memutuskan kehadiran Anda sendiri. Minta penyelenggara lain.".into(),
        ));
    }
    let words = match choice {
        Choice::Person(person) => {
            people::find(&mut tx, person).await?;
            "Orang dipilih."
        }
        Choice::Ignore => "Baris diabaikan.",
        Choice::Open | Choice::WalkIn(_) => "Pilihan dikosongkan.",
    };
    let changed = attendance::choose(&mut tx, import, &[(row, choice)].into(), me.id, now).await?;
    tx.commit().await?;
    let words = if changed { words } else { "Tidak ada yang berubah." };
    Ok(flash(&format!("/kelola/kelas/{class}/impor/{import}{}", places.query()), words))
}
