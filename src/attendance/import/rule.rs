//! How presence is counted, where the organiser says otherwise in a preview. The
//! class keeps its own way until the report is confirmed, so that no decision
//! follows from what nobody confirmed.

use super::{ImportError, find, hold};
use crate::{
    class::{self, Act, Class},
    ids::{ImportId, PersonId},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// When a part of a class really took place, where that differs from the plan.
pub type Really = Option<(DateTime<Utc>, DateTime<Utc>)>;

/// The class, with presence counted as the report's preview proposes.
pub async fn counted(db: &mut PgConnection, import: ImportId) -> sqlx::Result<Class> {
    let class = find(db, import).await?.class;
    let mut class = class::find(db, class).await?;
    let proposed = sqlx::query!(
        r#"select percent as "percent!", really_started as "started!: Vec<Option<DateTime<Utc>>>",
             really_ended as "ended!: Vec<Option<DateTime<Utc>>>"
         from import where id = $1 and of_version = $2"#,
        import.0,
        class.version
    )
    .fetch_optional(db)
    .await?;
    if let Some(proposed) = proposed {
        class.presence_percent = proposed.percent;
        let really = proposed.started.into_iter().zip(proposed.ended);
        for (part, (started, ended)) in class.parts.iter_mut().zip(really) {
            part.really = started.zip(ended);
        }
    }
    Ok(class)
}

/// Proposes how presence is to be counted: the share in percent, and when the
/// class's parts really took place.
pub async fn set_rule(
    db: &mut PgConnection,
    import: ImportId,
    percent: i32,
    parts: &[Really],
) -> Result<(), ImportError> {
    let class = hold(db, import).await?.class;
    let class = class::find(db, class).await?;
    let (started, ended): (Vec<_>, Vec<_>) = parts.iter().map(|really| really.unzip()).unzip();
    let own = class.presence_percent == percent
        && class.parts.iter().map(|part| part.really).eq(parts.iter().copied());
    sqlx::query!(
        "update import set percent = $2, really_started = $3, really_ended = $4, of_version = $5 where id = $1",
        import.0,
        (!own).then_some(percent),
        (!own).then_some(started) as Option<Vec<Option<DateTime<Utc>>>>,
        (!own).then_some(ended) as Option<Vec<Option<DateTime<Utc>>>>,
        (!own).then_some(class.version)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes what the preview proposed the class's own way to count. The caller
/// holds the class's lock.
pub(super) async fn adopt(
    db: &mut PgConnection,
    import: ImportId,
    by: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let adopted = sqlx::query!(
        "update class c set presence_percent = i.percent, version = version + 1
         from import i where i.id = $1 and c.id = i.class_id and c.version = i.of_version",
        import.0
    )
    .execute(&mut *db)
    .await?;
    if adopted.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query!(
        "update class_part p set really_started = n.started, really_ended = n.ended
         from import i, unnest(i.really_started, i.really_ended) with ordinality n (started, ended, position)
         where i.id = $1 and p.class_id = i.class_id and p.position = n.position",
        import.0
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into class_event (class_id, act, detail, at, by)
         select class_id, $2, $3, $4, $5 from import where id = $1",
        import.0,
        Act::Changed as Act,
        format!("Cara menghitung kehadiran, dengan impor {import}"),
        now,
        by.0
    )
    .execute(db)
    .await?;
    Ok(())
}
