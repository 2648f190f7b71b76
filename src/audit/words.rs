//! Tables, fields and values in the reader's words.

use crate::{account::Role, web::show};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a table holds.
pub(super) fn table(name: &str) -> &str {
    match name {
        "unit" => "Unit kerja",
        "person" => "Data orang",
        "person_nip" => "NIP",
        "password" => "Kata sandi",
        "activation" => "Tautan aktivasi",
        "role_grant" => "Peran",
        "proposal" => "Usulan perubahan",
        "authenticator" => "Aplikasi autentikator",
        "passkey" => "Passkey",
        "recovery_code" => "Kode pemulihan",
        "sso_link" => "Akun terhubung",
        "staff_import" => "Daftar pegawai",
        "setting" => "Pengaturan",
        "target_version" => "Target JP",
        "logo" => "Logo",
        "class" => "Kelas",
        "class_part" => "Waktu kelas",
        "class_lane" => "Jalur kelas",
        "class_speaker" => "Narasumber",
        "enrolment" => "Pendaftaran",
        "import" => "Laporan kehadiran",
        "import_row" => "Baris laporan kehadiran",
        "evidence" => "Bukti kehadiran",
        "decision" => "Keputusan kehadiran",
        "certificate" => "Sertifikat",
        other => other,
    }
}

#[expect(clippy::too_many_lines, reason = "a dictionary, one line a field")]
fn field_label(field: &str) -> &str {
    match field {
        "name" => "Nama",
        "nip" => "NIP",
        "email" => "Surel",
        "employment" => "Kepegawaian",
        "unit_id" => "Unit kerja",
        "parent_id" => "Unit induk",
        "merged_into" => "Digabung ke",
        "code" => "Kode",
        "valid_from" => "Berlaku sejak",
        "valid_until" => "Berlaku sampai",
        "position" => "Urutan",
        "rank" => "Pangkat",
        "person_id" => "Orang",
        "class_id" => "Kelas nomor",
        "role" => "Peran",
        "granted_at" => "Diberikan pada",
        "granted_by" => "Diberikan oleh",
        "revoked_at" => "Dicabut pada",
        "revoked_by" => "Dicabut oleh",
        "revoked_because" => "Alasan pencabutan",
        "recorded_at" => "Dicatat pada",
        "recorded_by" => "Dicatat oleh",
        "added_at" => "Ditambahkan pada",
        "added_by" => "Ditambahkan oleh",
        "ended_at" => "Berakhir pada",
        "link_by" => "Tautan dibuat oleh",
        "set_at" | "made_at" => "Dibuat pada",
        "made_by" => "Dibuat oleh",
        "expires_at" => "Kedaluwarsa pada",
        "used_at" => "Dipakai pada",
        "changed_at" => "Diubah pada",
        "changed_by" => "Diubah oleh",
        "topic" => "Pokok",
        "value" => "Isi",
        "year" => "Tahun",
        "minimum" => "JP minimum",
        "notice_above" => "Pemberitahuan di atas",
        "file_name" => "Nama berkas",
        "uploaded_at" => "Diunggah pada",
        "uploaded_by" => "Diunggah oleh",
        "confirmed_at" => "Dikonfirmasi pada",
        "confirmed_by" => "Dikonfirmasi oleh",
        "discarded_at" => "Dibuang pada",
        "discarded_by" => "Dibuang oleh",
        "undo_asked_at" => "Pembatalan diminta pada",
        "undone_at" => "Dibatalkan pada",
        "undone_by" => "Dibatalkan oleh",
        "added" => "Baru",
        "changed" => "Berubah",
        "skipped" => "Dilewati",
        "staff_import_id" | "daftar" => "Daftar pegawai nomor",
        "title" => "Judul",
        "summary" => "Ringkasan",
        "description" => "Uraian",
        "audience" => "Sasaran",
        "jp" => "JP",
        "quota" => "Kuota",
        "enrolment_opens" => "Pendaftaran dibuka",
        "enrolment_closes" => "Pendaftaran ditutup",
        "withdrawal_until" => "Batal paling lambat",
        "presence_percent" | "percent" => "Batas kehadiran (%)",
        "starts" => "Mulai",
        "ends" => "Selesai",
        "really_started" => "Sebenarnya mulai",
        "really_ended" => "Sebenarnya selesai",
        "zoom_meeting_id" => "ID rapat Zoom",
        "slug" => "Alamat halaman",
        "state" => "Keadaan",
        "lane" => "Jalur",
        "address" => "Tautan atau tempat",
        "speaking" => "Tugas",
        "office" => "Jabatan",
        "kind" => "Jenis",
        "number" => "Nomor",
        "label" => "Nomor tercetak",
        "issued_at" => "Diterbitkan pada",
        "issued_by" => "Diterbitkan oleh",
        "present" => "Hadir",
        "reason" => "Alasan",
        "withdrawn_at" => "Ditarik pada",
        "withdrawn_by" => "Ditarik oleh",
        "outcome" => "Hasil",
        "revision" => "Revisi",
        "seconds" => "Detik hadir",
        "needed" => "Detik yang diperlukan",
        "class_seconds" => "Detik lamanya kelas",
        "total_seconds" => "Jumlah detik",
        "decided_at" => "Diputuskan pada",
        "decided_by" => "Diputuskan oleh",
        "ignored" => "Diabaikan",
        "walk_in" => "Tanpa pendaftaran",
        "chosen_at" => "Dipilih pada",
        "chosen_by" => "Dipilih oleh",
        "matched" => "Cara mencocokkan",
        "format" => "Bentuk berkas",
        "zone" => "Zona waktu",
        "halaman" => "Halaman",
        "columns" => "Isi kolom yang dipilih",
        "units" => "Unit yang dipilih",
        other => other,
    }
}

