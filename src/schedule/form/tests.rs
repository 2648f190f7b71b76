use super::{parse::meeting_id, *};
use crate::web::form::Problems;
use std::collections::BTreeMap;

/// The parts as a form sends them.
fn times(parts: &[(&str, &str, &str)]) -> Times {
    let nth = |at: usize| if at == 1 { String::new() } else { at.to_string() };
    let sent = (1..).zip(parts).flat_map(|(at, (day, from, to))| {
        [("day", day), ("from", from), ("to", to)]
            .map(|(name, typed)| (format!("{name}{}", nth(at)), (*typed).to_owned()))
    });
    Times::from(sent.collect::<BTreeMap<_, _>>())
}

fn form() -> ClassForm {
    ClassForm {
        title: "Arsip Digital".into(),
        summary: "Menata dokumen kantor.".into(),
        times: times(&[("2026-12-01", "09.00", "11.00")]),
        speaker: "Nirmala Sausu, S.Sos.".into(),
        link: "https://us02web.zoom.us/j/84512207741?pwd=abc".into(),
        ..ClassForm::default()
    }
}

#[test]
fn learning_hours_are_proposed_from_the_minutes() {
    assert_eq!(form().parse().unwrap().jp, 2);
    let long = ClassForm { times: times(&[("2026-12-01", "09.00", "12.30")]), ..form() };
    assert_eq!(long.parse().unwrap().jp, 4);
    let twice = [("2026-12-01", "09.00", "11.00"), ("2026-12-02", "09.00", "11.30")];
    let twice = ClassForm { times: times(&twice), ..form() };
    assert_eq!(twice.parse().unwrap().jp, 6, "270 minutes in all");
    let said = ClassForm { jp: "3".into(), ..form() };
    assert_eq!(said.parse().unwrap().jp, 3);
}

#[test]
fn the_meeting_number_is_read_from_the_link() {
    assert_eq!(form().parse().unwrap().zoom_meeting_id.as_deref(), Some("84512207741"));
    assert_eq!(meeting_id("https://example.org/x"), None);
}

#[test]
fn each_mistake_is_named_at_its_field() {
    let wrong = ClassForm {
        title: " ".into(),
        times: times(&[("32/1/2026", "09.00", "08.00")]),
        quota: "0".into(),
        jp: "100".into(),
        link: "zoom.us/j/1".into(),
        speaker: String::new(),
        ..form()
    };
    let problems = wrong.parse().unwrap_err();
    for field in ["title", "day", "quota", "jp", "link", "speaker"] {
        assert!(problems.on(field).is_some(), "{field}");
    }
}

#[test]
fn a_class_shows_again_as_it_was_typed() {
    let plan = form().parse().unwrap();
    assert_eq!(plan.enrolment_closes, plan.parts[0].starts);
    assert_eq!(show::moment(plan.withdrawal_until), "30 Nov 2026 · 23.59 WITA");
}

#[test]
fn parts_are_put_in_order_and_may_not_overlap() {
    let of = |parts: &[_]| ClassForm { times: times(parts), ..form() }.parse();
    let (first, second) = (("2026-12-01", "13.00", "15.00"), ("2026-12-02", "09.00", "11.00"));
    let plan = of(&[second, first]).unwrap();
    assert!(plan.parts[0].starts < plan.parts[1].starts);
    let problems = of(&[first, second, ("2026-12-01", "14.59", "16.00")]).unwrap_err();
    assert!(problems.on("day3").is_some());
    assert!(of(&[first, ("2026-12-01", "15.00", "16.00")]).is_ok());
}

#[test]
fn enrolment_and_withdrawal_end_at_the_time_that_was_typed_or_with_the_day() {
    let typed = |closes: &str, closes_time: &str, withdraw: &str, withdraw_time: &str| {
        let [closes, closes_time, withdraw, withdraw_time] =
            [closes, closes_time, withdraw, withdraw_time].map(str::to_owned);
        let plan = ClassForm { closes, closes_time, withdraw, withdraw_time, ..form() }.parse()?;
        Ok::<_, Problems>((
            show::moment(plan.enrolment_closes),
            show::moment(plan.withdrawal_until),
        ))
    };
    let said = |closes: &str, until: &str| (closes.to_owned(), until.to_owned());
    assert_eq!(
        typed("2026-11-20", "16.30", "2026-11-28", "12.00").unwrap(),
        said("20 Nov 2026 · 16.30 WITA", "28 Nov 2026 · 12.00 WITA")
    );
    assert_eq!(
        typed("2026-11-20", "", "2026-11-28", "").unwrap(),
        said("21 Nov 2026 · 00.00 WITA", "28 Nov 2026 · 23.59 WITA")
    );
    // The end of the class's own day is its start.
    assert_eq!(
        typed("2026-12-01", "", "2026-12-01", "").unwrap(),
        said("1 Des 2026 · 09.00 WITA", "1 Des 2026 · 09.00 WITA")
    );
    let late = typed("2026-12-01", "09.01", "2026-12-02", "").unwrap_err();
    assert!(late.on("closes").is_some() && late.on("withdraw").is_some());
    assert!(typed("", "09.00", "", "").unwrap_err().on("closes").is_some());
}
