//! Budgets with tiers: what is spent, which tier comes next, which one the forecast passes, and figures not to rest on.

use super::{assert_screens, screen, text};
use crate::{
    app::{App, view::Panel},
    config::{BudgetSettings, Tier},
    release::facts::Budget,
    ui::{
        Theme,
        fixtures::{self, at, now},
    },
};

fn budget(name: &str, limit: f64, actual: f64, forecast: f64) -> Budget {
    Budget {
        name: name.into(),
        limit: Some(limit),
        actual: Some(actual),
        forecast: Some(forecast),
        unit: "USD".into(),
        as_of: Some(at("05:40:00")),
        unhealthy: None,
    }
}

fn tier(at: f64, means: &str) -> Tier {
    Tier { at, means: Some(means.into()) }
}

/// The vault with three budgets in a group, and an account with tiers and an expected cost.
fn vault(monthly: [Budget; 3], account: Budget) -> App {
    let mut app = fixtures::at_rest();
    app.view.panel = Panel::Budgets;
    let group = |name: &str, label: &str| BudgetSettings {
        group: Some("monthly".into()),
        label: Some(label.into()),
        ..BudgetSettings::named(name)
    };
    let mut settings = vec![
        group("vault-10", "e-mail"),
        group("vault-50", "e-mail, urgent"),
        group("vault-100", "e-mail and escalation: investigate"),
    ];
    settings.push(BudgetSettings {
        tiers: vec![tier(100.0, "billing alert"), tier(500.0, "budget"), tier(1000.0, "billing alert")],
        expected: Some(340.0),
        ..BudgetSettings::named("account")
    });
    app.deck.environment.budgets = settings;
    app.deck.budgets.set(monthly.into_iter().chain([account]).collect(), now().world);
    app
}

fn group(actual: f64, forecast: f64) -> [Budget; 3] {
    [("vault-10", 10.0), ("vault-50", 50.0), ("vault-100", 100.0)]
        .map(|(name, limit)| budget(name, limit, actual, forecast))
}

#[test]
fn tiers_are_marks_on_one_gauge() {
    assert_screens("budget_tiers", &vault(group(6.12, 62.0), budget("account", 500.0, 212.0, 480.0)));
}

#[test]
fn what_is_passed_and_what_cannot_be_trusted_is_said_in_words() {
    let unhealthy = Budget {
        unhealthy: Some("FILTER_INVALID".into()),
        as_of: Some("2026-11-17T05:40:00Z".parse().unwrap()),
        ..budget("account", 500.0, 212.0, 240.0)
    };
    let app = vault(group(55.0, 70.0), unhealthy);
    assert_screens("budget_troubles", &app);
    let shown = text(&screen(&app, &Theme::default(), (80, 24)));
    for words in ["▲ past $50 e-mail, urgent", "UNHEALTHY: FILTER_INVALID", "STALE: as of 3d"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn nothing_spent_at_no_time_is_no_good_news() {
    let never = |budget: Budget| Budget { as_of: None, ..budget };
    let app = vault(group(0.0, 0.0).map(never), never(budget("account", 500.0, 0.0, 0.0)));
    let shown = text(&screen(&app, &Theme::default(), (80, 24)));
    assert!(shown.contains("no figures from AWS yet") && !shown.contains("$0.00 →"), "{shown}");
}

#[test]
fn a_tab_without_a_budget_says_so() {
    let mut app = fixtures::first_start();
    app.view.panel = Panel::Budgets;
    app.deck.environment.budgets.clear();
    let shown = text(&screen(&app, &Theme::default(), (80, 24)));
    assert!(shown.contains("no budget is configured"), "{shown}");
}
