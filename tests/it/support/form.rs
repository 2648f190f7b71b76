//! Forms as browsers send them.

use std::fmt::Write;

use axum::http::Method;
use scraper::{ElementRef, Html};

use super::visitor::{css, text};

/// A form that is ready to be sent.
#[derive(Clone)]
pub struct Filled {
    pub method: Method,
    pub path: String,
    pub kind: String,
    pub body: Vec<u8>,
}

const BOUNDARY: &str = "----boundary-of-a-visitor";

/// What pressing the button sends, or what is missing.
pub fn fill(
    html: &Html,
    at: &str,
    button: &str,
    typed: &[(&str, &str)],
    file: Option<(&str, &str, &[u8])>,
) -> Result<Filled, String> {
    let (form, pressed) = html
        .select(&css("form"))
        .find_map(|form| {
            Some((form, form.select(&css("button")).find(|one| text(*one) == button)?))
        })
        .ok_or_else(|| format!("no button {button:?}"))?;
    let mut pairs = pairs(form, typed)?;
    if let Some(name) = pressed.attr("name") {
        pairs.push((name.into(), pressed.attr("value").unwrap_or_default().into()));
    }
    let action = form.attr("action").map_or_else(|| at.to_owned(), |action| resolve(at, action));
    let borrowed: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let kind = form.attr("enctype").unwrap_or("application/x-www-form-urlencoded");
    if form.attr("method") != Some("post") {
        let path = action.split('?').next().unwrap_or_default();
        let path = format!("{path}?{}", encoded(&borrowed));
        return Ok(Filled { method: Method::GET, path, kind: kind.into(), body: Vec::new() });
    }
    if kind != "multipart/form-data" {
        let body = encoded(&borrowed).into_bytes();
        return Ok(Filled { method: Method::POST, path: action, kind: kind.into(), body });
    }
    let body = multipart(form, &borrowed, file)?;
    let kind = format!("{kind}; boundary={BOUNDARY}");
    Ok(Filled { method: Method::POST, path: action, kind, body })
}

/// The pairs that the form's fields send, some of them as typed.
fn pairs(form: ElementRef<'_>, typed: &[(&str, &str)]) -> Result<Vec<(String, String)>, String> {
    let fields: Vec<ElementRef<'_>> =
        form.select(&css("input[name], select[name], textarea[name]")).collect();
    for (name, _) in typed {
        if !fields.iter().any(|field| field.attr("name") == Some(name)) {
            return Err(format!("no field {name:?} beside the button"));
        }
    }
    let mut pairs = Vec::new();
    for field in fields {
        let name = field.attr("name").unwrap_or_default();
        let said = typed.iter().find(|(to, _)| *to == name).map(|(_, value)| *value);
        let sent = match said {
            Some(said) => answer(field, said)?,
            None => value(field),
        };
        pairs.extend(sent.map(|sent| (name.to_owned(), sent)));
    }
    for (name, said) in typed {
        let taken = pairs.iter().any(|(to, value)| to == name && value == said);
        if !said.is_empty() && !taken {
            return Err(format!("{name:?} cannot be {said:?}"));
        }
    }
    Ok(pairs)
}

/// What a field sends when that is said in it.
fn answer(field: ElementRef<'_>, said: &str) -> Result<Option<String>, String> {
    match (field.value().name(), field.attr("type")) {
        ("input", Some("checkbox" | "radio")) => {
            Ok((field.attr("value") == Some(said)).then(|| said.to_owned()))
        }
        ("input", Some("hidden" | "file")) => {
            Err("nobody types into a hidden field or a file".into())
        }
        _ => Ok(Some(said.to_owned())),
    }
}

/// What a field sends as the page has it.
pub fn value(field: ElementRef<'_>) -> Option<String> {
    match (field.value().name(), field.attr("type")) {
        ("select", _) => {
            let options: Vec<_> = field.select(&css("option")).collect();
            let chosen = options.iter().find(|option| option.attr("selected").is_some());
            let chosen = chosen.or(options.first())?;
            Some(chosen.attr("value").map_or_else(|| text(*chosen), str::to_owned))
        }
        ("textarea", _) => Some(field.text().collect()),
        (_, Some("checkbox" | "radio")) => {
            field.attr("checked").and(Some(field.attr("value").unwrap_or("on").into()))
        }
        (_, Some("file")) => None,
        _ => Some(field.attr("value").unwrap_or_default().to_owned()),
    }
}

fn multipart(
    form: ElementRef<'_>,
    pairs: &[(&str, &str)],
    file: Option<(&str, &str, &[u8])>,
) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let mut part = |name: &str, more: &str, content: &[u8]| {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in pairs {
        part(name, "", value.as_bytes());
    }
    let inputs: Vec<_> =
        form.select(&css("input[type=file]")).filter_map(|one| one.attr("name")).collect();
    if let Some((field, ..)) = file
        && !inputs.contains(&field)
    {
        return Err(format!("no file field {field:?} beside the button"));
    }
    for name in inputs {
        let chosen = file.filter(|(field, ..)| *field == name);
        let (named, bytes) = chosen.map_or(("", &[][..]), |(_, named, bytes)| (named, bytes));
        let more = format!("; filename=\"{named}\"\r\nContent-Type: application/octet-stream");
        part(name, &more, bytes);
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    Ok(body)
}

/// Pairs as a form's body or an address's query has them.
pub fn encoded(pairs: &[(&str, &str)]) -> String {
    let word = |text: &str| {
        text.bytes().fold(String::new(), |mut word, byte| {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                    word.push(byte.into());
                }
                b' ' => word.push('+'),
                _ => write!(word, "%{byte:02X}").unwrap(),
            }
            word
        })
    };
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", word(name), word(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Where a link on that page leads, within the site.
pub fn resolve(at: &str, href: &str) -> String {
    let path = at.split(['?', '#']).next().unwrap_or_default();
    match href.chars().next() {
        Some('?') => format!("{path}{href}"),
        Some('#') | None => at.to_owned(),
        _ => href.split('#').next().unwrap_or_default().to_owned(),
    }
}
