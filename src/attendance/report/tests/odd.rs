//! Reports that nobody has shown us: what people, phones and spreadsheets may yet do to one.

use super::workbooks::workbook;
use super::*;

/// One report, and who was there: name, original name, address, minutes inside the class.
type Case = (&'static str, String, Vec<(&'static str, &'static str, &'static str, i64)>);

const D: &str = "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,Recording disclaimer response,In waiting room";
const G: &str = "Nama (nama asli);Email;Waktu bergabung;Waktu keluar;Durasi (menit);Tamu;Respons penafian rekaman;Di ruang tunggu";
const MORNING: &str = "03/22/2025 09:00:00 AM,03/22/2025 10:00:00 AM";
const PAGI: &str = "22/03/2025 09.00.00;22/03/2025 10.00.00";

fn d(rows: &[(&str, &str)]) -> String {
    let rows = rows.iter().map(|(name, email)| format!("{name},{email},{MORNING},60,No,OK,No\r\n"));
    format!("{D}\r\n{}", rows.collect::<String>())
}

fn g(rows: &str) -> String {
    format!("{G}\r\n{rows}")
}

fn one(name: &'static str) -> Vec<(&'static str, &'static str, &'static str, i64)> {
    vec![(name, "", "", 60)]
}

/// What stands above, below and beside the table.
fn around() -> Vec<Case> {
    let summary = "Laporan rapat;;;;\r\nDibuat;22/03/2025 21.00;;;\r\n\r\n\
        Topik;ID;Nama host;Durasi (menit);Waktu mulai;Waktu berakhir;Peserta;Total menit peserta\r\n\
        \"Etika; nilai\";812 3456 7890;Ani;200;22/03/2025 08.50.00;22/03/2025 12.10.00;1;60\r\n;;;;;;;\r\n";
    let wide = format!("{D},{}", "Pertanyaan,".repeat(60));
    vec![
        (
            "a preamble, a summary and a footer",
            format!(
                "{summary}{}",
                g(&format!("Budi;;{PAGI};60;Ya;OK;Tidak;;;\r\nJumlah;;;;60;;;\r\n"))
            ),
            one("Budi"),
        ),
        (
            "facts of the meeting below each other",
            format!(
                "Topic,Etika\r\nMeeting ID,812 3456 7890\r\nStart time,{MORNING}\r\n\r\n{}",
                d(&[("Budi", "")])
            ),
            one("Budi"),
        ),
        (
            "more than twenty-six columns",
            format!("{wide}\r\nBudi,,{MORNING},60,No,OK,No{}\r\n", ",jawaban".repeat(60)),
            one("Budi"),
        ),
        (
            "questions of the agency's own that are called like columns",
            format!(
                "{D},Nama,Email,Nama lengkap\r\nBudi,b@x.id,{MORNING},60,No,OK,No,Lain,lain@x.id,Lain\r\n"
            ),
            vec![("Budi", "", "b@x.id", 60)],
        ),
        (
            "a header with line ends in its cells",
            format!(
                "{}Budi,,{MORNING},60,No,OK,No\r\n",
                D.replace("Join time", "\"Join\ntime\"") + "\r\n"
            ),
            one("Budi"),
        ),
    ]
}

/// Names as people and phones write them.
fn names() -> Vec<Case> {
    let named = |name: &'static str| format!("\"{}\"", name.replace('"', "\"\""));
    let simple = |name: &'static str, read: &'static str, original: &'static str| -> Case {
        (name, d(&[(&named(name), "")]), vec![(read, original, "", 60)])
    };
    vec![
        simple("Budi\r\nSantoso, S.Sos.", "Budi Santoso, S.Sos.", ""),
        simple("👩🏽‍💻 Ani 🌸 (Ani Lestari)", "👩🏽‍💻 Ani 🌸", "Ani Lestari"),
        simple(
            "19800101 200501 1 004_Budi (Budi Santoso)",
            "19800101 200501 1 004_Budi",
            "Budi Santoso",
        ),
        simple("Budi \"Bud\" Santoso", "Budi \"Bud\" Santoso", ""),
        simple("\u{202a}Budi\u{202c}\u{2060}", "Budi", ""),
        simple("Dinkes；Budi", "Dinkes；Budi", ""),
        (
            "renamed in the middle",
            d(&[("Redmi 9", ""), ("Budi (Redmi 9)", "")]),
            vec![("Redmi 9", "", "", 60), ("Budi", "Redmi 9", "", 60)],
        ),
        (
            "renamed in the middle, with an address",
            d(&[("Redmi 9", "b@x.id"), ("Budi (Redmi 9)", "B@x.id")]),
            vec![("Redmi 9", "Redmi 9", "b@x.id", 60)],
        ),
        (
            "the host",
            d(&[("Ratna (Host)", "ratna@x.id")]),
            vec![("Ratna", "Host", "ratna@x.id", 60)],
        ),
    ]
}

