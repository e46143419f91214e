//! What the app has its journal write: what happens in a release, every write before and after, the minutes that
//! reports are drawn from. Others say [`App::note`]; it gathers, and hands a page over when one is due. Nothing waits
//! for the journal, and no trouble with it keeps anything from happening.

mod deeds;
mod inferring;
mod items;
mod minutes;
mod releases;
mod telling;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::{
    App, Errand,
    event::{Effect, Reply},
    timeline::Tone,
};
use crate::{
    clock::Now,
    config::StepMoment,
    release::{
        checklist::ItemState,
        names::{ReleaseId, Target},
        page::{Entry, Page},
        record::{Action, Ending, GateResult, Happening, Kind, Line, Site, Who},
    },
};
use deeds::Deeds;

/// How long after its end things still belong to a release: its last minutes settle, somebody is told.
const AFTERMATH: SignedDuration = SignedDuration::from_mins(20);
/// How long to leave a journal alone that could not be written, in wall time.
const LET_BE: Duration = Duration::from_secs(20);
/// What waits for a journal that cannot be written is kept up to here; then the oldest is dropped.
const MOST_WAITING: usize = 500;

/// What the journal knows of this run, and what it shall know next.
#[derive(Debug, Default)]
pub struct Journaling {
    /// The release that things belong to.
    open: Option<Open>,
    /// What waits to be written, oldest first.
    waiting: Vec<Entry>,
    /// Items that were ticked before the release began.
    early: Vec<Happening>,
    /// The writes under way.
    deeds: Deeds,
    /// How each gate stood when it was last written down, and whether its critical level was meant.
    gates: BTreeMap<String, (GateResult, bool)>,
    /// How each item of the checklist stood when it was last written down.
    items: BTreeMap<String, ItemState>,
    /// Up to where the minutes of each function are written.
    counted: BTreeMap<Target, Timestamp>,
    /// Metrics that CloudWatch has billed and the journal knows of.
    metrics: u64,
    /// Set while the program moves by itself: why.
    by_itself: Option<String>,
    /// Why the journal could not be written last, and the wall time at which it is tried again.
    trouble: Option<(String, Duration)>,
    /// When this run asked for writes of earlier runs that nobody settled.
    asked: Option<Timestamp>,
    /// Those that it was told of and that the aliases have not told about yet.
    unsettled: Vec<Action>,
    /// Releases that were found taken back elsewhere.
    concluded: BTreeSet<ReleaseId>,
}

/// A release whose beginning is in the journal.
#[derive(Debug)]
struct Open {
    id: ReleaseId,
    site: Site,
    /// Its functions.
    parts: BTreeSet<Target>,
    /// When it began, as far as this run knows.
    since: Timestamp,
    /// Whether nothing is moved in it: somebody watches what is live.
    is_watch: bool,
    /// Whether AWS took a write of it in this run.
    has_moved: bool,
    /// How it ended, if it did, and when.
    ended: Option<(Ending, Timestamp)>,
    /// Whether what went back was not all of it: a later rollback may end it better.
    is_in_part: bool,
}

impl App {
    /// Writes down that something happened in the release under way. Where there is none nothing is written, except
    /// for what is ticked or run before the first shift, which goes in with it, and for what commands of the runbook
    /// did. The one entry point for everybody.
    pub fn note(&mut self, kind: Kind, who: impl Into<String>, text: impl Into<String>, now: Now) {
        self.note_at(now.world, kind, who, None, text, now);
    }

    /// The same about something that happened at another moment, or to one function.
    pub fn note_at(
        &mut self,
        at: Timestamp,
        kind: Kind,
        who: impl Into<String>,
        target: Option<Target>,
        text: impl Into<String>,
        now: Now,
    ) {
        let happening = Happening { release: None, at, target, who: who.into(), text: text.into(), kind };
        let Some(id) = self.release_of_now(now) else {
            match &happening.kind {
                Kind::Tick { .. } => self.journaling.early.push(happening),
                Kind::Runbook { moment, .. } if *moment == StepMoment::Before.word() => {
                    self.journaling.early.push(happening);
                }
                // What a command did is kept even where no release stands behind it.
                Kind::Runbook { .. } => self.journaling.line(Line::Happened(happening)),
                _ => {}
            }
            return;
        };
        self.journaling.line(Line::Happened(Happening { release: Some(id), ..happening }));
    }

