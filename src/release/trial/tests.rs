//! Trials fed from a store as CloudWatch would fill it: what is judged when, and what is made of slow calls.

use jiff::{SignedDuration, Timestamp};

use super::{
    Trial, foresight, judgement,
    slowness::{Counting, Slowness},
};
use crate::release::{
    gates::{Level, Need, Outcome, Why},
    judge::{
        Settings,
        counts::Metric,
        verdict::{Rule, Verdict},
    },
    memory::{Entry, ShiftMark},
    metrics::{
        Answer, Measure, Question, Series, SeriesAnswer,
        lens::Lens,
        minute::Minute,
        store::{MetricStore, ONE_MINUTE},
    },
    names::{ReleaseId, Target, Version},
    routing::Routing,
};

const OLD: Version = Version::Number(42);
const NEW: Version = Version::Number(43);

fn began() -> Timestamp {
    "2026-11-20T14:00:00Z".parse().unwrap()
}

/// The n-th minute of the release; negative before it.
fn minute(number: i64) -> Minute {
    Minute::of(began()).plus(number)
}

/// How slow calls of a server are counted.
#[derive(Clone, Copy)]
enum Server {
    /// As AWS documents it.
    Counts,
    /// Any statistic is answered with the average.
    Averages,
}

/// A function called 1,000 times a minute, one call in a thousand failing and 50 of them slower than 200 ms.
struct Place {
    target: Target,
    store: MetricStore,
    server: Server,
    shifts: Vec<ShiftMark>,
    /// Errors and slow calls of the new version's calls, in a thousand.
    new: (f64, f64),
}

impl Place {
    fn of(server: Server, new: (f64, f64)) -> Self {
        // The shift was acknowledged ten seconds before the first whole minute.
        let shifts = vec![ShiftMark { at: began() - SignedDuration::from_secs(10), percent: 10.0 }];
        let target = Target::new("pay", "live");
        Self { target, store: MetricStore::default(), server, shifts, new }
    }

    fn entry(&self) -> Entry {
        Entry {
            id: ReleaseId::new("r-1"),
            target: self.target.clone(),
            stable: OLD,
            new: NEW,
            before: Routing::only(OLD),
            by: "ada".into(),
            owner: String::new(),
            since: began(),
            shifts: self.shifts.clone(),
            whole: false,
            told: false,
        }
    }

    fn lens(&self, closed: i64) -> Lens<'_> {
        Lens {
            store: &self.store,
            target: &self.target,
            stable: Some(OLD),
            new: Some(NEW),
            percent: 10.0,
            shifts: &self.shifts,
            rolled_back: None,
            closed_until: minute(closed).start(),
        }
    }

    /// Calls, and errors and slow calls in a thousand, of a version or of all, in a minute.
    fn lived(&self, version: Option<Version>, at: Minute) -> (f64, f64, f64) {
        let stable = (1.0, 50.0);
        let share = if at < minute(0) { 0.0 } else { 0.1 };
        match version {
            None => (1000.0, stable.0, stable.1),
            Some(NEW) => (1000.0 * share, self.new.0, self.new.1),
            Some(_) => (1000.0 * (1.0 - share), stable.0, stable.1),
        }
    }

    fn value(&self, series: &Series, at: Minute) -> f64 {
        let version = series.dimensions.get("ExecutedVersion").map(|version| version.parse().unwrap());
        let (calls, errors, slow) = self.lived(version, at);
        match (series.metric.as_str(), series.statistic.as_str(), self.server) {
            ("Invocations", ..) | (_, "SampleCount", _) => calls,
            ("Errors", ..) => calls * errors / 1000.0,
            (_, "p90", _) => {
                if version == Some(NEW) {
                    2.0 * 100.0
                } else {
                    100.0
                }
            }
            (_, "p95", _) => 199.4,
            (_, _, Server::Averages) => 73.0,
            (_, "TC(200:)", _) => calls * slow / 1000.0,
            (_, "TC(:200)", _) => calls * (1.0 - slow / 1000.0),
            (_, "PR(:200)", _) => 95.0,
            (_, "PR(:50)", _) => 20.0,
            (_, other, _) => panic!("nobody knows {other}"),
        }
    }

    fn read(&mut self, series: &[Series], from: i64, to: i64) {
        let points = |series: &Series| {
            let value = |at: Minute| (at.start(), self.value(series, at));
            minute(from).until(minute(to)).map(value).filter(|(_, value)| *value > 0.0).collect()
        };
        let answer = |series: &Series| SeriesAnswer { series: series.clone(), points: points(series), doubt: None };
        let answer = Answer { series: series.iter().map(answer).collect() };
        let (from, to) = (minute(from).start(), minute(to).start());
        self.store.take(&Question { series: series.to_vec(), from, to, period: ONE_MINUTE }, &answer);
    }

    /// What everybody asks for: calls and errors.
    fn read_counts(&mut self, to: i64) {
        let measures = [Measure::Invocations, Measure::Errors];
        let of = |version| measures.map(|measure| Series::lambda(&self.target, version, measure));
        let series = [None, Some(OLD), Some(NEW)].map(of).concat();
        self.read(&series, -61, to);
    }

    /// What the trial asks for.
    fn answer(&mut self, needs: &[Need], to: i64) {
        for need in needs {
            match need {
                Need::Minutes { series, .. } => self.read(std::slice::from_ref(series), -61, to),
                Need::Window { series, from, to } => {
                    let answer = SeriesAnswer {
                        series: series.clone(),
                        points: vec![(*from, self.value(series, minute(0)))],
                        doubt: None,
                    };
                    let period = std::time::Duration::try_from(to.duration_since(*from)).unwrap();
                    let question = Question { series: vec![series.clone()], from: *from, to: *to, period };
                    self.store.take(&question, &Answer { series: vec![answer] });
                }
            }
        }
    }

    fn trial(&self) -> Trial {
        Trial::of(&self.entry(), Settings::default(), None).unwrap()
    }
}

