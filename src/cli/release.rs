//! `flightdeck release` and `flightdeck watch`: a whole release, or only the watch, without a screen. A line or a JSON
//! object for each thing that happens, as it happens.

use std::{collections::BTreeSet, io::Write as _, time::Duration};

use super::{
    Failure, exit,
    headless::{Script, chosen, perform, tell_troubles},
    release_args::{Otherwise, ReleaseArgs, WatchArgs},
    resolve::Setting,
    runbook, services,
    shift::{pick, picks, refuse, refuse_torn, stopped_before, tell_left_out, tell_nothing, tell_plan},
    telling::{json_delivery, json_line, json_verdict, text_below, text_delivery, text_line, text_verdict},
};
use crate::{
    app::{App, asking::Scope, event::Effect, owning::Stranger, view::Overlay},
    aws::clean,
    clock::Now,
    release::{
        names::{Target, Version},
        plan::{Plan, Purpose},
        routing::trim_percent,
        stages::{Advance, Hold, Leg, News, Obstacle, OnFailure, OnUndecided, Question, Run, State},
    },
    runtime::Turn,
};

/// How long the end waits for notices that are on their way, in wall time.
const LAST_NOTICES: Duration = Duration::from_secs(5);

/// Runs a whole release.
pub async fn run(mut setting: Setting, args: &ReleaseArgs) -> Result<u8, Failure> {
    let args = &ReleaseArgs { confirm: setting.confirmed(args.confirm.clone()), ..args.clone() };
    let release = &mut setting.config.release;
    if let Some(stages) = &args.stages {
        release.stages.clone_from(&stages.0);
    }
    release.bake = args.bake.unwrap_or(release.bake);
    release.watch = args.watch.unwrap_or(release.watch);
    let first = f64::from(release.stages.first().copied().unwrap_or(100));
    let targets = chosen(&args.functions, &setting.environment)?;
    let picks = picks(&targets, &args.functions, args.to)?;
    let (mut app, services) = services::open(&setting, Scope::Release).await?;
    app.reason.clone_from(&args.write.reason);
    app.acknowledged.extend(args.acknowledge.iter().cloned());
    app.course.advance = Advance::ByItself;
    app.course.countdown = Duration::ZERO;
    app.course.rollback = if args.auto_rollback { OnFailure::Auto } else { app.course.rollback };
    app.course.on_undecided = args.on_undecided.map_or(app.course.on_undecided, OnUndecided::from);
    let begin = Release { args, targets, picks, first, stage: Stage::Reading };
    let mut teller = Teller::new(begin, args.write.json, args.on_exit);
    perform(&mut app, &services, &mut teller).await
}

/// Watches what is live now.
pub async fn watch(setting: Setting, args: &WatchArgs) -> Result<u8, Failure> {
    let (mut app, services) = services::open(&setting, Scope::Release).await?;
    app.course.watch = args.length.unwrap_or(app.course.watch);
    app.course.countdown = Duration::ZERO;
    app.course.on_undecided = OnUndecided::Hold;
    app.course.rollback = if args.auto_rollback { OnFailure::Auto } else { OnFailure::Never };
    let watch = Watch { is_auto: args.auto_rollback, has_taken_over: false, has_begun: false };
    let mut teller = Teller::new(watch, args.json, Otherwise::Hold);
    perform(&mut app, &services, &mut teller).await
}

/// Prints what happens, and ends when the release does. How it begins is where `release` and `watch` differ.
struct Teller<B> {
    begin: B,
    json: bool,
    told: usize,
    /// How many verdicts were told.
    judged: usize,
    /// How many deliveries were told of.
    delivered: usize,
    /// What other machines will not see, as far as it was told.
    unrecorded: BTreeSet<Target>,
    /// Wall time at which there was nothing left but to wait for notices.
    ended: Option<Duration>,
    on_exit: Otherwise,
}

trait Begin {
    /// The next step of the beginning; `None` once the release is on its way.
    fn begin(&mut self, app: &mut App, now: Now) -> Option<Turn>;
}

