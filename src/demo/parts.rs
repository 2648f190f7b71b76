//! Units below the OPD: bidang, UPT and schools, where some of their people work.

/// An OPD and what lies below it.
pub(super) const PARTS: [(&str, &[&str]); 5] = [
    (
        "Dinas Pendidikan Daerah",
        &[
            "Bidang Pembinaan SMA",
            "SMA Negeri 14 Palu",
            "SMA Negeri 8 Sigi",
            "SMA Negeri 6 Poso",
            "SMK Negeri 10 Palu",
            "SMK Negeri 7 Parigi",
            "SLB Negeri 3 Donggala",
        ],
    ),
    (
        "Dinas Kesehatan",
        &[
            "Bidang Kesehatan Masyarakat",
            "UPT RSUD Undata",
            "UPT RSUD Madani",
            "UPT Laboratorium Kesehatan Daerah",
        ],
    ),
    (
        "Badan Pendapatan Daerah",
        &["UPT Pendapatan Wilayah I Palu", "UPT Pendapatan Wilayah IV Poso"],
    ),
    ("Dinas Kehutanan", &["UPT KPH Dolago Tanggunung", "UPT KPH Sintuwu Maroso"]),
    ("Dinas Sosial", &["UPT Panti Sosial Bina Remaja", "UPT Panti Sosial Lanjut Usia"]),
];

/// The units below an OPD.
pub(super) fn of(office: &str) -> &'static [&'static str] {
    PARTS.iter().find(|(above, _)| *above == office).map_or(&[], |(_, parts)| *parts)
}
