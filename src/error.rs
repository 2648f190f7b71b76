//! Everything that can stop a request, and the page that each one becomes.

use crate::assets::hex;
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
    /// The request cannot be read: a broken form, a wrong address.
    #[error("Permintaan tidak dapat dibaca")]
    BadRequest,
    #[error("Berkas terlalu besar")]
    TooLarge,
    /// Too many tries; seconds until the next may be made.
    #[error("Terlalu banyak percobaan")]
    TooMany(i64),
    /// Sent by a page of another site.
    #[error("Permintaan datang dari situs lain")]
    Foreign,
    /// The server is busier than it can be; nothing was stored.
    #[error("Layanan sedang sibuk")]
    Busy,
    /// The database went away in the middle; whether something was stored is not known.
    #[error("Layanan sedang terganggu")]
    Interrupted(#[source] sqlx::Error),
    /// Not the user's doing. Logged in full, shown as an apology.
    #[error("Terjadi gangguan di sisi kami")]
    Internal(#[source] anyhow::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound, // `fetch_one` by id is a 404
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Busy,
            sqlx::Error::Io(_) => Self::Interrupted(error),
            error => Self::of_postgres(error),
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
        error.downcast::<sqlx::Error>().map_or_else(Self::Internal, Self::from)
    }
}

impl Error {
    /// What the server itself says, by its codes.
    fn of_postgres(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        match code.as_deref() {
            // A zero byte, which its texts cannot hold.
            Some("22021") => Self::BadRequest,
            // A deadlock, a lock or a statement that took too long, no connection to be had, a
            // server that is starting.
            Some("40P01" | "55P03" | "57014" | "53300" | "57P03") => Self::Busy,
            // A server that was stopped or crashed, a transaction left open for too long.
            Some("57P01" | "57P02" | "25P03") => Self::Interrupted(error),
            _ => Self::Internal(error.into()),
        }
    }

    /// The HTTP status of this error.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Foreign => StatusCode::FORBIDDEN,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Interrupted(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Halaman tidak ditemukan",
            Self::Forbidden => "Tidak berwenang",
            Self::Refused(_) => "Tidak dapat dilakukan",
            Self::BadRequest => "Permintaan tidak dapat dibaca",
            Self::TooLarge => "Berkas terlalu besar",
            Self::TooMany(_) => "Terlalu banyak percobaan",
            Self::Foreign => "Permintaan datang dari situs lain",
            Self::Busy => "Layanan sedang sibuk",
            Self::Interrupted(_) => "Layanan sedang terganggu",
            Self::Internal(_) => "Terjadi gangguan di sisi kami",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::NotFound => "Periksa alamatnya, atau cari kelas di bawah ini. Halaman mungkin sudah dipindahkan, atau tidak terbuka untuk akun Anda.".into(),
            Self::Forbidden => "Halaman ini memerlukan peran yang tidak Anda pegang. Jika menurut Anda ini keliru, hubungi administrator.".into(),
            Self::Refused(words) => words.clone(),
            Self::BadRequest => "Kembali ke halaman sebelumnya, muat ulang, lalu coba lagi. Tidak ada yang tersimpan.".into(),
            Self::TooLarge => "Berkas melebihi batas yang tertulis pada formulirnya. Tidak ada yang tersimpan.".into(),
            Self::TooMany(seconds) => format!("Coba lagi dalam {}.", wait(*seconds)),
            Self::Foreign => "Formulirnya dikirim dari alamat lain, jadi tidak ada yang tersimpan. Buka halamannya di situs ini, lalu kirim dari sana.".into(),
            Self::Busy => format!("Coba lagi dalam {}. Yang Anda kirim belum tersimpan; {AGAIN}", wait(PAUSE)),
            Self::Interrupted(_) => format!("Coba lagi dalam {}. Kami belum dapat memastikan yang Anda kirim tersimpan; {AGAIN}", wait(PAUSE)),
            Self::Internal(_) => format!("Kami belum dapat memastikan yang Anda kirim tersimpan; {AGAIN}"),
        }
    }

    /// Seconds after which it makes sense to try again.
    fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooMany(seconds) => Some((*seconds).max(1)),
            Self::Busy | Self::Interrupted(_) => Some(PAUSE),
            _ => None,
        }
    }

    /// Writes to the log what the user cannot do anything about, under the code that the
    /// page shows.
    fn report(&self) -> Option<String> {
        let cause = match self {
            Self::Internal(cause) => format!("{cause:#}"),
            Self::Interrupted(cause) => cause.to_string(),
            _ => return None,
        };
        let mut random = [0; 4];
        let incident = getrandom::fill(&mut random).ok().map(|()| hex(&random));
        tracing::error!(incident, error = cause, "a request failed");
        incident
    }
}

/// A restart of the database takes about so many seconds, and so does a rush.
const PAUSE: i64 = 5;

const AGAIN: &str = "mengirim ulang aman: permintaan yang sama tidak tercatat dua kali.";

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
    incident: Option<String>,
    search: bool,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (title, message, incident) = (self.title(), self.message(), self.report());
        let search = matches!(self, Self::NotFound);
        let page = ErrorPage { title, message: &message, incident, search };
        let page = page.render().unwrap_or(message.clone());
        let mut response = (self.status(), Html(page)).into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };
    use tracing_subscriber::fmt;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_fault_is_logged_under_the_code_that_its_page_shows() {
        let log = Log::default();
        let writer = log.clone();
        let lines = fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let response = tracing::subscriber::with_default(lines, || {
            Error::Internal(anyhow::anyhow!("the cause")).into_response()
        });
        let page = response.into_body().collect().await.unwrap().to_bytes();
        let page = String::from_utf8(page.to_vec()).unwrap();
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let code = page.split("<code>").nth(1).unwrap().split('<').next().unwrap();
        assert!(code.len() == 8 && log.contains(&format!("incident=\"{code}\"")), "{code}: {log}");
        assert!(log.contains("the cause") && !page.contains("the cause"));
    }

    #[test]
    fn a_database_that_goes_away_is_no_fault_of_ours() {
        let gone = || sqlx::Error::Io(std::io::ErrorKind::UnexpectedEof.into());
        for error in [Error::from(gone()), anyhow::Error::from(gone()).into()] {
            assert!(matches!(error, Error::Interrupted(_)), "{error}");
        }
        assert_eq!(Error::from(sqlx::Error::PoolTimedOut).retry_after(), Some(PAUSE));
    }
}
