//! Gates, probes, commands, checklists and hours, as a person would write them.

use std::time::Duration;

use jiff::civil::{Weekday, time};
use serde_json::json;

use super::*;
use crate::{
    probe::{Expected, JsonCondition},
    release::{
        checklist::{Phase, Ticks},
        gates::{
            Check, Level,
            command::Moment,
            settings::{FunctionMeasure, Of, Side, Signal, Threshold, When, defaults},
        },
        stages::{OnFailure, OnUndecided},
    },
};

/// A configuration with something of everything.
const RUN: &str = r#"[release]
on_undecided = "rollback"
allowed_hours = [{ days = ["mon", "fri"], from = "22:00", to = "04:00" }]
[environments.production]
rollback = "auto"
[[environments.production.alarms]]
prefix = "rv-"
severity = "critical"
insufficient = "ok"
[[environments.production.metrics]]
namespace = "Vault"
metric = "Failed"
[[environments.production.metrics]]
title = "All"
namespace = "Vault"
metric = "Processed"
[[environments.production.gates]]
measure = "p95"
of = "all"
warning = 1000
critical = 3000
over = "10m"
for = "3m"
when = "watch"
[[environments.production.gates]]
metric = "Failed"
per = "All"
compare = "rise"
critical = 250
[[environments.production.gates]]
alarms = { names = ["rv-errors"], prefixes = ["r"] }
level = "warning"
[[environments.production.gates]]
probe = "health"
[[environments.production.gates]]
command = "smoke"
[[environments.production.probes]]
name = "health"
url = "https://api.example.com/health"
method = "POST"
headers_from_env = { Authorization = "HEALTH_TOKEN" }
status = 204
within = "500ms"
json = [{ path = "ok", equals = true }, { any = [{ path = "n", at_least = 3 }] }]
[[environments.production.commands]]
name = "smoke"
run = ["npm", "test"]
env = { BASE_URL = "https://x" }
[[environments.production.checklist]]
item = "Reviewed"
required = true
role = "DevOps"
[[environments.production.checklist]]
item = "Approved"
other_than = "Reviewed"
[[environments.production.checklist]]
item = "Fast"
when = "after"
gate = "p95"
"#;

#[test]
fn everything_about_running_a_release_is_read() {
    let config = parse(RUN).unwrap();
    let environment = config.environment(None).unwrap();
    assert_eq!((config.release.on_undecided, environment.rollback), (OnUndecided::RollBack, OnFailure::Auto));
    let hours = &config.release.allowed_hours[0];
    assert_eq!((hours.days.as_slice(), hours.from), (&[Weekday::Monday, Weekday::Friday][..], time(22, 0, 0, 0)));
    assert_eq!(environment.allowed_hours, None);
    let names: Vec<&str> = environment.gates.iter().map(|gate| gate.name.as_str()).collect();
    assert_eq!(names, ["p95", "Failed", "alarms", "health", "smoke"]);
    let slow = Threshold {
        warning: Some(1000.0),
        critical: Some(3000.0),
        over: 10,
        sustained: 3,
        ..Threshold::of(Signal::Function { measure: FunctionMeasure::Duration("p95".into()), of: Of::All })
    };
    assert_eq!((&environment.gates[0].check, environment.gates[0].when), (&Check::Threshold(slow), When::Watch));
    let Check::Threshold(rise) = &environment.gates[1].check else { panic!("{:?}", environment.gates[1]) };
    let Signal::Metric(signal) = &rise.signal else { panic!("{rise:?}") };
    let metric = |name: &str| signal.formula.operands[name].series[0].metric.as_str();
    assert_eq!((rise.side, metric("part"), metric("whole")), (Side::Rise, "Failed", "Processed"));
    let Check::Alarms(alarms) = &environment.gates[2].check else { panic!("{:?}", environment.gates[2]) };
    assert_eq!((alarms.level, alarms.picks("rv-x", None), alarms.picks("x", None)), (Level::Warning, true, false));
    let Check::Probe(probe) = &environment.gates[3].check else { panic!("{:?}", environment.gates[3]) };
    assert_eq!((probe.failures, probe.stale_after), (3, Duration::from_mins(2)));
}

