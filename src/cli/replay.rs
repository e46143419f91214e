//! `flightdeck replay`: recorded releases judged once more. It reads a file and prints; what is judged, and how, is the
//! judge's affair, and that of the gates of a configuration that is named. It needs no AWS.

use std::io::{self, Write as _};

use super::{
    Failure,
    args::{Args, ReplayArgs},
    exit,
};
use crate::{
    release::{
        count::several,
        gates::Gate,
        judge::{
            comparison::Evidence,
            counts::{Counts, Metric},
            verdict::{Verdict, in_odds},
        },
        replay::{Deciders, Decision, RecordedGates, Replay, Step, decide},
        routing::trim_percent,
        trace::{self, Recording},
    },
    text::clean,
};

/// Judges what is asked for. Whatever comes of it, a file that could be read ends well.
pub fn run(global: &Args, args: &ReplayArgs) -> Result<u8, Failure> {
    let gates = gates(global)?;
    let deciders = Deciders { gates: &gates, ..Deciders::default() };
    let file = args.file.display();
    let text = std::fs::read_to_string(&args.file)
        .map_err(|error| Failure::refused(format!("cannot read {file}: {error}")))?;
    let recordings = trace::read(&text).map_err(|error| Failure::refused(format!("{file}: {error}")))?;
    let report = match &args.explain {
        Some(release) => explain(find(&recordings, release).map_err(Failure::refused)?, deciders),
        None => decisions(&recordings, deciders, args.json),
    };
    let report: String = report.into_iter().map(|line| line + "\n").collect();
    match io::stdout().lock().write_all(report.as_bytes()) {
        // Whoever reads may have seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot print: {error}")))
        }
        _ => Ok(exit::DONE),
    }
}

/// The gates of the configuration that was named; none was, none are asked.
fn gates(global: &Args) -> Result<Vec<Gate>, Failure> {
    if global.global.config.is_none() {
        return Ok(Vec::new());
    }
    let gates = super::setting(global)?.environment.gates;
    let silent: Vec<_> = RecordedGates::silent(&gates).collect();
    if !silent.is_empty() {
        eprintln!("flightdeck: not asked, because a recording has no such data: {}", clean(&silent.join(", ")));
    }
    Ok(gates)
}

fn find<'a>(recordings: &'a [Recording], release: &str) -> Result<&'a Recording, String> {
    let found = recordings.iter().find(|recording| recording.release == release);
    found.ok_or_else(|| match recordings {
        [] => format!("no release {release}: the file has none"),
        [first, ..] => format!("no release {release} among the file's {}, such as {}", recordings.len(), first.release),
    })
}

/// A line for each release; for people a sum below. Minutes that could not be judged are told apart.
fn decisions(recordings: &[Recording], deciders: Deciders<'_>, json: bool) -> Vec<String> {
    let mut against = 0;
    let mut lines = Vec::with_capacity(recordings.len() + 1);
    for recording in recordings {
        let decision = decide(recording, deciders);
        for (at, reason) in &decision.left_out {
            let release = clean(&recording.release);
            eprintln!("flightdeck: {release}, minute {}: left out, {reason}", trace::number(*at));
        }
        against += usize::from(decision.is_against());
        lines.push(if json { json_line(recording, &decision) } else { line(recording, &decision) });
    }
    if !json {
        let all = recordings.len();
        lines.push(format!("{}: {against} to roll back, {} clear", several(all, "release"), all - against));
    }
    lines
}

/// `{"release":"r0001","decision":"rollback","minute":3,"rule":"errors ratio"}`.
fn json_line(recording: &Recording, decision: &Decision) -> String {
    serde_json::json!({
        "release": recording.release,
        "decision": if decision.is_against() { "rollback" } else { "clear" },
        "minute": decision.at.map(trace::number),
        "rule": decision.rule(),
    })
    .to_string()
}

fn line(recording: &Recording, decision: &Decision) -> String {
    let minute = decision.at.map_or("—".to_owned(), |at| trace::number(at).to_string());
    let release = clean(&recording.release);
    match (decision.verdict.finding(), &decision.gate) {
        (Some(found), _) => {
            format!("{release}  roll back at minute {minute}: {} in {}", decision.verdict, found.metric)
        }
        (None, Some(gate)) => format!("{release}  roll back at minute {minute}: gate {} failed", clean(gate)),
        (None, None) => format!("{release}  clear after minute {minute}: {}", in_words(decision.verdict)),
    }
}

fn in_words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Insufficient(missing) => format!("{verdict}, {missing}"),
        Verdict::FailAlike(metric) => format!("{verdict} ({metric}): not this release"),
        Verdict::Regression(found) | Verdict::BaselineBreach(found) => format!("{verdict} in {}", found.metric),
        Verdict::KeepGoing | Verdict::Pass => verdict.to_string(),
    }
}

/// What [`row`] prints: evidence against the new version by errors and by slow calls comes before the verdict.
const HEADER: &str = "minute  weight    stable errors  slow       new errors  slow    by errors   by slow  verdict";

