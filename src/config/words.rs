//! The words of the configuration, each with its own check: durations, names, endpoints, statistics. Every refusal
//! says what was found and shows what would be right. The same checks serve values that come from flags.

use std::time::Duration;

use jiff::SignedDuration;

use super::error::{is_unprintable, listed, quoted, suggestion};

/// A duration such as `30s`, `5m` or `1h30m`, no longer than `longest`.
pub fn duration(text: &str, longest: Duration) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|signed| Duration::try_from(signed).ok());
    let duration = parsed
        .ok_or_else(|| format!("{} is not a duration; write one such as \"30s\", \"5m\" or \"1h30m\"", quoted(text)))?;
    if duration > longest {
        return Err(format!(
            "{} is too long: at most {:#}",
            quoted(text),
            SignedDuration::try_from(longest).unwrap_or_default()
        ));
    }
    Ok(duration)
}

/// One of a few words.
pub fn choice<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*meaning);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    Err(format!("{} is not one of {}{}", quoted(text), listed(&known), suggestion(text, &known)))
}

/// A name or title: something to see, nothing that a terminal could act on.
pub fn name(text: &str) -> Result<String, String> {
    const LONGEST: usize = 255;
    if text.trim().is_empty() {
        return Err("may not be empty".to_owned());
    }
    if text.chars().any(is_unprintable) {
        return Err(format!("{} has control characters in it", quoted(text)));
    }
    if text.chars().count() > LONGEST {
        return Err(format!("{} is too long: at most {LONGEST} characters", quoted(text)));
    }
    Ok(text.to_owned())
}

/// A few sentences for people: like a name, but longer.
pub fn paragraph(text: &str) -> Result<String, String> {
    const LONGEST: usize = 2_000;
    if text.trim().is_empty() {
        return Err("may not be empty".to_owned());
    }
    // A text in three quotes has lines; on screen it is one paragraph.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().any(is_unprintable) {
        return Err(format!("{} has control characters in it", quoted(&text)));
    }
    if text.chars().count() > LONGEST {
        return Err(format!("{} is too long: at most {LONGEST} characters", quoted(&text)));
    }
    Ok(text)
}

/// The address of a page for people. It is shown on screen, so it holds no user and no password.
pub fn page(text: &str) -> Result<String, String> {
    let refuse = |why: &str| format!("{} {why}; write one such as \"https://status.example.com\"", quoted(text));
    let uri: http::Uri = text.parse().map_err(|_| refuse("is not an address"))?;
    let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(refuse("does not begin with http:// or https://"));
    };
    if authority.as_str().contains('@') {
        return Err("an address may not hold a user or password: it is shown on screen".to_owned());
    }
    Ok(text.to_owned())
}

/// A function's or alias' name: letters, digits, `-` and `_`.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_AliasConfiguration.html>
pub fn lambda_name(text: &str, longest: usize) -> Result<String, String> {
    if text.starts_with("arn:") {
        return Err(format!("{} is an ARN; only the name belongs here, and the region goes to `region`", quoted(text)));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || text.len() > longest || !text.chars().all(fits) {
        return Err(format!("{} is no name for this: 1–{longest} letters, digits, - and _", quoted(text)));
    }
    Ok(text.to_owned())
}

/// An alias' name. AWS keeps names of digits only for versions.
pub fn alias(text: &str) -> Result<String, String> {
    if text == "$LATEST" || (!text.is_empty() && text.chars().all(|c| c.is_ascii_digit())) {
        return Err(format!(
            "{} is a version; a release moves the traffic of an alias, such as \"live\"",
            quoted(text)
        ));
    }
    lambda_name(text, 128)
}

/// A theme's name, which becomes the name of a file.
pub fn theme(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || !text.chars().all(fits) {
        return Err(format!("{} is not a theme's name: letters, digits, - and _, such as \"midnight\"", quoted(text)));
    }
    Ok(text.to_owned())
}

/// A region. Only its shape is checked: AWS adds regions, and emulators know others.
pub fn region(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 40 || !text.chars().all(fits) {
        return Err(format!("{} is not a region; write one such as \"eu-west-1\"", quoted(text)));
    }
    Ok(text.to_owned())
}

/// An account: twelve digits.
pub fn account(text: &str) -> Result<String, String> {
    if text.len() != 12 || !text.chars().all(|c| c.is_ascii_digit()) {
        return Err(format!("{} is not an account: twelve digits in quotes, such as \"123456789012\"", quoted(text)));
    }
    Ok(text.to_owned())
}

/// The ARN of a role.
pub fn role_arn(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", _, account, role]
            if self::account(account).is_ok() && role.starts_with("role/") && !text.chars().any(is_unprintable) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(format!(
            "{} is not a role's ARN; write one such as \"arn:aws:iam::123456789012:role/release\"",
            quoted(text)
        )),
    }
}