impl<B: Begin> Script for Teller<B> {
    fn step(&mut self, app: &mut App, now: Now) -> Turn {
        if let Some(turn) = self.begin.begin(app, now) {
            return turn;
        }
        self.tell(app);
        let run = app.running.as_ref().map(|running| &running.run);
        if run.map(Run::state) == Some(State::Preflight) && app.is_blocked(now) {
            return Turn::Leave(tell_obstacles(app, now));
        }
        match run.filter(|_| !app.is_moving()).and_then(ending) {
            Some(_) if app.is_telling() && now.wall < *self.ended.get_or_insert(now.wall) + LAST_NOTICES => Turn::Wait,
            Some(_) if app.is_checking_after_rollback() => Turn::Wait,
            Some(code) => {
                for line in app.checked_after_rollback() {
                    eprintln!("flightdeck: after the rollback, {}", clean(&line));
                }
                Self::tell_end(app);
                Turn::Leave(code)
            }
            None => {
                self.ended = None;
                Turn::Wait
            }
        }
    }

    fn give_up(&mut self, app: &App, _: Now) -> u8 {
        eprintln!("flightdeck: AWS did not answer in time; nothing was changed");
        tell_troubles(app);
        exit::FAILED
    }

    fn is_reading(&self, app: &App) -> bool {
        app.running.is_none() && !app.is_moving()
    }

    fn interrupted(&mut self, app: &mut App, now: Now) -> Option<Vec<Effect>> {
        // What the release does by itself is its owner's; whoever took it over decides.
        let is_ours = app.running.as_ref().is_some_and(|running| running.run.is_owner());
        let is_releasing = is_ours && app.deck.is_releasing() && !app.is_rolling_back();
        (self.on_exit == Otherwise::Rollback && is_releasing).then(|| {
            eprintln!("flightdeck: told to stop: rolling back");
            app.act(crate::keys::Action::RollBack, now)
        })
    }

    fn farewell(&mut self, app: &mut App, _: Now) -> u8 {
        self.tell(app);
        Self::tell_end(app);
        if app.deck.is_releasing() { exit::FAILED } else { exit::REGRESSION }
    }
}

impl<B> Teller<B> {
    fn new(begin: B, json: bool, on_exit: Otherwise) -> Self {
        Self { begin, json, told: 0, judged: 0, delivered: 0, unrecorded: BTreeSet::new(), ended: None, on_exit }
    }

    /// Prints the news since the last time.
    fn tell(&mut self, app: &App) {
        let Some(running) = &app.running else { return };
        for (target, words) in &app.unrecorded {
            if self.unrecorded.insert(target.clone()) {
                eprintln!("flightdeck: {}", clean(words));
            }
        }
        let mut out = std::io::stdout().lock();
        for (at, turn) in app.judging.turns.iter().skip(self.judged) {
            let line = if self.json { json_verdict(*at, turn).to_string() } else { text_verdict(*at, turn) };
            let _ = writeln!(out, "{}", clean(&line)).and_then(|()| out.flush());
        }
        self.judged = app.judging.turns.len();
        for (at, news) in running.news.iter().skip(self.told) {
            if matches!(news, News::RollingBack { .. }) {
                runbook::tell(app);
            }
            let lines = if self.json {
                vec![json_line(*at, news, app).to_string()]
            } else {
                [vec![text_line(*at, news, app)], text_below(news, app)].concat()
            };
            for line in lines {
                // A reader that went away is no reason to stop in the middle of a release.
                let _ = writeln!(out, "{}", clean(&line)).and_then(|()| out.flush());
            }
        }
        self.told = running.news.len();
        for (at, delivery) in app.deliveries.iter().skip(self.delivered) {
            let line = if self.json { json_delivery(*at, delivery).to_string() } else { text_delivery(*at, delivery) };
            let _ = writeln!(out, "{}", clean(&line)).and_then(|()| out.flush());
        }
        self.delivered = app.deliveries.len();
    }

    /// Says what traffic was left where, and how to take it back.
    fn tell_end(app: &App) {
        for (function, entry) in app.deck.in_release() {
            eprintln!(
                "flightdeck: {}: version {} has {} % of the traffic, stable is {}; `{} rollback --yes` takes it back",
                function.target,
                entry.new,
                trim_percent(function.percent()),
                entry.stable,
                app.deck.place.program
            );
        }
    }
}

