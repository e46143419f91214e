//! What the configuration accepts and refuses, as a person would write it.

mod panels;
mod running;

use std::{path::PathBuf, time::Duration};

use proptest::prelude::*;

use super::{read::known, *};
use crate::{
    keys::{BINDINGS, Keymap},
    release::facts::AlarmState,
};

const EXAMPLE: &str = include_str!("../../../config.example.toml");

/// A configuration as the README shows it.
const GOOD: &str = r#"default_environment = "production"

[release]
stages = [10, 50, 100]
bake = "5m"
watch = "30m"

[environments.production]
region = "eu-west-1"
endpoint_url = "http://127.0.0.1:5000"     # optional; or per service:
# endpoint_urls = { lambda = "…", budgets = "…" }
# profile = "…", role_arn = "…", account = "123456789012"
protected = true

[[environments.production.functions]]
name = "receipt_crud"
alias = "live"                            # default "live"

[[environments.production.alarms]]
prefix = "rv-"                            # or name = "…"
severity = "critical"                     # critical | high | medium | low

[[environments.production.budgets]]
name = "receipt-vault-monthly"

[[environments.production.metrics]]       # extra panels
title = "Receipts created"
namespace = "ReceiptVault"
metric = "ReceiptsCreated"
stat = "Sum"
dimensions = { Environment = "production" }
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, "deck.toml")
}

/// The example with every setting switched on.
fn whole_example() -> String {
    let switched_on = |line: &str| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|c: char| !c.is_whitespace()) => setting.to_owned(),
        _ => line.to_owned(),
    };
    EXAMPLE.lines().map(switched_on).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_usual_configuration_is_read() {
    let config = parse(GOOD).unwrap();
    let environment = config.environment(None).unwrap();
    assert_eq!((environment.name.as_str(), environment.region.as_deref()), ("production", Some("eu-west-1")));
    assert!(environment.protected && !environment.read_only && environment.is_elsewhere());
    assert_eq!(
        environment.functions,
        [FunctionSettings {
            target: Target::new("receipt_crud", "live"),
            expect_traffic: true,
            slow_ms: None,
            pre_stage: None
        }]
    );
    let severity = |name: &str| environment.severity_of(&Alarm::named(name, AlarmState::Ok));
    assert_eq!(severity("rv-errors"), Some(Severity::Critical));
    assert_eq!(severity("other"), None);
    assert_eq!(environment.budget_names(), ["receipt-vault-monthly"]);
    assert_eq!(environment.metrics[0].formula.series()[0].dimensions["Environment"], "production");
    assert_eq!((config.release.bake, config.release.watch), (Duration::from_mins(5), Duration::from_mins(30)));
    assert_eq!(config.release, ReleaseSettings::default());
    assert_eq!(parse(&GOOD.replace('\n', "\r\n")), Ok(config));
}

#[test]
fn the_example_says_the_defaults() {
    assert_eq!(Config::parse(EXAMPLE, "config.example.toml"), Ok(Config::default()));
    assert_eq!(parse(""), Ok(Config::default()));
}

#[test]
fn the_example_shows_every_key() {
    let whole = whole_example();
    let is_shown = |key: &str| {
        let table = |line: &str| line.split(['.', '[', ']']).any(|word| word == key);
        let set = |line: &str| line.split(['{', ',']).any(|part| part.trim_start().starts_with(&format!("{key} = ")));
        whole
            .lines()
            .filter(|line| !line.starts_with("# "))
            .any(|line| set(line) || line.starts_with('[') && table(line))
    };
    for key in known::TABLES.iter().flat_map(|(_, keys)| *keys) {
        assert!(is_shown(key), "`{key}` is not in config.example.toml");
    }
    for binding in BINDINGS {
        assert!(is_shown(binding.name), "the key for `{}` is not in config.example.toml", binding.name);
    }
}

#[test]
fn the_example_works_with_everything_switched_on() {
    let config = parse(&whole_example()).unwrap();
    assert_eq!(Keymap::with_changes(&config.keys), Ok(Keymap::default()));
    let environment = config.environment(None).unwrap();
    assert_eq!((environment.functions.len(), environment.alarms.len(), environment.endpoint_urls.len()), (3, 4, 9));
    assert_eq!(environment.thresholds, Thresholds { error_rate: Some(1.0), p99_ms: Some(2000.0) });
}

