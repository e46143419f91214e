//! A release that is run: tells the stage machine what happened, has the gates evaluated on every closed minute, and
//! carries out what the machine orders. What a person does by key goes through the same machine.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{App, asking::Scope, deck::Function, event::Effect, timeline::Tone};
use crate::{
    clock::Now,
    release::{
        facts::AlarmState,
        gates::{self, FunctionReading, GateResult, Readings, alarms::AlarmReading},
        memory::Entry,
        metrics::minute,
        names::Target,
        plan::{Confirmed, Consent, Known, Plan, PlanRow, Purpose, shift_row},
        routing::trim_percent,
        stages::{Advance, Input, Mandate, Moved, News, Order, Run, State},
    },
};

/// A release being run, and what its gates say.
#[derive(Debug)]
pub struct Running {
    /// Where it stands.
    pub run: Run,
    /// What the gates said last.
    pub results: Vec<GateResult>,
    /// What happened since it began here, oldest first; times are world time.
    pub news: Vec<(Timestamp, News)>,
    /// A confirmed plan that waits for its moment.
    confirmed: Option<Confirmed>,
    /// What the last evaluation looked at: closed minutes, due minutes, alarms.
    seen: Option<(Timestamp, Timestamp, Option<Timestamp>)>,
    /// Alarms that were in ALARM before the first shift: they trigger nothing by themselves.
    ringing_before: BTreeSet<String>,
}

impl Running {
    fn new(run: Run, ringing_before: BTreeSet<String>) -> Self {
        Self { run, results: Vec::new(), news: Vec::new(), confirmed: None, seen: None, ringing_before }
    }
}

impl App {
    /// Whether releases are run in this face of the program: a single headless `shift` or `rollback` is just that.
    pub(super) fn is_run_here(&self) -> bool {
        matches!(self.scope, Scope::Cockpit | Scope::Release)
    }

    /// Lets the release go on: called after every event.
    pub(super) fn run_on(&mut self, now: Now) -> Vec<Effect> {
        if !self.is_run_here() {
            return Vec::new();
        }
        self.pick_up(now);
        if self.running.as_ref().is_none_or(|running| running.run.state().is_final()) {
            return Vec::new();
        }
        let mut effects = self.weigh(now);
        effects.extend(self.inform(Input::Tick, now));
        effects
    }

    /// Picks a release up that is under way and that nobody runs here yet: after a restart, or another machine's.
    fn pick_up(&mut self, now: Now) {
        let is_running = self.running.as_ref().is_some_and(|running| !running.run.state().is_final());
        let is_known = self.deck.recalled.is_some() && self.deck.functions.iter().all(|f| f.alias.is_answered());
        if is_running || !is_known || self.is_moving() || !self.deck.is_releasing() {
            return;
        }
        let (percent, since) = self.where_it_stands();
        let entries: Vec<&Entry> = self.deck.in_release().map(|(_, entry)| entry).collect();
        let is_ours = entries.iter().all(|entry| entry.owner.is_empty() || entry.owner == self.deck.place.owner);
        let mut run = Run::resumed(self.course.clone(), Mandate::recorded(entries), percent, since);
        run.take(Input::Owner(is_ours), now.world);
        self.running = Some(Running::new(run, BTreeSet::new()));
    }

    /// The share that every function of the release has, and since when.
    fn where_it_stands(&self) -> (f64, Timestamp) {
        let percent = self.deck.in_release().map(|(function, _)| function.percent()).fold(100.0, f64::min);
        let marks = self.deck.in_release().map(|(_, entry)| entry.shifts.last().map_or(entry.since, |mark| mark.at));
        (percent, marks.max().unwrap_or_default())
    }

    /// Tells the run what happened and carries out what it orders.
    pub(super) fn inform(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let Some(running) = &mut self.running else {
            return Vec::new();
        };
        let orders = running.run.take(input, now.world);
        self.obey(orders, now)
    }

    /// Tells the run that a person rolls back at this moment: the order it gives is the one being carried out.
    pub(super) fn hear_of_rollback(&mut self, now: Now) -> Vec<Effect> {
        let Some(running) = &mut self.running else {
            return Vec::new();
        };
        let orders = running.run.take(Input::RollBack, now.world);
        self.obey(orders.into_iter().filter(|order| *order != Order::RollBack).collect(), now)
    }