#[test]
fn probes_commands_and_items_are_read() {
    let config = parse(RUN).unwrap();
    let environment = config.environment(None).unwrap();
    let health = &environment.probes[0].probe;
    assert_eq!((health.method.as_str(), health.expect_status.as_slice()), ("POST", &[204][..]));
    assert_eq!(
        (health.headers_from_env[0].0.as_str(), health.headers_from_env[0].1.as_str()),
        ("authorization", "HEALTH_TOKEN")
    );
    assert_eq!(health.latency_limit, Some(Duration::from_millis(500)));
    let at = |path: &str, expected| JsonCondition::Value { path: path.parse().unwrap(), expected };
    let any = JsonCondition::Any(vec![at("n", Expected::AtLeast(3.0))]);
    assert_eq!(health.conditions, [at("ok", Expected::Equal(json!(true))), any]);
    let smoke = &environment.commands[0];
    assert_eq!(
        (smoke.command.argv.as_slice(), smoke.when),
        (&["npm".to_owned(), "test".to_owned()][..], Moment::Stage)
    );
    assert_eq!((smoke.command.timeout, smoke.command.env["BASE_URL"].as_str()), (Duration::from_mins(5), "https://x"));
    let [reviewed, approved, fast] = environment.checklist.as_slice() else { panic!("{:?}", environment.checklist) };
    assert_eq!((reviewed.required, reviewed.role.as_deref()), (true, Some("DevOps")));
    assert_eq!(approved.other_than.as_deref(), Some("Reviewed"));
    assert_eq!((fast.phase, &fast.ticks), (Phase::After, &Ticks::Gate("p95".to_owned())));
}

#[test]
fn without_gates_there_are_two_and_an_empty_list_is_none() {
    let gates = |text: &str| parse(text).unwrap().environment(None).unwrap().gates.clone();
    assert_eq!(gates("[environments.blue]"), defaults());
    assert_eq!(parse("[environments.blue]").unwrap().environment(None), Ok(&Environment::named("blue")));
    assert_eq!(defaults().len(), 2);
    assert_eq!(gates("[environments.blue]\ngates = []"), []);
    let item = "[[environments.blue.checklist]]\nitem = \"x\"\ngate = \"error rate\"";
    assert_eq!(parse(item).map(|config| config.environments["blue"].checklist.len()), Ok(1));
}