/// The ARN of an SNS topic.
pub fn topic_arn(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match parts.as_slice() {
        ["arn", _, "sns", region, account, topic]
            if self::region(region).is_ok()
                && self::account(account).is_ok()
                && !topic.is_empty()
                && topic.chars().all(fits) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(format!(
            "{} is not a topic's ARN; write one such as \"arn:aws:sns:eu-west-1:123456789012:releases\"",
            quoted(text)
        )),
    }
}

/// The name of a variable of the environment. What is refused is not repeated: it may be the secret itself.
pub fn variable(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.is_empty() || !text.chars().all(fits) || text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("is not the name of a variable, such as \"SLACK_WEBHOOK\"; the value itself does not belong here"
            .to_owned());
    }
    Ok(text.to_owned())
}

/// The address of an endpoint. Without user and password: it is shown on screen.
pub fn endpoint(text: &str) -> Result<String, String> {
    let refuse = |why: &str| Err(format!("{} {why}; write one such as \"http://127.0.0.1:5000\"", quoted(text)));
    let Ok(uri) = text.parse::<http::Uri>() else { return refuse("is not an address") };
    let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return refuse("does not begin with http:// or https://");
    };
    if authority.as_str().contains('@') {
        return Err("an endpoint may not hold a user or password: it is shown on screen".to_owned());
    }
    let after_host = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
    if authority.host().is_empty() || (!after_host.is_empty() && uri.port_u16().is_none_or(|port| port == 0)) {
        return refuse("has no host, or no such port");
    }
    if uri.query().is_some() || text.contains('#') {
        return refuse("may not have a query");
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A statistic as `GetMetricData` takes it.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
pub fn statistic(text: &str) -> Result<String, String> {
    const PLAIN: [&str; 6] = ["Sum", "Average", "Minimum", "Maximum", "SampleCount", "IQM"];
    if PLAIN.contains(&text) || is_percentile(text) || is_range(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is not a statistic; known: Sum, Average, Minimum, Maximum, SampleCount, p99, tm99, TC(:0.5), PR(:300), …{}",
        quoted(text),
        suggestion(text, &PLAIN)
    ))
}

/// `p99`, `p99.9`, `tm90`: a percent above 0 behind the letters.
fn is_percentile(text: &str) -> bool {
    let percent = ["p", "tm", "wm", "tc", "ts"].iter().find_map(|prefix| text.strip_prefix(prefix));
    percent.and_then(plain_number).is_some_and(|percent| percent > 0.0 && percent <= 100.0)
}

/// `TC(0.005:0.030)`, `PR(:300)`, `TM(10%:90%)`: one bound may be left out.
fn is_range(text: &str) -> bool {
    let inside = ["TC(", "PR(", "TM(", "WM(", "TS("].iter().find_map(|prefix| text.strip_prefix(prefix));
    let Some((low, high)) = inside.and_then(|rest| rest.strip_suffix(')')).and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let bound = |text: &str| text.is_empty() || plain_number(text.strip_suffix('%').unwrap_or(text)).is_some();
    bound(low) && bound(high) && !(low.is_empty() && high.is_empty())
}

