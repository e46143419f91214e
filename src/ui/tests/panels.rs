//! The metrics panel with services of AWS in it: good, bad, old, daily, silent and not measured.

use std::time::Duration;

use jiff::SignedDuration;

use super::*;
use crate::{
    app::view::Panel,
    config::Config,
    keys::Action,
    release::metrics::{Answer, Question, Series, SeriesAnswer, panel::ONE_DAY},
};

const RESOURCES: &str = r#"[environments.production]
[[environments.production.resources]]
preset = "dynamodb"
name = "ReceiptVault"
indexes = ["GSI1"]
panels = ["consumed reads", "throttled requests"]
[[environments.production.resources]]
preset = "alb"
name = "app/web/50dc6c495c0c9188"
title = "web"
panels = ["5xx rate", "latency p95"]
[[environments.production.resources]]
preset = "lambda"
name = "pay"
panels = ["memory"]
[[environments.production.resources]]
preset = "s3"
name = "images"
[[environments.production.resources]]
preset = "cloudfront"
name = "E1"
panels = ["error rate"]
"#;

/// What the stand-in for CloudWatch says of a series, minute by minute back from now; `None` is never a point.
fn told(series: &Series) -> Option<f64> {
    match (series.metric.as_str(), series.dimensions.len()) {
        ("ConsumedReadCapacityUnits", 1) => Some(40.0),
        ("ReadThrottleEvents", 1) => Some(2.0),
        ("RequestCount", _) => Some(200.0),
        ("HTTPCode_Target_5XX_Count", _) => Some(24.0),
        ("TargetResponseTime", _) => Some(0.18),
        ("BucketSizeBytes", _) if series.dimensions["StorageType"] == "StandardStorage" => Some(1.5e9),
        ("NumberOfObjects", _) => Some(12_345.0),
        _ => None,
    }
}

fn with_resources() -> App {
    let mut app = fixtures::at_rest();
    let config = Config::parse(RESOURCES, "deck.toml").unwrap();
    app.deck.environment.metrics = config.environments["production"].metrics.clone();
    let to = at("14:32:00");
    for panel in app.deck.environment.metrics.clone() {
        for series in panel.formula.series() {
            let (from, period) = if panel.is_daily {
                (to - SignedDuration::from_hours(72), ONE_DAY)
            } else {
                (to - SignedDuration::from_hours(3), Duration::from_mins(1))
            };
            let count = i64::from(!panel.is_daily) * 179;
            let points = (0..=count).map(|index| from + SignedDuration::from_mins(index));
            let points = told(series).map(|value| points.map(|at| (at, value)).collect());
            let doubt = series.region.is_some().then(|| "region us-east-1 is not enabled in this account".to_owned());
            let answer = SeriesAnswer { series: series.clone(), points: points.unwrap_or_default(), doubt };
            app.metrics
                .take(&Question { series: vec![series.clone()], from, to, period }, &Answer { series: vec![answer] });
        }
    }
    app
}

#[test]
fn services_of_aws_stand_under_their_headings() {
    assert_screen("resources", &with_resources(), (160, 45));
    let mut app = with_resources();
    app.view.panel = Panel::Metrics;
    assert_screen("tab_resources", &app, (80, 24));
}

#[test]
fn a_panel_in_full_shows_limits_remedy_and_series() {
    let mut app = with_resources();
    app.view.panel = Panel::Metrics;
    app.view.scroll[Panel::Metrics.index()] = 5;
    app.act(Action::Open, now());
    assert_eq!(app.view.overlay, Some(Overlay::Metric("web: 5xx rate".into())), "under a heading stands its first");
    assert_screen("resource_in_full", &app, (120, 40));
    app.view.overlay = Some(Overlay::Metric("pay: memory".into()));
    assert_screen("resource_not_measured", &app, (80, 24));
}

/// The documents of a whole product: ten functions, a table with six indexes, an API, a bucket, a distribution.
#[test]
fn a_whole_product_is_watched_for_cents_an_hour() {
    let text = include_str!("../../../examples/receipt-vault.toml");
    let config = Config::parse(text, "receipt-vault.toml").unwrap();
    let mut app = at_rest_of(&config);
    let cost = |app: &App| app.watching_cost(now());
    app.view.size = (80, 24);
    let unseen = cost(&app);
    app.view.size = (160, 45);
    let seen = cost(&app);
    assert!(unseen < seen && seen < 0.10, "{unseen} $/h with the functions alone on screen, {seen} with all");
}

fn at_rest_of(config: &Config) -> App {
    let mut app = fixtures::at_rest();
    app.deck.environment = config.environments["production"].clone();
    app
}
