//! Everything that can stop a request, and the page that each one becomes.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person may not know whether the thing exists, or it does not.
    #[error("Halaman tidak ditemukan")]
    NotFound,
    #[error("Anda tidak berwenang membuka halaman ini")]
    Forbidden,
    /// A rule of the domain said no. The text is the rule's own, for the user.
    #[error("{0}")]
    Refused(String),
    /// Somebody changed the thing since the page was opened.
    #[error("{0}")]
    Stale(String),
    /// The request cannot be read: a broken form, a wrong address.
    #[error("Permintaan tidak dapat dibaca")]
    BadRequest,
    #[error("Berkas terlalu besar")]
    TooLarge,
    /// Too many tries; seconds until the next may be made.
    #[error("Terlalu banyak percobaan")]
    TooMany(i64),
    /// The server is busier than it can be; nothing was stored.
    #[error("Layanan sedang sibuk")]
    Busy,
    /// Not the user's doing. Logged in full, shown as an apology.
    #[error("Terjadi gangguan di sisi kami")]
    Internal(#[source] anyhow::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound, // `fetch_one` by id is a 404
            sqlx::Error::PoolTimedOut => Self::Busy,
            // A zero byte, which PostgreSQL's texts cannot hold.
            sqlx::Error::Database(error) if error.code().as_deref() == Some("22021") => {
                Self::BadRequest
            }
            error => Self::Internal(error.into()),
        }
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl Error {
    /// The HTTP status of this error.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Refused(_) | Self::Stale(_) => StatusCode::CONFLICT,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Halaman tidak ditemukan",
            Self::Forbidden => "Tidak berwenang",
            Self::Refused(_) => "Tidak dapat dilakukan",
            Self::Stale(_) => "Sudah diubah orang lain",
            Self::BadRequest => "Permintaan tidak dapat dibaca",
            Self::TooLarge => "Berkas terlalu besar",
            Self::TooMany(_) => "Terlalu banyak percobaan",
            Self::Busy => "Layanan sedang sibuk",
            Self::Internal(_) => "Terjadi gangguan di sisi kami",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::NotFound => "Periksa alamatnya, atau cari kelas di bawah ini. Halaman mungkin sudah dipindahkan, atau tidak terbuka untuk akun Anda.".into(),
            Self::Forbidden => "Halaman ini memerlukan peran yang tidak Anda pegang. Jika menurut Anda ini keliru, hubungi administrator.".into(),
            Self::Refused(words) | Self::Stale(words) => words.clone(),
            Self::BadRequest => "Kembali ke halaman sebelumnya, muat ulang, lalu coba lagi. Tidak ada yang tersimpan.".into(),
            Self::TooLarge => "Berkas melebihi batas yang tertulis pada formulirnya. Tidak ada yang tersimpan.".into(),
            Self::TooMany(seconds) => format!("Coba lagi {} lagi.", wait(*seconds)),
            Self::Busy => "Yang Anda kirim belum tersimpan. Mengirim ulang beberapa saat lagi aman: permintaan yang sama tidak tercatat dua kali.".into(),
            Self::Internal(_) => "Kami belum dapat memastikan yang Anda kirim tersimpan. Mengirim ulang aman: permintaan yang sama tidak tercatat dua kali.".into(),
        }
    }
}

/// A waiting time in words, rounded up.
fn wait(seconds: i64) -> String {
    if seconds < 90 {
        format!("{} detik", seconds.max(1))
    } else {
        format!("{} menit", (seconds + 59) / 60)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    message: &'a str,
    search: bool,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Internal(cause) = &self {
            tracing::error!(error = format!("{cause:#}"), "a request failed");
        }
        let (title, message) = (self.title(), self.message());
        let search = matches!(self, Self::NotFound);
        let page =
            ErrorPage { title, message: &message, search }.render().unwrap_or(message.clone());
        let mut response = (self.status(), Html(page)).into_response();
        if let Self::TooMany(seconds) = self {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.max(1).into());
        }
        response
    }
}
