//! Resources and metrics as a person would write them, right and wrong.

use super::*;
use crate::release::{
    gates::{
        Check,
        settings::{Side, Signal},
    },
    metrics::{formula::Missing, panel::Limits, unit::Unit},
};

const PANELS: &str = r#"[environments.production]
region = "eu-west-1"
[[environments.production.resources]]
preset = "dynamodb"
name = "ReceiptVault"
title = "Vault"
indexes = ["GSI1", "GSI2"]
panels = ["throttled requests", "consumed reads"]
[[environments.production.resources]]
preset = "rds"
name = "db"
region = "eu-central-1"
max_connections = 405
[[environments.production.resources]]
preset = "cloudfront"
name = "E1"
[[environments.production.metrics]]
title = "Failed payments %"
namespace = "CalcApp"
expression = "100 * failed / all"
unit = "percent"
warning = 5
critical = 10
metrics.failed = { metric = "PaymentsFailed", missing = "zero" }
metrics.all = { metric = "Payments" }
[[environments.production.metrics]]
title = "Slow"
namespace = "CalcApp"
metric = "Slow"
stat = "Minimum"
unit = "seconds"
compare = "below"
warning = 20
critical = 10
[[environments.production.gates]]
metric = "Vault: throttled requests"
[[environments.production.gates]]
metric = "db: connections %"
critical = 95
for = "10m"
[[environments.production.gates]]
metric = "Slow"
"#;

#[test]
fn resources_and_metrics_become_panels() {
    let config = parse(PANELS).unwrap();
    let metrics = &config.environment(None).unwrap().metrics;
    let titles: Vec<&str> = metrics.iter().map(|panel| panel.title.as_str()).collect();
    assert_eq!(titles[..2], ["Failed payments %", "Slow"], "a person's own come first");
    let vault: Vec<&str> = titles.iter().filter(|title| title.starts_with("Vault")).copied().collect();
    let all = ["consumed reads", "throttled requests", "GSI1: consumed reads", "GSI2: consumed reads"];
    let more = ["GSI1: throttled requests", "GSI2: throttled requests"];
    assert_eq!(vault, all.iter().chain(&more).map(|title| format!("Vault: {title}")).collect::<Vec<_>>());
    let panel = |title: &str| metrics.iter().find(|panel| panel.title == title).unwrap();
    let region = |title: &str| panel(title).formula.series()[0].region.as_deref();
    assert_eq!(
        (region("db: CPU"), region("E1: requests"), region("Slow")),
        (Some("eu-central-1"), Some("us-east-1"), None)
    );
    assert_eq!(panel("db: connections %").formula.expression.to_string(), "100 * open / 405");
    assert!(!titles.contains(&"db: storage used %"), "no size was given");

    let share = panel("Failed payments %");
    assert_eq!((share.unit, share.limits.critical), (Unit::Percent, Some(10.0)));
    let Missing::Zero { companions } = &share.formula.operands["failed"].missing else { panic!("{share:?}") };
    assert_eq!(companions[0].metric, "Payments", "everything else of the expression is the companion");
    let slow = panel("Slow");
    assert_eq!((slow.unit, slow.formula.scale), (Unit::Milliseconds, 1_000.0));
    assert_eq!(slow.limits, Limits { warning: Some(20.0), critical: Some(10.0), is_below: true });
}

#[test]
fn gates_find_panels_by_title_and_take_their_limits() {
    let config = parse(PANELS).unwrap();
    let gates = &config.environment(None).unwrap().gates;
    let threshold = |index: usize| match &gates[index].check {
        Check::Threshold(threshold) => threshold.clone(),
        other => panic!("{other:?}"),
    };
    let throttled = threshold(0);
    assert_eq!((throttled.side, throttled.warning, throttled.critical), (Side::Above, Some(0.0), None));
    let Signal::Metric(signal) = &throttled.signal else { panic!("{throttled:?}") };
    assert_eq!((signal.unit, signal.formula.series().len()), (Unit::Count, 8), "table, two indexes and two companions");
    let connections = threshold(1);
    assert_eq!((connections.warning, connections.critical, connections.sustained), (None, Some(95.0), 10));
    assert_eq!((threshold(2).side, threshold(2).critical), (Side::Below, Some(10.0)));
}

#[test]
fn a_document_s_limits_stand_in_the_place_of_the_preset_s() {
    let limits = "limits = { CPU = { warning = 60 }, \"free memory\" = { critical = 2e8, compare = \"below\" }, \"connections %\" = {} }";
    let config = parse(&PANELS.replacen("max_connections", &format!("{limits}\nmax_connections"), 1)).unwrap();
    let metrics = &config.environment(None).unwrap().metrics;
    let of = |title: &str| metrics.iter().find(|panel| panel.title == title).unwrap().limits;
    assert_eq!(of("db: CPU"), Limits { warning: Some(60.0), critical: None, is_below: false });
    assert_eq!(of("db: free memory"), Limits { warning: None, critical: Some(2e8), is_below: true });
    assert_eq!(of("db: connections %"), Limits { warning: None, critical: None, is_below: false });
}

