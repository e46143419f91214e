//! What is written about a release: its beginning and end, what happened, its minutes; and around every write to AWS
//! the intent before and the outcome after.

use rusqlite::{OptionalExtension as _, Result as Sql, Transaction, params};

use super::{
    Journal,
    error::JournalError,
    row::{millis, to_json, to_word},
};
use crate::release::{
    names::ReleaseId,
    plan::Purpose,
    record::{Began, Ended, Happening, Intent, IntentId, Line, MinuteCount, Outcome, Site},
};

impl Journal {
    /// Writes lines down, all of them or none.
    ///
    /// # Errors
    /// When the file cannot be written; a line about a release that is not in the journal says so.
    pub fn write(&self, site: &Site, lines: &[Line]) -> Result<(), JournalError> {
        let world = &self.place;
        self.book()?.write(|transaction| {
            let site = world.site(transaction, site)?;
            lines.iter().try_for_each(|line| match line {
                Line::Began(began) => begin(transaction, site, began),
                Line::Ended(id, ended) => end(transaction, site, id, ended),
                Line::FoundEnded(id, ended) => end_if_open(transaction, site, id, ended),
                Line::Happened(happening) => note(transaction, site, happening),
                Line::Minutes(id, minutes) => count(transaction, site, id, minutes),
                Line::Watched(id, metrics) => watched(transaction, site, id, *metrics),
            })
        })
    }

    /// Writes down what is about to be sent, in the order given, and gives each its number. Only when this has
    /// returned may a forward move leave; a rollback leaves at once and is written down beside it.
    ///
    /// # Errors
    /// When the file cannot be written. Then nothing of it was.
    pub fn intend(&self, site: &Site, intents: &[Intent]) -> Result<Vec<IntentId>, JournalError> {
        let world = &self.place;
        self.book()?.write(|transaction| {
            let site = world.site(transaction, site)?;
            intents.iter().map(|intent| intend(transaction, site, intent)).collect()
        })
    }

    /// Writes down what came of an intent. What is settled stays as it is; only what is *unknown*, or was inferred by
    /// a program that did not make the write, can still be settled.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn settle(&self, intent: IntentId, outcome: &Outcome) -> Result<(), JournalError> {
        self.book()?.write(|transaction| {
            let found = outcome.found.as_ref().map(to_json).transpose()?;
            transaction
                .execute(
                    "UPDATE actions
                     SET result = ?2, settled = ?3, request_id = ?4, message = ?5, found = ?6, inferred = ?7
                     WHERE action = ?1 AND (result IS NULL OR result = 'unknown' OR (inferred AND NOT ?7))",
                    params![
                        intent.0,
                        to_word(&outcome.result)?,
                        outcome.at.as_millisecond(),
                        outcome.request_id,
                        outcome.message,
                        found,
                        outcome.inferred,
                    ],
                )
                .map(drop)
        })
    }
}

fn begin(transaction: &Transaction<'_>, site: i64, began: &Began) -> Sql<()> {
    let course = &began.course;
    transaction.execute(
        "INSERT INTO releases (site, id, title, caller, os_user, why, began, stages, bake_ms, watch_ms, error_rate, p99_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (site, id) DO UPDATE SET ended = NULL, ending = NULL, end_note = NULL",
        params![
            site,
            began.id.as_str(),
            began.title,
            began.who.caller,
            began.who.os_user,
            began.why,
            began.at.as_millisecond(),
            to_json(&course.stages)?,
            millis(course.bake),
            millis(course.watch),
            course.error_rate,
            course.p99_ms,
        ],
    )?;
    let release = number_of(transaction, site, &began.id)?;
    let mut insert = transaction.prepare(
        "INSERT OR REPLACE INTO parts (release, function, alias, stable, new, about, committed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    began.parts.iter().try_for_each(|part| {
        let committed = part.committed.map(jiff::Timestamp::as_millisecond);
        let (function, alias) = (part.target.name(), part.target.alias.as_str());
        let (stable, new) = (part.stable.in_record(), part.new.in_record());
        insert.execute(params![release, function, alias, stable, new, part.about, committed]).map(drop)
    })
}

