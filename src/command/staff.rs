//! Bringing in a staff list.

use super::{Purpose, note, say, with_database};
use crate::Import;
use anyhow::Context;
use serde_json::{Value, json};
use smartclass::{
    account,
    act::Act,
    clock::Clock,
    config::Config,
    staff::{self, Column, Columns, ColumnsError, Judged, List, Source, UnitChoices, Verdict},
    web::show,
};
use std::{fs, process::ExitCode};

/// Judges a staff list, records it unless this is a trial, and prints what came of it.
pub fn import(line: &Import) -> anyhow::Result<ExitCode> {
    let file = line.file.display().to_string();
    let bytes = fs::read(&line.file).with_context(|| file.clone())?;
    let list = read(&bytes, &line.columns).context(file)?;
    let purpose = if line.dry_run { Purpose::Look } else { Purpose::Write };
    let mails = Config::from_env()?.mail.is_some();
    with_database(purpose, async |pool| {
        let now = Clock::System.now();
        let mut tx = Act::command("perintah: people import").begin(&pool, now).await?;
        if !line.dry_run {
            staff::lock(&mut tx).await?;
        }
        let judged =
            staff::judge(&list, &staff::standing(&mut tx, None, now).await?, &UnitChoices::new());
        say(&serde_json::to_string_pretty(&summary(&list, &judged))?)?;
        let wrong = judged.wrong().count();
        if line.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        if wrong > 0 && !line.skip_wrong {
            note(&format!(
                "Tidak ada yang dicatat: {} baris salah. Perbaiki daftarnya, atau lewati baris itu dengan --skip-wrong.",
                show::number(i64::try_from(wrong)?)
            ));
            return Ok(ExitCode::FAILURE);
        }
        let progress = |done: usize| note(&format!("{done} orang tercatat"));
        let source = Source { at: now, by: None, import: None };
        staff::record(&mut tx, &judged, source, progress).await?;
        account::addresses_changed(&mut tx, now, mails).await?;
        tx.commit().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// What `--column` says: what a column holds, and its header.
pub fn column(text: &str) -> Result<(Column, String), String> {
    let (code, header) = text.split_once('=').ok_or("tulis seperti nip=NOMOR INDUK")?;
    let column = Column::coded(code.trim()).ok_or_else(|| {
        let codes = Column::ALL.map(Column::code).join(", ");
        format!("“{code}” tidak dikenal; yang ada: {codes}")
    })?;
    Ok((column, header.trim().to_owned()))
}

/// Reads a list by the names of its columns, but for those that were named.
fn read(bytes: &[u8], named: &[(Column, String)]) -> anyhow::Result<List> {
    let file = staff::open(bytes)?;
    let headers: Vec<&str> = file.heads.iter().map(|head| head.name.as_str()).collect();
    let hint = format!(
        "Sebutkan kolomnya, misalnya --column nip=JUDUL. Judul dalam berkas: {}.",
        headers.join(", ")
    );
    let mut columns = Columns::named(&file.heads);
    for (column, header) in named {
        columns.choose(&file.heads, *column, header)?;
    }
    file.list(&columns).map_err(|unclear| match unclear {
        ColumnsError::Nobody | ColumnsError::NoHeader(..) => unclear.into(),
        ColumnsError::Twice { .. } | ColumnsError::Missing(_) => {
            anyhow::anyhow!("{unclear} {hint}")
        }
    })
}

fn summary(list: &List, judged: &Judged) -> Value {
    let wrong = judged.wrong().map(|(line, wrong)| {
        json!({ "row": line, "column": list.headers.get(&wrong.column), "reason": wrong.reason })
    });
    json!({
        "rows": judged.rows.len(),
        "new": judged.count(|verdict| matches!(verdict, Verdict::New(_))),
        "changed": judged.count(|verdict| matches!(verdict, Verdict::Changed(..))),
        "unchanged": judged.count(|verdict| matches!(verdict, Verdict::Unchanged)),
        "wrong": wrong.collect::<Vec<_>>(),
        "missing": judged.missing,
        "unmatched_units": judged.unmatched_units(),
        "columns": list.headers,
        "unused_columns": list.unused,
    })
}