    /// Who acts: the caller and the person at this machine.
    pub(super) fn who(&self) -> Who {
        let caller = self.deck.caller.value().map(|caller| caller.arn.clone());
        Who { caller: caller.unwrap_or_default(), os_user: self.deck.place.os_user.clone() }
    }

    /// Has something done that nobody pressed a key for, and says why it is done.
    pub(super) fn by_itself(&mut self, why: String, act: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
        self.journaling.by_itself = Some(why);
        let effects = act(self);
        self.journaling.by_itself = None;
        effects
    }

    /// What is written down after every event: what changed by itself, and everything that waits.
    pub(super) fn keep_journal(&mut self, now: Now) -> Option<Effect> {
        self.infer_outcomes(now);
        self.conclude_taken_back(now);
        self.note_items(now);
        self.follow_release(now);
        let is_under_way = self.errands.values().any(|errand| *errand == Errand::Journal);
        let is_let_be = self.journaling.trouble.as_ref().is_some_and(|(_, until)| now.wall < *until);
        if is_under_way || is_let_be {
            return None;
        }
        self.write_journal()
    }

    /// Hands over what waits, at once.
    pub(super) fn write_journal(&mut self) -> Option<Effect> {
        if self.journaling.waiting.is_empty() {
            return None;
        }
        let site = self.journaling.open.as_ref().map_or_else(|| self.site(), |open| open.site.clone());
        let entries = std::mem::take(&mut self.journaling.waiting);
        Some(Effect::Journal(self.ticket(Errand::Journal), Page { site, entries }))
    }

    /// The last page before the program ends.
    pub fn last_words(&mut self, now: Now) -> Vec<Effect> {
        self.note_cut_steps(now);
        self.close_at_exit(now);
        self.write_journal().into_iter().collect()
    }

    /// Whether the journal took a page. A failure is said once, and what was not written is kept for later.
    pub(super) fn answer_journal(&mut self, reply: Reply, now: Now) {
        let Reply::Journaled(outcome) = reply else {
            return;
        };
        match outcome {
            Ok(()) => {
                if self.journaling.trouble.take().is_some() {
                    self.timeline.add(now.world, "flightdeck", "the journal is written again", Tone::Good);
                }
            }
            Err((rest, why)) => self.journal_failed(rest, why, now),
        }
    }

    pub(super) fn journal_failed(&mut self, rest: Vec<Entry>, why: String, now: Now) {
        let journaling = &mut self.journaling;
        journaling.waiting.splice(0..0, rest);
        let excess = journaling.waiting.len().saturating_sub(MOST_WAITING);
        journaling.waiting.drain(..excess);
        let is_news = journaling.trouble.is_none();
        let text = format!(
            "The journal cannot be written: {why}. Releases and R work all the same; until it can, history and reports \
             will lack what happens now."
        );
        journaling.trouble = Some((why, now.wall + LET_BE));
        if is_news {
            self.timeline.add(now.world, "flightdeck", text.clone(), Tone::Warning);
            self.say(text, true, now);
        }
    }

    /// Why the journal cannot be written, if it cannot.
    pub fn journal_trouble(&self) -> Option<&str> {
        self.journaling.trouble.as_ref().map(|(why, _)| why.as_str())
    }
}

impl Journaling {
    fn line(&mut self, line: Line) {
        match self.waiting.last_mut() {
            Some(Entry::Lines(lines)) => lines.push(line),
            _ => self.waiting.push(Entry::Lines(vec![line])),
        }
    }
}