/// Says what stands in the way of the first shift, and what to do about it.
fn tell_obstacles(app: &App, now: Now) -> u8 {
    for obstacle in app.obstacles(now) {
        let remedy = match &obstacle {
            Obstacle::AlarmRinging { name } => format!("; --acknowledge {name} releases all the same"),
            Obstacle::OutsideHours { .. } => "; --reason says why it must go out now".to_owned(),
            Obstacle::Required { .. } => "; people tick it in the cockpit".to_owned(),
            Obstacle::Gate { .. } | Obstacle::Preflight { .. } => String::new(),
        };
        eprintln!("flightdeck: {}{}", clean(&obstacle.to_string()), clean(&remedy));
    }
    eprintln!("flightdeck: the release was not begun; nothing was changed");
    exit::REFUSED
}

/// The exit code of a release in which nothing more happens without a person; `None` while it goes on.
fn ending(run: &Run) -> Option<u8> {
    let is_watched = run.stay().is_some_and(|stay| stay.leg == Leg::Watch);
    match run.state() {
        // Another program runs it: it goes on there, and what was seen of it here was well.
        State::Ready if !run.is_owner() => is_watched.then_some(exit::DONE),
        State::AllClear => Some(exit::DONE),
        State::RolledBack | State::Asking(Question::Failed | Question::Alike) | State::Held(Hold::Failed) => {
            Some(exit::REGRESSION)
        }
        State::Asking(Question::Undecided) | State::Held(Hold::Undecided) => Some(exit::UNDECIDED),
        State::Held(Hold::Disturbed) => Some(exit::CONFLICT),
        State::Asking(_) | State::Held(_) | State::Torn { .. } | State::Stuck | State::Ready | State::Abandoned => {
            Some(exit::FAILED)
        }
        State::Preflight
        | State::Waiting { .. }
        | State::Shifting { .. }
        | State::Observing
        | State::CountingDown { .. }
        | State::RollingBack => None,
    }
}

struct Release<'a> {
    args: &'a ReleaseArgs,
    targets: Vec<Target>,
    picks: Vec<(Target, Version)>,
    first: f64,
    stage: Stage,
}

enum Stage {
    Reading,
    TakingOver,
    Planning,
    Running,
}

impl Begin for Release<'_> {
    fn begin(&mut self, app: &mut App, now: Now) -> Option<Turn> {
        match self.stage {
            Stage::Reading if app.is_ready_to_release() => Some(self.propose(app, now)),
            Stage::TakingOver if !app.is_moving() => Some(self.propose(app, now)),
            Stage::Reading | Stage::TakingOver => Some(Turn::Wait),
            Stage::Planning => match &app.view.overlay {
                Some(Overlay::Plan(dialog)) => match dialog.plan.clone() {
                    Some(plan) => Some(self.decide(app, &plan, now)),
                    None => Some(Turn::Wait),
                },
                _ => Some(Turn::Leave(refuse(app))),
            },
            Stage::Running if app.is_pre_staging() => Some(Turn::Wait),
            Stage::Running if app.pre_stage_trouble().is_some() => Some(Turn::Leave(stopped_before(app))),
            Stage::Running => None,
        }
    }
}

