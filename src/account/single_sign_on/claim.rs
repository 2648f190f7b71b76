//! Where a provider says somebody's NIP.

use crate::web::form::compact;
use serde_json::Value;

/// The NIP among the claims, without spaces and points. The name is a claim's own, or leads into
/// it by points: `attributes.nip`. Keycloak gives an attribute as a text or as a list of one.
pub(super) fn nip(claims: &Value, name: &str) -> Option<String> {
    let found = match claims.get(name) {
        Some(found) => found,
        None => name.split('.').try_fold(claims, |at, part| at.get(part))?,
    };
    let text = match found {
        Value::String(text) => text,
        Value::Array(list) => match list.as_slice() {
            [Value::String(text)] => text,
            _ => return None,
        },
        _ => return None,
    };
    Some(compact(text)).filter(|nip| !nip.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_nip_is_read_in_every_shape_that_providers_give_it() {
        let nip_of = |claims: Value, name| nip(&claims, name);
        let wanted = Some("199001012015011001".to_owned());
        assert_eq!(nip_of(json!({"nip": "19900101 201501.1-001"}), "nip"), wanted);
        assert_eq!(nip_of(json!({"nip": ["199001012015011001"]}), "nip"), wanted);
        let deep = json!({"attributes": {"nip": ["199001012015011001"]}});
        assert_eq!(nip_of(deep, "attributes.nip"), wanted);
        let flat = json!({"https://asn.example/nip": "199001012015011001"});
        assert_eq!(nip_of(flat, "https://asn.example/nip"), wanted);
    }

    #[test]
    fn what_is_no_single_text_is_no_nip() {
        for claims in [
            json!({}),
            json!({"nip": ""}),
            json!({"nip": null}),
            json!({"nip": []}),
            json!({"nip": ["199001012015011001", "199001012015011002"]}),
            json!({"nip": 199_001_012_015_011_001_u64}),
            json!({"nip": {"nip": "199001012015011001"}}),
        ] {
            assert_eq!(nip(&claims, "nip"), None, "{claims}");
        }
        assert_eq!(nip(&json!({"attributes": "x"}), "attributes.nip"), None);
    }
}
