//! The column names that Zoom uses, in both languages, and what a row of them describes.

use crate::table::Cell;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    FirstName,
    LastName,
    Email,
    RegistrantId,
    Join,
    Leave,
    /// Of the row, or of the meeting.
    Duration,
    /// Of a person, where the report has one row for each.
    Total,
    /// A webinar's word for the duration of a row.
    SessionTime,
    Guest,
    WaitingRoom,
    Attended,
    MeetingId,
    Topic,
    Start,
    End,
    Host,
}

use Column::{
    Attended, Duration, Email, End, FirstName, Guest, Host, Join, LastName, Leave, MeetingId, Name,
    RegistrantId, SessionTime, Start, Topic, Total, WaitingRoom,
};

/// Names as letters and digits only, in lower case.
const ENGLISH: &[(&str, Column)] = &[
    ("nameoriginalname", Name),
    ("usernameoriginalname", Name),
    ("name", Name),
    ("username", Name),
    ("displayname", Name),
    ("participantname", Name),
    ("firstname", FirstName),
    ("lastname", LastName),
    ("email", Email),
    ("useremail", Email),
    ("emailaddress", Email),
    ("registrantid", RegistrantId),
    ("registrationid", RegistrantId),
    ("jointime", Join),
    ("leavetime", Leave),
    ("duration", Duration),
    ("durationminutes", Duration),
    ("timeinsession", SessionTime),
    ("timeinsessionminutes", SessionTime),
    ("actualdurationminutes", Duration),
    ("totalduration", Total),
    ("totaldurationminutes", Total),
    ("guest", Guest),
    ("isguest", Guest),
    ("inwaitingroom", WaitingRoom),
    ("attended", Attended),
    ("id", MeetingId),
    ("meetingid", MeetingId),
    ("webinarid", MeetingId),
    ("topic", Topic),
    ("starttime", Start),
    ("actualstarttime", Start),
    ("endtime", End),
    ("host", Host),
    ("hostname", Host),
];

const INDONESIAN: &[(&str, Column)] = &[
    ("namanamaasli", Name),
    ("namapenggunanamaasli", Name),
    ("nama", Name),
    ("namapengguna", Name),
    ("namatampilan", Name),
    ("namapeserta", Name),
    ("namadepan", FirstName),
    ("namabelakang", LastName),
    ("surel", Email),
    ("emailpengguna", Email),
    ("surelpengguna", Email),
    ("alamatemail", Email),
    ("alamatsurel", Email),
    ("idpendaftar", RegistrantId),
    ("idpendaftaran", RegistrantId),
    ("idregistran", RegistrantId),
    ("idregistrasi", RegistrantId),
    ("waktubergabung", Join),
    ("waktugabung", Join),
    ("waktumasuk", Join),
    ("waktukeluar", Leave),
    ("waktumeninggalkan", Leave),
    ("durasi", Duration),
    ("durasimenit", Duration),
    ("waktudalamsesimenit", SessionTime),
    ("durasiaktualmenit", Duration),
    ("totaldurasi", Total),
    ("totaldurasimenit", Total),
    ("totaldurasimenits", Total), // Zoom's own slip: "Total durasi (menit)s"
    ("durasitotalmenit", Total),
    ("tamu", Guest),
    ("adalahtamu", Guest),
    ("diruangtunggu", WaitingRoom),
    ("dalamruangtunggu", WaitingRoom),
    ("hadir", Attended),
    ("menghadiri", Attended),
    ("idrapat", MeetingId),
    ("idmeeting", MeetingId),
    ("idwebinar", MeetingId),
    ("topik", Topic),
    ("waktumulai", Start),
    ("waktumulaiaktual", Start),
    ("waktuberakhir", End),
    ("waktuselesai", End),
    ("namahost", Host),
    ("namatuanrumah", Host),
];

/// The columns of one table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// In the order of the file.
    places: Vec<(Column, usize)>,
    pub indonesian: bool,
    /// "Name (Original Name)": the cells hold both names.
    pub both_names: bool,
    /// The capitals of Zoom's older reports: "User Email", "Join Time".
    pub old_spelling: bool,
}

/// What a header row introduces.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Heading {
    /// The facts of a meeting, in the next row.
    Meeting(Header),
    /// One row for each stay or each person, down to the next heading.
    People(Header),
}