/// Clocks and calendars.
fn times() -> Vec<Case> {
    let at = |join: &str, leave: &str| g(&format!("Budi;;{join};{leave};1;Tidak;OK;Tidak\r\n"));
    vec![
        (
            "narrow spaces",
            at("03/22/2025\u{202f}9:00:00\u{202f}AM", "03/22/2025\u{a0}10:00:00\u{2009}AM"),
            one("Budi"),
        ),
        (
            "a day of the week",
            at("Sabtu, 22 Maret 2025 09.00", "Sabtu, 22 Maret 2025 pukul 10.00"),
            one("Budi"),
        ),
        (
            "a day of the week in English",
            at("Sat, Mar 22, 2025 09:00 AM", "Saturday, March 22, 2025 10:00 AM"),
            one("Budi"),
        ),
        (
            "a short day of the week",
            at("Sab, 22 Mar 2025 09.00.00", "Sab, 22 Mar 2025 10.00.00"),
            one("Budi"),
        ),
        ("no zero and no seconds", at("22/3/2025 9.00", "22/3/2025 10.00"), one("Budi")),
        ("fractions", at("2025-03-22 09:00:00.000", "2025-03-22 10:00:00.999"), one("Budi")),
    ]
}

#[test]
fn whatever_stands_around_the_table_its_people_are_read() {
    all(around());
}

#[test]
fn names_are_kept_as_people_wrote_them() {
    all(names());
}

#[test]
fn times_are_read_in_every_dress() {
    all(times());
}

/// Each case as it is, and as a spreadsheet saves it as Unicode text.
fn all(cases: Vec<Case>) {
    for (what, text, wanted) in cases {
        let wide = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes));
        for bytes in [text.clone().into_bytes(), wide.collect()] {
            let report = read(&bytes, &expected(), &Hints::default());
            assert!(report.is_ok(), "{what}: {report:?}");
            let report = report.unwrap();
            let found: Vec<_> = report
                .participants
                .iter()
                .map(|one| {
                    let minutes = seconds(&clip(&one.segments, &[class()])) / 60;
                    (
                        one.name.as_str(),
                        one.original_name.as_deref().unwrap_or_default(),
                        one.email.as_deref().unwrap_or_default(),
                        minutes,
                    )
                })
                .collect();
            assert_eq!(found, wanted, "{what}");
        }
    }
}

#[test]
fn guests_who_wait_are_told_in_indonesian_too() {
    let text = g(&format!("Budi;;{PAGI};60;Ya;;Ya\r\nAni;;{PAGI};60;Tidak;;Tidak\r\n"));
    let report = read_text(&text).unwrap();
    assert_eq!((report.names(), report.skipped_lines()), (vec!["Ani"], vec![2]));
}

#[test]
fn a_rounded_duration_never_outweighs_the_times() {
    let text = format!("{D}\nBudi,,{MORNING},1,No,OK,No\nBudi,,{MORNING},999,No,OK,No\n");
    assert_eq!(read_text(&text).unwrap().seconds_of("Budi"), 3600);
}

#[test]
fn a_spreadsheet_that_took_only_some_days_for_months_is_understood() {
    // 12 March became 3 December, 13 March stayed text.
    let day = |day: &str| Span {
        from: makassar(&format!("2025-03-{day}T09:00")),
        to: makassar(&format!("2025-03-{day}T12:00")),
    };
    let expected = Expected { parts: vec![day("12"), day("13")], meeting_id: None };
    let third_of_december = 45_994.0;
    let cell = |text: &str| format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#);
    let row = |cells: &[&str]| cells.iter().map(|text| cell(text)).collect::<String>();
    let rows = format!(
        r#"<row r="1">{}</row><row r="2">{}<c s="1"><v>{}</v></c><c s="1"><v>{}</v></c></row><row r="3">{}</row>"#,
        row(&["Name (original name)", "Email", "Join time", "Leave time"]),
        row(&["Budi", ""]),
        third_of_december + 0.375,
        third_of_december + 0.5,
        row(&["Budi", "", "03/13/2025 09:00:00 AM", "03/13/2025 12:00:00 PM"]),
    );
    let report = read(&workbook(&rows, &[]), &expected, &Hints::default()).unwrap();
    assert_eq!(report.participants[0].segments, [day("12"), day("13")]);
    assert!(report.days_exchanged);
}

#[test]
fn a_workbook_may_have_more_columns_than_letters() {
    let cell = |text: &str| format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#);
    let wide = |cells: [&str; 4]| {
        let before = "<c/>".repeat(30);
        format!("{before}{}", cells.iter().map(|text| cell(text)).collect::<String>())
    };
    let rows = format!(
        r#"<row r="1">{}</row><row r="2">{}</row>"#,
        wide(["Nama", "Email", "Waktu bergabung", "Waktu keluar"]),
        wide(["Budi", "", "22/03/2025 09.00", "22/03/2025 10.00"])
    );
    let report = read(&workbook(&rows, &[]), &expected(), &Hints::default()).unwrap();
    assert_eq!(report.seconds_of("Budi"), 3600);
}