    fn obey(&mut self, orders: Vec<Order>, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        for order in orders {
            match order {
                Order::Shift { percent } => effects.extend(self.shift_as_ordered(percent, now)),
                Order::RollBack if self.is_rolling_back() => {}
                Order::RollBack => effects.extend(self.roll_back(now)),
                Order::Ask(_) => effects.push(Effect::Bell),
                Order::Announce(news) => effects.extend(self.announce(news, now)),
            }
        }
        effects
    }

    /// A person's plan was confirmed: the run says whether and when it goes out.
    pub(super) fn begin_shift(&mut self, confirmed: Confirmed, now: Now) -> Vec<Effect> {
        if self.running.as_ref().is_none_or(|running| running.run.state().is_final()) {
            let run = Run::new(self.course.clone());
            self.running = Some(Running::new(run, self.ringing()));
        }
        let mandate = match self.course.advance {
            Advance::ByItself => Mandate::for_course(&confirmed, &self.course),
            Advance::ByHand => Mandate::for_shift(&confirmed),
        };
        let Some((mandate, running)) = mandate.zip(self.running.as_mut()) else {
            return self.record_and_start(confirmed, now);
        };
        running.confirmed = Some(confirmed);
        let mut effects = self.inform(Input::Owner(true), now);
        effects.extend(self.inform(Input::Confirmed(mandate), now));
        effects
    }

    /// The names of the alarms that are in ALARM now. They are on screen with the plan, so confirming it acknowledges
    /// them; they trigger nothing by themselves later.
    pub fn ringing(&self) -> BTreeSet<String> {
        let alarms = self.deck.alarms.value().into_iter().flatten();
        alarms.filter(|alarm| alarm.state == AlarmState::Alarm).map(|alarm| alarm.name.clone()).collect()
    }

    fn shift_as_ordered(&mut self, percent: f64, now: Now) -> Vec<Effect> {
        let waiting = self.running.as_mut().and_then(|running| running.confirmed.take());
        let is_meant = |confirmed: &Confirmed| confirmed.plan().purpose == Purpose::Shift { percent };
        let confirmed = match waiting.filter(is_meant) {
            Some(confirmed) => confirmed,
            None => match self.plan_of_mandate(percent).map(|plan| plan.confirm(Consent::Yes)) {
                Some(Ok(confirmed)) => confirmed,
                refused => {
                    let why = refused.and_then(Result::err).map_or("no plan".to_owned(), |why| why.to_string());
                    self.say(format!("The shift to {percent} % could not go out: {why}."), true, now);
                    return self.inform(Input::Shifted(Moved::None), now);
                }
            },
        };
        self.record_and_start(confirmed, now)
    }

    /// The plan for a stage of what was confirmed as a whole, built on the aliases as they were last read.
    fn plan_of_mandate(&self, percent: f64) -> Option<Plan> {
        let mandate = self.running.as_ref()?.run.mandate()?;
        let rows: Vec<PlanRow> =
            mandate.rows().iter().filter_map(|row| self.row_of_mandate(&row.target, percent)).collect();
        (rows.len() == mandate.rows().len()).then_some(Plan { purpose: Purpose::Shift { percent }, rows })
    }

    fn row_of_mandate(&self, target: &Target, percent: f64) -> Option<PlanRow> {
        let function = self.deck.function(target)?;
        let known = Known {
            target,
            alias: function.alias.value()?,
            entry: function.entry(),
            candidate: function.candidate().ok(),
            no_candidate: "it is not in the release any more",
            versions: function.versions.value()?,
            provisioned: function.provisioned.value().and_then(Option::as_ref),
        };
        Some(shift_row(known, percent, self.release.split))
    }

    /// Tells the run how a move of traffic ended.
    pub(super) fn report_move(&mut self, purpose: Purpose, now: Now) -> Vec<Effect> {
        let Some(operation) = &self.operation else {
            return Vec::new();
        };
        let left: Vec<Target> =
            operation.rows.iter().filter(|row| !row.step.is_good()).map(|row| row.target.clone()).collect();
        let moved = match left.len() {
            0 => Moved::All,
            count if count == operation.rows.len() => Moved::None,
            _ => Moved::Some(left),
        };
        match purpose {
            Purpose::Shift { .. } => self.inform(Input::Shifted(moved), now),
            Purpose::RollBack if moved != Moved::All || !self.deck.is_releasing() => {
                self.inform(Input::RolledBack(moved), now)
            }
            Purpose::RollBack | Purpose::Undo | Purpose::Finish => Vec::new(),
        }
    }

