//! `flightdeck replay`: recorded releases judged once more. It reads a file and prints; what is judged, and how, is the
//! judge's affair. It needs neither AWS nor a configuration.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use super::{Failure, args::ReplayArgs, exit};
use crate::{
    release::{
        judge::{Settings, comparison::Evidence, counts::Counts, verdict::Verdict},
        replay::{Decision, Replay, Step, decide},
        trace::{self, Recording},
    },
    text::clean,
};

/// Judges what is asked for. Whatever comes of it, a file that could be read ends well.
pub fn run(args: &ReplayArgs) -> Result<u8, Failure> {
    let file = args.file.display();
    let text =
        std::fs::read_to_string(&args.file).map_err(|error| Failure::refused(format!("cannot read {file}: {error}")))?;
    let recordings = trace::read(&text).map_err(|error| Failure::refused(format!("{file}: {error}")))?;
    let report = match &args.explain {
        Some(release) => explain(find(&recordings, release).map_err(Failure::refused)?),
        None => decisions(&recordings, args.json),
    };
    match io::stdout().lock().write_all(report.as_bytes()) {
        // Whoever reads may have seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot print: {error}")))
        }
        _ => Ok(exit::DONE),
    }
}

fn find<'a>(recordings: &'a [Recording], release: &str) -> Result<&'a Recording, String> {
    let found = recordings.iter().find(|recording| recording.release == release);
    found.ok_or_else(|| match recordings {
        [] => format!("no release {release}: the file has none"),
        [first, ..] => format!("no release {release} among the file's {}, such as {}", recordings.len(), first.release),
    })
}

/// A line for each release; for people a sum below. Minutes that could not be judged are told apart.
fn decisions(recordings: &[Recording], json: bool) -> String {
    let mut report = String::new();
    let mut against = 0;
    for recording in recordings {
        let decision = decide(recording, Settings::default());
        for (at, reason) in &decision.left_out {
            let release = clean(&recording.release);
            eprintln!("flightdeck: {release}, minute {}: left out, {reason}", trace::number(*at));
        }
        against += usize::from(decision.verdict.is_against());
        report += &if json { json_line(recording, &decision) } else { line(recording, &decision) };
        report.push('\n');
    }
    if !json {
        let _ = write!(report, "{} releases: {against} to roll back, {} clear\n", recordings.len(), recordings.len() - against);
    }
    report
}

/// `{"release":"r0001","decision":"rollback","minute":3,"rule":"errors ratio"}`.
fn json_line(recording: &Recording, decision: &Decision) -> String {
    let rule = decision.verdict.finding().map(|finding| format!("{} {}", finding.metric, finding.rule));
    serde_json::json!({
        "release": recording.release,
        "decision": if decision.verdict.is_against() { "rollback" } else { "clear" },
        "minute": decision.at.map(trace::number),
        "rule": rule,
    })
    .to_string()
}

fn line(recording: &Recording, decision: &Decision) -> String {
    let minute = decision.at.map_or("—".to_owned(), |at| trace::number(at).to_string());
    let release = clean(&recording.release);
    match decision.verdict.finding() {
        Some(found) => format!("{release}  roll back at minute {minute}: {} in {}", decision.verdict, found.metric),
        None => format!("{release}  clear after minute {minute}: {}", in_words(decision.verdict)),
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

/// The evidence by minute.
fn explain(recording: &Recording) -> String {
    let mut report = format!(
        "{}\nminute  weight  stable: calls errors slow    new: calls errors slow    evidence: errors    slow  verdict\n",
        clean(&recording.release)
    );
    let mut replay = Replay::of(recording, Settings::default());
    while let Some(step) = replay.next() {
        let evidence: Vec<_> = replay.judge().evidence().collect();
        report += &row(&step, &evidence);
    }
    for evidence in replay.judge().evidence() {
        report += &summary(&evidence);
    }
    if replay.judge().split_mistrusted() {
        report += "Calls were not split as the weight says: the versions were compared by their own counts.\n";
    }
    report
}

fn row(step: &Step, evidence: &[Evidence<'_>]) -> String {
    let minute = &step.minute;
    let times = |index: usize| {
        let point = evidence.get(index).and_then(|evidence| evidence.points.last()).filter(|last| last.at == minute.at);
        point.map_or("—".to_owned(), |point| multiple(point.worse))
    };
    let word = step.left_out.map_or_else(|| in_words(step.verdict), |reason| format!("left out: {reason}"));
    format!(
        "{:>6}  {:>5} % {} {}             {:>9} {:>7}  {word}\n",
        trace::number(minute.at),
        100.0 * minute.weight,
        counts(&minute.stable, 13),
        counts(&minute.new, 13),
        times(0),
        times(1),
    )
}

fn counts(counts: &Counts, width: usize) -> String {
    let slow = counts.slow.map_or("—".to_owned(), |slow| slow.to_string());
    format!("{:>width$} {:>6} {slow:>4}", counts.calls, counts.errors)
}

fn summary(evidence: &Evidence<'_>) -> String {
    let rate = |rate: Option<f64>| rate.map_or("—".to_owned(), |rate| format!("{:.3} %", 100.0 * rate));
    format!(
        "{}: new {} of {}, stable {} of {} beside it, {} before; {:.1} count as one; evidence against from {}\n",
        evidence.metric,
        rate(evidence.new.rate()),
        evidence.new.calls,
        rate(evidence.stable.rate()),
        evidence.stable.calls,
        rate(evidence.baseline),
        evidence.burst,
        multiple(evidence.threshold),
    )
}

/// Evidence as the odds that it is: `3.1×`.
fn multiple(log: f64) -> String {
    match log.exp() {
        huge if huge >= 1e6 => "> 10⁶×".to_owned(),
        tiny if tiny < 0.01 => "< 0.01×".to_owned(),
        large if large >= 100.0 => format!("{large:.0}×"),
        small => format!("{small:.2}×"),
    }
}