/// What is put where, and what the message must say.
#[test]
fn mistakes_are_named_with_their_place() {
    for (bad, in_place_of, words) in [
        (
            "aliaz = \"live\"",
            "alias = \"live\"",
            &["deck.toml:17:1:", "unknown key `aliaz`", "did you mean `alias`?"][..],
        ),
        ("regoin = 1", "region = \"eu-west-1\"", &["deck.toml:9:1:", "environments.production", "`region`"]),
        (
            "regoin = 1",
            "default_environment = \"production\"",
            &["deck.toml:1:1:", "`region`, which belongs to [environments.NAME]?"],
        ),
        ("endpoint_url = \"x\"", "alias = \"live\"", &["`endpoint_url`", "it belongs to [environments.NAME]"]),
        ("xyzzy = 1", "bake = \"5m\"", &["deck.toml:5:1:", "known here: stages, bake, watch"]),
        ("stages = [50, 10]", "stages = [10, 50, 100]", &["deck.toml:4:15:", "release.stages", "10 comes after 50"]),
        ("stages = [10, 10]", "stages = [10, 50, 100]", &["must rise"]),
        ("stages = [10, 150]", "stages = [10, 50, 100]", &["stage 150"]),
        ("stages = [0, 50]", "stages = [10, 50, 100]", &["stage 0"]),
        ("stages = []", "stages = [10, 50, 100]", &["at least one stage"]),
        ("stages = [1,2,3,4,5,6,7,8,9,10]", "stages = [10, 50, 100]", &["at most 9"]),
        ("stages = [10, \"50\"]", "stages = [10, 50, 100]", &["expected a whole number, found the text “50”"]),
        ("stages = 10", "stages = [10, 50, 100]", &["expected a list", "found the number 10"]),
        ("stages = [99999999999999999999]", "stages = [10, 50, 100]", &["too large"]),
        ("bake = \"5 parsecs\"", "bake = \"5m\"", &["deck.toml:5:8:", "release.bake", "5 parsecs"]),
        ("bake = 300", "bake = \"5m\"", &["release.bake", "found the number 300", "\"5m\""]),
        ("watch = \"48h\"", "watch = \"30m\"", &["release.watch", "too long", "24h"]),
        ("split = \"weight_knew\"", "bake = \"5m\"", &["did you mean `weight_new`?"]),
        ("settle = \"-1s\"", "bake = \"5m\"", &["release.settle"]),
        ("severity = \"critcal\"", "severity = \"critical\" ", &["one of critical, high, medium, low", "`critical`?"]),
        ("name = \"rv-x\"\nprefix = \"rv-\"", "prefix = \"rv-\"", &["deck.toml:19:", "exactly one"]),
        ("", "prefix = \"rv-\"                            # or name = \"…\"", &["needs `name`"]),
        ("", "severity = \"critical\" ", &["`severity` is missing"]),
        ("stat = \"Sume\"", "stat = \"Sum\"", &["environments.production.metrics.stat", "did you mean `Sum`?"]),
        ("title = \"a\\u001b[31m\"", "title = \"Receipts created\"", &[r"\u{1b}", "control characters"]),
        ("name = \"two words\"", "name = \"receipt_crud\"", &["environments.production.functions.name", "two words"]),
        ("", "name = \"receipt_crud\"", &["`name` is missing"]),
        ("alias = \"$LATEST\"", "alias = \"live\"", &["is a version"]),
        ("account = 123456789012", "protected = true", &["account", "expected a text in quotes"]),
        ("account = \"1234\"", "protected = true", &["twelve digits"]),
        ("endpoint_urls = { lamda = \"http://x\" }", "protected = true", &["unknown key `lamda`", "`lambda`"]),
        ("endpoint_url = \"localhost:1\"", "endpoint_url = \"http://127.0.0.1:5000\"", &["http://"]),
        ("thresholds = { error_rate = 101 }", "protected = true", &["101 is not a percent"]),
        ("thresholds = { p99_ms = nan }", "protected = true", &["p99_ms"]),
        ("protected = \"yes\"", "protected = true", &["expected true or false, found the text “yes”"]),
        (
            "functions = 3",
            "[[environments.production.functions]]\nname = \"receipt_crud\"\nalias = \"live\"",
            &["list of tables"],
        ),
        (
            "default_environment = \"prodction\"",
            "default_environment = \"production\"",
            &["deck.toml:1:23:", "`production`?"],
        ),
        ("theme = \"../x\"", "default_environment = \"production\"", &["theme"]),
        (
            "keys = { mark = \"R\" }",
            "default_environment = \"production\"",
            &["keys.mark", "both `roll_back` and `mark`"],
        ),
        ("keys = { makr = \"R\" }", "default_environment = \"production\"", &["did you mean `mark`?"]),
        ("keys = { mark = 3 }", "default_environment = \"production\"", &["keys.mark", "found the number 3"]),
        ("not toml at all [", "protected = true", &["deck.toml:13:", "not valid TOML"]),
    ] {
        assert!(GOOD.contains(in_place_of), "{in_place_of}");
        let message = parse(&GOOD.replacen(in_place_of, bad, 1)).expect_err(bad).to_string();
        for words in words {
            assert!(message.contains(words), "{bad}: no {words:?} in {message}");
        }
    }
}

