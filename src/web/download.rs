//! Files that people keep: with a fingerprint, so that a second download costs
//! nothing, and in parts, so that a broken one goes on where it stopped.

use crate::assets::hex;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A PDF of that file name (letters, digits, hyphens).
pub fn pdf(file: &str, bytes: Vec<u8>, sha256: &[u8], asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex(&sha256[..sha256.len().min(16)]));
    let said = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let mut response = if said(header::IF_NONE_MATCH).is_some_and(|known| known.contains(&tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let fresh = said(header::IF_RANGE).is_none_or(|known| known == tag);
        let range =
            said(header::RANGE).filter(|_| fresh).and_then(|range| read_range(range, bytes.len()));
        match range {
            Some((from, to)) => part(&bytes, from, to),
            None => bytes.into_response(),
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Kept by the reader's own browser, which asks each time whether it may still show it.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    let texts = [
        (header::ETAG, tag),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{file}.pdf\"")),
    ];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
    response
}

fn part(bytes: &[u8], from: usize, to: usize) -> Response {
    let range = format!("bytes {from}-{to}/{}", bytes.len());
    (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, range)], bytes[from..=to].to_vec())
        .into_response()
}

/// One range of bytes, first and last, inside a file of that length; none for anything else.
fn read_range(text: &str, length: usize) -> Option<(usize, usize)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let last = length.checked_sub(1)?;
    let range = match (from.parse().ok(), to.parse().ok()) {
        (Some(from), Some(to)) => (from, last.min(to)),
        (Some(from), None) if to.is_empty() => (from, last),
        (None, Some(tail)) if from.is_empty() && tail > 0 => (length.saturating_sub(tail), last),
        _ => return None,
    };
    (range.0 <= range.1).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_download_goes_on_where_it_stopped() {
        assert_eq!(read_range("bytes=100-", 1000), Some((100, 999)));
        assert_eq!(read_range("bytes=0-99", 1000), Some((0, 99)));
        assert_eq!(read_range("bytes=990-2000", 1000), Some((990, 999)));
        assert_eq!(read_range("bytes=-10", 1000), Some((990, 999)));
        for wrong in
            ["bytes=1000-", "bytes=5-4", "bytes=a-b", "bytes=0-1,3-4", "lines=1-2", "bytes=-0"]
        {
            assert_eq!(read_range(wrong, 1000), None, "{wrong}");
        }
    }

    #[test]
    fn a_known_file_is_not_sent_again() {
        let mut asked = HeaderMap::new();
        let first = pdf("a", vec![1, 2, 3], &[7; 32], &asked);
        asked.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(pdf("a", vec![1, 2, 3], &[7; 32], &asked).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(pdf("a", vec![1, 2, 3], &[8; 32], &asked).status(), StatusCode::OK);
    }
}
