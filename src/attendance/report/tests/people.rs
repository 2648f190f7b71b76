//! Who counts as whom, and which rows do not count.

use super::*;

const MORNING: (&str, &str) = ("03/22/2025 09:00:00 AM", "03/22/2025 10:00:00 AM");
const LATER: (&str, &str) = ("03/22/2025 09:30:00 AM", "03/22/2025 11:00:00 AM");

fn rows(people: &[(&str, &str, (&str, &str))]) -> Report {
    let rows: Vec<_> =
        people.iter().map(|(name, email, (join, leave))| (*name, *email, *join, *leave)).collect();
    read_text(&form_a(&rows)).unwrap()
}

#[test]
fn two_devices_at_once_count_once() {
    let report = rows(&[("Budi", "b@x.id", MORNING), ("Budi HP", "B@X.id ", LATER)]);
    assert_eq!(report.names(), ["Budi"]);
    assert_eq!(report.participants[0].segments, [span("09:00", "11:00")]);
    assert_eq!(report.participants[0].lines, [2, 3]);
}

#[test]
fn guests_are_told_apart_by_name_whatever_its_case_and_spacing() {
    let report = rows(&[("Budi  Santoso", "", MORNING), ("BUDI SANTOSO", "", LATER)]);
    assert_eq!(report.names(), ["Budi  Santoso"]);
}

#[test]
fn one_name_with_two_addresses_is_two_people_and_a_guest_is_neither() {
    let report =
        rows(&[("Budi", "b1@x.id", MORNING), ("Budi", "b2@x.id", MORNING), ("Budi", "", MORNING)]);
    assert_eq!(report.names(), ["Budi", "Budi", "Budi"]);
}

#[test]
fn one_device_name_with_two_original_names_is_two_people() {
    let report = rows(&[("iPhone (Andi)", "", MORNING), ("iPhone (Budi)", "", MORNING)]);
    assert_eq!(report.participants.len(), 2);
    let report = rows(&[("Budi (Budi Santoso)", "", MORNING), ("Budi", "", LATER)]);
    assert_eq!(report.participants.len(), 1);
}

#[test]
fn a_registrant_id_outweighs_the_address() {
    for title in ["Registrant ID", "Registration ID", "ID Pendaftar"] {
        let report = read_text(&format!(
            "{title},Name (original name),Email,Join time,Leave time\n\
             r1,Budi,b@x.id,03/22/2025 09:00,03/22/2025 10:00\n\
             r1,Budi lagi,lain@x.id,03/22/2025 10:00,03/22/2025 11:00\n\
             r2,Budi,b@x.id,03/22/2025 09:00,03/22/2025 10:00\n"
        ))
        .unwrap();
        assert_eq!(report.names(), ["Budi", "Budi"]);
        assert_eq!(report.participants[0].segments, [span("09:00", "11:00")]);
    }
}

#[test]
fn original_names_are_taken_from_the_last_parentheses() {
    let cases = [
        ("Andi (Dinkes)", "Andi", Some("Dinkes")),
        ("Andi ( )", "Andi", None),
        ("Andi (a) (Andi Wijaya)", "Andi (a)", Some("Andi Wijaya")),
        ("Andi (Andi (Dinkes) W)", "Andi", Some("Andi (Dinkes) W")),
        ("(Andi)", "(Andi)", None),
        ("Andi)", "Andi)", None),
        ("Andi (", "Andi (", None),
        ("Andi)(", "Andi)(", None),
        ("Andi (é", "Andi (é", None),
    ];
    for (text, name, original) in cases {
        let report = rows(&[(text, "", MORNING)]);
        let person = &report.participants[0];
        assert_eq!((person.name.as_str(), person.original_name.as_deref()), (name, original));
    }
}

#[test]
fn names_are_not_split_when_the_header_does_not_say_so() {
    let report = read_text(
        "Name,Email,Join time,Leave time\nAndi (Dinkes),,03/22/2025 09:00,03/22/2025 10:00\n",
    );
    assert_eq!(report.unwrap().names(), ["Andi (Dinkes)"]);
}

#[test]
fn the_waiting_room_does_not_count() {
    for (title, yes, no) in [
        ("In Waiting Room", "Yes", "No"),
        ("Di ruang tunggu", "Ya", "Tidak"),
        ("In waiting room", "TRUE", "FALSE"),
    ] {
        let report = read_text(&format!(
            "Name (original name),Email,Join time,Leave time,{title}\n\
             Budi,,03/22/2025 08:00,03/22/2025 09:30,{yes}\n\
             Budi,,03/22/2025 09:30,03/22/2025 10:00,{no}\n"
        ))
        .unwrap();
        assert_eq!((report.seconds_of("Budi"), report.skipped_lines()), (1800, vec![2]));
    }
}

#[test]
fn note_takers_are_skipped_and_people_are_not() {
    let bots = [
        "Otter.ai",
        "Budi's OtterPilot",
        "Fireflies.ai Notetaker (Budi)",
        "read.ai meeting notes",
        "Fathom Notetaker",
        "Andi's Fathom Notetaker",
        "tl;dv",
        "tl;dv Notetaker",
        "MeetGeek",
        "Notta Bot",
        "Zoom AI Companion",
        "Budi's Notetaker",
        "FATHOM",
    ];
    let people = [
        "Ready Hermawan",
        "Notaris Otto",
        "Fathoma",
        "Ai Nurhayati",
        "Siti Otterina",
        "Fathom Wijaya",
        "Notta Lestari",
        "Bread Ai",
    ];
    for bot in bots {
        let report = rows(&[(bot, "", MORNING), ("Budi", "", MORNING)]);
        assert_eq!((report.names(), report.skipped_lines()), (vec!["Budi"], vec![2]), "{bot}");
    }
    for person in people {
        assert_eq!(rows(&[(person, "", MORNING)]).names(), [person]);
    }
}

