//! What is read of the past: which releases there were, all about one of them, and the writes whose outcome nobody
//! wrote down.

use jiff::Timestamp;
use rusqlite::{Connection, Result as Sql, Row, named_params, params};

use super::{
    Journal,
    error::JournalError,
    row::{self, json, json_if_any, length, moment, moment_if_any, parsed, release_id, target, who, word},
};
use crate::release::{
    names::{Target, Version},
    plan::Purpose,
    record::{
        Action, Began, Course, Ended, Ending, Happening, Intent, IntentId, Kind, MinuteCount, Outcome, Part, Past,
        Place, Site,
    },
};

/// Which releases are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// Those that began then or later, UTC.
    pub since: Option<Timestamp>,
    /// At most so many, the newest.
    pub limit: Option<u32>,
    /// Those of one environment.
    pub environment: Option<String>,
    /// Those with this id.
    pub id: Option<String>,
    /// Whether their minutes are wanted too: only charts need them, and they are many.
    pub with_minutes: bool,
}

impl Journal {
    /// The releases that are wanted, newest first, whichever endpoint, region and account they were in.
    ///
    /// # Errors
    /// When there is a file but it cannot be read.
    pub fn releases(&self, wanted: &Wanted) -> Result<Vec<Past>, JournalError> {
        let found = self.book()?.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT * FROM releases JOIN sites USING (site)
                 WHERE (:since IS NULL OR began >= :since) AND (:environment IS NULL OR environment = :environment)
                   AND (:id IS NULL OR id = :id)
                 ORDER BY began DESC, release DESC LIMIT :limit",
            )?;
            let parameters = named_params! {
                ":since": wanted.since.map(Timestamp::as_millisecond),
                ":environment": wanted.environment,
                ":id": wanted.id,
                ":limit": wanted.limit.map_or(-1, i64::from),
            };
            let rows = statement.query_map(parameters, |row| past(connection, row, wanted.with_minutes))?;
            rows.collect()
        })?;
        Ok(found.unwrap_or_default())
    }

    /// The writes of this account, at this journal's endpoint and region, of which no outcome is written down: the
    /// program ended between intent and outcome, or never got an answer. Oldest first. What a later write to the same
    /// alias has covered is left out: the alias tells nothing of it any more.
    ///
    /// # Errors
    /// When there is a file but it cannot be read.
    pub fn unsettled(&self, account: &str) -> Result<Vec<(Site, Action)>, JournalError> {
        let place = &self.place;
        let found = self.book()?.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT * FROM actions JOIN sites USING (site)
                 WHERE (result IS NULL OR result = 'unknown')
                   AND endpoint = ?1 AND region = ?2 AND world = ?3 AND account = ?4
                   AND NOT EXISTS (SELECT 1 FROM actions AS later
                                   WHERE later.site = actions.site AND later.function = actions.function
                                     AND later.alias = actions.alias AND later.action > actions.action
                                     AND later.result = 'acknowledged')
                 ORDER BY action",
            )?;
            let rows = statement.query_map(params![place.endpoint, place.region, place.world, account], |row| {
                Ok((site(row)?, action(row)?))
            })?;
            rows.collect()
        })?;
        Ok(found.unwrap_or_default())
    }
}

fn past(connection: &Connection, row: &Row<'_>, with_minutes: bool) -> Sql<Past> {
    let (number, site_number, id): (i64, i64, String) = (row.get("release")?, row.get("site")?, row.get("id")?);
    let endpoint: String = row.get("endpoint")?;
    let metrics: i64 = row.get("metrics_asked")?;
    Ok(Past {
        place: Place { endpoint: (!endpoint.is_empty()).then_some(endpoint), region: row.get("region")? },
        site: site(row)?,
        began: began(connection, row, number)?,
        ended: ended(row)?,
        metrics_asked: u64::try_from(metrics).unwrap_or_default(),
        actions: connection
            .prepare("SELECT * FROM actions WHERE site = ?1 AND id = ?2 ORDER BY action")?
            .query_map(params![site_number, id], action)?
            .collect::<Sql<_>>()?,
        happenings: connection
            .prepare("SELECT * FROM happenings WHERE site = ?1 AND id = ?2 ORDER BY at, happening")?
            .query_map(params![site_number, id], happening)?
            .collect::<Sql<_>>()?,
        minutes: if with_minutes { minutes(connection, number)? } else { Vec::new() },
    })
}

