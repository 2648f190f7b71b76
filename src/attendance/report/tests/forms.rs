//! Each of Zoom's forms, with its header verbatim.

use super::*;

const A: &str = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest";
const D: &str = "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,Recording disclaimer response,In waiting room";

fn one(text: &str) -> Report {
    let report = read_text(text).unwrap();
    assert_eq!(report.names(), ["Budi"]);
    assert_eq!(report.participants[0].original_name.as_deref(), Some("Budi Santoso"));
    report
}

#[test]
fn form_a_has_stays() {
    let report = one(&format!(
        "{A}\nBudi (Budi Santoso),Budi@Contoh.go.id,03/22/2025 08:55:00 AM,03/22/2025 11:00:30 AM,126,No\n"
    ));
    assert_eq!(report.format, Format::A);
    assert_eq!(report.participants[0].email.as_deref(), Some("budi@contoh.go.id"));
    assert_eq!(report.participants[0].segments, [span("08:55", "11:00:30")]);
    assert_eq!(report.participants[0].lines, [2]);
    assert_eq!(report.seconds_of("Budi"), 2 * 3600 + 30);
}

#[test]
fn form_a_may_have_a_longer_tail() {
    for tail in [",Recording Consent", ",Recording Disclaimer Response ,In Waiting Room"] {
        let row = "Budi (Budi Santoso),,03/22/2025 09:00:00 AM,03/22/2025 10:00:00 AM,60,Yes,OK,No";
        let report = one(&format!("{A}{tail}\n{row}\n"));
        assert_eq!((report.format, report.seconds_of("Budi")), (Format::A, 3600));
    }
}

#[test]
fn form_b_has_the_meeting_and_then_form_a() {
    let report = one(&format!(
        "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n\
         812 3456 7890,\"Etika, Nilai, dan Budaya\",03/22/2025 08:50:00 AM,03/22/2025 12:10:00 PM,host@contoh.go.id,200,1\n\
         \n{A}\nBudi (Budi Santoso),budi@contoh.go.id,03/22/2025 09:00:00 AM,03/22/2025 10:00:00 AM,60,No\n"
    ));
    assert_eq!(report.format, Format::B);
    assert_eq!(report.meeting_id.as_deref(), Some("81234567890"));
    assert_eq!(report.topic.as_deref(), Some("Etika, Nilai, dan Budaya"));
    assert_eq!(report.participants[0].lines, [5]);
}

#[test]
fn form_c_has_totals_and_no_times() {
    let report = one("Name (Original Name),User Email,Total Duration (Minutes),Guest\n\
         Budi (Budi Santoso),budi@contoh.go.id,95,No\n");
    assert_eq!(report.format, Format::C);
    assert_eq!((report.date_order, report.order_reason), (None, OrderReason::NoTimes));
    assert_eq!(report.participants[0].total_seconds, Some(95 * 60));
    assert_eq!(report.seconds_of("Budi"), 95 * 60);
}

#[test]
fn a_total_is_at_most_the_length_of_the_class() {
    let report = one("Name (Original Name),User Email,Total Duration (Minutes),Guest\n\
         Budi (Budi Santoso),budi@contoh.go.id,1000,No\n");
    let json = report.to_json(class());
    assert_eq!(json["participants"][0]["seconds"], 3 * 3600);
    assert_eq!(json["participants"][0]["segments"], json!([]));
    assert_eq!(json["date_order"], Value::Null);
}

#[test]
fn form_d_has_stays_in_the_newer_spelling() {
    let row = "Budi (Budi Santoso),,03/22/2025 09:00:00 AM,03/22/2025 10:00:00 AM,60,Yes,OK,No";
    let report = one(&format!("{D}\n{row}\n"));
    assert_eq!((report.format, report.seconds_of("Budi")), (Format::D, 3600));
}

