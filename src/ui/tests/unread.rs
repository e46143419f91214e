//! Never read, not readable, and read and empty look different wherever numbers of calls stand.

use super::*;
use crate::release::metrics::{Answer, Measure, Question, Series, SeriesAnswer, store::MetricStore};

/// The vault at rest, of whose metrics nobody has read anything.
fn unmeasured() -> App {
    let mut app = fixtures::at_rest();
    app.metrics = MetricStore::default();
    app.deck.environment.metrics.clear();
    app.deck.environment.metrics.clear();
    app
}

/// What is read of the calls of every function: no point, or a reason why not.
fn answer_nothing(app: &mut App, doubt: Option<&str>) {
    let functions = app.deck.functions.iter().map(|function| function.target.clone());
    let series: Vec<_> = functions.map(|target| Series::lambda(&target, None, Measure::Invocations)).collect();
    let to = at("14:32:00");
    let question = Question {
        series: series.clone(),
        from: to - SignedDuration::from_mins(180),
        to,
        period: Duration::from_mins(1),
    };
    let answer = |series| SeriesAnswer { series, points: Vec::new(), doubt: doubt.map(str::to_owned) };
    app.metrics.take(&question, &Answer { series: series.into_iter().map(answer).collect() });
}

fn seen(app: &App) -> String {
    text(&screen(app, &Theme::default(), (160, 45)))
}

/// What is on screen and what is not.
fn assert_seen(screen: &str, wanted: &[&str], unwanted: &[&str]) {
    for words in wanted {
        assert!(screen.contains(words), "{words} is missing:\n{screen}");
    }
    for words in unwanted {
        assert!(!screen.contains(words), "{words} is there:\n{screen}");
    }
}

#[test]
fn metrics_that_are_on_their_way_are_not_an_absence_of_calls() {
    let screen = seen(&unmeasured());
    assert_seen(
        &screen,
        &["… reading", "no metrics yet", "reading metrics of 9"],
        &["no calls", "no data", "idle", "data 1"],
    );
}

#[test]
fn metrics_that_cannot_be_read_say_why() {
    let mut app = unmeasured();
    app.lose_metrics(error(Trouble::NotAws, "GetMetricData", "answered something else"), now());
    let screen = seen(&app);
    let wanted = ["… not read", "no metrics yet", "GetMetricData: answered", "metrics of 9 cannot be read"];
    assert_seen(&screen, &wanted, &["no calls", "no data", "idle"]);
}

#[test]
fn a_region_whose_metrics_cannot_be_read_says_why_in_its_charts() {
    let mut app = unmeasured();
    answer_nothing(&mut app, Some("not an AWS reply"));
    let screen = seen(&app);
    assert_seen(&screen, &["no metrics yet", "… not read"], &["no calls", "no data", "idle"]);
    // The environment's own region was read, and this function's was not.
    let home = Series::lambda(&target("elsewhere"), None, Measure::Invocations);
    let to = at("14:32:00");
    let question = Question {
        series: vec![home.clone()],
        from: to - SignedDuration::from_mins(180),
        to,
        period: Duration::from_mins(1),
    };
    app.metrics
        .take(&question, &Answer { series: vec![SeriesAnswer { series: home, points: Vec::new(), doubt: None }] });
    assert_seen(&seen(&app), &["not read: not an AWS reply", "… not read"], &["no calls", "no data", "idle"]);
}

#[test]
fn what_was_read_and_is_empty_had_no_calls() {
    let mut app = unmeasured();
    answer_nothing(&mut app, None);
    let wanted = ["… no data", "no calls in this time", "✔ idle", "old"];
    assert_seen(&seen(&app), &wanted, &["not read", "no metrics yet"]);
}

#[test]
fn the_judge_waits_for_no_minute_where_none_can_be_read() {
    let mut app = fixtures::mid_release();
    app.metrics = MetricStore::default();
    app.judge_minutes(now());
    assert_seen(&seen(&app), &["Verdict: waiting for the first closed minute"], &["cannot be read"]);
    app.lose_metrics(error(Trouble::NotAws, "GetMetricData", "answered something else"), now());
    let wanted = ["Verdict: metrics cannot be read", "nothing to judge: its metrics cannot be read"];
    assert_seen(&seen(&app), &wanted, &["waiting for the first closed minute"]);
}