/// A trial after so many closed minutes, with every question answered as it comes up.
fn after(minutes: i64, server: Server, new: (f64, f64)) -> Trial {
    let mut place = Place::of(server, new);
    let mut trial = place.trial();
    for closed in 1..=minutes {
        place.read_counts(closed);
        for _ in 0..3 {
            place.answer(&trial.needs(&place.lens(closed)), closed);
            trial.follow(&place.lens(closed), None);
        }
    }
    trial
}

#[test]
fn errors_are_judged_before_anything_is_known_of_slow_calls() {
    let mut place = Place::of(Server::Counts, (200.0, 50.0));
    let mut trial = place.trial();
    trial.follow(&place.lens(1), None);
    assert_eq!(trial.verdict(), None, "nothing has been read");
    place.read_counts(1);
    trial.follow(&place.lens(1), None);
    let Some(Verdict::Regression(found)) = trial.verdict() else { panic!("{:?}", trial.verdict()) };
    assert_eq!((found.metric, found.rule, trial.judged_to()), (Metric::Errors, Rule::Ratio, Some(minute(1).start())));
}

#[test]
fn slow_calls_are_counted_once_the_numbers_add_up() {
    let healthy = after(3, Server::Counts, (1.0, 50.0));
    let hearing = healthy.hearing().unwrap();
    assert_eq!(hearing.slowness, Slowness::Counted(200.0, Counting::Tail));
    let slow = hearing.judge.evidence().find(|evidence| evidence.metric == Metric::Slow).unwrap();
    assert_eq!((slow.new.calls, slow.new.errors, slow.stable.errors, slow.points.len()), (300.0, 15.0, 135.0, 3));
    assert!(!healthy.verdict().unwrap().is_bad());

    let slow = after(3, Server::Counts, (1.0, 400.0));
    let Some(Verdict::Regression(found)) = slow.verdict() else { panic!("{:?}", slow.verdict()) };
    assert_eq!((found.metric, found.rule), (Metric::Slow, Rule::Ratio));
}

#[test]
fn what_one_function_has_proven_holds_for_the_account() {
    let mut place = Place::of(Server::Counts, (1.0, 50.0));
    let mut trial = place.trial();
    place.read_counts(1);
    place.answer(&trial.needs(&place.lens(1)), 1);
    trial.follow(&place.lens(1), Some(Counting::Rank));
    trial.follow(&place.lens(1), Some(Counting::Rank));
    let asked: Vec<_> = trial.needs(&place.lens(1)).iter().map(|need| need.series().statistic.clone()).collect();
    assert_eq!(asked, ["PR(:200)"; 3], "of all before the release, and of either version");
}

