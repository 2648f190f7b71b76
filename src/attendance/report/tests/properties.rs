//! What holds for all reports, and for all bytes.

use proptest::prelude::*;

use super::workbooks::workbook;
use super::*;

/// A row of form A from and to these seconds after nine o'clock.
fn row(from: u32, to: u32) -> String {
    let time = |seconds: u32| {
        let at = on_22_march("09:00").naive_utc()
            + chrono::TimeDelta::seconds(i64::from(seconds) + 8 * 3600);
        at.format("%m/%d/%Y %I:%M:%S %p").to_string()
    };
    format!("Budi,budi@x.id,{},{},1,No\n", time(from), time(to))
}

fn report_of(mut rows: Vec<String>) -> Report {
    rows.insert(0, form_a(&[]));
    read_text(&rows.concat()).unwrap()
}

/// Stays on two sides of a gap, each in pieces that may overlap and repeat, in any order.
fn pieces() -> impl Strategy<Value = (Vec<String>, i64)> {
    let cuts = || proptest::collection::vec((0..=1000_u32, 0..=200_u32, 1..3_usize), 0..12);
    (0..3000_u32, 1..3000_u32, 1..3000_u32, 1..3000_u32, cuts(), cuts())
        .prop_map(|(start, first, gap, second, left, right)| {
            let mut rows = Vec::new();
            let stays =
                [(start, start + first), (start + first + gap, start + first + gap + second)];
            for ((from, to), cuts) in stays.into_iter().zip([left, right]) {
                rows.extend(cut(from, to, &cuts));
            }
            (rows, i64::from(first + second))
        })
        .prop_flat_map(|(rows, seconds)| (Just(rows).prop_shuffle(), Just(seconds)))
}

/// The stay in rows that cover it and nothing else.
fn cut(from: u32, to: u32, cuts: &[(u32, u32, usize)]) -> Vec<String> {
    let mut rows = Vec::new();
    let mut at = from;
    for (share, overlap, copies) in cuts {
        let next = (at + (to - at) * share / 1000).min(to);
        let back = at.saturating_sub(*overlap).max(from);
        rows.extend(std::iter::repeat_n(row(back, next), *copies));
        at = next;
    }
    rows.push(row(at, to));
    rows
}

fn sample() -> Vec<u8> {
    let rows = [
        ("Budi (Budi Santoso)", "b@x.id", "03/22/2025 09:00:00 AM", "03/22/2025 10:00:00 AM"),
        ("Ani", "", "03/22/2025 09:00:00 AM", "03/22/2025 11:00:00 AM"),
    ];
    let block = "Topic,ID,Start time\nEtika,812 3456 7890,03/22/2025 09:00\n\n";
    (block.to_owned() + &form_a(&rows)).into_bytes()
}

const ROWS: &str = r#"<row r="1"><c t="inlineStr"><is><t>Name</t></is></c><c t="inlineStr"><is><t>Join time</t></is></c><c t="inlineStr"><is><t>Leave time</t></is></c></row><row r="2"><c t="s"><v>0</v></c><c s="1"><v>45738.4</v></c><c s="1"><v>45738.5</v></c></row>"#;
const TEXTS: &str = r#"<sst uniqueCount="1"><si><t>Budi</t></si></sst>"#;

fn workbook_sample() -> Vec<u8> {
    workbook(ROWS, &[("xl/sharedStrings.xml", TEXTS.as_bytes())])
}

/// The bytes with some of them changed, cut out or put in.
fn changed(sample: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let edits =
        proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..20);
    edits.prop_map(move |edits| {
        let mut bytes = sample.clone();
        for (place, byte, kind) in edits {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

fn any_order() -> impl Strategy<Value = Hints> {
    let orders = [None, Some(DateOrder::Mdy), Some(DateOrder::Dmy), Some(DateOrder::Ymd)];
    proptest::sample::select(orders.to_vec())
        .prop_map(|date_order| Hints { date_order, ..Hints::default() })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cutting_shuffling_repeating_and_overlapping_change_nothing((rows, expected) in pieces()) {
        let report = report_of(rows);
        prop_assert_eq!(report.participants.len(), 1);
        prop_assert_eq!(seconds(&report.participants[0].segments), expected);
        prop_assert!(report.participants[0].segments.len() <= 2);
    }

    #[test]
    fn no_one_has_more_than_the_class_or_less_than_nothing(bytes in changed(sample())) {
        if let Ok(report) = read(&bytes, &expected(), &Hints::default()) {
            for person in report.to_json(class())["participants"].as_array().unwrap() {
                prop_assert!((0..=3 * 3600).contains(&person["seconds"].as_i64().unwrap()));
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), hints in any_order()) {
        let _ = read(&bytes, &expected(), &hints);
    }

    #[test]
    fn no_text_makes_it_panic(cells in "([a-zA-Z0-9 /:,;\"()\n\t.\u{a0}é-]|03/22/2025 |Join Time,|Nama,){0,200}", hints in any_order()) {
        let _ = read_text(&cells);
        let rows = format!("{}\"{cells},{cells}\n{cells},", form_a(&[]));
        let _ = read(rows.as_bytes(), &expected(), &hints);
    }

    #[test]
    fn no_change_of_a_report_makes_it_panic(bytes in changed(sample()), hints in any_order()) {
        let _ = read(&bytes, &expected(), &hints);
    }

    #[test]
    fn no_change_inside_a_workbook_makes_it_panic(
        rows in changed(ROWS.into()),
        texts in changed(TEXTS.into()),
    ) {
        let rows = String::from_utf8_lossy(&rows);
        let bytes = workbook(&rows, &[("xl/sharedStrings.xml", &texts)]);
        let _ = read(&bytes, &expected(), &Hints::default());
    }

    #[test]
    fn no_change_of_a_workbook_makes_it_panic(bytes in changed(workbook_sample())) {
        let _ = read(&bytes, &expected(), &Hints::default());
    }
}

#[test]
fn the_samples_are_reports() {
    assert!(read(&sample(), &expected(), &Hints::default()).is_ok());
    assert!(read(&workbook_sample(), &expected(), &Hints::default()).is_ok());
}

#[test]
fn ten_thousand_rows_are_read_without_a_wait() {
    let rows: Vec<String> = (0..10_000).map(|n| row(n % 3000, n % 3000 + 60)).collect();
    let text = form_a(&[]) + &rows.concat();
    let start = std::time::Instant::now();
    assert!(read_text(&text).is_ok());
    let taken = start.elapsed();
    // A quarter of a second, unoptimised; more only where other tests share the machine.
    assert!(taken < std::time::Duration::from_secs(3), "{taken:?}");
}