    /// Has the gates evaluated where there is something new to look at.
    fn weigh(&mut self, now: Now) -> Vec<Effect> {
        let Some(running) = self.running.as_ref().filter(|running| running.run.stay().is_some()) else {
            return Vec::new();
        };
        if running.run.state().is_moving() {
            return Vec::new();
        }
        let functions: Vec<FunctionReading<'_>> = self.deck.in_release().map(|(f, _)| self.reading(f, now)).collect();
        let closed = functions.iter().map(|function| function.lens.closed_until).min();
        let due = functions.iter().map(|function| function.due_until).max();
        let (Some(closed), Some(due)) = (closed, due) else {
            return Vec::new();
        };
        let seen = (closed, due, self.deck.alarms.read_at());
        if running.seen == Some(seen) {
            return Vec::new();
        }
        let results = self.evaluate(running, &functions, closed, now);
        let evidence = gates::evidence(&results, now.world);
        if let Some(running) = &mut self.running {
            running.results = results;
            running.seen = Some(seen);
        }
        self.inform(Input::Evidence(evidence), now)
    }

    fn reading<'a>(&'a self, function: &'a Function, now: Now) -> FunctionReading<'a> {
        FunctionReading {
            lens: self.lens(function, now.world),
            due_until: minute::closed_until(now.world, function.timeout(), self.release.settle),
            expect_traffic: function.expect_traffic,
        }
    }

