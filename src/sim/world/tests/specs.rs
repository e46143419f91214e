//! What a scenario may not say.

use super::*;

/// The problems of the small world with `old` written as `new`.
fn problems(old: &str, new: &str) -> Vec<String> {
    assert!(SMALL.contains(old), "{old}");
    toml::from_str::<WorldSpec>(&SMALL.replacen(old, new, 1)).unwrap().problems()
}

fn problems_with(more: &str) -> Vec<String> {
    toml::from_str::<WorldSpec>(&format!("{SMALL}{more}")).unwrap().problems()
}

#[test]
fn sound_worlds_have_no_problems() {
    assert_eq!(small_spec().problems(), Vec::<String>::new());
}

#[test]
fn unknown_keys_are_refused() {
    let error = toml::from_str::<WorldSpec>(&SMALL.replace("seed", "seeds")).unwrap_err().to_string();
    assert!(error.contains("seeds"), "{error}");
    assert!(toml::from_str::<WorldSpec>(&SMALL.replace("30m", "30 minutes")).is_err());
}

#[test]
fn routing_must_lead_somewhere() {
    let line = r#"{ name = "live", version = 1,"#;
    assert_eq!(problems(line, r#"{ name = "live", version = 9,"#).len(), 1);
    assert_eq!(problems(line, r#"{ name = "live", version = 1, weights = { 9 = 0.1 },"#).len(), 1);
    assert_eq!(problems(line, r#"{ name = "live", version = 1, weights = { 2 = 1.1 },"#).len(), 1);
    let shifts = r#"{ at = "-1m", version = 1 }, { at = "-2m", version = 2 }"#;
    assert_eq!(problems(line, &format!("{line} shifts = [{shifts}],")).len(), 1);
}

#[test]
fn latencies_must_be_possible() {
    assert_eq!(problems("p50_ms = 50, p99_ms = 400", "p50_ms = 50, p99_ms = 40").len(), 1);
    assert_eq!(problems("p50_ms = 50", "p50_ms = 0").len(), 1);
}

#[test]
fn names_must_be_known() {
    let api = "\n[[apis]]\nname = \"a\"\nstage = \"s\"\nfunctions = [\"nope\"]\n";
    assert_eq!(problems_with(api), ["there is no function \"nope\""]);
    let composite = "\n[[composites]]\nname = \"c\"\nrule = \"ALARM(x)\"\n";
    assert_eq!(problems_with(composite), ["alarm \"c\" follows \"x\", which does not exist"]);
    assert_eq!(problems_with(&composite.replace("(x)", "(")), ["the rule of alarm \"c\" cannot be read"]);
}

#[test]
fn alarms_must_be_able_to_judge() {
    let alarm = |settings: &str| {
        problems_with(&format!(
            "\n[[alarms]]\nname = \"a\"\nthreshold = 1\nevaluation_periods = 2\n{settings}\n\
             watches.metric = {{ namespace = \"N\", name = \"M\" }}\n"
        ))
    };
    assert_eq!(alarm("period = \"60s\"\nstatistic = \"p99\""), Vec::<String>::new());
    assert_eq!(alarm("period = \"60s\""), ["alarm \"a\" needs a statistic"]);
    assert_eq!(alarm("period = \"90s\"\nstatistic = \"Sum\""), ["the period of alarm \"a\" is not in whole minutes"]);
    let three = "period = \"60s\"\nstatistic = \"Sum\"\ndatapoints_to_alarm = 3";
    assert_eq!(alarm(three), ["alarm \"a\" needs more datapoints than it looks at"]);
}
