//! What happens in a release, in the journal's words: news of the stage machine, gates that change, alarms.

use super::{App, Now};
use crate::{
    app::running::{Running, gate_in_words},
    release::{
        gates::{self, GateResult, Level, Unit, Why},
        names::Target,
        record::{self, Ending, Evidence, GATES, Kind},
        stages::{Leg, News},
    },
};

impl App {
    /// Writes down what the stage machine has to tell. `words` is how the timeline tells it, where it does.
    pub(in crate::app) fn journal_news(&mut self, news: &News, words: Option<&str>, now: Now) {
        let (kind, text) = match news {
            News::Shifted { percent } => (Kind::Step, self.all_at(*percent)),
            News::BakeOver { .. } => (Kind::Step, words.unwrap_or_default().to_owned()),
            News::Torn { .. } | News::GatesFailed { alike: true } | News::Stuck { .. } | News::CountingDown { .. } => {
                (Kind::Trouble, words.unwrap_or_default().to_owned())
            }
            News::Held { .. } => (Kind::Held, words.unwrap_or_default().to_owned()),
            News::Resumed => (Kind::Resumed, words.unwrap_or_default().to_owned()),
            News::Agreed { .. }
            | News::Blocked { .. }
            | News::Extended { .. }
            | News::Undecided
            | News::Abandoned { .. }
            | News::Owner { mine: false } => (Kind::Note, words.unwrap_or_default().to_owned()),
            News::Owner { mine: true } => (Kind::TakenOver, words.unwrap_or_default().to_owned()),
            // The gates, the writes and the end of the release tell of these.
            News::Shifting { .. }
            | News::GatesFailed { alike: false }
            | News::RollingBack { .. }
            | News::RolledBack
            | News::AllClear { .. } => return self.journal_turn(news, words, now),
        };
        self.note(kind, "flightdeck", text, now);
        self.journal_turn(news, words, now);
    }

    /// What news mean beyond their words: a watch begins, a release ends.
    fn journal_turn(&mut self, news: &News, words: Option<&str>, now: Now) {
        match news {
            News::Shifted { .. } if self.is_in_watch() => {
                self.note(Kind::WatchBegan, "flightdeck", "the watch began", now);
            }
            News::GatesFailed { .. } if self.is_only_watching() => {
                self.end_in_journal(Ending::Failed, words.unwrap_or_default(), now);
            }
            News::AllClear { .. } => {
                let note = self.comparison(now).unwrap_or_default();
                self.end_in_journal(Ending::AllClear, note, now);
            }
            News::Abandoned { .. } => self.end_in_journal(Ending::Abandoned, "", now),
            _ => {}
        }
    }

    fn is_in_watch(&self) -> bool {
        let stay = self.running.as_ref().and_then(|running| running.run.stay());
        stay.is_some_and(|stay| stay.leg == Leg::Watch)
    }

    /// Writes down which gates say something else than before.
    pub(in crate::app) fn note_gates(&mut self, now: Now) {
        if self.is_kept_by_its_owner() {
            return;
        }
        let results = self.running.as_ref().map(|running| running.results.clone()).unwrap_or_default();
        for result in results {
            let (name, state) = (name_of(&result), state_of(&result));
            let known = self.journaling.gates.get(&name).copied();
            let is_passing_doubt = known.is_some() && is_short_of_data(&result);
            if known == Some(state) || is_passing_doubt {
                continue;
            }
            self.journaling.gates.insert(name, state);
            self.note_gate(&result, state, now);
        }
    }

    /// Writes down how the gates stand at the end of a release, with their last values, where they pass. What fails
    /// was written down when it did.
    pub(super) fn note_last_gates(&mut self, now: Now) {
        let results = self.running.as_ref().map(|running| running.results.clone()).unwrap_or_default();
        for result in results.into_iter().filter(|result| state_of(result).0 == record::GateResult::Pass) {
            self.note_gate(&result, state_of(&result), now);
        }
    }

    fn note_gate(&mut self, result: &GateResult, (stands, critical): (record::GateResult, bool), now: Now) {
        let words = match stands {
            record::GateResult::Pass => "passes",
            record::GateResult::Fail if critical => "fails",
            record::GateResult::Fail => "warns",
            record::GateResult::Undecided => "cannot say",
        };
        let kind = Kind::Gate {
            name: name_of(result),
            result: stands,
            critical,
            value: result.value,
            threshold: result.threshold,
            unit: behind(result.unit).to_owned(),
            as_of: result.data_to,
            note: result.note.clone(),
        };
        self.note(kind, GATES, format!("{words}: {}", gate_in_words(result)), now);
    }

    /// Whether this release is watched by the cockpit that runs it, on the same machine and so into the same journal:
    /// then that one writes down what gates and metrics say.
    pub(in crate::app) fn is_kept_by_its_owner(&self) -> bool {
        let host = |owner: &str| owner.rsplit_once('/').map(|(host, _)| host.to_owned());
        let is_owner = self.running.as_ref().is_none_or(|running: &Running| running.run.is_owner());
        let owners = self.deck.in_release().map(|(_, entry)| &entry.owner);
        let here = host(&self.deck.place.owner);
        !is_owner && owners.filter(|owner| **owner != self.deck.place.owner).any(|owner| host(owner) == here)
    }
}

/// A gate as evidence for a move.
pub(super) fn evidence_of(result: &GateResult) -> Evidence {
    let stands = match result.outcome {
        gates::Outcome::Pass => "pass",
        gates::Outcome::Fail { level: Level::Critical, .. } => "fail",
        gates::Outcome::Fail { level: Level::Warning, .. } => "warning",
        gates::Outcome::Undecided { .. } => "undecided",
    };
    Evidence {
        what: format!("{}: {stands}", name_of(result)),
        value: result.value,
        threshold: result.threshold,
        unit: behind(result.unit).to_owned(),
        as_of: result.data_to,
    }
}

/// A unit as it stands behind a number.
fn behind(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => " %",
        Unit::Milliseconds => " ms",
        Unit::Bytes => " bytes",
        Unit::Dollars => " USD",
        Unit::Count | Unit::Plain => "",
    }
}

/// A gate's name, with the function where it looks at one.
fn name_of(result: &GateResult) -> String {
    let of = |target: &Target| format!("{} of {}", result.gate, target.name());
    result.target.as_ref().map_or_else(|| result.gate.clone(), of)
}

fn state_of(result: &GateResult) -> (record::GateResult, bool) {
    match result.outcome {
        gates::Outcome::Pass => (record::GateResult::Pass, false),
        gates::Outcome::Fail { level, .. } => (record::GateResult::Fail, level == Level::Critical),
        gates::Outcome::Undecided { .. } => (record::GateResult::Undecided, false),
    }
}

/// Whether a gate is silent only because its minutes have not come yet, as after every shift: that is no change.
fn is_short_of_data(result: &GateResult) -> bool {
    matches!(result.outcome, gates::Outcome::Undecided { why } if why == Why::TooEarly || why.is_unread())
}
