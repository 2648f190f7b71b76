//! The second factor: an app, recovery codes, passkeys; who must have one; and the proof that
//! dangerous acts ask for.

mod codes;
mod passkeys;
mod required;
mod set_up;
mod step_up;

use chrono::{DateTime, Utc};

use crate::support::{Person, Visitor, World, world::PASSWORD};

/// Types NIP and password, and is led to the second step.
async fn first_step(world: &World, person: &Person, at: DateTime<Utc>) -> Visitor {
    let mut visitor = world.visitor(at);
    visitor.open("/masuk?ke=/saya/profil").await;
    visitor.press("Masuk", &[("nip", &person.nip), ("password", PASSWORD)]).await;
    assert_eq!(visitor.at, "/masuk/kode?ke=/saya/profil");
    visitor
}