/// How many of the cells are column names.
pub(super) fn known(cells: &[Cell]) -> usize {
    cells.iter().filter(|cell| column(cell.text()).is_some()).count()
}

/// Recognises a header row.
pub(super) fn heading(cells: &[Cell]) -> Option<Heading> {
    let header = Header::read(cells);
    if header.lists_people() {
        Some(Heading::People(header))
    } else if header.describes_meeting() {
        Some(Heading::Meeting(header))
    } else {
        None
    }
}

impl Header {
    fn read(cells: &[Cell]) -> Self {
        let mut header =
            Self { places: Vec::new(), indonesian: false, both_names: false, old_spelling: false };
        for (place, cell) in cells.iter().enumerate() {
            header.note(cell.text(), place);
        }
        let has_email = header.place(Email).is_some();
        let spelled = |name: &str| cells.iter().any(|cell| cell.text().contains(name));
        header.old_spelling = if has_email {
            cells.iter().any(|cell| letters(cell.text()) == "useremail")
        } else {
            spelled("Join Time") || spelled("Total Duration")
        };
        header
    }

    fn note(&mut self, text: &str, place: usize) {
        let Some((column, name, indonesian)) = column(text) else { return };
        let first = self.place(column).is_none();
        if first && column == Name {
            self.both_names = name.ends_with("originalname") || name.ends_with("namaasli");
        }
        if first && matches!(column, Name | Join | Leave | Total | Topic) {
            self.indonesian |= indonesian;
        }
        self.places.push((column, place));
    }

    /// Where the column is. Of two "Duration (minutes)" the second is the participant's;
    /// of other repeated names, which only a webinar's own questions can cause, the first counts.
    pub fn place(&self, column: Column) -> Option<usize> {
        let mut places = self.places.iter().filter(|(other, _)| *other == column);
        let found = if column == Duration { places.next_back() } else { places.next() };
        found.map(|(_, place)| *place)
    }

    /// The column, where it describes the meeting and not a participant.
    pub fn meeting_place(&self, column: Column) -> Option<usize> {
        let people_from = self.place(Name).unwrap_or(usize::MAX);
        self.place(column).filter(|place| *place < people_from)
    }

    pub fn has_times(&self) -> bool {
        self.place(Join).is_some() && self.place(Leave).is_some()
    }

    /// One table for both the meeting and its participants.
    pub fn is_flat(&self) -> bool {
        self.meeting_place(Topic).is_some() && self.meeting_place(MeetingId).is_some()
    }

    pub fn is_webinar(&self) -> bool {
        self.place(Attended).is_some() || self.place(SessionTime).is_some()
    }

    fn lists_people(&self) -> bool {
        let any = |columns: &[Column]| columns.iter().any(|column| self.place(*column).is_some());
        let has_duration = any(&[Total]) || (any(&[Duration, SessionTime]) && any(&[Email, Guest]));
        any(&[Name, FirstName, LastName]) && (self.has_times() || has_duration)
    }

    fn describes_meeting(&self) -> bool {
        let any = |columns: &[Column]| columns.iter().any(|column| self.place(*column).is_some());
        any(&[Topic]) && any(&[MeetingId, Start, Host])
    }
}

/// The column, its name without spacing, and whether that is Indonesian.
fn column(text: &str) -> Option<(Column, String, bool)> {
    // Most cells are values. Names of columns have no digit or "@" in them.
    if text.len() > 64 || text.contains('@') || text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let name = letters(text);
    let (column, indonesian) = named(&name).or_else(|| {
        let (before, _) = text.rsplit_once('(')?; // "Join Time (UTC)"
        named(&letters(before))
    })?;
    Some((column, name, indonesian))
}

fn named(name: &str) -> Option<(Column, bool)> {
    let find = |names: &[(&str, Column)]| {
        names.iter().find(|(known, _)| *known == name).map(|(_, column)| *column)
    };
    let english = find(ENGLISH).map(|column| (column, false));
    english.or_else(|| find(INDONESIAN).map(|column| (column, true)))
}

/// Letters and digits only, in lower case, so that spacing and punctuation do not matter.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(64).collect()
}