    fn evaluate(
        &self,
        running: &Running,
        functions: &[FunctionReading<'_>],
        closed_until: Timestamp,
        now: Now,
    ) -> Vec<GateResult> {
        let marks = || self.deck.in_release().flat_map(|(_, entry)| entry.shifts.iter().map(|mark| mark.at));
        let alarms: Vec<AlarmReading<'_>> = self
            .deck
            .alarms
            .value()
            .into_iter()
            .flatten()
            .map(|alarm| AlarmReading {
                alarm,
                severity: self.deck.environment.severity_of(&alarm.name),
                insufficient: gates::alarms::Insufficient::default(),
                from_before: running.ringing_before.contains(&alarm.name),
            })
            .collect();
        let readings = Readings {
            now: now.world,
            leg: running.run.stay().map(|stay| stay.leg),
            began: marks().min(),
            shifted: marks().max(),
            functions,
            store: &self.metrics,
            closed_until,
            alarms: &alarms,
            alarms_read: self.deck.alarms.read_at(),
            probes: &std::collections::BTreeMap::new(),
            commands: &std::collections::BTreeMap::new(),
            judge: None,
        };
        gates::evaluate(&self.gates, &readings)
    }

    fn announce(&mut self, news: News, now: Now) -> Vec<Effect> {
        if let Some(line) = told(&news, self.running.as_ref()) {
            let (text, tone) = line;
            self.timeline.add(now.world, "flightdeck", text.clone(), tone);
            self.say(text, tone == Tone::Bad, now);
        }
        let is_all_clear = matches!(news, News::AllClear { .. });
        let is_bad = matches!(news, News::GatesFailed { .. } | News::Torn { .. } | News::Stuck { .. });
        if let Some(running) = &mut self.running {
            running.news.push((now.world, news));
        }
        let mut effects = if is_all_clear { self.end_release(now) } else { Vec::new() };
        if is_bad {
            effects.push(Effect::Bell);
        }
        effects
    }

    /// `n`: the plan for the next stage.
    pub(super) fn next_stage(&mut self, now: Now) -> Vec<Effect> {
        let next = self.running.as_ref().and_then(|running| running.run.next_percent());
        let Some(percent) = next.filter(|_| self.deck.is_releasing()) else {
            self.say("No release is under way that has a next stage. A digit plans the first.", false, now);
            return Vec::new();
        };
        let targets = self.deck.in_release().map(|(function, _)| function.target.clone()).collect();
        self.propose(Purpose::Shift { percent }, targets, None, now)
    }

    /// `p`: hold, or go on.
    pub(super) fn hold_or_resume(&mut self, now: Now) -> Vec<Effect> {
        match self.running.as_ref().map(|running| running.run.state()).filter(|state| !state.is_final()) {
            Some(State::Held(_) | State::Asking(_)) => self.inform(Input::Resume, now),
            Some(_) => self.inform(Input::Hold, now),
            None => {
                self.say("No release is under way.", false, now);
                Vec::new()
            }
        }
    }

    /// `w`: watches what is live now, whoever put it there.
    pub(super) fn start_watch(&mut self, now: Now) -> Vec<Effect> {
        if self.is_moving() {
            self.say("A move is still under way.", true, now);
            return Vec::new();
        }
        let mandate = self.deck.is_releasing().then(|| Mandate::recorded(self.deck.in_release().map(|(_, e)| e)));
        let run = Run::watching(self.course.clone(), mandate, now.world);
        self.running = Some(Running::new(run, self.ringing()));
        self.say("Watching what is live now.", false, now);
        Vec::new()
    }

    /// Whether a rollback is being counted down, which Esc and `p` stop.
    pub fn is_counting_down(&self) -> bool {
        self.running.as_ref().is_some_and(|running| matches!(running.run.state(), State::CountingDown { .. }))
    }
}

/// A line for the timeline, where the news are not told elsewhere already.
fn told(news: &News, running: Option<&Running>) -> Option<(String, Tone)> {
    let failing = || {
        let results = running.map(|running| running.results.as_slice()).unwrap_or_default();
        let bad = results.iter().filter(|result| result.fails(gates::Level::Critical)).map(gate_in_words);
        bad.collect::<Vec<_>>().join("; ")
    };
    Some(match news {
        News::Agreed { percent, at } => {
            (format!("{}% goes out at {}", trim_percent(*percent), at.strftime("%H:%M:%SZ")), Tone::Plain)
        }
        News::Blocked { obstacles } => {
            (format!("{} obstacles stand before the first shift", obstacles.len()), Tone::Warning)
        }
        News::BakeOver { percent } => {
            (format!("{}% has baked and every gate passes", trim_percent(*percent)), Tone::Good)
        }
        News::Extended { until } => {
            (format!("too little data to tell: extended until {}", until.strftime("%H:%M:%SZ")), Tone::Warning)
        }
        News::Undecided => ("too little data to tell, even after an extension".to_owned(), Tone::Warning),
        News::GatesFailed { alike: true } => {
            (format!("both versions fail alike, so it may not be this release: {}", failing()), Tone::Bad)
        }
        News::GatesFailed { alike: false } => (format!("gates failed: {}", failing()), Tone::Bad),
        News::CountingDown { until, .. } => {
            (format!("rolls back at {} unless Esc or p stops it", until.strftime("%H:%M:%SZ")), Tone::Bad)
        }
        News::Held { percent, .. } => {
            let at = percent.map(|percent| format!(", still at {}%", trim_percent(percent))).unwrap_or_default();
            (format!("held{at}"), Tone::Warning)
        }
        News::Resumed => ("goes on".to_owned(), Tone::Plain),
        News::Torn { percent, left } => (
            format!("the stage {}% is torn: {} functions were not shifted", trim_percent(*percent), left.len()),
            Tone::Bad,
        ),
        News::Stuck { left } => (format!("the rollback did not reach {} functions", left.len()), Tone::Bad),
        News::AllClear { .. } => ("all clear: the release is over".to_owned(), Tone::Good),
        News::Abandoned { .. } => ("nobody runs this release any more".to_owned(), Tone::Warning),
        News::Owner { mine: false } => {
            ("another cockpit runs this release: this one watches".to_owned(), Tone::Warning)
        }
        News::Owner { mine: true }
        | News::Shifting { .. }
        | News::Shifted { .. }
        | News::RollingBack { .. }
        | News::RolledBack => return None,
    })
}

/// `error rate of sync_handler: 8.1 % > 5 %`.
pub fn gate_in_words(result: &GateResult) -> String {
    let whose = result.target.as_ref().map(|target| format!(" of {}", target.function)).unwrap_or_default();
    let numbers = match (result.value, result.threshold) {
        (Some(value), Some(threshold)) => format!(": {} against {}", trim_percent(value), trim_percent(threshold)),
        _ => String::new(),
    };
    let note = if result.note.is_empty() { String::new() } else { format!(" ({})", result.note) };
    format!("{}{whose}{numbers}{note}", result.gate)
}
