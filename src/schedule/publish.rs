//! Opening a draft to the public.

use super::{ScheduleError, note};
use crate::{
    class::{Act, Part, State, parts},
    ids::{ClassId, PersonId},
    paper,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Opens a draft to the public. Its address and its JP no longer change.
pub async fn publish(
    db: &mut PgConnection,
    class: ClassId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), ScheduleError> {
    let draft =
        sqlx::query!("select title, state, slug from class where id = $1 for update", class.0)
            .fetch_one(&mut *db)
            .await?;
    match draft.state {
        State::Published => return Ok(()),
        State::Cancelled => return Err(ScheduleError::Cancelled),
        State::Draft => {}
    }
    publishable(&draft.title, &parts(db, class).await?, now)?;
    let slug = free_slug(db, &draft.title).await?;
    sqlx::query!(
        "update class set state = 'published', slug = $2, version = version + 1 where id = $1",
        class.0,
        slug
    )
    .execute(&mut *db)
    .await?;
    note(db, class, Act::Published, None, by, now).await?;
    Ok(())
}

/// Whether a draft of that title and those parts may be published.
pub fn publishable(title: &str, parts: &[Part], now: DateTime<Utc>) -> Result<(), ScheduleError> {
    if parts.iter().any(|part| part.starts <= now) {
        return Err(ScheduleError::AlreadyBegun);
    }
    if !paper::theme_fits(title) {
        return Err(ScheduleError::TitleTooLong);
    }
    Ok(())
}

/// An address made of the title's words; a number tells equal ones apart.
async fn free_slug(db: &mut PgConnection, title: &str) -> sqlx::Result<String> {
    let slug = sqlx::query_scalar!(
        r#"select trim(both '-' from left(regexp_replace(lower(unaccent($1)), '[^a-z0-9]+', '-', 'g'), 80)) as "slug!""#,
        title
    )
    .fetch_one(&mut *db)
    .await?;
    let slug = if slug.is_empty() || slug == "baru" { format!("kelas-{slug}") } else { slug };
    let used = sqlx::query_scalar!(
        r#"select slug as "slug!" from class where slug = $1 or slug like $1 || '-%'"#,
        slug
    )
    .fetch_all(db)
    .await?;
    let numbered = (2..).map(|n| format!("{slug}-{n}"));
    let free =
        std::iter::once(slug.clone()).chain(numbered).find(|candidate| !used.contains(candidate));
    Ok(free.unwrap_or(slug))
}
