//! Whole releases without a screen: the scenarios of the embedded AWS at sixty times their speed, and real minutes
//! against ministack.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    Vault,
    lab::{
        ACCOUNT,
        home::{FLIGHTDECK, Home, Run, finish_within},
        within,
    },
};

/// How long a whole release may take on a busy machine; the longest needs some 45 seconds on an idle one.
const LONGEST: Duration = Duration::from_mins(5);
/// How long one in real minutes may take.
const REAL: Duration = Duration::from_mins(15);

fn release(scenario: &str) -> Run {
    let home = Home::new();
    let args = ["--embedded", scenario, "--speed", "60", "release", "--auto-rollback", "--yes", "--json"];
    finish_within(LONGEST, &mut home.command(&args))
}

fn events(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

/// The names of the events, each once in a row.
fn story(run: &Run) -> Vec<String> {
    let mut names: Vec<String> =
        events(run).iter().map(|event| event["event"].as_str().expect("an event").to_owned()).collect();
    names.dedup();
    names
}

fn shares(run: &Run) -> Vec<f64> {
    let shifted = events(run).into_iter().filter(|event| event["event"] == "shifted");
    shifted.filter_map(|event| event["percent"].as_f64()).collect()
}

#[test]
fn a_good_release_goes_through_its_stages_and_its_watch() {
    let run = release("good").expect(0);
    assert_eq!(shares(&run), [10.0, 50.0, 100.0]);
    assert_eq!(story(&run).last().unwrap(), "all_clear");
    let minutes = |event: &Value| event["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let all = events(&run);
    let (first, last) = (minutes(&all[0]), minutes(all.last().unwrap()));
    assert!(last.duration_since(first).as_mins() >= 5 + 5 + 30, "{first} to {last}");
}

#[test]
fn a_sick_release_is_rolled_back_at_its_first_stage() {
    let run = release("sick").expect(3);
    assert_eq!(shares(&run), [10.0]);
    let story = story(&run);
    let position =
        |name: &str| story.iter().position(|event| event == name).unwrap_or_else(|| panic!("{name}: {story:?}"));
    assert!(position("gates_failed") < position("rolling_back"), "{story:?}");
    assert_eq!(story.last().unwrap(), "rolled_back");
}

#[test]
fn a_release_that_fails_late_is_rolled_back_from_the_watch() {
    let run = release("late").expect(3);
    assert_eq!(shares(&run), [10.0, 50.0, 100.0]);
    assert_eq!(story(&run).last().unwrap(), "rolled_back");
}

#[test]
fn a_torn_stage_is_rolled_back_whole() {
    let run = release("torn").expect(3);
    let story = story(&run);
    assert!(story.contains(&"torn".to_owned()), "{story:?}");
    assert_eq!(story.last().unwrap(), "rolled_back");
}

#[test]
fn what_fails_in_one_region_goes_back_in_all() {
    let run = release("regions").expect(3);
    let last = story(&run).last().cloned();
    assert_eq!(last.as_deref(), Some("rolled_back"));
    assert!(run.stdout.contains("error rate of us-east-1/checkout"), "{run:?}");
    assert!(!run.stdout.contains("error rate of checkout"), "eu-west-1 is well: {run:?}");
}

#[test]
fn a_release_that_hardly_anybody_calls_ends_undecided_and_says_what_is_where() {
    let run = release("quiet").expect(4);
    assert!(story(&run).contains(&"extended".to_owned()), "{run:?}");
    assert!(run.stderr.contains("rollback --yes` takes it back"), "{run:?}");
}

/// The configuration of the two functions, with gates that look at no metric.
fn with_gates(vault: &Vault, gates: &str) -> String {
    let url = &vault.server.url;
    format!(
        r#"
[release]
settle = "0s"
[environments.shop]
region = "eu-west-1"
endpoint_url = "{url}"
{gates}
[[environments.shop.functions]]
name = "receipt_crud"
[[environments.shop.functions]]
name = "ocr_refine"
"#
    )
}

#[test]
fn a_smoke_test_that_fails_after_the_shift_rolls_it_back_at_once() {
    let vault = Vault::bare();
    let gates = r#"
rollback = "auto"
gates = [{ command = "smoke" }]
commands = [
  { name = "smoke", run = ["sh", "-c", "echo 2 of 9 checks failed; exit 7"] },
  { name = "afterwards", when = "rollback", run = ["sh", "-c", "sleep 1; echo the cache is cold; exit 3"] },
]
"#;
    vault.person.write_config(&with_gates(&vault, gates));
    let run = finish_within(REAL, &mut vault.person.command(&["release", "--yes", "--json"])).expect(3);
    let failed = events(&run).into_iter().find(|event| event["event"] == "gates_failed").expect("a failure");
    assert!(failed["gates"][0].as_str().unwrap().contains("exit code 7: 2 of 9 checks failed"), "{failed}");
    let after = "after the rollback, afterwards: exit code 3: the cache is cold";
    assert!(run.stderr.contains(after), "what runs after a rollback is waited for and told: {run:?}");
    assert_eq!(vault.routing(), ["2", "2"]);
}

#[test]
fn what_stands_in_the_way_stops_a_release_before_anything_is_written() {
    let vault = Vault::bare();
    let gates = r#"
commands = [{ name = "snapshot", when = "before", run = ["sh", "-c", "echo no snapshot; exit 1"] }]
checklist = [{ item = "support knows", required = true }]
"#;
    vault.person.write_config(&with_gates(&vault, gates));
    let run = vault.run(&["release", "--yes"]).expect(2);
    for words in
        ["the command snapshot: exit code 1: no snapshot", "“support knows” is required", "nothing was changed"]
    {
        assert!(run.stderr.contains(words), "{words}: {run:?}");
    }
    assert_eq!(vault.routing(), ["2", "2"]);
}

/// Runs a release in real minutes while calls come in, as the weights divide them.
fn in_real_minutes(sick: bool) -> (Run, [String; 2]) {
    let vault = Vault::complete();
    let gates = r#"gates = [{ measure = "error_rate", warning = 1, critical = 5 }]"#;
    vault.person.write_config(&with_gates(&vault, gates));
    let is_over = AtomicBool::new(false);
    let run = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Acquire) {
                vault.other.ask("seed", "present", json!({"names": ["receipt_crud", "ocr_refine"], "sick": sick}));
                thread::park_timeout(Duration::from_secs(10));
            }
        });
        let args = ["release", "--bake", "2m", "--watch", "2m", "--auto-rollback", "--yes", "--json"];
        let run = finish_within(REAL, &mut vault.person.command(&args));
        is_over.store(true, Ordering::Release);
        run
    });
    (run, vault.routing())
}