#[test]
fn form_d_may_lack_the_email() {
    let report = one("Name (original name),Join time,Leave time,Duration (minutes),Guest\n\
         Budi (Budi Santoso),03/22/2025 09:00:00 AM,03/22/2025 10:00:00 AM,60,Yes\n");
    assert_eq!((report.format, report.participants[0].email.as_deref()), (Format::D, None));
}

#[test]
fn form_e_has_the_meeting_and_then_form_d() {
    for (host, name) in [("", ""), ("Host,", "Ani,")] {
        let report = one(&format!(
            "Topic,ID,{host}Duration (minutes),Start time,End time,Participants\n\
             Etika,812 3456 7890,{name}200,03/22/2025 08:50:00 AM,03/22/2025 12:10:00 PM,1\n\n\
             {D}\nBudi (Budi Santoso),,03/22/2025 09:00:00 AM,03/22/2025 10:00:00 AM,60,Yes,OK,No\n"
        ));
        assert_eq!(report.format, Format::E);
        assert_eq!(report.meeting_id.as_deref(), Some("81234567890"));
        assert_eq!(report.seconds_of("Budi"), 3600);
    }
}

#[test]
fn form_e_may_have_totals() {
    let report = one("Topic,ID,Host,Duration (minutes),Start time,End time,Participants\n\
         Etika,812 3456 7890,Ani,200,03/22/2025 08:50:00 AM,03/22/2025 12:10:00 PM,1\n\n\
         Name (original name),Email,Total duration (minutes),Guest\n\
         Budi (Budi Santoso),,60,Yes\n");
    assert_eq!((report.format, report.seconds_of("Budi")), (Format::E, 3600));
}

#[test]
fn form_f_repeats_the_meeting_and_its_second_duration_is_the_participants() {
    let header = "Topic,ID,Host name,Host email,Start time,End time,Participants,Duration (minutes),Total participant minutes,Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,Recording disclaimer response,In waiting room";
    let report = one(&format!(
        "{header}\nEtika,812 3456 7890,Ani,ani@contoh.go.id,03/22/2025 08:50:00 AM,03/22/2025 12:10:00 PM,1,200,60,Budi (Budi Santoso),budi@contoh.go.id,03/22/2025 09:00:00 AM,03/22/2025 10:00:00 AM,60,Yes,OK,No\n"
    ));
    assert_eq!(report.format, Format::F);
    assert_eq!(report.meeting_id.as_deref(), Some("81234567890"));
    assert_eq!(report.participants[0].email.as_deref(), Some("budi@contoh.go.id"));
    assert_eq!(report.seconds_of("Budi"), 3600);
}

#[test]
fn form_f_can_do_without_times() {
    let header = "Topic,ID,Duration (minutes),Name (original name),Email,Duration (minutes),Guest";
    let report = one(&format!("{header}\nEtika,812 3456 7890,200,Budi (Budi Santoso),,60,Yes\n"));
    assert_eq!((report.format, report.seconds_of("Budi")), (Format::F, 3600));
}

#[test]
fn form_g_is_any_of_them_in_indonesian() {
    let stays = "Nama (nama asli),Email,Waktu bergabung,Waktu keluar,Durasi (menit),Tamu,Respons penafian rekaman,Di ruang tunggu\n\
        Budi (Budi Santoso),budi@contoh.go.id,22/03/2025 09:00:00,22/03/2025 10:00:00,60,Tidak,OK,Tidak\n";
    let totals = "Nama (nama asli),Email,Total durasi (menit)s,Tamu\nBudi (Budi Santoso),,60,Ya\n";
    let block = "Topik,ID,Nama host,Durasi (menit),Waktu mulai,Waktu berakhir,Peserta,Total menit peserta\n\
        Etika,812 3456 7890,Ani,200,22/03/2025 08:50:00,22/03/2025 12:10:00,1,60\n\n";
    for text in [stays, totals, &format!("{block}{stays}"), &format!("{block}{totals}")] {
        let report = one(text);
        assert_eq!((report.format, report.seconds_of("Budi")), (Format::G, 3600));
        assert_eq!(report.topic.is_some(), text.starts_with("Topik"));
    }
}

