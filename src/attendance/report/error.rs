//! Why a file could not be taken as an attendance report, in words for the operator.

use chrono::NaiveDate;

use super::{DateOrder, MAX_BYTES, MAX_CELLS, MAX_ROWS, MAX_UNPACKED};

const MEGABYTE: usize = 1024 * 1024;

/// Why nothing was read. Each text says what is wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    #[error("Berkas kosong. Unduh ulang laporan kehadiran dari Zoom, lalu unggah kembali.")]
    Empty,
    #[error(
        "Berkas melebihi {} MB. Unggah laporan untuk satu rapat saja.",
        MAX_BYTES / MEGABYTE
    )]
    TooBig,
    #[error(
        "Isi berkas .xlsx melebihi {} MB setelah dibuka. Simpan laporan sebagai CSV, lalu unggah kembali.",
        MAX_UNPACKED / MEGABYTE as u64
    )]
    UnpacksTooBig,
    #[error(
        "Berkas memuat lebih dari {MAX_ROWS} baris atau {MAX_CELLS} sel. Unggah laporan untuk satu rapat saja."
    )]
    TooManyRows,
    #[error("Berkas ini gambar, bukan laporan. Unduh laporan kehadiran dari Zoom sebagai CSV.")]
    Image,
    #[error("Berkas ini PDF, bukan laporan. Unduh laporan kehadiran dari Zoom sebagai CSV.")]
    Pdf,
    #[error(
        "Berkas ini halaman web, mungkin halaman masuk Zoom. Masuk ke Zoom, lalu unduh kembali laporannya sebagai CSV."
    )]
    WebPage,
    #[error(
        "Berkas ini buku kerja Excel lama (.xls). Simpan sebagai .xlsx atau CSV, lalu unggah kembali."
    )]
    OldWorkbook,
    #[error("Berkas Excel ini dilindungi kata sandi. Hapus kata sandinya, lalu unggah kembali.")]
    PasswordProtected,
    #[error(
        "Berkas ini arsip, bukan buku kerja .xlsx. Buka arsipnya, lalu unggah laporan di dalamnya."
    )]
    NotWorkbook,
    #[error("Berkas .xlsx ini rusak dan tidak dapat dibuka. Unduh ulang laporannya dari Zoom.")]
    DamagedWorkbook,
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