/// What is put where, and what the message must say.
#[test]
fn mistakes_are_named_with_their_place() {
    for (bad, in_place_of, words) in [
        ("on_undecided = \"wait\"", "on_undecided = \"rollback\"", &["deck.toml:2:16:", "ask, hold, rollback"][..]),
        ("rollback = \"aut\"", "rollback = \"auto\"", &["deck.toml:5:12:", "did you mean `auto`?"]),
        ("to = \"25:00\"", "to = \"04:00\"", &["deck.toml:3:", "time of the day"]),
        ("to = \"4:00\"", "to = \"04:00\"", &["time of the day"]),
        ("\"mon\", \"friday\"", "\"mon\", \"fri\"", &["“friday”", "mon, tue"]),
        ("to = \"04:00\", zone = \"Europe/Atlantis\"", "to = \"04:00\"", &["not a zone", "Europe/Berlin"]),
        ("insufficient = \"fine\"", "insufficient = \"ok\"", &["undecided, ok"]),
        ("measure = \"p95\"\nprobe = \"health\"", "measure = \"p95\"", &["exactly one of measure, metric, alarms"]),
        ("measure = \"eror_rate\"", "measure = \"p95\"", &["environments.production.gates.measure", "`error_rate`?"]),
        ("level = \"warning\"", "of = \"all\"", &["means nothing to a gate on `measure`"]),
        ("over = \"90s\"", "over = \"10m\"", &["whole minutes"]),
        ("over = \"2h\"", "over = \"10m\"", &["too long"]),
        ("for = \"1m\"", "for = \"3m\"", &["at least \"2m\"", "alone decides nothing"]),
        ("warning = 4000", "warning = 1000", &["deck.toml:20:11:", "must lie below the critical limit 3000"]),
        ("", "critical = 250", &["needs `warning`, `critical` or both"]),
        ("critical = -1", "critical = 250", &["below 0"]),
        (
            "metric = \"Faild\"\nper",
            "metric = \"Failed\"\nper",
            &["no [[metrics]]", "`Failed`?", "there is: Failed, All"],
        ),
        ("compare = \"drop\"\ncritical = 250", "compare = \"rise\"\ncritical = 250", &["250 is not a percent"]),
        ("names = [\"other\"]", "names = [\"rv-errors\"]", &["no [[alarms]] rule reads “other”"]),
        ("alarms = {}", "alarms = { names = [\"rv-errors\"], prefixes = [\"r\"] }", &["chooses no alarm"]),
        ("probe = \"helth\"", "probe = \"health\"", &["[[probes]] has no “helth”; did you mean `health`?"]),
        ("command = \"smok\"", "command = \"smoke\"", &["[[commands]] has no “smok”", "`smoke`?"]),
        (
            "when = \"before\"\n[[environments.production.checklist]]",
            "[[environments.production.checklist]]",
            &["can be no gate"],
        ),
        (
            "when = \"watch\"\n[[environments.production.checklist]]",
            "[[environments.production.checklist]]",
            &["needs `when = \"watch\"`"],
        ),
        ("url = \"ftp://x\"", "url = \"https://api.example.com/health\"", &["deck.toml:39:7:", "http:// or https://"]),
        ("url = \"https://me:pw@x\"", "url = \"https://api.example.com/health\"", &["user or password"]),
        ("method = \"PSOT\"", "method = \"POST\"", &["did you mean `POST`?"]),
        ("Authorization = \"Bearer s3cret\"", "Authorization = \"HEALTH_TOKEN\"", &["variable of the environment"]),
        ("status = 99", "status = 204", &["99 is not an HTTP status"]),
        ("status = []", "status = 204", &["at least one status"]),
        ("path = \"a..b\"", "path = \"ok\"", &["not a path into JSON"]),
        ("{ path = \"ok\" }", "{ path = \"ok\", equals = true }", &["exactly one of equals, not"]),
        ("any = [{ pth = \"n\" }]", "any = [{ path = \"n\", at_least = 3 }]", &["unknown key `pth`", "`path`?"]),
        ("run = \"npm test\"", "run = [\"npm\", \"test\"]", &["a list of the program and its arguments"]),
        ("run = []", "run = [\"npm\", \"test\"]", &["names no program"]),
        ("other_than = \"Reviewd\"", "other_than = \"Reviewed\"", &["the checklist has no “Reviewd”", "`Reviewed`?"]),
        ("other_than = \"Approved\"", "other_than = \"Reviewed\"", &["names the item itself"]),
        ("required = true\nwhen = \"after\"", "when = \"after\"", &["only what comes before the first shift"]),
        ("gate = \"p9\"", "gate = \"p95\"", &["[[gates]] has no “p9”", "judge"]),
        ("role = \"PM\"\ngate = \"p95\"", "gate = \"p95\"", &["it ticks itself"]),
        ("item = \"Reviewed\"", "item = \"Approved\"", &["stands twice"]),
    ] {
        assert!(RUN.contains(in_place_of), "{in_place_of}");
        let message = parse(&RUN.replacen(in_place_of, bad, 1)).expect_err(bad).to_string();
        for words in words {
            assert!(message.contains(words), "{bad}: no {words:?} in {message}");
        }
        assert!(!message.contains("s3cret"), "a secret is not said back: {message}");
    }
}
