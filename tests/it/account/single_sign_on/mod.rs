//! Signing in with an account of another provider.

mod forged;
mod links;
mod provider;

use axum::http::Method;
use smartclass::{App, router};

use crate::support::Visitor;

/// Somebody who was sent to the provider, and where.
async fn sent(app: &App, path: &str) -> (Visitor, String) {
    let mut visitor = Visitor::new(router(app.clone()));
    let address = again(&mut visitor, path).await;
    (visitor, address)
}

async fn again(visitor: &mut Visitor, path: &str) -> String {
    visitor.peek(path).await;
    visitor.location().unwrap_or_else(|| panic!("{}", visitor.page())).to_owned()
}

/// The visitor comes back from the provider as browsers do, and goes on.
async fn comes_back(visitor: &mut Visitor, path: &str) {
    visitor.send(Method::GET, path, &[("sec-fetch-site", "cross-site")]).await;
    if let Some(place) = visitor.location().map(str::to_owned) {
        visitor.open(&place).await;
    }
}
