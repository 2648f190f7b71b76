//! What a list would change, a part and a page at a time.

use super::{columns::ColumnsForm, units::UnitsForm};
use crate::{
    account::Page,
    people::{NewPerson, Standing, Unit},
    staff::{Column, Columns, Difference, Head, Import, Judged, List, Verdict},
    web::{
        form::Problems,
        paging::{Wanted, paged},
        show,
    },
};
use askama::Template;
use axum::http::StatusCode;
use serde::Deserialize;

/// Rows that are shown at a time.
const SHOWN: usize = 50;

/// The parts of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Wrong,
    Changed,
    New,
}

impl Part {
    const ALL: [Self; 3] = [Self::Wrong, Self::Changed, Self::New];

    fn name(self) -> &'static str {
        match self {
            Self::Wrong => "salah",
            Self::Changed => "berubah",
            Self::New => "baru",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Wrong => "Salah",
            Self::Changed => "Berubah",
            Self::New => "Baru",
        }
    }

    fn has(self, verdict: &Verdict) -> bool {
        matches!(
            (self, verdict),
            (Self::Wrong, Verdict::Wrong(_))
                | (Self::Changed, Verdict::Changed(..))
                | (Self::New, Verdict::New(_))
        )
    }

    fn count(self, judged: &Judged) -> usize {
        judged.rows.iter().filter(|row| self.has(&row.verdict)).count()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    bagian: String,
    hal: Wanted,
    /// The page of the names of units.
    pub(super) unit: Option<Wanted>,
}

/// How a preview is shown.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) chosen: Chosen,
    pub(super) notice: Option<String>,
    pub(super) problems: Problems,
    pub(super) status: StatusCode,
}

/// A row of the list as the preview shows it.
struct Line {
    at: u64,
    who: String,
    nip: String,
    says: Vec<String>,
}

#[derive(Template)]
#[template(path = "staff/preview.html")]
pub(super) struct PreviewPage {
    page: Page,
    import: Import,
    notice: Option<String>,
    problems: Problems,
    columns: ColumnsForm,
    units: UnitsForm,
    list: List,
    judged: Judged,
    digest: String,
    part: Part,
    lines: Vec<Line>,
    here: usize,
    pages: usize,
}

impl PreviewPage {
    pub(super) fn of(
        page: Page,
        import: Import,
        columns: (Vec<Head>, Columns),
        (list, judged): (List, Judged),
        open: Vec<Unit>,
        Shown { chosen, notice, problems, .. }: Shown,
    ) -> Self {
        let asked = Part::ALL.into_iter().find(|part| part.name() == chosen.bagian);
        let filled = || Part::ALL.into_iter().find(|part| part.count(&judged) > 0);
        let part = asked.or_else(filled).unwrap_or(Part::New);
        let rows: Vec<usize> =
            (0..judged.rows.len()).filter(|at| part.has(&judged.rows[*at].verdict)).collect();
        let (rows, here, pages) = paged(rows, chosen.hal, SHOWN);
        let lines = rows.into_iter().map(|at| line(&list, &judged, at)).collect();
        let digest = judged.digest();
        let columns = ColumnsForm::of(columns);
        let units = UnitsForm::of(&judged, open, chosen.unit);
        Self {
            page,
            import,
            notice,
            problems,
            columns,
            units,
            list,
            judged,
            digest,
            part,
            lines,
            here,
            pages,
        }
    }

    /// Whether the list says where somebody works.
    fn places(&self) -> bool {
        [Column::Unit, Column::Office].iter().any(|column| self.list.headers.contains_key(column))
    }

    fn unchanged(&self) -> usize {
        self.judged.count(|verdict| matches!(verdict, Verdict::Unchanged))
    }

    fn count(&self, part: Part) -> usize {
        part.count(&self.judged)
    }

    fn number(&self, part: Part) -> String {
        number(self.count(part))
    }

    fn query(&self) -> String {
        format!("bagian={}&", self.part.name())
    }

    /// What the button does: `Catat 120 orang baru dan 14 perubahan, lewati 3 baris salah`.
    fn button(&self) -> Option<String> {
        let (new, changed) = (self.count(Part::New), self.count(Part::Changed));
        let does = match (new, changed) {
            (0, 0) => return None,
            (new, 0) => format!("Catat {} orang baru", number(new)),
            (0, changed) => format!("Catat perubahan {} orang", number(changed)),
            (new, changed) => {
                format!("Catat {} orang baru dan perubahan {} orang", number(new), number(changed))
            }
        };
        Some(match self.count(Part::Wrong) {
            0 => does,
            wrong => format!("{does}, lewati {} baris salah", number(wrong)),
        })
    }
}

fn number(count: usize) -> String {
    show::number(i64::try_from(count).unwrap_or(i64::MAX))
}

fn line(list: &List, judged: &Judged, at: usize) -> Line {
    let (row, judgement) = (&list.rows[at], &judged.rows[at]);
    let text = |column| row.text(column).unwrap_or("–").to_owned();
    let (who, says) = match &judgement.verdict {
        Verdict::New(person) => {
            (person.name.clone(), new_says(person, judged.units.get(&person.unit)))
        }
        Verdict::Changed(_, person, differences) => {
            (person.name.clone(), differences.iter().map(difference).collect())
        }
        Verdict::Unchanged => (text(Column::Name), Vec::new()),
        Verdict::Wrong(wrong) => {
            let header = list.headers.get(&wrong.column).map(String::as_str);
            let place = header.map_or_else(String::new, |header| format!("{header}: "));
            (text(Column::Name), vec![format!("{place}{}", wrong.reason)])
        }
    };
    Line { at: judgement.line, who, nip: text(Column::Nip), says }
}

fn new_says(person: &NewPerson, unit: Option<&String>) -> Vec<String> {
    let service = &person.service;
    let standing = service.standing;
    let told = (standing != Standing::Active).then(|| standing.label().to_owned());
    let texts = [
        person.position.clone(),
        service.kind.map(|kind| kind.label().to_owned()),
        person.rank.clone(),
        unit.cloned(),
        person.email.clone(),
        service.phone.clone(),
        told,
    ];
    texts.into_iter().flatten().collect()
}

fn difference(difference: &Difference) -> String {
    let text = |text: &Option<String>| {
        text.as_ref().map_or_else(|| "kosong".to_owned(), |kept| difference.field.shown(kept))
    };
    format!(
        "{}: {} menjadi {}",
        difference.field.label(),
        text(&difference.before),
        text(&difference.after)
    )
}
