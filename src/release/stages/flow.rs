//! What the edge reports and what a person says: the transitions of the table that time alone does not make.

use jiff::Timestamp;

use super::{
    Advance, By, Cause, Hold, Leg, Mandate, Moved, News, Obstacle, OnFailure, Order, Question, Run, State, Stay, later,
};

/// What a transition wants done.
pub(super) type Orders = Vec<Order>;

/// What the edge reports.
impl Run {
    pub(super) fn obstructed(&mut self, obstacles: Vec<Obstacle>, now: Timestamp) -> Orders {
        let before = std::mem::replace(&mut self.obstacles, obstacles);
        match self.state {
            State::Waiting { .. } if self.stay.is_none() && !self.obstacles.is_empty() => {
                self.state = State::Preflight;
                self.blocked()
            }
            State::Preflight if self.obstacles.is_empty() => self.begin(now),
            State::Preflight if self.mandate.is_some() && self.obstacles != before => self.blocked(),
            _ => Vec::new(),
        }
    }

    pub(super) fn shifted(&mut self, moved: Moved, now: Timestamp) -> Orders {
        let State::Shifting { percent, then_hold } = self.state else { return Vec::new() };
        match moved {
            Moved::All => {
                self.stay = Some(Stay::begin(&self.course, percent, now));
                self.evidence = None;
                self.state = State::Observing;
                let mut orders = vec![Order::Announce(News::Shifted { percent })];
                if then_hold {
                    orders.extend(self.hold_because(Hold::Person));
                }
                orders
            }
            Moved::Some(left) => {
                let mut orders = vec![Order::Announce(News::Torn { percent, left })];
                orders.extend(self.tear(percent, now));
                orders
            }
            Moved::None => self.hold_because(Hold::ShiftFailed),
        }
    }

    /// A torn stage is put right or taken back whole; it is never left half done in silence.
    pub(super) fn tear(&mut self, percent: f64, now: Timestamp) -> Orders {
        self.state = State::Torn { percent };
        if self.course.rollback == OnFailure::Auto && self.may_move() {
            return self.count_down(Cause::Torn { percent }, now);
        }
        vec![Order::Ask(Question::Torn)]
    }

    /// The answer to a rollback; from elsewhere also somebody else's.
    pub(super) fn rolled_back(&mut self, moved: Moved) -> Orders {
        let left = match moved {
            Moved::All => {
                if self.state == State::RolledBack {
                    return Vec::new();
                }
                self.state = State::RolledBack;
                return vec![Order::Announce(News::RolledBack)];
            }
            Moved::Some(left) => left,
            Moved::None => Vec::new(),
        };
        if self.state != State::RollingBack {
            return Vec::new();
        }
        self.state = State::Stuck;
        vec![Order::Announce(News::Stuck { left }), Order::Ask(Question::Stuck)]
    }

    /// Somebody else was here. While writes are on their way they meet the change themselves.
    pub(super) fn disturbed(&mut self) -> Orders {
        match self.state {
            State::Shifting { .. }
            | State::RollingBack
            | State::Stuck
            | State::Torn { .. }
            | State::Held(Hold::Disturbed) => Vec::new(),
            State::CountingDown { because: Cause::Torn { .. }, .. } => self.hold(),
            _ => self.hold_because(Hold::Disturbed),
        }
    }

    pub(super) fn owned(&mut self, mine: bool) -> Orders {
        if self.is_owner == mine {
            return Vec::new();
        }
        self.is_owner = mine;
        let mut orders = vec![Order::Announce(News::Owner { mine })];
        if mine {
            return orders;
        }
        match self.state {
            State::Waiting { .. } => {
                self.state = if self.stay.is_some() { State::Observing } else { State::Preflight };
            }
            State::CountingDown { because: Cause::Torn { percent }, .. } => self.state = State::Torn { percent },
            State::CountingDown { because: Cause::Undecided, .. } => orders.extend(self.ask(Question::Undecided)),
            State::CountingDown { because: Cause::Gates, .. } => orders.extend(self.ask(Question::Failed)),
            _ => {}
        }
        orders
    }
}

/// What a person says.
impl Run {
    pub(super) fn confirmed(&mut self, mandate: Mandate, now: Timestamp) -> Orders {
        if self.state.is_moving() || matches!(self.state, State::Stuck | State::CountingDown { .. }) {
            return Vec::new();
        }
        let own_shift = mandate.single();
        match &mut self.mandate {
            Some(known) => known.extend(mandate),
            None => self.mandate = Some(mandate),
        }
        match own_shift {
            Some(_) if self.is_first() && self.obstacles.iter().any(Obstacle::stops_a_person) => self.blocked(),
            Some(percent) => self.shift(percent, By::Person),
            None if self.state == State::Preflight => self.begin(now),
            None => Vec::new(),
        }
    }

    /// Starts what was confirmed as a whole, unless something is in the way.
    fn begin(&mut self, now: Timestamp) -> Orders {
        let Some(percent) = self.next_percent().filter(|percent| self.moves_by_itself(*percent)) else {
            return Vec::new();
        };
        if self.obstacles.is_empty() { self.agree(percent, now) } else { self.blocked() }
    }

