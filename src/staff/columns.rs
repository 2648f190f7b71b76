//! The columns of a staff list, by the many names that offices give them.

use crate::table::Cell;
use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    Nip,
    Name,
    /// Titles before the name.
    Front,
    /// Titles after the name.
    Back,
    /// The golongan, as III/b.
    Grade,
    /// The name of the rank, as Penata Muda Tingkat I.
    Rank,
    Position,
    Unit,
    /// The OPD to which the unit belongs.
    Office,
    Employment,
    Email,
    Phone,
    /// The kind of the position: structural, functional, …
    PositionKind,
    /// Whether somebody still serves (kedudukan).
    Standing,
}

use Column::{
    Back, Email, Employment, Front, Grade, Name, Nip, Office, Phone, Position, PositionKind, Rank,
    Standing, Unit,
};

/// Names in small letters, words apart by one space, without signs.
const NAMES: &[(Column, &[&str])] = &[
    (
        Nip,
        &[
            "nip",
            "nip baru",
            "nipbaru",
            "nip pegawai",
            "nip pns",
            "nip asn",
            "nip nippk",
            "nip ni pppk",
            "nip nip pppk",
            "ni pppk",
            "nippppk",
            "nomor induk pegawai",
            "no induk pegawai",
            "nip 18 digit",
            "nip18",
        ],
    ),
    (
        Name,
        &[
            "nama",
            "nama lengkap",
            "nama pegawai",
            "nama pns",
            "nama asn",
            "nama pegawai asn",
            "nama dan gelar",
            "nama dengan gelar",
            "nama beserta gelar",
            "nama lengkap dan gelar",
            "nama tanpa gelar",
        ],
    ),
    (Front, &["gelar depan", "glr depan", "gelar dpn", "gelar di depan", "gelar depan nama"]),
    (
        Back,
        &[
            "gelar belakang",
            "glr belakang",
            "gelar blk",
            "gelar blkg",
            "gelar di belakang",
            "gelar belakang nama",
        ],
    ),
    (
        Grade,
        &[
            "gol",
            "golongan",
            "gol ruang",
            "golongan ruang",
            "golru",
            "gol akhir",
            "gol akhir nama",
            "gol nama",
            "golongan akhir",
            "gol terakhir",
            "gol ru",
        ],
    ),
    (
        Rank,
        &[
            "pangkat",
            "nama pangkat",
            "pangkat gol",
            "pangkat golongan",
            "pangkat gol ruang",
            "pangkat dan golongan",
            "pangkat golongan ruang",
            "pangkat terakhir",
        ],
    ),
    (
        Position,
        &["jabatan", "nama jabatan", "jabatan nama", "jabatan terakhir", "jabatan saat ini"],
    ),
    (
        Unit,
        &[
            "unit kerja",
            "unitkerja",
            "unor",
            "unor nama",
            "nama unor",
            "unit organisasi",
            "nama unit kerja",
            "sub unit kerja",
            "bidang",
            "unit",
        ],
    ),
    (
        Office,
        &[
            "opd",
            "nama opd",
            "skpd",
            "nama skpd",
            "perangkat daerah",
            "unor induk",
            "unor induk nama",
            "nama unor induk",
            "satuan kerja",
            "satker",
            "instansi",
            "instansi kerja",
            "satuan kerja induk",
            "unit kerja induk",
        ],
    ),
    (
        Employment,
        &[
            "status pegawai",
            "jenis pegawai",
            "status kepegawaian",
            "jenis kepegawaian",
            "status jenis pegawai",
            "status asn",
            "jenis asn",
            "status",
            "kepegawaian",
            "jenis pegawai nama",
            "status cpns pns",
        ],
    ),
    (
        Email,
        &[
            "email",
            "e mail",
            "surel",
            "alamat email",
            "alamat surel",
            "email pribadi",
            "email dinas",
            "email kantor",
        ],
    ),
    (
        Phone,
        &[
            "no hp",
            "nomor hp",
            "hp",
            "no handphone",
            "nomor handphone",
            "no telp",
            "no telepon",
            "nomor telepon",
            "telepon",
            "no wa",
            "nomor wa",
            "no whatsapp",
            "nomor whatsapp",
            "nomor ponsel",
        ],
    ),
    (
        PositionKind,
        &[
            "jenis jabatan",
            "jenis jabatan nama",
            "jenjang jabatan",
            "kelompok jabatan",
            "eselon",
            "eselon nama",
        ],
    ),
    (
        Standing,
        &[
            "kedudukan",
            "kedudukan hukum",
            "kedudukan hukum nama",
            "kedudukan pns",
            "kedudukan pegawai",
            "status keaktifan",
            "status aktif",
        ],
    ),
];

impl Column {
    pub const ALL: [Self; 14] = [
        Nip,
        Name,
        Front,
        Back,
        Grade,
        Rank,
        Position,
        PositionKind,
        Unit,
        Office,
        Employment,
        Standing,
        Email,
        Phone,
    ];

    /// The column that a header names.
    pub fn of(header: &str) -> Option<Self> {
        let name = plain(header);
        NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(column, _)| *column)
    }

    /// The column of that code.
    pub fn coded(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.code() == code)
    }

    /// As forms, commands and what is kept of a list name it.
    pub fn code(self) -> &'static str {
        match self {
            Nip => "nip",
            Name => "name",
            Front => "front",
            Back => "back",
            Grade => "grade",
            Rank => "rank",
            Position => "position",
            Unit => "unit",
            Office => "office",
            Employment => "employment",
            Email => "email",
            Phone => "phone",
            PositionKind => "position_kind",
            Standing => "standing",
        }
    }

    /// What it is called on a page.
    pub fn label(self) -> &'static str {
        match self {
            Nip => "NIP",
            Name => "Nama",
            Front => "Gelar depan",
            Back => "Gelar belakang",
            Grade => "Golongan",
            Rank => "Pangkat",
            Position => "Jabatan",
            Unit => "Unit kerja",
            Office => "OPD",
            Employment => "Jenis pegawai",
            Email => "Surel",
            Phone => "Telepon",
            PositionKind => "Jenis jabatan",
            Standing => "Kedudukan",
        }
    }
}

/// In small letters, with one space for whatever is neither letter nor digit.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            plain.push(c);
        } else if !plain.ends_with(' ') && !plain.is_empty() {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// How many of the cells are names of columns.
pub(super) fn known(cells: &[Cell]) -> usize {
    cells.iter().filter(|cell| Column::of(cell.text()).is_some()).count()
}
