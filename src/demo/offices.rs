//! The units of the province: how many work there, on what, and who leads them.

use super::posts::Trade;
use Trade::{Audit, Digital, Health, Land, Office, Order, School, Works};

/// The agency that runs the classes.
pub(super) const BPSDMD: &str = "Badan Pengembangan Sumber Daya Manusia Daerah";

/// A unit as the schema names it.
pub(super) struct OfficeOf {
    pub unit: &'static str,
    /// People in proportion to the other units.
    pub weight: usize,
    pub trade: Trade,
    /// The position of the third official.
    field: &'static str,
}

const fn office(unit: &'static str, weight: usize, trade: Trade, field: &'static str) -> OfficeOf {
    OfficeOf { unit, weight, trade, field }
}

pub(super) const OFFICES: [OfficeOf; 40] = [
    office("Sekretariat Daerah", 9, Office, "Kepala Bagian Pengelolaan Pengadaan Barang dan Jasa"),
    office("Sekretariat DPRD", 3, Office, "Kepala Bagian Umum dan Keuangan"),
    office("Inspektorat Daerah", 3, Audit, "Inspektur Pembantu Wilayah II"),
    office(
        "Badan Perencanaan Pembangunan Daerah",
        3,
        Office,
        "Kepala Bidang Data dan Evaluasi Pembangunan",
    ),
    office("Badan Pendapatan Daerah", 5, Office, "Kepala Bidang Pajak Daerah"),
    office("Badan Pengelolaan Keuangan dan Aset Daerah", 3, Office, "Kepala Bidang Perbendaharaan"),
    office(
        "Badan Kepegawaian Daerah",
        3,
        Office,
        "Kepala Bidang Penilaian Kinerja dan Penghargaan",
    ),
    office(BPSDMD, 3, Office, "Kepala Bidang Pengembangan Kompetensi Teknis"),
    office("Badan Riset dan Inovasi Daerah", 2, Digital, "Kepala Bidang Inovasi dan Teknologi"),
    office("Badan Penghubung", 1, Office, "Kepala Subbidang Promosi dan Informasi"),
    office(
        "Badan Kesatuan Bangsa dan Politik Daerah",
        2,
        Office,
        "Kepala Bidang Kewaspadaan Nasional",
    ),
    office("Satuan Polisi Pamong Praja", 5, Order, "Kepala Bidang Ketertiban Umum"),
    office(
        "Badan Penanggulangan Bencana Daerah",
        3,
        Order,
        "Kepala Bidang Pencegahan dan Kesiapsiagaan",
    ),
    office("Dinas Pendidikan Daerah", 44, School, "Kepala Bidang Pembinaan SMA"),
    office("Dinas Kesehatan", 28, Health, "Kepala Bidang Kesehatan Masyarakat"),
    office("Dinas Bina Marga dan Penataan Ruang", 5, Works, "Kepala Bidang Preservasi Jalan"),
    office("Dinas Cipta Karya dan Sumberdaya Air", 4, Works, "Kepala Bidang Irigasi dan Rawa"),
    office(
        "Dinas Perumahan, Kawasan Permukiman dan Pertanahan",
        2,
        Works,
        "Kepala Bidang Kawasan Permukiman",
    ),
    office("Dinas Sosial", 3, Office, "Kepala Bidang Perlindungan dan Jaminan Sosial"),
    office(
        "Dinas Tenaga Kerja dan Transmigrasi",
        3,
        Office,
        "Kepala Bidang Pelatihan dan Produktivitas",
    ),
    office(
        "Dinas Pemberdayaan Perempuan dan Perlindungan Anak",
        2,
        Office,
        "Kepala Bidang Pengarusutamaan Gender",
    ),
    office("Dinas Pangan", 2, Land, "Kepala Bidang Ketersediaan dan Distribusi Pangan"),
    office("Dinas Lingkungan Hidup", 2, Land, "Kepala Bidang Pengelolaan Sampah dan Limbah"),
    office(
        "Dinas Kependudukan dan Pencatatan Sipil",
        2,
        Digital,
        "Kepala Bidang Pengelolaan Informasi Kependudukan",
    ),
    office("Dinas Pemberdayaan Masyarakat dan Desa", 2, Office, "Kepala Bidang Pemerintahan Desa"),
    office(
        "Dinas Pengendalian Penduduk dan Keluarga Berencana",
        2,
        Health,
        "Kepala Bidang Keluarga Berencana",
    ),
    office("Dinas Perhubungan", 3, Works, "Kepala Bidang Lalu Lintas Jalan"),
    office(
        "Dinas Komunikasi, Informatika, Persandian dan Statistik",
        3,
        Digital,
        "Kepala Bidang Persandian dan Keamanan Informasi",
    ),
    office(
        "Dinas Koperasi, Usaha Kecil dan Menengah",
        2,
        Office,
        "Kepala Bidang Pemberdayaan Usaha Kecil",
    ),
    office(
        "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
        2,
        Office,
        "Kepala Bidang Pelayanan Perizinan",
    ),
    office("Dinas Pemuda dan Olah Raga", 2, Office, "Kepala Bidang Pembudayaan Olahraga"),
    office("Dinas Kebudayaan Daerah", 2, Office, "Kepala Bidang Cagar Budaya dan Permuseuman"),
    office(
        "Dinas Perpustakaan dan Kearsipan",
        2,
        Office,
        "Kepala Bidang Pembinaan dan Pengelolaan Arsip",
    ),
    office("Dinas Kelautan dan Perikanan", 4, Land, "Kepala Bidang Perikanan Tangkap"),
    office("Dinas Pariwisata", 2, Office, "Kepala Bidang Pemasaran Pariwisata"),
    office("Dinas Tanaman Pangan dan Hortikultura", 5, Land, "Kepala Bidang Penyuluhan"),
    office("Dinas Perkebunan dan Peternakan", 4, Land, "Kepala Bidang Kesehatan Hewan"),
    office("Dinas Kehutanan", 6, Land, "Kepala Bidang Perlindungan Hutan"),
    office("Dinas Energi dan Sumber Daya Mineral", 2, Works, "Kepala Bidang Ketenagalistrikan"),
    office(
        "Dinas Perindustrian dan Perdagangan",
        2,
        Office,
        "Kepala Bidang Perdagangan Dalam Negeri",
    ),
];

/// Officials of a unit: its head, the secretary, the head of a field.
pub(super) const SEATS: usize = 3;

impl OfficeOf {
    /// The position of an official.
    pub fn position(&self, seat: usize) -> String {
        match (self.unit, seat) {
            ("Sekretariat Daerah", 0) => "Asisten Perekonomian dan Pembangunan".to_owned(),
            ("Sekretariat Daerah", 1) => "Kepala Biro Organisasi".to_owned(),
            ("Sekretariat DPRD", 0) => "Sekretaris DPRD".to_owned(),
            ("Sekretariat DPRD", 1) => {
                "Kepala Bagian Persidangan dan Perundang-undangan".to_owned()
            }
            ("Inspektorat Daerah", 0) => "Inspektur Daerah".to_owned(),
            (unit, 0) => format!("Kepala {unit}"),
            (unit, 1) => format!("Sekretaris {unit}"),
            _ => self.field.to_owned(),
        }
    }
}