#[test]
fn a_function_listed_twice_is_named_with_both_lines() {
    let twice = format!("{GOOD}[[environments.production.functions]]\nname = \"receipt_crud\"\n");
    let message = parse(&twice).unwrap_err().to_string();
    assert!(message.contains("receipt_crud:live is listed twice: on line 15 and on line 32"), "{message}");
    let other_alias =
        format!("{GOOD}[[environments.production.functions]]\nname = \"receipt_crud\"\nalias = \"beta\"\n");
    assert_eq!(parse(&other_alias).unwrap().environments["production"].functions.len(), 2);
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let text = GOOD.replace("\"5m\"", "5").replace("true", "1").replace("[10, 50, 100]", "[0]");
    let Err(ConfigError::Invalid { problems }) = parse(&text) else { panic!("accepted") };
    let lines: Vec<usize> = problems.iter().filter_map(|problem| Some(problem.at?.0)).collect();
    assert_eq!(lines, [4, 5, 13]);
}

#[test]
fn an_environment_is_chosen_or_its_absence_explained() {
    let two = parse("[environments.blue]\n[environments.green]\n").unwrap();
    assert_eq!(two.environment(Some("green")).unwrap().name, "green");
    let message = |config: &Config, name| config.environment(name).unwrap_err().to_string();
    assert!(message(&two, None).contains("blue, green"));
    assert!(message(&two, Some("gren")).contains("did you mean `green`?; it has: blue, green"));
    assert!(message(&Config::default(), None).contains("flightdeck demo"));
    assert!(message(&Config::default(), Some("x")).contains("none"));
}

#[test]
fn the_file_is_looked_for_in_order() {
    let folder = std::env::temp_dir().join(format!("flightdeck-find-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), GOOD).unwrap();
    let (named, folders) = (PathBuf::from("named.toml"), [PathBuf::from("/nowhere/at/all"), folder.clone()]);
    assert_eq!(find(Some(&named), Some("variable.toml"), &folders), Ok(named));
    assert_eq!(find(None, Some("variable.toml"), &folders), Ok("variable.toml".into()));
    assert_eq!(find(None, Some(""), &folders), Ok(folder.join("config.toml")));
    assert_eq!(Config::load(&folder.join("config.toml")), parse(GOOD));
    let message = find(None, None, &folders[..1]).unwrap_err().to_string();
    for words in ["--config", "$FLIGHTDECK_CONFIG", "/nowhere/at/all/config.toml", "flightdeck demo"] {
        assert!(message.contains(words), "{message}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_no_configuration_is_not_read() {
    let folder = std::env::temp_dir().join(format!("flightdeck-load-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let written = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let unknown = (0..9000).fold(String::new(), |text, n| text + &format!("key{n} = 1\n"));
    for (path, words) in [
        (folder.join("missing.toml"), "no such file"),
        (folder.clone(), "it is a folder"),
        (written("latin1.toml", b"a = 1\nb = \"\xe9\"\n"), "UTF-8 (line 2)"),
        (written("big.toml", &vec![b'#'; 10 * 1024 * 1024]), "larger than 1 MiB"),
        (written("zeros.toml", &[0; 6400]), "not valid TOML"),
        (written("lists.toml", &b"[[[]\n".repeat(9000)), "not valid TOML"),
        (written("unknown.toml", unknown.as_bytes()), "8980 more"),
        (written("deep.toml", &b"[".repeat(100_000)), "not valid TOML"),
    ] {
        let message = Config::load(&path).expect_err(words).to_string();
        assert!(message.contains(words) && message.contains(&*path.to_string_lossy()), "{message:.300}");
        assert!(message.len() < 5_000 && !message.contains('\0'), "{}", message.len());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

proptest! {
    /// A good file with a piece torn out and another text in its place is read or refused, never more.
    #[test]
    fn a_damaged_file_is_read_or_refused(from in 0..GOOD.len(), length in 0..40_usize, text in "[\\PC\u{1b}\n\"\\[\\]={}.#0-9a-z]{0,12}") {
        let bytes = GOOD.as_bytes();
        let mut damaged = bytes[..from].to_vec();
        damaged.extend_from_slice(text.as_bytes());
        damaged.extend_from_slice(&bytes[(from + length).min(bytes.len())..]);
        if let Err(error) = parse(&String::from_utf8_lossy(&damaged)) {
            let message = error.to_string();
            prop_assert!(message.starts_with("deck.toml:"), "{message}");
            prop_assert!(!message.chars().any(|c| c.is_control() && c != '\n'), "{message:?}");
        }
    }
}
