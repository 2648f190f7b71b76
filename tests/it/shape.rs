//! The shape of the code itself. Each rule is shown to notice what breaks it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below the folder with that extension.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|one| one == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// The path from the folder, with `/`.
fn name(path: &Path, folder: &str) -> String {
    path.strip_prefix(root().join(folder)).unwrap().to_str().unwrap().to_owned()
}

/// The library's modules in the order in which it declares them.
fn order() -> Vec<String> {
    let lib = read(&root().join("src/lib.rs"));
    let names = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

/// The modules of the library that the code names, by `crate::name`, inside
/// `use crate::{..}`, or by as many `super::` as lead to the library itself.
fn named(code: &str, depth: usize) -> BTreeSet<String> {
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut named = BTreeSet::new();
    let mut look = |start: &str| {
        for (at, _) in code.match_indices(start) {
            let inside_name =
                code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if !inside_name {
                named.extend(heads(&code[at + start.len()..]));
            }
        }
    };
    look("crate::");
    look(&"super::".repeat(depth));
    named
}

/// The first word of a path, or of each path in braces.
fn heads(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut heads, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            ',' if depth == 0 => {
                heads.push(word(&group[start..at]));
                start = at + 1;
            }
            '{' => depth += 1,
            '}' if depth == 0 => {
                heads.push(word(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    heads
}

/// The modules after `module` that the code names.
fn later(order: &[String], module: &str, code: &str, depth: usize) -> Vec<String> {
    let place = order.iter().position(|one| one == module).unwrap();
    let named = named(code, depth);
    order[place + 1..].iter().filter(|one| named.contains(*one)).cloned().collect()
}

#[test]
fn modules_use_only_those_before_them() {
    let order = order();
    for path in files("src", "rs") {
        let name = name(&path, "src");
        let parts: Vec<&str> = name.split('/').collect();
        let module = parts[0].trim_end_matches(".rs");
        if order.iter().any(|one| one == module) {
            let depth = parts.iter().filter(|part| **part != "mod.rs").count();
            let later = later(&order, module, &read(&path), depth);
            assert_eq!(later, [""; 0], "{name} uses what comes after it");
        }
    }
}

#[test]
fn templates_use_only_modules_before_their_own() {
    let order = order();
    for path in files("templates", "html") {
        let name = name(&path, "templates");
        // What surrounds every page belongs to the error page and to the account's layout.
        let module = match name.split_once('/') {
            Some((module, _)) => module,
            None if name == "layout.html" => "account",
            None => "error",
        };
        let later = later(&order, module, &read(&path), 1);
        assert_eq!(later, [""; 0], "{name} uses what comes after {module}");
    }
}

#[test]
fn a_use_of_a_later_module_is_noticed_in_every_form() {
    let order: Vec<String> = ["ids", "web", "home"].map(String::from).to_vec();
    let noticed = |code: &str, depth| later(&order, "ids", code, depth);
    assert_eq!(noticed("use crate::web::form;", 1), ["web"]);
    assert_eq!(
        noticed("use crate::{\n    App,\n    ids::{A, B},\n    web::{form, show},\n};", 1),
        ["web"]
    );
    assert_eq!(noticed("use crate::{App, home};", 1), ["home"]);
    assert_eq!(noticed("fn f() { crate::web::f() }", 1), ["web"]);
    assert_eq!(noticed("use super::web::form;", 1), ["web"]);
    assert_eq!(noticed("use super::super::home;", 2), ["home"]);
    assert_eq!(
        noticed("use super::web::form; use other_crate::web::x;\n// crate::home", 2),
        [""; 0]
    );
    assert_eq!(later(&order, "home", "use crate::web;", 1), [""; 0]);
}

/// A file is short enough to be read in one go.
const MOST_LINES: usize = 400;

fn too_long(code: &str) -> bool {
    code.lines().count() > MOST_LINES
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let files = [files("src", "rs"), files("tests", "rs")].concat();
    let long: Vec<_> = files.iter().filter(|path| too_long(&read(path))).collect();
    assert!(long.is_empty(), "{long:?}");
    assert!(too_long(&"\n".repeat(401)) && !too_long(&"\n".repeat(400)));
}

/// Templates that neither code nor another template names.
fn unused(templates: &[String], sources: &[String]) -> Vec<String> {
    let quoted = |name: &String| format!("\"{name}\"");
    let used = |name: &String| sources.iter().any(|source| source.contains(&quoted(name)));
    templates.iter().filter(|name| !used(name)).cloned().collect()
}

#[test]
fn every_template_is_used() {
    let paths = files("templates", "html");
    let mut templates: Vec<String> = paths.iter().map(|path| name(path, "templates")).collect();
    let sources: Vec<String> =
        paths.iter().chain(&files("src", "rs")).map(|path| read(path)).collect();
    assert_eq!(unused(&templates, &sources), [""; 0]);
    templates.push("account/forgotten_by_all.html".into());
    assert_eq!(unused(&templates, &sources), ["account/forgotten_by_all.html"]);
}

/// What templates ask of the assets and the program does not have.
fn missing_assets(template: &str) -> Vec<String> {
    let asked = template.split("assets::href(\"").skip(1).filter_map(|rest| rest.split('"').next());
    asked
        .filter(|name| smartclass::assets::href(name) == "/static/none")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_asset_that_a_template_names_is_there() {
    for path in files("templates", "html") {
        assert_eq!(missing_assets(&read(&path)), [""; 0], "{}", path.display());
    }
    assert_eq!(missing_assets(r#"{{ crate::assets::href("none.css") }}"#), ["none.css"]);
}

/// Queries that the build does not check.
fn unchecked(code: &str) -> Vec<&str> {
    let unchecked = ["query(", "query_as(", "query_scalar(", "query_with(", "QueryBuilder"];
    unchecked.into_iter().filter(|call| code.contains(&format!("sqlx::{call}"))).collect()
}

#[test]
fn every_query_is_checked_when_the_program_is_built() {
    for path in files("src", "rs") {
        assert_eq!(unchecked(&read(&path)), [""; 0], "{}", path.display());
    }
    assert_eq!(unchecked("sqlx::query(&text)"), ["query("]);
    assert_eq!(unchecked("sqlx::query!(\"select 1\")"), [""; 0]);
}
