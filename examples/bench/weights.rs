//! What pages weigh.

use std::net::SocketAddr;

use anyhow::Context;
use chrono::{DateTime, Utc};
use smartclass::{
    account,
    attendance::{self, read::Upload},
    certificate, class,
    clock::Clock,
    demo, enrolment,
    ids::{PersonId, RequestId, StaffImportId},
    people,
    privacy::{self, Asked, NewRequest},
    routes,
    schedule::{self, Shelf},
    staff::{self, Importer, UnitChoices},
};
use sqlx::{PgConnection, PgPool};
use tokio::net::TcpStream;

use super::{answer, by_nip, line};

/// What each page and its style sheet weigh, compressed, on a first visit: the heaviest of those
/// that somebody can open in the demo world.
pub async fn weights(site: SocketAddr, pool: &PgPool) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let mut db = pool.acquire().await?;
    let places = places(&mut db, now).await?;
    let mut cookies = vec![String::new()];
    for one in demo::PRINTED {
        let person = by_nip(&mut db, one.nip).await?;
        let token = account::sign_in(&mut db, person, false, now).await?;
        cookies.push(format!("Cookie: sid={token}\r\n"));
    }
    let style = weigh(site, smartclass::assets::href("app.css"), "").await?
        + weigh(site, smartclass::assets::href("mark.svg"), "").await?;
    let is_file = |path: &str| [".xlsx", ".pdf", "{file}"].iter().any(|end| path.ends_with(end));
    let (mut heaviest, mut opened) = ((0, String::new()), 0);
    for route in routes::table().iter().filter(|one| one.method == "GET" && !is_file(one.path)) {
        let before = opened;
        for place in &places {
            let path = filled(route.path, place);
            for cookie in &cookies {
                if let Ok(bytes) = weigh(site, &path, cookie).await {
                    heaviest = heaviest.max((bytes + style, path.clone()));
                    opened += 1;
                }
            }
        }
        // These lead elsewhere.
        let elsewhere = ["/", "/masuk/kode", "/masuk/sso", "/masuk/sso/kembali"];
        let leads = elsewhere.contains(&route.path) || route.path.ends_with("/zoom");
        anyhow::ensure!(leads || opened > before, "nobody can open {}", route.path);
    }
    let (bytes, path) = heaviest;
    let figure = format!("heaviest of {opened} pages cold, {path}");
    line(&figure, &format!("{} KB", bytes.div_ceil(1024)), "≤ 60 KB");
    Ok(())
}

fn filled(path: &str, place: &Place) -> String {
    place.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

async fn weigh(site: SocketAddr, path: &str, cookie: &str) -> anyhow::Result<usize> {
    let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n");
    answer(&mut TcpStream::connect(site).await?, &format!("{head}{cookie}\r\n")).await
}

type Place = Vec<(&'static str, String)>;

/// What stands for the parts of addresses, for each class in which the learner has a seat, of
/// which one waits for its report.
async fn places(db: &mut PgConnection, now: DateTime<Utc>) -> anyhow::Result<Vec<Place>> {
    let learner = by_nip(db, demo::PRINTED[4].nip).await?;
    let own = certificate::of_person(db, learner).await?;
    let own = own.first().context("no certificate")?;
    let token = account::invite(db, learner, None, now).await?;
    read_awaited(db, learner).await?;
    let mut places = Vec::new();
    for mine in enrolment::mine(db, learner).await? {
        let found = class::find(db, mine.class).await?;
        let mut place = vec![
            ("{class}", mine.class.to_string()),
            ("{slug}", found.slug.unwrap_or_default()),
            ("{person}", learner.to_string()),
            ("{file}", own.id.to_string()),
            ("{code}", own.code.clone()),
            ("{token}", token.clone()),
        ];
        if let Some(import) = attendance::imports(db, mine.class).await?.first() {
            let rows = attendance::preview(db, import.id, learner).await?.rows;
            let row = rows.first().map(|row| row.id);
            place.push(("{import}", import.id.to_string()));
            place.push(("/cari", format!("/cari?baris={}", row.context("an empty report")?)));
        }
        places.push(place);
    }
    let drafts = schedule::shelf(db, Shelf::Drafts, now).await?;
    places.extend(drafts.first().map(|draft| vec![("{class}", draft.id.to_string())]));
    let unit = people::find(db, learner).await?.unit_id;
    places.push(vec![("{unit}", unit.to_string()), ("{entry}", "1".into())]);
    let twice = people::search(db, "Rosmawati Tandju", None, 1.into()).await?.people;
    let twice = people::merged(db, twice.first().context("nobody was recorded twice")?.id).await?;
    places.extend(twice.first().map(|(id, ..)| vec![("{person}", id.to_string())]));
    let request = request(db, learner, now).await?;
    places.push(vec![("{request}", request.to_string())]);
    for list in staff_lists(db, learner, now).await? {
        places.push(vec![("{list}", list.to_string())]);
    }
    Ok(places)
}

/// A request for a correction that waits for its answer.
async fn request(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> anyhow::Result<RequestId> {
    let new = NewRequest {
        subject: Asked::Hours(None),
        wanted: "Dua jam pelajaran".into(),
        reason: "Hadir sampai selesai".into(),
        form_key: account::new_token()?,
    };
    privacy::ask(db, person, &new, now).await?;
    let asked = privacy::of_person(db, person).await?;
    Ok(asked.first().context("the request was not kept")?.id)
}

/// A staff list that waits to be looked at, and one that is recorded.
async fn staff_lists(
    db: &mut PgConnection,
    by: PersonId,
    now: DateTime<Utc>,
) -> anyhow::Result<[StaffImportId; 2]> {
    let waiting = super::staff_list(60, 1);
    let waiting = staff::store(db, "pegawai.csv", waiting.as_bytes(), by, now).await?;
    let importer = Importer { person: by, reach: None };
    let recorded =
        staff::recent(db, &importer).await?.into_iter().find(|one| one.confirmed_at.is_some());
    if let Some(recorded) = recorded {
        return Ok([waiting, recorded.id]);
    }
    let text = super::staff_list(60, 2);
    let recorded = staff::store(db, "pegawai.csv", text.as_bytes(), by, now).await?;
    let list = staff::read(text.as_bytes())?;
    let judged = staff::judge(&list, &staff::standing(db, None, now).await?, &UnitChoices::new());
    staff::confirm(db, recorded, &judged, &judged.digest(), &importer, now).await?;
    Ok([waiting, recorded])
}

/// Uploads the report that a class waits for, so that its preview can be opened.
async fn read_awaited(db: &mut PgConnection, by: PersonId) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let awaited = demo::report(db, now).await?.context("no class waits for its report")?;
    if attendance::imports(db, awaited.class).await?.is_empty() {
        let expected = attendance::read::expected(&class::find(db, awaited.class).await?);
        let upload = Upload::read("report.csv", awaited.bytes, &expected)?;
        attendance::upload(db, awaited.class, &upload, by, now).await?;
    }
    Ok(())
}