/// Whether the field names a person by number.
pub(super) fn is_person(field: &str) -> bool {
    field == "person_id" || field == "by" || field.ends_with("_by")
}

/// Whether the field names a unit by number.
pub(super) fn is_unit(field: &str) -> bool {
    matches!(field, "unit_id" | "parent_id" | "before_unit")
}

/// The number of the row itself, which the entry has anyway.
pub(super) fn is_plain_key(field: &str) -> bool {
    field == "id"
}

/// Names by number.
pub(super) struct Names {
    pub people: BTreeMap<i64, String>,
    pub units: BTreeMap<i64, String>,
}

/// A field that changed. A side that was empty, or not there, is empty.
pub(super) struct Said {
    pub field: String,
    pub before: String,
    pub after: String,
}

pub(super) fn said(
    names: &Names,
    about: Option<&str>,
    field: &str,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Said {
    let merged = field == "merged_into";
    let known = |value: &Value| {
        let id = value.as_i64()?;
        let person = is_person(field) || (merged && about == Some("person"));
        let unit = is_unit(field) || (merged && about == Some("unit"));
        if person {
            names.people.get(&id).cloned()
        } else if unit {
            names.units.get(&id).cloned()
        } else {
            None
        }
    };
    let text = |value: Option<&Value>| {
        value.map(|value| known(value).unwrap_or_else(|| plain(field, value))).unwrap_or_default()
    };
    // Of people it is their post, of parts and speakers a place in a row.
    let post = field == "position" && about == Some("person");
    let label = if post { "Jabatan" } else { field_label(field) };
    Said { field: label.to_owned(), before: text(before), after: text(after) }
}

fn plain(field: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "ya".into(),
        Value::Bool(false) => "tidak".into(),
        Value::String(text) if field == "nip" => show::nip(text),
        Value::String(text) => words(text),
        Value::Object(parts) => {
            let parts = parts.iter().map(|(part, said)| format!("{part}: {}", plain(part, said)));
            parts.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// A time as readers expect it, a code of the program in words, anything else as it is.
fn words(text: &str) -> String {
    if let Ok(at) = text.parse::<DateTime<Utc>>() {
        return show::moment(at);
    }
    if let Some(role) = Role::of(text) {
        return role.label().to_owned();
    }
    let words = match text {
        "pns" => "PNS",
        "pppk" => "PPPK",
        "active" => "terdaftar",
        "waiting" => "menunggu",
        "withdrawn" => "batal",
        "draft" => "draf",
        "published" => "terbit",
        "cancelled" => "dibatalkan",
        "present" => "hadir",
        "partial" => "hadir sebagian",
        "absent" => "tidak hadir",
        "undecided" => "belum diputuskan",
        "participant" => "peserta",
        "speaker" => "narasumber",
        "zoom_report" => "laporan Zoom",
        "by_hand" => "keputusan penyelenggara",
        other => other,
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_in_the_readers_words() {
        let names = Names {
            people: [(7, "Ada".to_owned())].into(),
            units: [(7, "Dinas Sosial".to_owned())].into(),
        };
        let shown = |about, field, value: Value| {
            let said = said(&names, Some(about), field, None, Some(&value));
            format!("{}: {}", said.field, said.after)
        };
        assert_eq!(shown("role_grant", "granted_by", json!(7)), "Diberikan oleh: Ada");
        assert_eq!(shown("person", "unit_id", json!(7)), "Unit kerja: Dinas Sosial");
        assert_eq!(shown("unit", "merged_into", json!(7)), "Digabung ke: Dinas Sosial");
        assert_eq!(shown("person", "unit_id", json!(8)), "Unit kerja: 8");
        let chosen = json!({"kantor dua": 8, "kantor satu": 7});
        let said = "Unit yang dipilih: kantor dua: 8; kantor satu: 7";
        assert_eq!(shown("staff_import", "units", chosen), said);
        assert_eq!(
            shown("class", "starts", json!("2026-03-10T01:00:00+00:00")),
            "Mulai: 10 Mar 2026 · 09.00 WITA"
        );
        assert_eq!(shown("person", "position", json!("Guru")), "Jabatan: Guru");
        assert_eq!(shown("class_part", "position", json!(2)), "Urutan: 2");
        assert_eq!(shown("role_grant", "role", json!("auditor")), "Peran: Auditor (Inspektorat)");
    }
}