/// The evidence by minute.
fn explain(recording: &Recording, deciders: Deciders<'_>) -> Vec<String> {
    let mut lines = vec![clean(&recording.release), HEADER.to_owned()];
    let mut replay = Replay::of(recording, deciders);
    while let Some(step) = replay.next() {
        let evidence: Vec<_> = replay.judge().evidence().collect();
        lines.push(row(&step, &evidence));
    }
    lines.extend(replay.judge().evidence().map(|evidence| summary(&evidence)));
    if replay.judge().split_mistrusted() {
        lines.push("Calls were not split as the weight says: versions were compared by their own counts.".to_owned());
    }
    lines
}

fn row(step: &Step, evidence: &[Evidence<'_>]) -> String {
    let minute = &step.minute;
    let against = |metric: Metric| {
        let last = evidence.iter().find(|evidence| evidence.metric == metric).and_then(|found| found.points.last());
        last.filter(|last| last.at == minute.at).map_or("—".to_owned(), |last| in_odds(last.worse))
    };
    let mut words = step.left_out.map_or_else(|| in_words(step.verdict), |reason| format!("left out: {reason}"));
    if let Some(gate) = &step.gate {
        words = format!("{words}; gate {} failed", clean(gate));
    }
    format!(
        "{:>6} {:>5} %{}{} {:>12} {:>9}  {words}",
        trace::number(minute.at),
        trim_percent(100.0 * minute.weight),
        counts(&minute.stable),
        counts(&minute.new),
        against(Metric::Errors),
        against(Metric::Slow),
    )
}

fn counts(counts: &Counts) -> String {
    let slow = counts.slow.map_or("—".to_owned(), |slow| slow.to_string());
    format!("{:>10} {:>6} {slow:>5}", counts.calls, counts.errors)
}

fn summary(evidence: &Evidence<'_>) -> String {
    let rate = |rate: Option<f64>| rate.map_or("—".to_owned(), |rate| format!("{:.3} %", 100.0 * rate));
    format!(
        "{}: new {} of {}, stable {} of {} beside it, {} before; {:.1} count as one; against it from {} on",
        evidence.metric,
        rate(evidence.new.rate()),
        evidence.new.calls,
        rate(evidence.stable.rate()),
        evidence.stable.calls,
        rate(evidence.baseline),
        evidence.burst,
        in_odds(evidence.threshold),
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::Command;

    /// Two releases of an hour's history each: one as good as before, one that fails from its first minute.
    fn recordings() -> Vec<Recording> {
        let mut lines = vec![trace::COLUMNS.join(",")];
        for release in ["good", "sick"] {
            lines.extend((-60..0).map(|minute| format!("{release},{minute},0,1000,1,10,0,0,0")));
            let errors = if release == "sick" { 30 } else { 0 };
            lines.extend((0..3).map(|minute| format!("{release},{minute},0.1,900,1,9,100,{errors},1")));
        }
        trace::read(&lines.join("\n")).unwrap()
    }

    #[test]
    fn a_line_of_json_for_each_release() {
        let lines = decisions(&recordings(), Deciders::default(), true);
        assert_eq!(
            lines,
            [
                r#"{"release":"good","decision":"clear","minute":2,"rule":null}"#,
                r#"{"release":"sick","decision":"rollback","minute":0,"rule":"errors ratio"}"#,
            ]
        );
    }

    #[test]
    fn people_get_words_and_a_sum() {
        let lines = decisions(&recordings(), Deciders::default(), false);
        assert!(lines[0].starts_with("good  clear after minute 2: "), "{}", lines[0]);
        assert_eq!(lines[1], "sick  roll back at minute 0: REGRESSION in errors");
        assert_eq!(lines[2], "2 releases: 1 to roll back, 1 clear");
    }

    #[test]
    fn the_evidence_ends_where_it_decides() {
        let recordings = recordings();
        let sick = explain(find(&recordings, "sick").unwrap(), Deciders::default());
        assert_eq!(sick.len(), 2 + 1 + 2, "{sick:#?}");
        assert!(sick[2].starts_with("     0    10 %") && sick[2].ends_with("REGRESSION in errors"), "{}", sick[2]);
        assert!(sick[3].starts_with("errors: new 30.000 % of 100, stable 0.111 % of 900 beside it"), "{}", sick[3]);
        assert_eq!(explain(&recordings[0], Deciders::default()).len(), 2 + 3 + 2);
        let unknown = find(&recordings, "bad").unwrap_err();
        assert_eq!(unknown, "no release bad among the file's 2, such as good");
    }

    #[test]
    fn files_that_cannot_be_used_are_refused() {
        let run = |file: &str| {
            let args = Args::parse_from(["flightdeck", "replay", file]);
            let Some(Command::Replay(replay)) = &args.command else { panic!("no replay") };
            run(&args, replay)
        };
        let missing = run("no/such/file.csv").unwrap_err();
        assert_eq!(missing.code, exit::REFUSED);
        assert!(missing.message.starts_with("cannot read no/such/file.csv: "), "{}", missing.message);
        let wrong = run("Cargo.toml").unwrap_err();
        assert_eq!(wrong.code, exit::REFUSED);
        assert!(wrong.message.starts_with("Cargo.toml: line 1: column 1, \"[package]\""), "{}", wrong.message);
    }
}
