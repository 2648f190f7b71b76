//! Ways to write times, the order of day and month, and the zone.

use chrono_tz::Asia;

use super::*;

fn read_with(text: &str, class: Span, hints: &Hints) -> Result<Report, ReportError> {
    read(text.as_bytes(), &Expected { parts: vec![class], meeting_id: None }, hints)
}

fn one_stay(join: &str, leave: &str) -> String {
    format!("Nama (nama asli);Email;Waktu bergabung;Waktu keluar\nBudi;;{join};{leave}\n")
}

#[test]
fn times_are_read_as_zoom_and_spreadsheets_write_them() {
    let ways = [
        ("03/22/2025 09:13:27 AM", "03/22/2025 01:00:00 PM"),
        ("03/22/2025 09:13:27\u{a0}AM", "03/22/2025 01:00:00\u{202f}PM"),
        ("3/22/25 9:13:27 am", "3/22/25 1:00 pm"),
        ("Mar 22, 2025 09:13:27", "Mar 22, 2025 13:00:00"),
        ("Mar 22, 2025 09:13:27 AM", "March 22, 2025 1:00:00 PM"),
        ("22 Maret 2025 09.13.27", "22 Mar 2025 13.00"),
        ("2025-03-22 09:13:27", "2025-03-22 13:00:00"),
        ("2025/03/22 09:13:27", "2025/03/22 13:00"),
        ("2025-03-22T09:13:27.900", "2025-03-22T13:00:00"),
        ("2025-03-22T01:13:27.900Z", "2025-03-22 13:00:00+08:00"),
        ("2025-03-22T10:13:27+0900", "2025-03-22T05:00Z"),
        ("22/03/2025 09:13:27", "22/03/2025 13:00:00"),
        ("22.03.2025 09.13.27", "22.03.2025 13.00.00"),
        ("22-03-25 09:13:27", "22-03-25 13:00"),
        ("45738.384340278", "45738,541666667"),
    ];
    for (join, leave) in ways {
        let report = read_with(&one_stay(join, leave), class(), &Hints::default());
        let segments = report.map(|report| report.participants[0].segments.clone());
        assert_eq!(segments, Ok(vec![span("09:13:27", "13:00")]), "{join}");
    }
}

#[test]
fn noon_and_midnight_are_in_the_right_half_of_the_day() {
    let text = one_stay("03/22/2025 12:00:00 AM", "03/22/2025 12:30:00 PM");
    let report = read_text(&text).unwrap();
    assert_eq!(report.participants[0].segments, [span("00:00", "12:30")]);
}

#[test]
fn indonesian_months_are_known_by_their_short_names() {
    let months =
        ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"];
    for (month, number) in months.into_iter().zip(1..) {
        let from = makassar(&format!("2025-{number:02}-05T09:00"));
        let class = Span { from, to: from + chrono::TimeDelta::hours(3) };
        let text = one_stay(&format!("5 {month} 2025 09.00"), &format!("5 {month} 2025 10.00"));
        let report = read_with(&text, class, &Hints::default()).unwrap();
        assert_eq!(report.participants[0].segments[0].from, from);
        assert_eq!(report.date_order, Some(DateOrder::Dmy));
    }
}

#[test]
fn what_is_no_time_is_skipped_with_its_line() {
    for nonsense in [
        "",
        "kemarin",
        "03/22/2025",
        "99/99/2025 09:00",
        "03/22/1825 09:00",
        "03/22/2025 25:00",
        "9",
        "03/22/2025 13:00 AM",
        "32/13/2025 09:00:00 AM PM AM",
    ] {
        let text =
            one_stay(nonsense, "03/22/2025 10:00") + "Ani;;03/22/2025 09:00;03/22/2025 10:00\n";
        let report = read_text(&text).unwrap();
        assert_eq!((report.names(), report.skipped_lines()), (vec!["Ani"], vec![2]), "{nonsense}");
    }
}

#[test]
fn a_file_without_one_readable_time_is_refused() {
    let refused = read_text(&one_stay("kemarin", "tadi pagi"));
    assert!(matches!(refused, Err(ReportError::NothingUsable { line: 2, .. })));
}

/// The class on 4 March 2025 from nine to twelve.
fn on_4_march() -> Span {
    Span { from: makassar("2025-03-04T09:00"), to: makassar("2025-03-04T12:00") }
}

#[test]
fn an_ambiguous_day_is_the_one_that_agrees_with_the_class() {
    for (day, order) in [("03/04/2025", DateOrder::Mdy), ("04/03/2025", DateOrder::Dmy)] {
        let text = one_stay(&format!("{day} 09:00"), &format!("{day} 10:00"));
        let report = read_with(&text, on_4_march(), &Hints::default()).unwrap();
        assert_eq!(report.date_order, Some(order));
        assert_eq!(report.order_reason, OrderReason::AgreesWithClass);
        assert_eq!(seconds(&clip(&report.participants[0].segments, &[on_4_march()])), 3600);
    }
}

