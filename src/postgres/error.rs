//! Why the private cluster did not start, in one line that says what to do.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Each text is for the operator: one line, with the way out.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "Server PostgreSQL tidak ditemukan; pasang paket `postgresql` (Debian/Ubuntu: `apt-get install postgresql`), tetapkan SMARTCLASS_PG_BIN ke folder yang memuat `initdb` dan `postgres`, atau isi DATABASE_URL."
    )]
    NoServer,
    #[error(
        "SMARTCLASS_PG_BIN menunjuk {}, tetapi `initdb` dan `postgres` tidak ada di sana; perbaiki atau kosongkan SMARTCLASS_PG_BIN.", .0.display()
    )]
    NoServerIn(PathBuf),
    #[error(
        "Pengguna sistem {user}, yang menjalankan PostgreSQL, tidak dapat memasuki folder programnya, {}; pasang PostgreSQL di folder yang terbuka bagi pengguna itu dan sesuaikan SMARTCLASS_PG_BIN.", programs.display()
    )]
    NotRunnable { programs: PathBuf, user: String },
    #[error(
        "{} sedang dipakai program lain{}; hentikan program itu dahulu, atau pilih folder lain dengan SMARTCLASS_DATA.", home.display(), pid.as_ref().map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    InUse { home: PathBuf, pid: Option<String> },
    #[error(
        "{} dibuat oleh PostgreSQL {made}, sedangkan yang terpasang PostgreSQL {found}; pasang paket `postgresql-{made}`, atau pindahkan datanya dengan `pg_upgrade`. Folder itu tidak diubah.", data.display()
    )]
    OtherVersion { data: PathBuf, made: String, found: String },
    #[error(
        "{} bukan folder data PostgreSQL yang utuh (PG_VERSION tidak terbaca); pulihkan dari cadangan, atau pindahkan folder itu agar yang baru dibuat.", .0.display()
    )]
    Damaged(PathBuf),
    #[error(
        "Pengguna sistem {user}, yang menjalankan PostgreSQL, tidak dapat memasuki {}; pilih folder lain dengan SMARTCLASS_DATA, atau bukalah jalannya dengan `chmod o+x`.", folder.display()
    )]
    Unreachable { folder: PathBuf, user: String },
    #[error(
        "{} milik pengguna sistem {owner}, sedangkan program berjalan sebagai {user}; jalankan sebagai {owner} atau root, atau pilih folder lain dengan SMARTCLASS_DATA.", home.display()
    )]
    OtherOwner { home: PathBuf, owner: String, user: String },
    #[error(
        "{} berisi berkas lain, bukan basis data program ini; pilih folder lain dengan SMARTCLASS_DATA.", .0.display()
    )]
    NotOurs(PathBuf),
    #[error(
        "PostgreSQL menolak berjalan sebagai root, sedangkan pengguna sistem `postgres` dan `nobody` tidak ada; buatlah dengan `useradd --system postgres`."
    )]
    NoUser,
    #[error(
        "Folder soket {} milik pengguna lain atau terbuka bagi orang lain; hapus folder itu, atau tetapkan TMPDIR ke folder lain.", .0.display()
    )]
    SocketFolder(PathBuf),
    #[error(
        "Sisa proses PostgreSQL yang lama masih memakai {}; tunggu sampai selesai atau hentikan, lalu jalankan lagi.", .0.display()
    )]
    StillRunning(PathBuf),
    #[error(
        "Ruang disk untuk {} habis atau dibatasi ({reason}); kosongkan atau longgarkan, lalu jalankan lagi. Data yang sudah tersimpan tidak hilang.", home.display()
    )]
    DiskFull { home: PathBuf, reason: String },
    #[error("Basis data baru di {} gagal dibuat: {reason}", home.display())]
    NotMade { home: PathBuf, reason: String },
    #[error("PostgreSQL berhenti saat dijalankan: {reason}; lihat {}.", log.display())]
    Ended { log: PathBuf, reason: String },
    #[error(
        "PostgreSQL belum siap setelah {seconds} detik; lihat {}, lalu jalankan lagi.", log.display()
    )]
    Slow { log: PathBuf, seconds: u64 },
    #[error("{} tidak dapat {verb}: {source}", path.display())]
    File { path: PathBuf, verb: &'static str, source: io::Error },
}

impl StartError {
    /// The error of a file operation on `path`; `verb` completes "cannot be …" in Indonesian.
    pub(super) fn file(path: &Path, verb: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => {
                Self::DiskFull { home: path, reason: source.to_string() }
            }
            _ => Self::File { path, verb, source },
        }
    }
}
