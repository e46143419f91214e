//! Has people told who do not look at the screen: which news they hear of, and in what words. Whether a notice reached
//! them is a line on the timeline; nothing here waits for it.

use super::{
    App, Errand,
    event::{Effect, Reply},
    running::{Running, gates_behind},
    timeline::Tone,
};
use crate::{
    clock::Now,
    config::Notify,
    release::{
        names::{ReleaseId, named},
        notice::{Change, Notice, Occasion},
        record::Kind,
        routing::trim_percent,
        stages::{Hold, Mandate, MandateRow, News, OnUndecided},
    },
};

impl App {
    /// Has everybody told who wants to hear of this. Of what a release does by itself its owner tells, and nobody else.
    pub(in crate::app) fn notify(&mut self, news: &News, now: Now) -> Vec<Effect> {
        let Some(notice) = self.notice_of(news, now) else {
            return Vec::new();
        };
        let concerned: Vec<Notify> =
            self.deck.environment.notify.iter().filter(|one| one.events.contains(&notice.occasion)).cloned().collect();
        let tell = |one: Notify| {
            let ticket = self.ticket(Errand::Telling(one.name.clone(), notice.occasion));
            Effect::Tell(ticket, one, Box::new(notice.clone()))
        };
        concerned.into_iter().map(tell).collect()
    }

    /// Whether a notice is still on its way.
    pub fn is_telling(&self) -> bool {
        self.errands.values().any(|errand| matches!(errand, Errand::Telling(..)))
    }

    pub(super) fn answer_telling(&mut self, reply: Reply, now: Now) {
        let Reply::Told(delivery) = reply else {
            return;
        };
        let what = word(delivery.occasion);
        let (line, tone) = match &delivery.outcome {
            Ok(()) => (format!("told {} of the {what}", delivery.to), Tone::Plain),
            Err(why) => (format!("could not tell {} of the {what}: {why}", delivery.to), Tone::Warning),
        };
        let kind = Kind::Told { channel: delivery.to.clone(), sent: delivery.outcome.is_ok() };
        self.note(kind, "flightdeck", line.clone(), now);
        self.timeline.add(now.world, "flightdeck", line, tone);
        self.deliveries.push((now.world, delivery));
    }

    fn notice_of(&self, news: &News, now: Now) -> Option<Notice> {
        let running = self.running.as_ref()?;
        let (occasion, summary) = self.worth_telling(news, running)?;
        let (environment, place) = (&self.deck.environment, &self.deck.place);
        let rows = running.run.mandate().map(Mandate::rows).unwrap_or_default();
        let change =
            |row: &MandateRow| Change { target: row.target.clone(), stable: Some(row.stable), new: Some(row.new) };
        let watched = || running.run.stay().map_or(now.world, |stay| stay.since);
        let watch = || ReleaseId::new(format!("watch-{}", watched().strftime("%Y%m%d-%H%M%S")));
        let percent = if *news == News::RolledBack { Some(0.0) } else { running.run.percent() };
        Some(Notice {
            occasion,
            at: now.world,
            release: running.release.clone().unwrap_or_else(watch),
            environment: environment.name.clone(),
            account: self.deck.account().map(str::to_owned),
            region: place.region.clone(),
            changes: rows.iter().map(change).collect(),
            percent: percent.filter(|_| !rows.is_empty()).map(whole_percent),
            summary,
            evidence: evidence(occasion, running),
            who: self.deck.caller.value().map_or_else(|| place.os_user.clone(), |caller| caller.short().to_owned()),
            reason: self.reason.clone(),
        })
    }

    /// What of the news others hear, and in which words. The owner of a release tells of it; what this machine did to
    /// somebody else's release it tells itself.
    fn worth_telling(&self, news: &News, running: &Running) -> Option<(Occasion, String)> {
        let is_ours = running.run.is_owner();
        let percent = |share: f64| format!("{} %", trim_percent(share));
        let here = match news {
            News::RolledBack => self.operation.as_ref().is_some_and(|operation| operation.purpose.is_roll_back()),
            News::Stuck { .. } => true,
            _ => is_ours,
        };
        let told = match news {
            News::Shifted { percent: share } => {
                (Occasion::Shift, format!("{} of the traffic goes to the new version", percent(*share)))
            }
            News::GatesFailed { alike } => {
                let alike = if *alike { "both versions fail alike: " } else { "" };
                (Occasion::Failure, format!("{alike}{}", gates_behind(news, Some(running)).join("; ")))
            }
            News::Torn { percent: share, left } => {
                (Occasion::Failure, format!("the stage {} is torn: {} not shifted", percent(*share), named(left)))
            }
            News::Stuck { left } if left.is_empty() => (Occasion::Failure, "the rollback reached nothing".into()),
            News::Stuck { left } => (Occasion::Failure, format!("the rollback did not reach {}", named(left))),
            News::Held { why: Hold::ShiftFailed, .. } => {
                (Occasion::Failure, "nothing could be shifted; traffic is as it was".into())
            }
            News::Undecided if self.course.on_undecided != OnUndecided::Hold => {
                (Occasion::Held, "too little data to tell, even after an extension".into())
            }
            News::Held { why, percent: share } => {
                let at = share.map(|share| format!(", still at {}", percent(share))).unwrap_or_default();
                (Occasion::Held, format!("{}{at}", why_held(*why)?))
            }
            News::RolledBack => (Occasion::Rollback, self.rollback_in_words()),
            News::AllClear { .. } => (Occasion::AllClear, "watched to its end; the new version stays".into()),
            News::Owner { mine: true } => {
                (Occasion::TakenOver, format!("{} runs the release now", self.deck.place.owner))
            }
            News::Undecided
            | News::Agreed { .. }
            | News::Blocked { .. }
            | News::Shifting { .. }
            | News::BakeOver { .. }
            | News::Extended { .. }
            | News::CountingDown { .. }
            | News::Resumed
            | News::RollingBack { .. }
            | News::Abandoned { .. }
            | News::Owner { mine: false } => return None,
        };
        here.then_some(told)
    }
}

/// What the release is held for, where that was not told as a failure already.
fn why_held(why: Hold) -> Option<&'static str> {
    match why {
        Hold::Person => Some("held"),
        Hold::CountdownStopped => Some("the rollback was stopped"),
        Hold::Undecided => Some("too little data to tell, even after an extension"),
        Hold::Disturbed => Some("somebody else moved an alias"),
        Hold::Overslept => Some("slept through the moment that was agreed on"),
        Hold::Failed | Hold::ShiftFailed => None,
    }
}

/// What a failure or a rollback rests on.
fn evidence(occasion: Occasion, running: &Running) -> Vec<String> {
    match occasion {
        Occasion::Failure | Occasion::Rollback => gates_behind(&News::GatesFailed { alike: false }, Some(running)),
        Occasion::Shift | Occasion::AllClear | Occasion::Held | Occasion::TakenOver => Vec::new(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is kept between 0 and 100")]
fn whole_percent(percent: f64) -> u8 {
    percent.round().clamp(0.0, 100.0) as u8
}

/// The occasion in a sentence.
fn word(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Shift => "shift",
        Occasion::Failure => "failure",
        Occasion::Rollback => "rollback",
        Occasion::AllClear => "all clear",
        Occasion::Held => "hold",
        Occasion::TakenOver => "takeover",
    }
}