#[test]
fn one_day_above_twelve_decides_for_the_whole_file() {
    let text = one_stay("03/04/2025 09:00", "03/04/2025 10:00")
        + "Ani;;13/03/2025 09:00;13/03/2025 10:00\n";
    let report = read_with(&text, on_4_march(), &Hints::default());
    // As 3 April and 13 March nothing is on the day of the class.
    assert!(matches!(report, Err(ReportError::OtherDay { .. })));
    let class = Span { from: makassar("2025-03-13T09:00"), to: makassar("2025-03-13T12:00") };
    let report = read_with(&text, class, &Hints::default()).unwrap();
    assert_eq!(
        (report.date_order, report.order_reason),
        (Some(DateOrder::Dmy), OrderReason::OnlyPossible)
    );
}

#[test]
fn short_years_leave_three_orders() {
    let class = Span { from: makassar("2003-02-01T09:00"), to: makassar("2003-02-01T12:00") };
    let text = one_stay("03/02/01 09:00", "03/02/01 10:00");
    let report = read_with(&text, class, &Hints::default()).unwrap();
    assert_eq!(report.date_order, Some(DateOrder::Ymd));
}

#[test]
fn the_operator_decides_where_the_digits_allow_it() {
    let hints = |order| Hints { date_order: Some(order), ..Hints::default() };
    let text = one_stay("03/04/2025 09:00", "03/04/2025 10:00");
    let report = read_with(&text, on_4_march(), &hints(DateOrder::Mdy)).unwrap();
    assert_eq!(report.order_reason, OrderReason::Given);
    let refused = read_with(&text, on_4_march(), &hints(DateOrder::Dmy));
    let day = chrono::NaiveDate::from_ymd_opt(2025, 4, 3).unwrap();
    assert_eq!(refused, Err(ReportError::OtherDay { found: day }));
}

#[test]
fn an_order_that_the_digits_rule_out_is_refused() {
    let text = one_stay("03/22/2025 09:00", "03/22/2025 10:00");
    for given in [DateOrder::Dmy, DateOrder::Ymd] {
        let refused =
            read_with(&text, class(), &Hints { date_order: Some(given), ..Hints::default() });
        let possible = vec![DateOrder::Mdy];
        assert_eq!(refused, Err(ReportError::ImpossibleOrder { given, possible }));
    }
}

#[test]
fn a_report_of_another_day_is_refused() {
    let refused = read_text(&one_stay("03/25/2025 09:00", "03/25/2025 10:00"));
    let found = chrono::NaiveDate::from_ymd_opt(2025, 3, 25).unwrap();
    assert_eq!(refused, Err(ReportError::OtherDay { found }));
    assert!(refused.unwrap_err().to_string().contains("25-03-2025"));
}

#[test]
fn totals_of_a_meeting_on_another_day_are_refused() {
    let text = "Topic,ID,Start time,End time\nEtika,812 3456 7890,03/25/2025 09:00,03/25/2025 10:00\n\n\
        Name (original name),Email,Total duration (minutes)\nBudi,,60\n";
    assert!(matches!(read_text(text), Err(ReportError::OtherDay { .. })));
}

#[test]
fn any_day_of_a_class_of_several_will_do() {
    let second = Span { from: makassar("2025-03-23T09:00"), to: makassar("2025-03-23T12:00") };
    let expected = Expected { parts: vec![class(), second], meeting_id: None };
    let text = one_stay("03/23/2025 09:00", "03/23/2025 10:00");
    assert!(read(text.as_bytes(), &expected, &Hints::default()).is_ok());
}

#[test]
fn times_are_taken_as_makassars_unless_another_zone_fits_far_better() {
    let zone_of = |join: &str, leave: &str| {
        let text = one_stay(&format!("03/22/2025 {join}"), &format!("03/22/2025 {leave}"));
        let report = read_text(&text).unwrap();
        (report.zone, report.zone_reason)
    };
    assert_eq!(zone_of("09:00", "12:00"), (Asia::Makassar, ZoneReason::Usual));
    assert_eq!(zone_of("08:30", "11:30"), (Asia::Makassar, ZoneReason::Usual));
    assert_eq!(zone_of("01:00", "04:00"), (Tz::UTC, ZoneReason::OnlyFit));
    assert_eq!(zone_of("08:00", "09:10"), (Asia::Jakarta, ZoneReason::AgreesWithClass));
    assert_eq!(zone_of("15:00", "16:00"), (Asia::Makassar, ZoneReason::NothingFits));
}

#[test]
fn a_given_zone_is_used_as_it_is() {
    let hints = Hints { zone: Some(Asia::Jakarta), ..Hints::default() };
    let text = one_stay("03/22/2025 08:00", "03/22/2025 11:00");
    let report = read_with(&text, class(), &hints).unwrap();
    assert_eq!((report.zone_reason, report.seconds_of("Budi")), (ZoneReason::Given, 3 * 3600));
}

#[test]
fn without_a_class_nothing_is_compared() {
    let text = one_stay("03/04/2025 09:00", "03/04/2025 10:00");
    let report = read(text.as_bytes(), &Expected::default(), &Hints::default()).unwrap();
    assert_eq!((report.date_order, report.zone), (Some(DateOrder::Mdy), Asia::Makassar));
}
