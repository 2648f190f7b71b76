//! Why a file holds no table that can be read, in words for whoever uploaded it.

use super::{MAX_CELLS, MAX_ROWS, MAX_UNPACKED};

const MEGABYTE: usize = 1024 * 1024;

/// What is wrong with the file, whatever it was meant to be. What to do about it is said by the
/// reader that wanted it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("Berkas kosong.")]
    Empty,
    #[error("Berkas melebihi {} MB.", .0 / MEGABYTE)]
    TooBig(usize),
    #[error("Isi berkas .xlsx melebihi {} MB setelah dibuka.", MAX_UNPACKED / MEGABYTE as u64)]
    UnpacksTooBig,
    #[error("Berkas memuat lebih dari {MAX_ROWS} baris atau {MAX_CELLS} sel.")]
    TooManyRows,
    #[error(
        "Buku kerja ini memuat terlalu banyak lembar. Simpan dahulu lembar yang diperlukan saja."
    )]
    TooManySheets,
    #[error("Berkas ini gambar, bukan tabel.")]
    Image,
    #[error("Berkas ini PDF, bukan tabel.")]
    Pdf,
    #[error("Berkas ini halaman web, mungkin halaman masuk.")]
    WebPage,
    #[error("Berkas ini buku kerja Excel lama (.xls). Simpan dahulu sebagai .xlsx atau CSV.")]
    OldWorkbook,
    #[error("Berkas Excel ini dilindungi kata sandi. Hapus dahulu kata sandinya.")]
    PasswordProtected,
    #[error("Berkas ini arsip, bukan buku kerja .xlsx. Buka dahulu arsipnya.")]
    NotWorkbook,
    #[error("Berkas .xlsx ini rusak dan tidak dapat dibuka.")]
    DamagedWorkbook,
}
