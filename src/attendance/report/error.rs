//! Why a file could not be taken as an attendance report, in words for the operator.

use chrono::NaiveDate;

use super::DateOrder;
use crate::table::FileError;

/// Why nothing was read. Each text says what is wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    #[error("{0} Unduh laporan kehadiran satu rapat dari Zoom sebagai CSV, lalu unggah kembali.")]
    File(#[from] FileError),
    #[error(
        "Berkas ini bukan laporan kehadiran Zoom: tidak ada baris judul dengan kolom nama \
         (“Name (original name)” atau “Nama (nama asli)”) beserta waktu (“Join time” dan “Leave time” \
         atau “Waktu bergabung” dan “Waktu keluar”) atau durasi total (“Total duration (minutes)” atau \
         “Total durasi (menit)”). Unduh laporan peserta dari Zoom, lalu unggah tanpa mengubah judul kolomnya."
    )]
    NotReport,
    #[error(
        "Laporan tidak memuat satu pun baris peserta. Pastikan rapat yang dipilih di Zoom sudah benar."
    )]
    NoParticipants,
    #[error(
        "Tidak satu pun dari {count} baris peserta dapat dipakai. Baris {line}: {reason}. Unduh ulang laporannya dari Zoom."
    )]
    NothingUsable {
        count: usize,
        /// The first of them, as an editor numbers it.
        line: u64,
        reason: String,
    },
    #[error(
        "Laporan memuat {0} peserta; paling banyak {most} dapat diimpor, sebanyak yang dapat mengikuti satu webinar Zoom. Unduh laporan satu rapat saja.",
        most = super::MAX_PARTICIPANTS
    )]
    TooMany(usize),
    #[error(
        "Urutan tanggal {} tidak mungkin untuk berkas ini{}. Pilih urutan lain.",
        .given.describe(),
        list(.possible)
    )]
    ImpossibleOrder { given: DateOrder, possible: Vec<DateOrder> },
    #[error(
        "Hari dan bulan tidak dapat ditukar: berkas ini tidak memakai sel tanggal, atau ada tanggal di atas 12. Pilih “Seperti tertulis”."
    )]
    ImpossibleExchange,
    #[error(
        "Laporan ini untuk rapat Zoom {found}, sedangkan rapat kelas ini {expected}. Unggah laporan dari rapat kelas ini."
    )]
    OtherMeeting { found: String, expected: String },
    #[error(
        "Laporan ini bertanggal {}, bukan hari kelas ini. Unggah laporan dari hari kelas, atau periksa jadwal kelas.",
        .found.format("%d-%m-%Y")
    )]
    OtherDay { found: NaiveDate },
}

fn list(orders: &[DateOrder]) -> String {
    let names: Vec<_> = orders.iter().map(|order| order.describe()).collect();
    if names.is_empty() { String::new() } else { format!("; yang mungkin: {}", names.join(", ")) }
}
