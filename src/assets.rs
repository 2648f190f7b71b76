//! Files under `static/`, built into the program and served for ever: each is
//! addressed by a name that holds its own hash, so a changed file is a new address.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use std::{fmt::Write, sync::LazyLock};

struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static [u8],
    href: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("app.css", "text/css; charset=utf-8", include_bytes!("../static/app.css")),
        asset(
            "passkey.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../static/passkey.js"),
        ),
        asset("mark.svg", "image/svg+xml", include_bytes!("../static/mark.svg")),
    ]
});

fn asset(name: &'static str, kind: &'static str, body: &'static [u8]) -> Asset {
    let hash = hex(&Sha256::digest(body)[..8]);
    Asset { name, kind, body, href: format!("/static/{hash}-{name}") }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The address of an asset, for templates. An unknown name gives an address
/// that answers 404; a test opens every address that a page names.
pub fn href(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/static/none", |asset| &asset.href)
}

/// Answers with the asset of that hashed name.
pub async fn serve(Path(file): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.href.strip_prefix("/static/") == Some(&file)) {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.body).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
