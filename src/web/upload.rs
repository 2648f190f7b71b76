//! Files in forms.

use crate::error::{Error, Result};
use axum::{
    extract::{Multipart, multipart::MultipartError},
    http::StatusCode,
};

/// A file as it was sent.
pub struct Sent {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The file of that field; none when none was chosen.
pub async fn file(mut form: Multipart, field: &str) -> Result<Option<Sent>> {
    while let Some(part) = form.next_field().await.map_err(|error| refuse(&error))? {
        if part.name() == Some(field) {
            let name = part.file_name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(|error| refuse(&error))?.to_vec();
            return Ok(Some(Sent { name, bytes })
                .filter(|sent| !(sent.name.is_empty() && sent.bytes.is_empty())));
        }
    }
    Ok(None)
}

fn refuse(error: &MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Error::TooLarge
    } else {
        Error::BadRequest
    }
}