fn site(row: &Row<'_>) -> Sql<Site> {
    Ok(Site { account: row.get("account")?, environment: row.get("environment")? })
}

fn began(connection: &Connection, row: &Row<'_>, number: i64) -> Sql<Began> {
    let mut parts = connection.prepare("SELECT * FROM parts WHERE release = ?1 ORDER BY function, alias")?;
    let parts = parts.query_map(params![number], |row| {
        Ok(Part {
            target: target(row)?,
            stable: parsed(row, "stable")?,
            new: parsed(row, "new")?,
            about: row.get("about")?,
            committed: moment_if_any(row, "committed")?,
        })
    })?;
    Ok(Began {
        id: release_id(row)?,
        title: row.get("title")?,
        who: who(row)?,
        why: row.get("why")?,
        at: moment(row, "began")?,
        course: Course {
            stages: json(row, "stages")?,
            bake: length(row, "bake_ms")?,
            watch: length(row, "watch_ms")?,
            error_rate: row.get("error_rate")?,
            p99_ms: row.get("p99_ms")?,
        },
        parts: parts.collect::<Sql<_>>()?,
    })
}

fn ended(row: &Row<'_>) -> Sql<Option<Ended>> {
    let (at, ending) = (moment_if_any(row, "ended")?, word::<Ending>(row, "ending")?);
    let note: Option<String> = row.get("end_note")?;
    Ok(at.zip(ending).map(|(at, ending)| Ended { at, ending, note: note.unwrap_or_default() }))
}

fn action(row: &Row<'_>) -> Sql<Action> {
    let percent: Option<f64> = row.get("percent")?;
    let purpose = match row.get::<_, String>("purpose")?.as_str() {
        "shift" => Purpose::Shift { percent: percent.unwrap_or_default() },
        "pre_stage" => Purpose::PreStage,
        "undo" => Purpose::Undo,
        "take_over" => Purpose::TakeOver,
        "finish" => Purpose::Finish,
        _ => Purpose::RollBack,
    };
    Ok(Action {
        id: IntentId(row.get("action")?),
        intent: Intent {
            release: release_id(row)?,
            target: target(row)?,
            purpose,
            automatic: row.get("automatic")?,
            who: who(row)?,
            why: row.get("why")?,
            stable: parsed(row, "stable")?,
            new: parsed(row, "new")?,
            before: json(row, "before")?,
            after: json(row, "after")?,
            evidence: json(row, "evidence")?,
            at: moment(row, "intended")?,
        },
        outcome: outcome(row)?,
    })
}

fn outcome(row: &Row<'_>) -> Sql<Option<Outcome>> {
    let (result, at) = (word(row, "result")?, moment_if_any(row, "settled")?);
    let Some((result, at)) = result.zip(at) else { return Ok(None) };
    let message: Option<String> = row.get("message")?;
    Ok(Some(Outcome {
        result,
        request_id: row.get("request_id")?,
        message: message.unwrap_or_default(),
        found: json_if_any(row, "found")?,
        at,
        // A file of the first form that can only be read has no such column.
        inferred: row.get("inferred").unwrap_or_default(),
    }))
}

fn happening(row: &Row<'_>) -> Sql<Happening> {
    let (function, alias): (Option<String>, Option<String>) = (row.get("function")?, row.get("alias")?);
    Ok(Happening {
        release: Some(row::release_id(row)?),
        at: moment(row, "at")?,
        target: function.zip(alias).map(|(function, alias)| Target::from_record(function, alias)),
        who: row.get("who")?,
        text: row.get("text")?,
        kind: json::<Kind>(row, "kind")?,
    })
}

fn minutes(connection: &Connection, number: i64) -> Sql<Vec<MinuteCount>> {
    let mut statement =
        connection.prepare("SELECT * FROM minutes WHERE release = ?1 ORDER BY minute, function, alias, version")?;
    let rows = statement.query_map(params![number], |row| {
        Ok(MinuteCount {
            target: target(row)?,
            version: parsed::<Version>(row, "version")?,
            at: row::minute(row)?,
            calls: row.get("calls")?,
            errors: row.get("errors")?,
            p99_ms: row.get("p99_ms")?,
        })
    })?;
    rows.collect()
}
