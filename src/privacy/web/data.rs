//! `/saya/data`: everything that is held about the visitor, to read, to print and to take away.

use crate::{
    account::{Page, SignedIn},
    app::Db,
    clock::Now,
    error::Result,
    privacy::{self, Item},
    web::show,
};
use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};

/// The sections in the order of the page, with their titles.
const SECTIONS: [(&str, &str); 21] = [
    ("catatan", "Catatan kepegawaian"),
    ("nip", "NIP"),
    ("perubahan", "Perubahan catatan"),
    ("peran", "Peran"),
    ("pendaftaran", "Pendaftaran kelas"),
    ("laporan_zoom", "Baris laporan Zoom"),
    ("bukti", "Bukti kehadiran"),
    ("keputusan", "Keputusan kehadiran"),
    ("jp", "Buku JP"),
    ("sertifikat", "Sertifikat"),
    ("pengajar", "Sebagai narasumber atau moderator"),
    ("kata_sandi", "Kata sandi (hanya waktunya)"),
    ("tautan", "Tautan dan kode untuk masuk"),
    ("masuk", "Masuk"),
    ("percobaan_masuk", "Percobaan masuk dengan NIP Anda"),
    ("permintaan_tautan", "Permintaan tautan dengan NIP Anda"),
    ("perangkat", "Perangkat yang dikenal"),
    ("surel", "Surel kepada Anda"),
    ("permintaan", "Permintaan perbaikan"),
    ("penghapusan", "Penghapusan data"),
    ("tindakan", "Tindakan Anda sebagai petugas"),
];

/// Items shown of a section; the file has all of them.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "privacy/data.html")]
struct DataPage {
    page: Page,
    sections: Vec<Section>,
    printed: String,
}

/// One kind of data.
struct Section {
    title: &'static str,
    code: &'static str,
    count: usize,
    items: Vec<Vec<(String, String)>>,
}

/// What a key means: its own words.
fn label(key: &str) -> String {
    let words = match key {
        "jp" | "nip" => return key.to_uppercase(),
        _ => key.replace('_', " "),
    };
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A value as people read it; nothing for what is not known.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(yes) => Some(if *yes { "ya" } else { "tidak" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text_words(text)),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().filter_map(words).collect();
            Some(all.join("; ")).filter(|all| !all.is_empty())
        }
        Value::Object(all) => {
            let pairs = all.iter().filter_map(|(key, value)| Some((label(key), words(value)?)));
            let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key}: {value}")).collect();
            Some(pairs.join("; ")).filter(|pairs| !pairs.is_empty())
        }
    }
}

fn text_words(text: &str) -> String {
    if let Ok(at) = text.parse::<DateTime<Utc>>() {
        return show::moment(at);
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return show::date(day);
    }
    if text.len() == 18 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return show::nip(text);
    }
    code_words(text).map_or_else(|| text.to_owned(), str::to_owned)
}

/// What the codes of states and kinds mean.
fn code_words(code: &str) -> Option<&'static str> {
    Some(match code {
        "active" => "aktif",
        "leave" => "cuti atau tugas belajar",
        "retired" => "pensiun",
        "moved" => "pindah instansi",
        "dismissed" => "diberhentikan",
        "died" => "meninggal",
        "waiting" => "menunggu",
        "withdrawn" => "dibatalkan",
        "present" => "hadir",
        "partial" => "hadir sebagian",
        "absent" => "tidak hadir",
        "undecided" => "belum diputuskan",
        "zoom_report" => "laporan Zoom",
        "by_hand" => "dicatat petugas",
        "pns" | "pppk" => return Some(if code == "pns" { "PNS" } else { "PPPK" }),
        "participant" => "peserta",
        "speaker" => "narasumber",
        "record" => "catatan kepegawaian",
        "hours" => "kehadiran dan JP",
        "done" => "diperbaiki",
        "refused" => "tidak diubah",
        "sent" => "terkirim",
        "failed" => "gagal",
        _ => return None,
    })
}

/// The items of each section that has any; both lists keep their order.
fn sections(items: &[Item]) -> Vec<Section> {
    let mut sections = Vec::new();
    for (code, title) in SECTIONS {
        let of: Vec<&Item> = items.iter().filter(|item| item.section == code).collect();
        let shown = of.iter().rev().take(SHOWN).map(|item| pairs(&item.what)).collect();
        if !of.is_empty() {
            sections.push(Section { title, code, count: of.len(), items: shown });
        }
    }
    sections
}

fn pairs(what: &Value) -> Vec<(String, String)> {
    let Value::Object(all) = what else { return Vec::new() };
    all.iter().filter_map(|(key, value)| Some((label(key), words(value)?))).collect()
}

pub(crate) async fn show(
    mut db: Db,
    page: Page,
    Now(now): Now,
    me: SignedIn,
) -> Result<Html<String>> {
    let items = privacy::everything(&mut db, me.id).await?;
    let (sections, printed) = (sections(&items), show::moment(now));
    Ok(Html(DataPage { page, sections, printed }.render()?))
}

/// The whole of it: `{ "format", "dibuat_pada", "data": { section: [..] } }`, described in
/// `docs/data-saya.md`.
fn file(items: Vec<Item>, now: DateTime<Utc>) -> Value {
    let mut data: Map<String, Value> =
        SECTIONS.iter().map(|(code, _)| ((*code).to_owned(), json!([]))).collect();
    for item in items {
        let mut what = item.what;
        if let Value::Object(pairs) = &mut what {
            pairs.insert("catatan_nomor".into(), item.record.0.into());
        }
        if let Value::Array(list) = data.entry(item.section).or_insert_with(|| json!([])) {
            list.push(what);
        }
    }
    json!({ "format": "smartclass-data-saya-1", "dibuat_pada": now.to_rfc3339(), "data": data })
}

pub(crate) async fn download(mut db: Db, Now(now): Now, me: SignedIn) -> Result<Response> {
    let items = privacy::everything(&mut db, me.id).await?;
    let text = serde_json::to_string_pretty(&file(items, now)).map_err(anyhow::Error::from)?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let name = HeaderValue::from_static("attachment; filename=\"data-saya.json\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_people_write_them() {
        let read = |value: Value| words(&value);
        assert_eq!(read(json!("2026-03-10T01:00:00+00:00")).unwrap(), "10 Mar 2026 · 09.00 WITA");
        assert_eq!(read(json!("2026-03-10")).unwrap(), "10 Maret 2026");
        assert_eq!(read(json!("199005052015032005")).unwrap(), "19900505 201503 2 005");
        assert_eq!(read(json!(["a", null, "b"])).unwrap(), "a; b");
        assert_eq!([read(json!(null)), read(json!("")), read(json!([]))], [None, None, None]);
        assert_eq!([label("unit_kerja"), label("jp")], ["Unit kerja", "JP"]);
    }
}