impl Release<'_> {
    fn propose(&mut self, app: &mut App, now: Now) -> Turn {
        if self.args.take_over && !app.deck.is_releasing() {
            eprintln!("flightdeck: no release is under way that could be taken over; nothing was changed");
            return Turn::Leave(exit::REFUSED);
        }
        if app.deck.is_releasing() && !self.args.take_over {
            let entry = app.deck.in_release().next().map(|(_, entry)| (entry.id.clone(), entry.by.clone()));
            if let Some((id, by)) = entry {
                eprintln!(
                    "flightdeck: the release {id} by {by} is under way; --take-over runs it on, `{} rollback --yes` ends it",
                    app.deck.place.program
                );
            }
            return Turn::Leave(exit::CONFLICT);
        }
        if self.targets.is_empty()
            && let Some(code) = refuse_torn(app)
        {
            return Turn::Leave(code);
        }
        if let Some(stranger) = app.stranger().filter(|_| self.args.write.yes) {
            return self.take_over(app, &stranger, now);
        }
        if let Err(code) = pick(app, &self.picks) {
            return Turn::Leave(code);
        }
        let targets = if self.targets.is_empty() { app.to_be_shifted() } else { self.targets.clone() };
        if targets.is_empty() {
            let code = tell_troubles(app).max(exit::REFUSED);
            tell_nothing(app);
            return Turn::Leave(code);
        }
        self.stage = Stage::Planning;
        let under_way = app.running.as_ref().and_then(|running| running.run.percent());
        let percent = under_way.unwrap_or(self.first);
        Turn::Do(app.propose(Purpose::Shift { percent }, targets, None, now))
    }

    /// Has the aliases name this program, before anything is planned. Once is enough: an alias that changed meanwhile
    /// belongs to somebody who is at work.
    fn take_over(&mut self, app: &mut App, stranger: &Stranger, now: Now) -> Turn {
        if let Some(code) = self.refuses_name(app) {
            return Turn::Leave(code);
        }
        if matches!(self.stage, Stage::TakingOver) {
            eprintln!("flightdeck: {} still runs the release; look at it in the cockpit", clean(&stranger.name));
            return Turn::Leave(exit::CONFLICT);
        }
        eprintln!("flightdeck: takes the release over from {}", clean(&stranger.name));
        self.stage = Stage::TakingOver;
        Turn::Do(app.take_over(now))
    }

    /// The exit code where a protected environment's name was not given.
    fn refuses_name(&self, app: &App) -> Option<u8> {
        let environment = &app.deck.environment;
        if !environment.protected || self.args.confirm.as_ref() == Some(&environment.name) {
            return None;
        }
        eprintln!("flightdeck: {0} is protected: add --confirm {0}; nothing was changed", environment.name);
        Some(exit::REFUSED)
    }

    fn decide(&mut self, app: &mut App, plan: &Plan, now: Now) -> Turn {
        if !app.is_around_known(now) {
            return Turn::Wait;
        }
        if !plan.is_sound() {
            tell_troubles(app);
        }
        if self.targets.is_empty() {
            tell_left_out(app, plan);
        }
        if !plan.is_sound() || !self.args.write.yes {
            return Turn::Leave(tell_plan(app, plan, &[], self.args.write.yes, self.args.write.json));
        }
        if let Some(code) = self.refuses_name(app) {
            return Turn::Leave(code);
        }
        let typed = self.args.confirm.clone().unwrap_or_default();
        for alarm in app.acknowledged.intersection(&app.ringing()) {
            eprintln!("flightdeck: the alarm {} rings already: it will not trigger a rollback by itself", clean(alarm));
        }
        self.stage = Stage::Running;
        Turn::Do(app.carry_out(plan, &typed, now))
    }
}

struct Watch {
    /// Whether it may roll back by itself.
    is_auto: bool,
    has_taken_over: bool,
    has_begun: bool,
}

impl Begin for Watch {
    fn begin(&mut self, app: &mut App, now: Now) -> Option<Turn> {
        if self.has_begun {
            return None;
        }
        if !app.is_ready_to_plan() || !app.deck.alarms_are_known() {
            return Some(Turn::Wait);
        }
        if app.is_moving() {
            return Some(Turn::Wait);
        }
        if let Some(stranger) = app.stranger() {
            // Who shifts by hand runs nothing afterwards: a watch that may roll back takes the release over.
            if self.is_auto && !stranger.is_program() && !self.has_taken_over {
                self.has_taken_over = true;
                eprintln!("flightdeck: takes the release over from {}, who shifted by hand", clean(&stranger.name));
                return Some(Turn::Do(app.take_over(now)));
            }
            let words = if self.is_auto { ": it is not rolled back from here by itself" } else { "" };
            eprintln!("flightdeck: {} runs this release, this one only watches{words}", clean(&stranger.name));
        }
        self.has_begun = true;
        Some(Turn::Do(app.act(crate::keys::Action::Watch, now)))
    }
}
