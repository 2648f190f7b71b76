//! The people of the demo world who can be counted on.

use super::offices::BPSDMD;
use crate::account::Role;

/// Somebody with a part to play.
pub(super) struct Actor {
    pub nip: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub unit: &'static str,
    pub position: &'static str,
    pub rank: &'static str,
    pub role: Option<Role>,
    /// Whether the role is held for the whole province, or for the unit.
    pub everywhere: bool,
}

const fn actor(
    nip: &'static str,
    (name, email): (&'static str, &'static str),
    unit: &'static str,
    (position, rank): (&'static str, &'static str),
    role: Option<Role>,
) -> Actor {
    let everywhere = !matches!(role, Some(Role::UnitOperator));
    Actor { nip, name, email, unit, position, rank, role, everywhere }
}

/// In the order in which they are recorded.
pub(super) const CAST: [Actor; 8] = [
    actor(
        "198001012005011001",
        ("Moh. Fadli Tandaju, S.Kom., M.M.", "fadli.tandaju@sulteng.example"),
        BPSDMD,
        ("Pranata Komputer Ahli Muda", "Penata Tingkat I (III/d)"),
        Some(Role::Administrator),
    ),
    actor(
        "198202022006042002",
        ("Ni Made Suartini, S.Sos., M.Si.", "made.suartini@sulteng.example"),
        BPSDMD,
        ("Analis Sumber Daya Manusia Aparatur Ahli Muda", "Penata Tingkat I (III/d)"),
        Some(Role::Organiser),
    ),
    actor(
        "198609172011011007",
        ("Yohanes Tasiabe, S.STP.", "yohanes.tasiabe@sulteng.example"),
        BPSDMD,
        ("Widyaiswara Ahli Muda", "Penata Tingkat I (III/d)"),
        Some(Role::Organiser),
    ),
    actor(
        "198503032009031003",
        ("Ruslan Mangge, S.K.M.", "ruslan.mangge@sulteng.example"),
        "Dinas Kesehatan",
        ("Kepala Subbagian Kepegawaian dan Umum", "Penata Tingkat I (III/d)"),
        Some(Role::UnitOperator),
    ),
    actor(
        "197004041995031004",
        ("Drs. Marthen Pasambaka, M.Si.", "marthen.pasambaka@sulteng.example"),
        "Sekretariat Daerah",
        ("Asisten Administrasi Umum", "Pembina Utama Madya (IV/d)"),
        Some(Role::Leader),
    ),
    actor(
        "197811152003122003",
        ("Hj. Rosmiati Saleng, S.E., Ak.", "rosmiati.saleng@sulteng.example"),
        "Inspektorat Daerah",
        ("Auditor Ahli Madya", "Pembina (IV/a)"),
        Some(Role::Auditor),
    ),
    actor(
        "199005052015032005",
        ("Nurhidayah Lasimpala, A.Md.Kep.", "nurhidayah.lasimpala@sulteng.example"),
        "Dinas Kesehatan",
        ("Perawat Mahir", "Penata Muda (III/a)"),
        None,
    ),
    actor(
        "199306062020121006",
        ("I Gede Arya Wiguna, S.T.", "arya.wiguna@sulteng.example"),
        "Dinas Bina Marga dan Penataan Ruang",
        ("Penata Kelola Jalan dan Jembatan Ahli Pertama", "Penata Muda Tingkat I (III/b)"),
        None,
    ),
];

// Their places among the people.
pub(super) const ADMINISTRATOR: usize = 0;
pub(super) const ORGANISER: usize = 1;
/// Decides where the first organiser may not: on themselves.
pub(super) const DEPUTY: usize = 2;
pub(super) const LEARNER: usize = 6;

/// Two pairs who share a name and nothing else: NIP, name with titles, e-mail, unit.
pub(super) const NAMESAKES: [(&str, &str, &str, &str); 4] = [
    ("198607142010012011", "Sitti Rahma, S.Sos.", "sitti.rahma@sulteng.example", "Dinas Sosial"),
    ("199109032019032008", "Hj. Sitti Rahma, S.Pd.", "", "Dinas Pendidikan Daerah"),
    (
        "197912022006041009",
        "Yohanis Tobondo, S.Pd.",
        "yohanis.tobondo@sulteng.example",
        "Dinas Pendidikan Daerah",
    ),
    (
        "199402182021211003",
        "Yohanis Tobondo, S.Kep., Ns.",
        "yohanis.tobondo2@sulteng.example",
        "Dinas Kesehatan",
    ),
];
