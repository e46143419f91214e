//! What passes by itself: the end of a bake, the minute of a shift, a countdown, and evidence that comes in.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    By, Cause, Evidence, Hold, Leg, News, OnFailure, OnUndecided, Order, Question, Run, Standing, State, flow::Orders,
    later, start_of_minute,
};

/// How long before the end of a stay the gates may have been evaluated last: they are once a minute.
const LAST_LOOK: Duration = Duration::from_secs(75);

impl Run {
    pub(super) fn tick(&mut self, now: Timestamp) -> Orders {
        match self.state {
            State::Waiting { percent, at } if at <= now => self.leave(percent, at, now),
            State::CountingDown { until, because } if until <= now => self.counted_down(until, because, now),
            State::Observing => self.decide(now),
            _ => Vec::new(),
        }
    }

    /// The minute that was waited for has begun.
    fn leave(&mut self, percent: f64, at: Timestamp, now: Timestamp) -> Orders {
        if later(at, self.course.patience) < now {
            if self.stay.is_none() {
                return self.hold_because(Hold::Overslept);
            }
            self.state = State::Observing;
            return self.decide(now);
        }
        if self.stay.is_some() && !self.fresh_evidence(now).is_some_and(|evidence| evidence.standing == Standing::Pass)
        {
            self.state = State::Observing;
            return self.decide(now);
        }
        self.shift(percent, By::Itself)
    }

    /// A countdown through which the program slept is no decision of today: the gates are asked again.
    fn counted_down(&mut self, until: Timestamp, because: Cause, now: Timestamp) -> Orders {
        if later(until, self.course.patience) >= now {
            return self.roll_back(By::Itself);
        }
        match because {
            Cause::Torn { percent } => self.tear(percent, now),
            Cause::Gates | Cause::Undecided => {
                self.evidence = None;
                self.state = State::Observing;
                self.decide(now)
            }
        }
    }

    /// Evidence acts at once where it fails; where it passes, the end of the stay acts on it.
    pub(super) fn weigh(&mut self, evidence: Evidence, now: Timestamp) -> Orders {
        if self.state.is_final() {
            return Vec::new();
        }
        self.evidence = Some(evidence);
        let is_bad = matches!(evidence.standing, Standing::Failed | Standing::Alike);
        match self.state {
            State::Observing | State::Ready | State::Asking(_) if is_bad => self.failed(evidence.standing, now),
            State::Waiting { .. } if self.stay.is_some() && evidence.standing != Standing::Pass => {
                self.state = State::Observing;
                if is_bad { self.failed(evidence.standing, now) } else { self.decide(now) }
            }
            State::Observing => self.decide(now),
            _ => Vec::new(),
        }
    }

    /// Whether the stay is over, and what comes then.
    fn decide(&mut self, now: Timestamp) -> Orders {
        let evidence = self.fresh_evidence(now).filter(|evidence| evidence.is_complete);
        let patience = self.course.patience;
        let Some(stay) = self.stay.as_mut().filter(|stay| stay.until <= now) else { return Vec::new() };
        let over_since = *stay.over_since.get_or_insert(now);
        let is_of_the_end = |evidence: &Evidence| stay.until <= later(evidence.at, LAST_LOOK);
        match evidence.filter(is_of_the_end).map(|evidence| evidence.standing) {
            Some(Standing::Pass) => self.passed(now),
            Some(bad @ (Standing::Failed | Standing::Alike)) => self.failed(bad, now),
            None if now < later(over_since, patience) => Vec::new(),
            Some(Standing::Undecided) | None => self.undecided(now),
        }
    }

    /// Evidence that is young enough to act on.
    fn fresh_evidence(&self, now: Timestamp) -> Option<Evidence> {
        self.evidence.filter(|evidence| evidence.at <= now && now <= later(evidence.at, self.course.patience))
    }

    fn passed(&mut self, now: Timestamp) -> Orders {
        let Some(stay) = self.stay else { return Vec::new() };
        if stay.leg == Leg::Watch && (self.is_owner || self.mandate.is_none()) {
            return self.finish();
        }
        let mut orders = vec![Order::Announce(News::BakeOver { percent: stay.percent })];
        let next = self.next_percent().filter(|_| self.is_owner);
        match next {
            Some(percent) if self.moves_by_itself(percent) => orders.extend(self.agree(percent, now)),
            Some(percent) => {
                self.state = State::Ready;
                orders.push(Order::Ask(Question::Plan { percent }));
            }
            None => self.state = State::Ready,
        }
        orders
    }

    fn undecided(&mut self, now: Timestamp) -> Orders {
        let bake = self.course.bake;
        let Some(stay) = self.stay.as_mut() else { return Vec::new() };
        if !stay.extended {
            stay.extended = true;
            stay.until = later(now, bake);
            stay.over_since = None;
            return vec![Order::Announce(News::Extended { until: stay.until, by: By::Itself })];
        }
        let mut orders = vec![Order::Announce(News::Undecided)];
        orders.extend(match (self.course.on_undecided, self.course.rollback) {
            (OnUndecided::Hold, _) | (OnUndecided::RollBack, OnFailure::Never) => self.hold_because(Hold::Undecided),
            (OnUndecided::RollBack, _) if self.may_move() => self.count_down(Cause::Undecided, now),
            (OnUndecided::Ask | OnUndecided::RollBack, _) => self.ask(Question::Undecided),
        });
        orders
    }

    fn failed(&mut self, standing: Standing, now: Timestamp) -> Orders {
        let alike = standing == Standing::Alike;
        let question = if alike { Question::Alike } else { Question::Failed };
        if matches!(self.state, State::Asking(asked) if asked == question || asked == Question::Failed) {
            return Vec::new();
        }
        let mut orders = vec![Order::Announce(News::GatesFailed { alike })];
        orders.extend(match self.course.rollback {
            OnFailure::Auto if !alike && self.may_move() => self.count_down(Cause::Gates, now),
            OnFailure::Never if !alike => self.hold_because(Hold::Failed),
            OnFailure::Auto | OnFailure::Ask | OnFailure::Never => self.ask(question),
        });
        orders
    }

    pub(super) fn count_down(&mut self, because: Cause, now: Timestamp) -> Orders {
        let until = later(now, self.course.countdown);
        self.state = State::CountingDown { until, because };
        if until <= now {
            return self.roll_back(By::Itself);
        }
        vec![Order::Announce(News::CountingDown { until, because })]
    }

    /// A shift that nobody has to ask for any more goes out with the next minute.
    pub(super) fn agree(&mut self, percent: f64, now: Timestamp) -> Orders {
        let at = start_of_minute(now);
        self.state = State::Waiting { percent, at };
        if at <= now {
            return self.leave(percent, at, now);
        }
        vec![Order::Announce(News::Agreed { percent, at })]
    }

    /// A clock that was set back neither shortens a stay nor makes it endless: it is counted from now again.
    pub(super) fn follow_the_clock_back(&mut self, now: Timestamp) {
        if let Some(stay) = self.stay.as_mut().filter(|stay| now < stay.since) {
            let back = stay.since.duration_since(now);
            stay.since = now;
            stay.until = stay.until.checked_sub(back).unwrap_or(stay.until);
            stay.over_since = None;
        }
        if let State::Waiting { at, .. } = &mut self.state {
            *at = start_of_minute(now).min(*at);
        }
        if let State::CountingDown { until, .. } = &mut self.state {
            *until = later(now, self.course.countdown).min(*until);
        }
    }
}