const WEBINAR: &str = "Attendee Report
Report Generated:,\"Mar 22, 2025 21:00:00\"
Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,# Cancelled,Unique Viewers,Total Users,Max Concurrent Views,Enable Registration
Etika,812 3456 7890,\"Mar 22, 2025 08:50:00\",200,3,0,2,5,4,Yes
Host Details
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name
Yes,Ani,ani@contoh.go.id,\"Mar 22, 2025 08:50:00\",\"Mar 22, 2025 12:10:00\",200,No,Indonesia
Panelist Details
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name
Yes,Cici,cici@contoh.go.id,\"Mar 22, 2025 09:00:00\",\"Mar 22, 2025 12:00:00\",180,No,Indonesia
Attendee Details
Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,Approval Status,Join Time,Leave Time,Time in Session (minutes),Is Guest,Nama,Unit Kerja,Country/Region Name
Yes,Budi (Budi Santoso),Budi,Santoso,budi@contoh.go.id,--,\"Mar 20, 2025 08:00:00\",approved,\"Mar 22, 2025 09:00:00\",\"Mar 22, 2025 10:00:00\",60,Yes,Budi S.,Dinkes,Indonesia
Yes,--,Eka,Putri,--,--,\"Mar 20, 2025 08:00:00\",approved,\"Mar 22, 2025 09:00:00\",\"Mar 22, 2025 09:30:00\",30,Yes,Eka P.,Dinkes,Indonesia
No,--,Dodi,Wijaya,dodi@contoh.go.id,--,\"Mar 20, 2025 08:00:00\",approved,--,--,--,--,Dodi W.,Dinkes,--
Other Attended
User Name,Join Time,Leave Time,Time in Session (minutes),Country/Region Name
62812****99,\"Mar 22, 2025 10:00:00\",\"Mar 22, 2025 10:10:00\",10,Indonesia
";

#[test]
fn form_h_counts_everyone_who_attended_in_any_section() {
    let report = read_text(WEBINAR).unwrap();
    assert_eq!(report.format, Format::H);
    assert_eq!(report.names(), ["Ani", "Cici", "Budi", "Eka Putri", "62812****99"]);
    assert_eq!(report.participants[3].email, None);
    assert_eq!(report.seconds_of("62812****99"), 600);
    assert_eq!(report.meeting_id.as_deref(), Some("81234567890"));
    assert!(report.skipped.is_empty());
}

#[test]
fn form_h_keeps_its_letter_after_a_spreadsheet_has_padded_it() {
    let padded = WEBINAR.replace('\n', ",,,,\r\n");
    let report = read_text(&padded).unwrap();
    assert_eq!((report.format, report.participants.len()), (Format::H, 5));
    assert!(report.skipped.is_empty());
}

#[test]
fn columns_are_found_by_name_in_any_order_case_and_spacing() {
    let report = one(
        "GUEST;leave   time (UTC+8);E-MAIL ADDRESS;NAME(ORIGINAL NAME);JOIN TIME;Registrant ID\n\
         Yes;03/22/2025 10:00;budi@contoh.go.id;Budi (Budi Santoso);03/22/2025 09:00;r-1\n",
    );
    assert_eq!(report.participants[0].registrant_id.as_deref(), Some("r-1"));
    assert_eq!(report.seconds_of("Budi"), 3600);
}

#[test]
fn json_has_what_the_contract_says() {
    let report = one(&stay("Budi (Budi Santoso)", "", "08:00:00 AM", "10:00:00 AM"));
    assert_eq!(
        report.to_json(class()),
        json!({
            "format": "A",
            "date_order": "mdy",
            "participants": [{
                "name": "Budi",
                "original_name": "Budi Santoso",
                "email": null,
                "registrant_id": null,
                "segments": [["2025-03-22T01:00:00Z", "2025-03-22T02:00:00Z"]],
                "seconds": 3600,
            }],
            "skipped": [],
        })
    );
}
