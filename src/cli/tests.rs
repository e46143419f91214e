//! What people type and what comes of it.

use clap::Parser;

use super::{
    args::{Args, Command, FunctionChoice, RollbackArgs, ShiftArgs},
    resolve::{Setting, resolve},
};
use crate::{config::ConfigError, release::names::Version, sim::scenario};

const SCENARIO: &str = r#"
    [environments.production]
    region = "eu-west-1"
    endpoint_url = "http://127.0.0.1:1"
    endpoint_urls = { sts = "http://127.0.0.1:2" }
    profile = "mine"
    role_arn = "arn:aws:iam::123456789012:role/release"
    account = "123456789012"
    [[environments.production.functions]]
    name = "receipt_crud"
"#;

fn parse(line: &str) -> Args {
    Args::try_parse_from(std::iter::once("flightdeck").chain(line.split_whitespace())).expect(line)
}

fn refusal(line: &str) -> String {
    let error = Args::try_parse_from(std::iter::once("flightdeck").chain(line.split_whitespace())).expect_err(line);
    assert_eq!(error.exit_code(), 2, "{line}");
    error.to_string()
}

/// A file of its own for each test, removed when the test ends.
struct TemporaryFile(std::path::PathBuf);

impl TemporaryFile {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("flightdeck-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// The setting that comes of a command line, with a configuration in a file and the given variables.
fn setting(line: &str, variables: &[(&str, &str)], scenario: Option<&str>) -> Result<Setting, ConfigError> {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    resolve(&parse(line), &variable, scenario)
}

#[test]
fn the_definition_of_the_command_line_is_sound() {
    use clap::CommandFactory;
    Args::command().debug_assert();
    let help = Args::command().render_long_help().to_string();
    for words in ["flightdeck demo", "Exit codes", "5  conflict", "--readonly", "FLIGHTDECK_CONFIG"] {
        assert!(help.contains(words), "{words}");
    }
}

#[test]
fn global_flags_work_before_and_after_the_command() {
    let flags = "-e staging -c my.toml --region eu-west-1 --profile ops --endpoint-url http://127.0.0.1:5000 \
                 --role-arn arn:aws:iam::123456789012:role/r --readonly --embedded demo --speed 60 --theme daylight \
                 --utc --no-color --log run.log";
    for line in [format!("{flags} status --json"), format!("status --json {flags}")] {
        let args = parse(&line);
        assert!(matches!(&args.command, Some(Command::Status(status)) if status.json));
        let global = args.global;
        assert_eq!(global.environment.as_deref(), Some("staging"));
        assert_eq!(global.config, Some("my.toml".into()));
        assert_eq!(global.endpoint_url.as_deref(), Some("http://127.0.0.1:5000"));
        assert_eq!((global.embedded.as_deref(), global.speed), (Some("demo"), Some(60.0)));
        assert_eq!((global.region.as_deref(), global.profile.as_deref()), (Some("eu-west-1"), Some("ops")));
        assert!(global.read_only && global.utc && global.no_color && global.role_arn.is_some());
        assert_eq!((global.theme.as_deref(), global.log), (Some("daylight"), Some("run.log".into())));
    }
}

#[test]
fn a_shift_says_how_much_of_what() {
    let line = "shift 50% --function pay --function ocr:live=18 --to 43 --yes --confirm production --json";
    let Some(Command::Shift(ShiftArgs { percent, functions, to, confirm, write })) = parse(line).command else {
        panic!("not a shift")
    };
    assert_eq!((percent, to, confirm.as_deref()), (50, Some(Version::Number(43)), Some("production")));
    assert!(write.yes && write.json && write.reason.is_none());
    let choice = |name: &str, alias: Option<&str>, version| FunctionChoice {
        region: None,
        name: name.to_owned(),
        alias: alias.map(str::to_owned),
        version,
    };
    assert_eq!(functions, [choice("pay", None, None), choice("ocr", Some("live"), Some(Version::Number(18)))]);
    let abroad = FunctionChoice { region: Some("us-east-1".into()), ..choice("pay", Some("live"), None) };
    assert_eq!("us-east-1/pay:live".parse(), Ok(abroad));
}

#[test]
fn a_rollback_takes_functions_without_versions() {
    let Some(Command::Rollback(RollbackArgs { functions, write, .. })) = parse("rollback --function pay").command
    else {
        panic!("not a rollback")
    };
    assert_eq!((functions.len(), write.yes), (1, false));
    assert!(refusal("rollback --function pay=42").contains("--to 42"));
}

#[test]
fn wrong_usage_is_refused_in_words() {
    for (line, words) in [
        ("shift lots", "lots"),
        ("shift 0", "1 to 100"),
        ("shift 101", "1 to 100"),
        ("shift 10.5", "1 to 100"),
        ("shift", "PERCENT"),
        ("shift 10 --bogus", "--bogus"),
        ("shift 10 --to live", "is not a version"),
        ("shift 10 --function a=b", "is not a version"),
        ("shift 10 --function arn:aws:lambda:x", "ARN"),
        ("status --speed 0", "above 0"),
        ("status --speed 3601", "3600"),
        ("status --speed nan", "above 0"),
        ("status --region Ireland", "eu-west-1"),
        ("status --endpoint-url 127.0.0.1:5000", "http://"),
        ("sim --port 70000", "70000"),
        ("history --since soon", "90d"),
        ("history --since 0d", "90d"),
        ("history --limit 0", "0"),
        ("report --format pdf", "html"),
        ("fly", "fly"),
        ("staus", "status"),
    ] {
        let message = refusal(line);
        assert!(message.contains(words), "{line}: {message}");
    }
}

#[test]
fn the_past_is_asked_for_in_days_weeks_or_hours() {
    for (line, hours) in [("12h", 12), ("90d", 90 * 24), ("8w", 8 * 7 * 24), ("1d 6h", 30)] {
        let words = ["flightdeck", "dora", "--since", line];
        let Some(Command::Dora(dora)) = Args::try_parse_from(words).expect(line).command else { panic!("not dora") };
        assert_eq!(dora.since, jiff::SignedDuration::from_hours(hours), "{line}");
    }
    let Some(Command::Report(report)) = parse("report r-20261120-143200 -o sick.html").command else {
        panic!("not a report")
    };
    assert_eq!((report.release.as_deref(), report.output), (Some("r-20261120-143200"), Some("sick.html".into())));
}

#[test]
fn the_help_of_dora_defines_what_it_counts() {
    use clap::CommandFactory;
    let mut command = Args::command();
    let help = command.find_subcommand_mut("dora").unwrap().render_long_help().to_string();
    for (name, definition) in crate::release::dora::DEFINITIONS {
        assert!(help.contains(name), "{name}");
        let first_words = definition.split(' ').take(3).collect::<Vec<_>>().join(" ");
        assert!(help.contains(&first_words), "{first_words}");
    }
}

#[test]
fn the_scenario_is_the_one_that_is_named() {
    for (line, scenario) in [
        ("", None),
        ("status", None),
        ("demo", Some("demo")),
        ("--embedded sick status", Some("sick")),
        ("sim", Some("demo")),
        ("sim sick", Some("sick")),
        ("demo --embedded sick", Some("sick")),
        ("history", None),
        ("--embedded sick report", Some("sick")),
    ] {
        assert_eq!(parse(line).scenario(), scenario, "{line}");
    }
}

#[test]
fn flags_beat_the_environment_and_the_account_stays() {
    let file = TemporaryFile::new("flags.toml", SCENARIO);
    let line =
        format!("-c {} --region us-east-1 --endpoint-url http://127.0.0.1:9 --theme daylight --utc", file.0.display());
    let setting = setting(&line, &[("AWS_REGION", "ap-south-1")], None).unwrap();
    let place = &setting.environment;
    assert_eq!((place.region.as_deref(), place.profile.as_deref()), (Some("us-east-1"), Some("mine")));
    assert_eq!(place.endpoint_url.as_deref(), Some("http://127.0.0.1:9"));
    assert!(place.endpoint_urls.is_empty());
    assert_eq!(place.account.as_deref(), Some("123456789012"));
    assert_eq!((setting.config.theme.as_str(), setting.config.utc), ("daylight", true));
    assert_eq!((setting.source, setting.embedded), (Some(file.0.clone()), None));
}

#[test]
fn an_embedded_run_never_leads_out() {
    let unused = [("FLIGHTDECK_CONFIG", "/nowhere/at/all.toml"), ("AWS_PROFILE", "prod")];
    let own = setting("--embedded demo status", &unused, Some(SCENARIO)).unwrap();
    let file = TemporaryFile::new("own.toml", &SCENARIO.replace("receipt_crud", "other"));
    let replaced = setting(&format!("demo -c {}", file.0.display()), &unused, Some(SCENARIO)).unwrap();
    assert_eq!(replaced.environment.functions[0].target.function.as_str(), "other");
    for setting in [own, replaced] {
        let place = &setting.environment;
        assert!(
            !place.is_elsewhere() && place.profile.is_none() && place.role_arn.is_none() && place.account.is_none()
        );
        assert_eq!((place.region.as_deref(), setting.embedded.as_deref()), (Some("eu-west-1"), Some("demo")));
    }
    let refused = setting("demo --endpoint-url http://127.0.0.1:9", &[], Some(SCENARIO)).unwrap_err();
    assert!(refused.to_string().contains("--endpoint-url"));
}

#[test]
fn a_rehearsal_waits_for_nobody_s_leave() {
    let strict = format!(
        "[release]\nallowed_hours = [{{ from = \"09:00\", to = \"10:00\" }}]\n{}\nprotected = true\n\
         checklist = [{{ item = \"approved\", required = true }}]\n[[environments.production.functions]]\nname = \"pay\"",
        SCENARIO.split("[[").next().unwrap()
    );
    let rehearsal = setting("--embedded demo status", &[], Some(&strict)).unwrap();
    assert!(rehearsal.config.release.allowed_hours.is_empty() && !rehearsal.environment.checklist[0].required);
    assert!(rehearsal.environment.protected, "the screen still shows it");
    assert_eq!(rehearsal.confirmed(None).as_deref(), Some("production"));

    let file = TemporaryFile::new("strict.toml", &strict);
    let own = setting(&format!("--embedded demo -c {} status", file.0.display()), &[], Some(&strict)).unwrap();
    assert!(!own.config.release.allowed_hours.is_empty() && own.environment.checklist[0].required);
    assert_eq!(own.confirmed(None), None, "a person's own configuration is tried out as it stands");
}

#[test]
fn every_scenario_has_a_configuration_that_works() {
    for name in scenario::names() {
        let text = scenario::find(&name).unwrap().config_toml;
        let setting = setting(&format!("--embedded {name} status"), &[], Some(text)).unwrap();
        assert!(!setting.environment.functions.is_empty(), "{name}");
    }
}

#[test]
fn read_only_comes_from_any_side() {
    let read_only = |line: &str, variables: &[(&str, &str)], text: &str| {
        setting(&format!("--embedded demo {line} status"), variables, Some(text)).unwrap().read_only
    };
    assert!(!read_only("", &[("FLIGHTDECK_READ_ONLY", "0")], SCENARIO));
    assert!(read_only("", &[("FLIGHTDECK_READ_ONLY", "1")], SCENARIO));
    assert!(read_only("--read-only", &[], SCENARIO));
    assert!(read_only("", &[], &format!("read_only = true\n{SCENARIO}")));
    assert!(read_only("", &[], &SCENARIO.replace("profile =", "read_only = true\nprofile =")));
}

#[test]
fn what_cannot_be_resolved_is_said() {
    let unknown = setting("--embedded nonsense status", &[], None).unwrap_err().to_string();
    assert!(unknown.contains("nonsense"), "{unknown}");
    for (line, variables, words) in [
        ("status -c /nowhere/missing.toml", &[][..], "/nowhere/missing.toml"),
        ("status", &[("FLIGHTDECK_CONFIG", "/nowhere/missing.toml")], "/nowhere/missing.toml"),
        ("status --embedded demo -e nowhere", &[], "production"),
    ] {
        let message = setting(line, variables, line.contains("demo").then_some(SCENARIO)).unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
    let file = TemporaryFile::new("speed.toml", SCENARIO);
    let message = setting(&format!("-c {} --speed 2", file.0.display()), &[], None).unwrap_err().to_string();
    assert!(message.contains("--embedded"), "{message}");
}

#[test]
fn colours_are_left_out_when_asked() {
    let color = |line: &str, variables: &[(&str, &str)]| setting(line, variables, Some(SCENARIO)).unwrap().color;
    assert!(color("demo", &[("NO_COLOR", "")]));
    assert!(!color("demo", &[("NO_COLOR", "1")]));
    assert!(!color("demo --no-color", &[]));
}