/// A number of digits with at most one point: no sign, no exponent, no `inf`.
fn plain_number(text: &str) -> Option<f64> {
    let fits = text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.starts_with(|c: char| c.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of these are taken as they stand.
    fn taken(check: impl Fn(&str) -> Result<String, String>, texts: &[&str]) {
        for text in texts {
            assert_eq!(check(text).as_deref(), Ok(*text));
        }
    }

    /// All of these are refused, in words that a terminal can show.
    fn refused(check: impl Fn(&str) -> Result<String, String>, texts: &[&str]) {
        for text in texts {
            let message = check(text).expect_err(text);
            assert!(!message.chars().any(is_unprintable), "{message:?}");
        }
    }

    #[test]
    fn durations() {
        let read = |text| duration(text, Duration::from_hours(24));
        assert_eq!(read("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(read("1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(read("0s"), Ok(Duration::ZERO));
        for text in ["5 parsecs", "", "5", "-5m", "m", "1d", "25h", "9999999999999999999h", "5m5"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn endpoints() {
        taken(
            endpoint,
            &["http://127.0.0.1:5000", "https://aws.example.com/path", "http://[::1]:80", "http://localhost"],
        );
        refused(endpoint, &["", "127.0.0.1:5000", "ftp://host", "http://", "http://host:99999", "http://host:0"]);
        refused(
            endpoint,
            &["http://ada:secret@host", "http://host?x=1", "http://host/#x", "http://a b", "http://a\u{1b}[m"],
        );
        assert!(!endpoint("http://ada:secret@host").unwrap_err().contains("secret"));
        assert_eq!(endpoint("http://host/").as_deref(), Ok("http://host"));
    }

    #[test]
    fn statistics() {
        taken(
            statistic,
            &["Sum", "SampleCount", "p99", "p99.9", "p100", "tm90", "TC(:0.5)", "PR(0.1:300)", "TM(10%:90%)"],
        );
        refused(
            statistic,
            &["sum", "", "p", "p0", "p101", "p-5", "pinf", "p1e1", "TC()", "TC(:)", "PR(1:x)", "p99\u{7}"],
        );
        assert!(statistic("Avrage").unwrap_err().contains("did you mean `Average`?"));
    }

    #[test]
    fn names_of_things_in_aws() {
        taken(alias, &["live", "prod-2"]);
        refused(alias, &["", "$LATEST", "42", "a b", "a:b", "li\u{202e}ve"]);
        taken(account, &["123456789012"]);
        refused(account, &["", "12345678901", "12345678901x", "1234567890123"]);
        taken(region, &["eu-west-1", "us-gov-east-1", "local"]);
        refused(region, &["", "Ireland", "eu west 1", "eu-west-1\n"]);
        taken(role_arn, &["arn:aws:iam::123456789012:role/path/release"]);
        refused(role_arn, &["", "release", "arn:aws:iam::123456789012:user/ada", "arn:aws:iam::12:role/x"]);
        taken(
            topic_arn,
            &["arn:aws:sns:eu-west-1:123456789012:releases", "arn:aws-cn:sns:cn-north-1:123456789012:a.fifo"],
        );
        refused(topic_arn, &["", "releases", "arn:aws:sqs:eu-west-1:123456789012:x", "arn:aws:sns::123456789012:x"]);
        taken(variable, &["SLACK_WEBHOOK", "_x1"]);
        refused(variable, &["", "1A", "A-B", "https://hooks", "$HOOK"]);
        taken(theme, &["midnight", "my-own_2"]);
        refused(theme, &["", "../secret", "a/b"]);
        refused(name, &["", "  ", "a\u{1b}[2J", "a\nb"]);
    }
}
