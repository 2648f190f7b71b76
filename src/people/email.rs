//! Addresses for e-mail.

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Tulis alamat surel seperti nama@sultengprov.go.id.")]
pub struct EmailError;

/// Reads an e-mail address as people write it; in small letters, by which two are the same.
pub fn read_email(typed: &str) -> Result<String, EmailError> {
    let text = crate::web::form::seen(typed).to_lowercase();
    let whole = text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && !host.contains('@')
            && host.contains('.')
            && host.split('.').all(|part| !part.is_empty())
    });
    let odd =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"');
    if whole && text.len() <= 254 && !text.contains(odd) { Ok(text) } else { Err(EmailError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_user_and_a_host() {
        assert_eq!(read_email(" Nur@Contoh.go.id ").as_deref(), Ok("nur@contoh.go.id"));
        for wrong in [
            "",
            "nur",
            "@contoh.go.id",
            "nur@contoh",
            "nur@.go.id",
            "nur@contoh.",
            "a@b@c.id",
            "Nur <nur@contoh.id>",
            "nur@contoh.id,b@contoh.id",
            "nur lela@contoh.id",
        ] {
            assert_eq!(read_email(wrong), Err(EmailError), "{wrong}");
        }
    }
}