#[test]
fn a_stay_that_ends_before_it_begins_is_skipped() {
    let report = rows(&[("Budi", "", (MORNING.1, MORNING.0)), ("Budi", "", LATER)]);
    assert_eq!((report.seconds_of("Budi"), report.skipped_lines()), (5400, vec![2]));
}

#[test]
fn a_stay_of_no_time_is_a_participant_without_segments() {
    let report = rows(&[("Budi", "", (MORNING.0, MORNING.0))]);
    assert_eq!((report.seconds_of("Budi"), report.participants[0].segments.len()), (0, 0));
    assert!(report.skipped.is_empty());
}

#[test]
fn a_row_without_a_name_goes_by_its_address_or_is_skipped() {
    let report = rows(&[("", "b@x.id", MORNING), ("", "", MORNING)]);
    assert_eq!((report.names(), report.skipped_lines()), (vec!["b@x.id"], vec![3]));
}

#[test]
fn two_totals_of_one_person_are_not_added() {
    let report = read_text(
        "Name (original name),Email,Total duration (minutes),Guest\n\
         Budi,b@x.id,60,No\nBudi HP,b@x.id,\"45,5\",No\nCici,,12.0,Yes\nEka,,lama,Yes\n",
    )
    .unwrap();
    assert_eq!((report.seconds_of("Budi"), report.seconds_of("Cici")), (3600, 720));
    assert_eq!(report.skipped_lines(), [5]);
}

#[test]
fn a_report_without_participants_is_refused() {
    assert_eq!(read_text(&form_a(&[])), Err(ReportError::NoParticipants));
    let text = stay("Otter.ai", "", "09:00:00 AM", "10:00:00 AM");
    assert!(matches!(read_text(&text), Err(ReportError::NothingUsable { count: 1, line: 2, .. })));
}

#[test]
fn another_meeting_is_refused() {
    let text = "Topic,ID,Start time,End time\nEtika,812 3456 7890,,\n\n\
        Name (original name),Email,Join time,Leave time\nBudi,,03/22/2025 09:00,03/22/2025 10:00\n";
    let read_for = |meeting: &str| {
        let expected = Expected { meeting_id: Some(meeting.to_owned()), ..expected() };
        read(text.as_bytes(), &expected, &Hints::default())
    };
    assert!(read_for("812-3456-7890").is_ok());
    let refused = ReportError::OtherMeeting {
        found: "81234567890".to_owned(),
        expected: "81111111111".to_owned(),
    };
    assert_eq!(read_for("81111111111"), Err(refused));
}

#[test]
fn rows_of_other_meetings_in_one_file_are_skipped() {
    let text = "Topic,ID,Name (original name),Email,Join time,Leave time\n\
        Etika,811 1111 1111,Ani,,03/22/2025 09:00,03/22/2025 10:00\n\
        Etika,812 3456 7890,Budi,,03/22/2025 09:00,03/22/2025 10:00\n";
    let expected = Expected { meeting_id: Some("81234567890".to_owned()), ..expected() };
    let report = read(text.as_bytes(), &expected, &Hints::default()).unwrap();
    assert_eq!((report.names(), report.skipped_lines()), (vec!["Budi"], vec![2]));
    assert_eq!(report.meeting_id.as_deref(), Some("81234567890"));
}

#[test]
fn a_number_that_a_spreadsheet_shortened_identifies_no_meeting() {
    let text = "Topic,ID,Start time,End time\nEtika,8.12346E+10,,\n\n\
        Name (original name),Email,Join time,Leave time\nBudi,,03/22/2025 09:00,03/22/2025 10:00\n";
    let expected = Expected { meeting_id: Some("81111111111".to_owned()), ..expected() };
    assert!(read(text.as_bytes(), &expected, &Hints::default()).is_ok());
}

#[test]
fn time_is_cut_to_the_parts_of_a_class_and_counted_once() {
    let parts = [span("09:00", "10:00"), span("10:00", "11:00"), span("13:00", "14:00")];
    let stays = [span("08:00", "09:30"), span("09:15", "13:30"), span("15:00", "16:00")];
    let inside = clip(&stays, &parts);
    assert_eq!(inside, [span("09:00", "11:00"), span("13:00", "13:30")]);
    assert_eq!(seconds(&inside), 9000);
    assert_eq!(seconds(&stays), 6 * 3600 + 1800);
}

#[test]
fn endless_names_are_cut() {
    let report = rows(&[(&"é".repeat(100_000), "", MORNING)]);
    assert_eq!(report.participants[0].name.len(), 600);
}

#[test]
fn only_minutes_are_a_total() {
    for (total, seconds) in [
        ("90 menit", Some(5400)),
        ("1.5", Some(90)),
        ("1 jam", None),
        ("-5", None),
        ("1:30", None),
        ("NaN", None),
    ] {
        let text = format!("Name,Email,Total duration (minutes)\nBudi,,{total}\nAni,,1\n");
        let report = read_text(&text).unwrap();
        assert_eq!(report.participants[0].total_seconds, seconds.or(Some(60)), "{total}");
    }
}
