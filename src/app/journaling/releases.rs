//! The beginning and the end of a release in the journal, and which release things belong to.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{AFTERMATH, App, Open};
use crate::{
    clock::Now,
    release::{
        dora::commit_time,
        gates::settings::{Check, FunctionMeasure, Side, Signal},
        memory::Entry,
        names::{ReleaseId, Target, Version},
        record::{Began, Course, Ended, Ending, Kind, Line, Part, Site, Who},
        routing::{Routing, trim_percent},
    },
};

/// How long after its intent a missing release in the aliases is taken for its end: the reads must have come by.
const SURELY_OVER: SignedDuration = SignedDuration::from_secs(15);

/// A function's part in a release that is about to be written down.
pub(in crate::app) struct Role {
    pub target: Target,
    pub stable: Version,
    pub new: Version,
}

impl App {
    /// The release that something belongs to that happens now. One that is run here and is not in the journal yet,
    /// because an earlier run or another machine began it, is written down first.
    pub(super) fn release_of_now(&mut self, now: Now) -> Option<ReleaseId> {
        let is_fresh = |open: &&Open| open.ended.is_none_or(|(_, at)| now.world.duration_since(at) < AFTERMATH);
        if let Some(open) = self.journaling.open.as_ref().filter(is_fresh) {
            return Some(open.id.clone());
        }
        let is_run = self.running.as_ref().is_some_and(|running| !running.run.state().is_final());
        if !self.is_run_here() || !is_run {
            return None;
        }
        self.open_found(now)
    }

    /// Writes the beginning of a release down that is found under way and not in the journal yet.
    pub(in crate::app) fn open_if_found(&mut self, now: Now) {
        if self.journaling.open.as_ref().is_none_or(|open| open.ended.is_some()) {
            self.open_found(now);
        }
    }

    /// Writes the beginning of a release down that is found under way.
    fn open_found(&mut self, now: Now) -> Option<ReleaseId> {
        let entries: Vec<Entry> = self.deck.in_release().map(|(_, entry)| entry.clone()).collect();
        let first = entries.iter().min_by_key(|entry| entry.since)?.clone();
        let by = Who { caller: String::new(), os_user: first.by.clone() };
        let roles = entries.iter().map(|e| Role { target: e.target.clone(), stable: e.stable, new: e.new }).collect();
        self.begin_in_journal(&first.id, roles, Opening { who: by, why: None, at: first.since, watch: false }, now);
        for (entry, mark) in entries.iter().flat_map(|entry| entry.shifts.iter().map(move |mark| (entry, mark))) {
            let text = format!("moved to {} %", trim_percent(mark.percent));
            let kind = Kind::Moved { percent: mark.percent };
            self.note_at(mark.at, kind, entry.by.clone(), Some(entry.target.clone()), text, now);
        }
        Some(first.id)
    }

    /// Writes the beginning of a release down that is confirmed now, or that functions join.
    pub(in crate::app) fn open_release(&mut self, id: &ReleaseId, roles: Vec<Role>, now: Now) {
        // A release that is found under way was begun by whoever its entries name.
        let is_found = self.deck.in_release().any(|(_, entry)| entry.id == *id);
        let is_known = self.journaling.open.as_ref().is_some_and(|open| open.id == *id);
        if is_found && !is_known {
            self.open_found(now);
        }
        let opening = Opening { who: self.who(), why: self.reason.clone(), at: now.world, watch: false };
        self.begin_in_journal(id, roles, opening, now);
    }

    /// Writes down that somebody watches what is live, whoever put it there.
    pub(in crate::app) fn open_watch(&mut self, now: Now) {
        if self.deck.is_releasing() {
            self.release_of_now(now);
            let who = self.who().short().to_owned();
            self.note(Kind::WatchBegan, who, "began to watch what is live", now);
        } else {
            let live = |f: &crate::app::deck::Function| {
                let new = f.alias.value()?.routing.primary;
                Some(Role { target: f.target.clone(), stable: f.memory.last_stable.unwrap_or(new), new })
            };
            let roles = self.deck.functions.iter().filter_map(live).collect();
            let id = Began::watch_id(now.world);
            let opening = Opening { who: self.who(), why: self.reason.clone(), at: now.world, watch: true };
            self.begin_in_journal(&id, roles, opening, now);
        }
    }

