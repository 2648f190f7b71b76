//! What people do in which kind of unit, and the rank that fits.

use super::dice::Dice;

/// Kinds of work that units have of their own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trade {
    Office,
    School,
    Health,
    Works,
    Land,
    Audit,
    Order,
    Digital,
}

/// How a career goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Track {
    /// Fungsional keahlian: Ahli Pertama, Muda, Madya.
    Expert,
    /// Fungsional keterampilan: Terampil, Mahir, Penyelia.
    Skilled,
    /// Pelaksana with a degree.
    Graduate,
    /// Pelaksana with a school diploma.
    Clerk,
}

#[derive(Debug)]
pub(super) struct Post {
    pub name: &'static str,
    pub track: Track,
    /// Title before the name.
    pub before: &'static str,
    /// Titles after it, of which one fits.
    pub after: &'static [&'static str],
    pub women_only: bool,
}

const fn post(
    name: &'static str,
    track: Track,
    before: &'static str,
    after: &'static [&'static str],
) -> Post {
    Post { name, track, before, after, women_only: false }
}

use Track::{Clerk, Expert, Graduate, Skilled};

const OFFICE: &[Post] = &[
    post("Analis Sumber Daya Manusia Aparatur", Expert, "", &["S.AP.", "S.Sos.", "S.IP.", "S.H."]),
    post("Perencana", Expert, "", &["S.E.", "S.T.", "S.E., M.Si."]),
    post("Analis Keuangan Pusat dan Daerah", Expert, "", &["S.E.", "S.Ak."]),
    post("Arsiparis", Skilled, "", &["A.Md."]),
    post("Penelaah Teknis Kebijakan", Graduate, "", &["S.Sos.", "S.IP.", "S.H.", "S.STP.", "S.E."]),
    post("Penata Layanan Operasional", Graduate, "", &["S.AP.", "S.E.", "S.Kom."]),
    post("Pengolah Data dan Informasi", Clerk, "", &["A.Md.", ""]),
    post("Pengadministrasi Perkantoran", Clerk, "", &[""]),
    post("Operator Layanan Operasional", Clerk, "", &[""]),
];
const SCHOOL: &[Post] = &[
    post("Guru", Expert, "", &["S.Pd.", "S.Pd., M.Pd.", "S.Pd., Gr.", "S.Si., M.Pd.", "S.Pd."]),
    post("Guru", Expert, "", &["S.Pd.", "S.Pd., Gr."]),
];
const HEALTH: &[Post] = &[
    post("Perawat", Expert, "", &["S.Kep., Ns.", "S.Kep., Ns., M.Kep."]),
    post("Perawat", Skilled, "", &["A.Md.Kep."]),
    Post { women_only: true, ..post("Bidan", Skilled, "", &["A.Md.Keb."]) },
    post("Dokter", Expert, "dr.", &["", "M.Kes.", ""]),
    post("Apoteker", Expert, "apt.", &["S.Farm."]),
    post("Epidemiolog Kesehatan", Expert, "", &["S.K.M.", "S.K.M., M.Kes."]),
    post("Nutrisionis", Skilled, "", &["A.Md.Gz."]),
];
const WORKS: &[Post] = &[
    post("Penata Kelola Jalan dan Jembatan", Expert, "", &["S.T.", "S.T., M.T."]),
    post("Penata Ruang", Expert, "", &["S.T.", "S.P.W.K."]),
    post("Teknik Pengairan", Skilled, "", &["A.Md.T."]),
];
const LAND: &[Post] = &[
    post("Penyuluh Pertanian", Expert, "", &["S.P.", "S.P., M.P."]),
    post("Pengendali Ekosistem Hutan", Expert, "", &["S.Hut."]),
    post("Pengawas Perikanan", Skilled, "", &["A.Md.Pi."]),
    post("Analis Ketahanan Pangan", Expert, "", &["S.P.", "S.TP."]),
    post("Medik Veteriner", Expert, "drh.", &[""]),
];
const AUDIT: &[Post] = &[
    post("Auditor", Expert, "", &["S.E.", "S.E., Ak.", "S.T."]),
    post(
        "Pengawas Penyelenggaraan Urusan Pemerintahan Daerah",
        Expert,
        "",
        &["S.H.", "S.IP.", "S.STP."],
    ),
];
const ORDER: &[Post] = &[
    post("Polisi Pamong Praja", Skilled, "", &["", "A.Md."]),
    post("Polisi Pamong Praja", Expert, "", &["S.IP.", "S.H."]),
];
const DIGITAL: &[Post] = &[
    post("Pranata Komputer", Expert, "", &["S.Kom.", "S.T.", "S.Kom., M.Kom."]),
    post("Pranata Komputer", Skilled, "", &["A.Md.Kom."]),
    post("Statistisi", Expert, "", &["S.Si.", "S.Stat."]),
    post("Pranata Hubungan Masyarakat", Expert, "", &["S.I.Kom."]),
];