fn end(transaction: &Transaction<'_>, site: i64, id: &ReleaseId, ended: &Ended) -> Sql<()> {
    let release = number_of(transaction, site, id)?;
    let ending = to_word(&ended.ending)?;
    transaction
        .execute(
            "UPDATE releases SET ended = ?2, ending = ?3, end_note = ?4 WHERE release = ?1",
            params![release, ended.at.as_millisecond(), ending, ended.note],
        )
        .map(drop)
}

/// A release that is not in the journal has no end there either.
fn end_if_open(transaction: &Transaction<'_>, site: i64, id: &ReleaseId, ended: &Ended) -> Sql<()> {
    transaction
        .execute(
            "UPDATE releases SET ended = ?3, ending = ?4, end_note = ?5 WHERE site = ?1 AND id = ?2 AND ended IS NULL",
            params![site, id.as_str(), ended.at.as_millisecond(), to_word(&ended.ending)?, ended.note],
        )
        .map(drop)
}

fn note(transaction: &Transaction<'_>, site: i64, happening: &Happening) -> Sql<()> {
    let target = happening.target.as_ref();
    transaction
        .prepare(
            "INSERT INTO happenings (site, id, at, function, alias, who, text, kind)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            site,
            happening.release.as_ref().map(ReleaseId::as_str),
            happening.at.as_millisecond(),
            target.map(|target| target.name()),
            target.map(|target| target.alias.as_str()),
            happening.who,
            happening.text,
            to_json(&happening.kind)?,
        ])
        .map(drop)
}

fn count(transaction: &Transaction<'_>, site: i64, id: &ReleaseId, minutes: &[MinuteCount]) -> Sql<()> {
    let release = number_of(transaction, site, id)?;
    let mut insert = transaction.prepare(
        "INSERT OR REPLACE INTO minutes (release, function, alias, version, minute, calls, errors, p99_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    minutes.iter().try_for_each(|minute| {
        let (function, alias) = (minute.target.name(), minute.target.alias.as_str());
        let (version, number) = (minute.version.in_record(), minute.at.as_second().div_euclid(60));
        insert
            .execute(params![release, function, alias, version, number, minute.calls, minute.errors, minute.p99_ms])
            .map(drop)
    })
}

fn watched(transaction: &Transaction<'_>, site: i64, id: &ReleaseId, metrics: u64) -> Sql<()> {
    let release = number_of(transaction, site, id)?;
    let metrics = i64::try_from(metrics).unwrap_or(i64::MAX);
    transaction
        .execute("UPDATE releases SET metrics_asked = metrics_asked + ?2 WHERE release = ?1", params![release, metrics])
        .map(drop)
}

fn intend(transaction: &Transaction<'_>, site: i64, intent: &Intent) -> Sql<IntentId> {
    let (purpose, percent) = match intent.purpose {
        Purpose::Shift { percent } => ("shift", Some(percent)),
        Purpose::PreStage => ("pre_stage", None),
        Purpose::RollBack => ("roll_back", None),
        Purpose::Undo => ("undo", None),
        Purpose::TakeOver => ("take_over", None),
        Purpose::Finish => ("finish", None),
    };
    transaction
        .prepare(
            "INSERT INTO actions (site, id, function, alias, purpose, percent, automatic, caller, os_user, why, stable,
                                  new, before, after, evidence, intended)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .insert(params![
            site,
            intent.release.as_str(),
            intent.target.name(),
            intent.target.alias.as_str(),
            purpose,
            percent,
            intent.automatic,
            intent.who.caller,
            intent.who.os_user,
            intent.why,
            intent.stable.in_record(),
            intent.new.in_record(),
            to_json(&intent.before)?,
            to_json(&intent.after)?,
            to_json(&intent.evidence)?,
            intent.at.as_millisecond(),
        ])
        .map(IntentId)
}

/// The number of a release of this site.
fn number_of(transaction: &Transaction<'_>, site: i64, id: &ReleaseId) -> Sql<i64> {
    let found = transaction
        .prepare("SELECT release FROM releases WHERE site = ?1 AND id = ?2")?
        .query_row(params![site, id.as_str()], |row| row.get(0))
        .optional()?;
    found.ok_or_else(|| rusqlite::Error::ToSqlConversionFailure(format!("the release {id} is not in it").into()))
}