    pub(super) fn go_on(&mut self) -> Orders {
        match self.state {
            State::Observing | State::Ready | State::Asking(_) | State::Held(_) | State::Waiting { .. } => {}
            State::Preflight
            | State::Shifting { .. }
            | State::Torn { .. }
            | State::CountingDown { .. }
            | State::RollingBack
            | State::Stuck
            | State::AllClear
            | State::RolledBack
            | State::Abandoned => return Vec::new(),
        }
        let Some(percent) = self.next_percent() else { return Vec::new() };
        if self.is_first() && !self.obstacles.is_empty() {
            return self.blocked();
        }
        if self.mandate.as_ref().is_some_and(|mandate| mandate.covers(percent)) {
            return self.shift(percent, By::Person);
        }
        vec![Order::Ask(Question::Plan { percent })]
    }

    pub(super) fn retry(&mut self) -> Orders {
        match self.state {
            State::Torn { percent } => self.shift(percent, By::Person),
            State::Stuck => self.roll_back(By::Person),
            _ => Vec::new(),
        }
    }

    pub(super) fn hold(&mut self) -> Orders {
        match &mut self.state {
            State::Shifting { then_hold, .. } => {
                *then_hold = true;
                Vec::new()
            }
            State::CountingDown { because: Cause::Torn { percent }, .. } => {
                self.state = State::Torn { percent: *percent };
                vec![Order::Ask(Question::Torn)]
            }
            State::CountingDown { .. } => self.hold_because(Hold::CountdownStopped),
            State::Torn { .. } | State::Held(_) | State::RollingBack | State::Stuck => Vec::new(),
            _ => self.hold_because(Hold::Person),
        }
    }

    pub(super) fn resume(&mut self, now: Timestamp) -> Orders {
        if !matches!(self.state, State::Held(_) | State::Asking(_)) {
            return Vec::new();
        }
        let mut orders = vec![Order::Announce(News::Resumed)];
        // What was seen before the pause is not what is decided on after it.
        self.evidence = None;
        if let Some(stay) = &mut self.stay {
            stay.over_since = None;
            self.state = State::Observing;
        } else {
            self.state = State::Preflight;
            orders.extend(self.begin(now));
        }
        orders
    }

    pub(super) fn extend(&mut self, now: Timestamp) -> Orders {
        let bake = self.course.bake;
        match (self.state, &mut self.stay) {
            (State::Observing | State::Ready | State::Asking(_) | State::Held(_), Some(stay)) => {
                stay.until = later(stay.until.max(now), bake);
                stay.over_since = None;
                self.evidence = None;
                self.state = State::Observing;
                vec![Order::Announce(News::Extended { until: stay.until, by: By::Person })]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn finish(&mut self) -> Orders {
        let Some(stay) = self.stay.filter(|stay| stay.leg == Leg::Watch) else { return Vec::new() };
        if self.state.is_moving() || matches!(self.state, State::Torn { .. } | State::Stuck) {
            return Vec::new();
        }
        self.state = State::AllClear;
        vec![Order::Announce(News::AllClear { percent: stay.percent })]
    }

    pub(super) fn abandon(&mut self) -> Orders {
        self.state = State::Abandoned;
        vec![Order::Announce(News::Abandoned { percent: self.percent() })]
    }
}

/// The moves themselves.
impl Run {
    /// The only maker of a shift. Without a mandate for exactly this share there is none.
    pub(super) fn shift(&mut self, percent: f64, by: By) -> Orders {
        if !self.mandate.as_ref().is_some_and(|mandate| mandate.covers(percent)) {
            return vec![Order::Ask(Question::Plan { percent })];
        }
        self.state = State::Shifting { percent, then_hold: false };
        vec![Order::Announce(News::Shifting { percent, by }), Order::Shift { percent }]
    }

    /// Back to stable from wherever it is. It asks no gate and waits for nothing.
    pub(super) fn roll_back(&mut self, by: By) -> Orders {
        if self.mandate.is_none() || self.state == State::RollingBack {
            return Vec::new();
        }
        self.state = State::RollingBack;
        vec![Order::RollBack, Order::Announce(News::RollingBack { by })]
    }

    pub(super) fn ask(&mut self, question: Question) -> Orders {
        self.state = State::Asking(question);
        vec![Order::Ask(question)]
    }

    pub(super) fn hold_because(&mut self, why: Hold) -> Orders {
        self.state = State::Held(why);
        vec![Order::Announce(News::Held { why, percent: self.percent() })]
    }

    fn blocked(&self) -> Orders {
        vec![Order::Announce(News::Blocked { obstacles: self.obstacles.clone() })]
    }

    /// Whether this program may move the release without being asked.
    pub(super) fn may_move(&self) -> bool {
        self.is_owner && self.mandate.is_some()
    }

    pub(super) fn moves_by_itself(&self, percent: f64) -> bool {
        self.is_owner
            && self.course.advance == Advance::ByItself
            && self.mandate.as_ref().is_some_and(|mandate| mandate.covers(percent))
    }

    /// Whether nothing has been shifted yet.
    fn is_first(&self) -> bool {
        self.stay.is_none()
    }
}