/// Something that is done in such a unit.
pub(super) fn draw(dice: &mut Dice, trade: Trade, woman: bool) -> &'static Post {
    let own = match trade {
        Trade::Office => OFFICE,
        Trade::School => SCHOOL,
        Trade::Health => HEALTH,
        Trade::Works => WORKS,
        Trade::Land => LAND,
        Trade::Audit => AUDIT,
        Trade::Order => ORDER,
        Trade::Digital => DIGITAL,
    };
    let post = if dice.chance(65) { dice.pick(own) } else { dice.pick(OFFICE) };
    if post.women_only && !woman { &own[0] } else { post }
}

/// Ranks of PNS from II/a on.
const RANKS: [&str; 13] = [
    "Pengatur Muda (II/a)",
    "Pengatur Muda Tingkat I (II/b)",
    "Pengatur (II/c)",
    "Pengatur Tingkat I (II/d)",
    "Penata Muda (III/a)",
    "Penata Muda Tingkat I (III/b)",
    "Penata (III/c)",
    "Penata Tingkat I (III/d)",
    "Pembina (IV/a)",
    "Pembina Tingkat I (IV/b)",
    "Pembina Utama Muda (IV/c)",
    "Pembina Utama Madya (IV/d)",
    "Pembina Utama (IV/e)",
];

/// The ranks of officials by seat: head, secretary, head of a field.
pub(super) fn rank_of_official(dice: &mut Dice, seat: usize) -> &'static str {
    match seat {
        0 => RANKS[10 + dice.below(2)],
        1 => RANKS[9],
        _ => RANKS[8 + dice.below(2)],
    }
}

impl Post {
    /// Position and rank of a PNS after so many years of service.
    pub fn after_years(&self, years: i32) -> (String, &'static str) {
        let risen = usize::try_from(years / 4).unwrap_or(0);
        let (first, last) = match self.track {
            Expert => (4, 9),
            Skilled => (2, 7),
            Graduate => (4, 7),
            Clerk => (0, 5),
        };
        let rank = (first + risen).min(last);
        let level = match (self.track, rank) {
            (Expert, ..=5) => " Ahli Pertama",
            (Expert, 6..=7) => " Ahli Muda",
            (Expert, _) => " Ahli Madya",
            (Skilled, ..=3) => " Terampil",
            (Skilled, 4..=5) => " Mahir",
            (Skilled, _) => " Penyelia",
            (Graduate | Clerk, _) => "",
        };
        (format!("{}{level}", self.name), RANKS[rank])
    }

    /// Position and grade of a PPPK.
    pub fn on_contract(&self) -> (String, &'static str) {
        match self.track {
            Expert => (format!("{} Ahli Pertama", self.name), "Golongan IX"),
            Skilled => (format!("{} Terampil", self.name), "Golongan VII"),
            Graduate => (self.name.to_owned(), "Golongan IX"),
            Clerk => (self.name.to_owned(), "Golongan V"),
        }
    }
}