#[test]
fn a_server_that_answers_with_the_average_is_not_believed() {
    let early = after(3, Server::Averages, (1.0, 50.0));
    assert_eq!(early.hearing().unwrap().slowness, Slowness::Compared);
    assert!(!early.verdict().unwrap().is_bad());
    let late = after(15, Server::Averages, (1.0, 50.0));
    let Some(Verdict::Regression(found)) = late.verdict() else { panic!("{:?}", late.verdict()) };
    assert_eq!((found.metric, found.rule), (Metric::Slow, Rule::Sign), "its p90 was twice as high in every minute");
}

#[test]
fn a_minute_that_is_not_read_is_waited_for_but_not_for_ever() {
    let mut place = Place::of(Server::Counts, (1.0, 50.0));
    place.read_counts(2);
    let mut trial = place.trial();
    trial.follow(&place.lens(4), None);
    assert_eq!(trial.judged_to(), Some(minute(2).start()));
    let measures = [Measure::Invocations, Measure::Errors];
    let of = |version| measures.map(|measure| Series::lambda(&place.target, version, measure));
    let series = [None, Some(OLD), Some(NEW)].map(of).concat();
    place.read(&series, 3, 9);
    trial.follow(&place.lens(5), None);
    assert_eq!(trial.judged_to(), Some(minute(2).start()), "the third may still come");
    trial.follow(&place.lens(9), None);
    assert_eq!(trial.judged_to(), Some(minute(9).start()));
    let counted = trial.hearing().unwrap().judge.evidence().next().unwrap().points.len();
    assert_eq!(counted, 8, "nothing is made up for the third");
}

#[test]
fn a_minute_in_which_the_weight_changed_is_left_out() {
    let mut place = Place::of(Server::Counts, (1.0, 50.0));
    place.shifts.push(ShiftMark { at: minute(2).start() + SignedDuration::from_secs(58), percent: 50.0 });
    let mut trial = place.trial();
    place.read_counts(6);
    trial.follow(&place.lens(6), None);
    let judge = &trial.hearing().unwrap().judge;
    let judged: Vec<_> = judge.evidence().next().unwrap().points.iter().map(|point| point.at).collect();
    assert_eq!(judged, [0, 1, 4, 5].map(minute), "two seconds are not enough for a shift to reach everybody");
}

#[test]
fn a_stage_says_beforehand_what_it_can_show() {
    let mut place = Place::of(Server::Counts, (1.0, 50.0));
    assert_eq!(foresight(&place.lens(-1), Settings::default(), 10.0, 5), None, "nothing has been read");
    place.read_counts(-1);
    let ratio = |percent, minutes| foresight(&place.lens(-1), Settings::default(), percent, minutes).unwrap().ratio;
    let (short, long, half) = (ratio(10.0, 5).unwrap(), ratio(10.0, 60).unwrap(), ratio(50.0, 5).unwrap());
    assert!(short > long && short > half && long > 1.0, "{short}, {long}, {half}");
    assert_eq!(ratio(0.1, 1), None, "one call is none");
    let shown = |ratio| super::Foresight { ratio }.to_string();
    assert_eq!([Some(4.26), Some(83.6), None].map(shown), ["×4.3", "×84", "too quiet"]);
}

#[test]
fn gates_hear_of_the_worst_function() {
    let target = Target::new("pay", "live");
    let (sick, fine) = (after(2, Server::Counts, (200.0, 50.0)), after(2, Server::Counts, (1.0, 50.0)));
    let said = judgement([(&target, &fine, true), (&target, &sick, false)].into_iter()).unwrap();
    assert_eq!(said.outcome, Outcome::Fail { level: Level::Critical, alike: false });
    assert!(said.note.starts_with("pay: REGRESSION, errors 20.00 % of 200 calls, 0.11 % of 1800"), "{}", said.note);
    assert_eq!(judgement([(&target, &fine, true)].into_iter()).unwrap().outcome, Outcome::Pass);
    let unheard = Place::of(Server::Counts, (1.0, 50.0)).trial();
    let early = judgement([(&target, &fine, true), (&target, &unheard, true)].into_iter()).unwrap();
    assert_eq!(early.outcome, Outcome::Undecided { why: Why::TooEarly });
    assert_eq!(judgement(std::iter::empty()), None);
}