#[test]
#[ignore = "takes ten real minutes: cargo test --test e2e real_minutes -- --ignored"]
fn in_real_minutes_a_good_release_is_all_clear() {
    let (run, routing) = in_real_minutes(false);
    let run = run.expect(0);
    assert_eq!(shares(&run), [10.0, 50.0, 100.0]);
    assert_eq!(routing, ["3", "3"]);
}

#[test]
#[ignore = "takes five real minutes: cargo test --test e2e real_minutes -- --ignored"]
fn in_real_minutes_a_sick_release_is_rolled_back() {
    let (run, routing) = in_real_minutes(true);
    let run = run.expect(3);
    assert_eq!(shares(&run), [10.0]);
    assert_eq!(routing, ["2", "2"]);
}

/// Begins a release on ministack, waits for its first shift, sends a signal and waits for the end.
fn stopped_by(signal: &str, on_exit: &str) -> (Run, [String; 2]) {
    let vault = Vault::bare();
    vault.person.write_config(&with_gates(&vault, "gates = []"));
    let pid_file = vault.person.folder().join("pid");
    let script = r#"echo $$ > "$PIDFILE"; exec "$@""#;
    let mut command = vault.person.tool("sh".as_ref());
    command.args(["-c", script, "sh", FLIGHTDECK, "release", "--yes", "--on-exit", on_exit]);
    command.env("PIDFILE", &pid_file).env("AWS_ACCESS_KEY_ID", ACCOUNT).env("AWS_SECRET_ACCESS_KEY", "test");
    let run = thread::scope(|scope| {
        let run = scope.spawn(|| finish_within(REAL, &mut command));
        within(REAL, "the first shift", || (vault.routing() == ["2 + 3: 0.1", "2 + 3: 0.1"]).then_some(()));
        let pid = std::fs::read_to_string(&pid_file).unwrap();
        assert!(vault.person.tool("kill".as_ref()).args([signal, pid.trim()]).status().unwrap().success());
        run.join().unwrap()
    });
    (run, vault.routing())
}

#[test]
fn a_release_that_is_told_to_stop_says_what_it_leaves_behind() {
    let (run, routing) = stopped_by("-TERM", "hold");
    assert_eq!(routing, ["2 + 3: 0.1", "2 + 3: 0.1"]);
    let words =
        "receipt_crud:live: version 3 has 10 % of the traffic, stable is 2; `flightdeck -e shop rollback --yes`";
    assert!(run.code == Some(1) && run.stderr.contains(words), "{run:?}");
}

#[test]
fn a_release_whose_terminal_goes_away_rolls_back_if_it_was_told_to() {
    let (run, routing) = stopped_by("-HUP", "rollback");
    assert_eq!(routing, ["2", "2"], "{run:?}");
    assert_eq!(run.code, Some(3), "{run:?}");
}