    fn begin_in_journal(&mut self, id: &ReleaseId, mut roles: Vec<Role>, opening: Opening, now: Now) {
        match &mut self.journaling.open {
            Some(open) if open.id == *id && open.ended.is_none() => {
                roles.retain(|role| !open.parts.contains(&role.target));
                open.parts.extend(roles.iter().map(|role| role.target.clone()));
                if roles.is_empty() {
                    return;
                }
            }
            _ => {
                self.end_in_journal(Ending::Abandoned, "another release began", now);
                let parts: BTreeSet<Target> = roles.iter().map(|role| role.target.clone()).collect();
                let (site, since) = (self.site(), opening.at);
                self.journaling.gates.clear();
                self.journaling.counted.clear();
                self.journaling.metrics = self.deck.metrics_asked;
                self.journaling.open = Some(Open {
                    id: id.clone(),
                    site,
                    parts,
                    since,
                    is_watch: opening.watch,
                    has_moved: false,
                    ended: None,
                    is_in_part: false,
                });
            }
        }
        let parts: Vec<Part> = roles.into_iter().map(|role| self.part(role)).collect();
        let began = Began {
            id: id.clone(),
            title: if opening.watch { Some("watch of what is live".to_owned()) } else { title(&parts) },
            who: opening.who,
            why: opening.why,
            at: opening.at,
            course: self.course_of_record(),
            parts,
        };
        self.journaling.line(Line::Began(began));
        for early in std::mem::take(&mut self.journaling.early) {
            let happening = crate::release::record::Happening { release: Some(id.clone()), ..early };
            self.journaling.line(Line::Happened(happening));
        }
    }

    fn part(&self, role: Role) -> Part {
        let info = self.deck.function(&role.target).and_then(|function| function.version_info(role.new));
        let about = info.map(|info| info.description.clone()).unwrap_or_default();
        let committed = commit_time(&about);
        Part { target: role.target, stable: role.stable, new: role.new, about, committed }
    }

    /// Writes the end of the open release down. A second end of the same kind is none.
    pub(in crate::app) fn end_in_journal(&mut self, ending: Ending, note: impl Into<String>, now: Now) {
        self.count_minutes(now);
        let Some(open) = &mut self.journaling.open else { return };
        // What a release came to stays; only a watch that failed, or a rollback in part, may still come to a good end.
        let is_better = open.is_in_part && ending == Ending::RolledBack;
        if open.ended.is_some_and(|(known, _)| !is_better && (known == ending || known != Ending::Failed)) {
            return;
        }
        if matches!(ending, Ending::AllClear) {
            self.note_last_gates(now);
        }
        let Some(open) = &mut self.journaling.open else { return };
        open.ended = Some((ending, now.world));
        let ended = Ended { at: now.world, ending, note: note.into() };
        open.is_in_part = ended.is_in_part();
        let line = Line::Ended(open.id.clone(), ended);
        self.journaling.line(line);
    }

    /// Whether the open release only watches what is live.
    pub(super) fn is_only_watching(&self) -> bool {
        self.journaling.open.as_ref().is_some_and(|open| open.is_watch && open.ended.is_none())
    }

    /// What changes by itself in the open release: its gates, its minutes, its end by somebody else.
    pub(super) fn follow_release(&mut self, now: Now) {
        let is_run = self.running.as_ref().is_some_and(|running| !running.run.state().is_final());
        if is_run && self.is_run_here() && !self.is_kept_by_its_owner() {
            self.count_minutes(now);
        }
        self.end_if_ended_elsewhere(now);
    }