#[test]
fn mistakes_in_panels_are_named_with_their_place() {
    for (bad, in_place_of, words) in [
        ("preset = \"dynamdb\"", "preset = \"dynamodb\"", &["deck.toml:4:10:", "`dynamodb`?", "there is: alb,"][..]),
        ("preset = \"custom\"", "preset = \"dynamodb\"", &["deck.toml:4:10:", "[[environments.NAME.metrics]]"]),
        (
            "indxes = [\"GSI1\", \"GSI2\"]",
            "indexes = [\"GSI1\", \"GSI2\"]",
            &["deck.toml:7:1:", "did you mean `indexes`?"],
        ),
        ("preset = \"ecs\"", "preset = \"rds\"", &["deck.toml:9:1:", "`cluster` is missing: the cluster's name"]),
        ("", "name = \"db\"\n", &["deck.toml:9:1:", "`name` is missing: the instance's identifier"]),
        ("[\"GSI1\", \"GSI1\"]", "[\"GSI1\", \"GSI2\"]", &["deck.toml:7:20:", "listed twice"]),
        ("limits.cpu = {}\nmax_connections = 405", "max_connections = 405", &["limits.cpu", "did you mean `CPU`?"]),
        (
            "limits.CPU = { warning = 9, critical = 5 }\nmax_connections = 405",
            "max_connections = 405",
            &["a warning comes before"],
        ),
        ("limits.CPU = { warn = 9 }\nmax_connections = 405", "max_connections = 405", &["did you mean `warning`?"]),
        ("max_connections = 0", "max_connections = 405", &["deck.toml:13:19:", "0 is not above 0"]),
        ("max_connections = \"x\"", "max_connections = 405", &["expected a number"]),
        ("\"throtled requests\"", "\"throttled requests\"", &["deck.toml:8:11:", "`throttled requests`?"]),
        ("region = \"Frankfurt am Main\"", "region = \"eu-central-1\"", &["deck.toml:12:10:", "is not a region"]),
        ("name = \"E1\"\nregion = \"eu-west-1\"", "name = \"E1\"", &["deck.toml:17:10:", "us-east-1 alone"]),
        ("title = \"db\"\nname = \"x\"\nmax_connections = 1", "name = \"E1\"", &["unknown key `max_connections`"]),
        (
            "title = \"Failed payments %\"\nnamespace = \"x\"\nmetric = \"y\"\n[[environments.production.metrics]]\ntitle = \"Slow\"",
            "title = \"Slow\"",
            &["there are two panels “Failed payments %”"],
        ),
        ("100 * failed / / all", "100 * failed / all", &["deck.toml:20:14:", "column 16: `/`"]),
        (
            "100 * failed / al",
            "100 * failed / all",
            &["deck.toml:20:14:", "column 16: `metrics` has no `al`; did you mean `all`?"],
        ),
        ("100 * failed / 0", "100 * failed / all", &["deck.toml:20:14:", "column 16: what is divided by zero"]),
        (
            "100 * all",
            "100 * failed / all",
            &["deck.toml:24:18: environments.production.metrics.metrics.failed: stands nowhere in the `expression`"],
        ),
        ("missing = \"zreo\"", "missing = \"zero\"", &["did you mean `zero`?"]),
        ("companion = \"al\"", "missing = \"zero\"", &["no companion “al”", "there is: all, failed"]),
        ("unit = \"second\"", "unit = \"seconds\"", &["did you mean `seconds`?"]),
        ("missing = \"zero\"\nunit = \"seconds\"", "unit = \"seconds\"", &["needs `companion`"]),
        ("companion = \"Slw\"\nunit = \"seconds\"", "unit = \"seconds\"", &["did you mean `Slow`?"]),
        ("compare = \"above\"", "compare = \"below\"", &["a warning comes before"]),
        (
            "metric = \"Vault: throtled requests\"",
            "metric = \"Vault: throttled requests\"",
            &["`Vault: throttled requests`?"],
        ),
    ] {
        assert!(PANELS.contains(in_place_of), "{in_place_of}");
        let text = PANELS.replacen(in_place_of, bad, 1);
        let error = parse(&text).map(|_| ()).expect_err(bad).to_string();
        for word in words {
            assert!(error.contains(word), "{bad}: {word}\n{error}");
        }
        assert!(!error.contains(|c: char| c.is_control() && c != '\n'), "{error:?}");
    }
}

#[test]
fn what_makes_no_gate_is_said() {
    let bucket = "[[environments.production.resources]]\npreset = \"s3\"\nname = \"images\"\n";
    let gate = |title: &str, rest: &str| {
        let gate =
            format!("[[environments.production.gates]]\nname = \"new\"\nmetric = \"{title}\"\ncritical = 1\n{rest}");
        parse(&format!("{PANELS}{bucket}{gate}")).map(|_| ()).unwrap_err().to_string()
    };
    assert!(gate("images: size", "").contains("once a day"));
    assert!(gate("Failed payments %", "per = \"Slow\"").contains("“Failed payments %” is an expression"));
    let daily = "[[environments.production.metrics]]\nnamespace = \"App\"\nmetric = \"Users\"\ndaily = true\n";
    let config = parse(&format!("{PANELS}{daily}")).unwrap();
    assert_eq!(config.environments["production"].metrics.iter().filter(|panel| panel.is_daily).count(), 1);
    let asked = parse(&format!("{PANELS}{daily}[[environments.production.gates]]\nmetric = \"Users\"\nwarning = 1\n"));
    assert!(asked.map(|_| ()).unwrap_err().to_string().contains("once a day"));
}