    /// Notices that the open release is over although nobody here ended it: somebody else moved its aliases.
    pub(super) fn end_if_ended_elsewhere(&mut self, now: Now) {
        let Some(open) = self.journaling.open.as_ref().filter(|open| open.ended.is_none() && !open.is_watch) else {
            return;
        };
        let was_read = |target: &Target| {
            let function = self.deck.function(target);
            function.is_some_and(|f| f.alias.read_at().is_some_and(|at| at.duration_since(open.since) > SURELY_OVER))
        };
        if self.deck.is_releasing()
            || self.is_moving()
            || self.deck.recalled.is_none()
            || now.world.duration_since(open.since) < SURELY_OVER
            || !open.parts.iter().all(was_read)
        {
            return;
        }
        let has_moved = self.journaling.open.as_ref().is_some_and(|open| open.has_moved);
        let recorded = || {
            self.deck
                .functions
                .iter()
                .filter_map(|function| Some((function.alias.value()?.routing, function.memory.release.as_ref()?)))
        };
        let is_at_stable = |(routing, entry): (Routing, &Entry)| routing.same_traffic(&Routing::only(entry.stable));
        let is_back = recorded().count() > 0 && recorded().all(is_at_stable);
        let in_part = self.note_in_part(&open.id);
        match (has_moved, is_back) {
            (true, false) if in_part.is_some() => {
                self.end_in_journal(Ending::RolledBack, in_part.unwrap_or_default(), now);
            }
            (false, _) => self.end_in_journal(Ending::Abandoned, "nothing was moved", now),
            (true, true) => self.end_in_journal(Ending::RolledBack, "taken back elsewhere", now),
            (true, false) => self.end_in_journal(Ending::Abandoned, "its aliases were moved elsewhere", now),
        }
    }

    /// The world of an embedded release is gone when the program ends; a watch ends with its watcher.
    pub(super) fn close_at_exit(&mut self, now: Now) {
        let note = if self.is_only_watching() {
            "the watch was left before its end"
        } else if self.deck.place.embedded.is_some() {
            "the embedded world ended with the program"
        } else {
            return;
        };
        self.end_in_journal(Ending::Abandoned, note, now);
    }

    pub(super) fn site(&self) -> Site {
        let account = self.deck.account().or_else(|| self.deck.account_of_aliases()).unwrap_or_default();
        Site { account: account.to_owned(), environment: self.deck.environment.name.clone() }
    }

    /// How the release is meant to run, with the limits that are drawn into its charts.
    fn course_of_record(&self) -> Course {
        let course = self.running.as_ref().map_or(&self.course, |running| running.run.course());
        let length = |length| SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
        Course {
            stages: course.stages.clone(),
            bake: length(course.bake),
            watch: length(course.watch),
            error_rate: self.limit(|measure| *measure == FunctionMeasure::ErrorRate),
            p99_ms: self.limit(|measure| matches!(measure, FunctionMeasure::Duration(stat) if stat == "p99")),
        }
    }

    /// The first limit that a gate sets to a measure of functions.
    fn limit(&self, is_meant: impl Fn(&FunctionMeasure) -> bool) -> Option<f64> {
        self.gates.iter().find_map(|gate| match &gate.check {
            Check::Threshold(threshold) if threshold.side == Side::Above => match &threshold.signal {
                Signal::Function { measure, .. } if is_meant(measure) => threshold.critical,
                Signal::Function { .. } | Signal::Metric(_) => None,
            },
            Check::Threshold(_) | Check::Alarms(_) | Check::Probe(_) | Check::Command { .. } => None,
        })
    }
}

/// How a release opens in the journal.
struct Opening {
    who: Who,
    why: Option<String>,
    at: Timestamp,
    watch: bool,
}

/// What people call a release: what all its new versions are described by, if that is one thing.
fn title(parts: &[Part]) -> Option<String> {
    let first = &parts.first()?.about;
    let is_one = !first.is_empty() && first.chars().count() <= 60 && parts.iter().all(|part| part.about == *first);
    is_one.then(|| first.clone())
}
