//! A report to send to somebody: one file with its style and charts inside, for light and dark screens and for paper.

use std::fmt::Write as _;

use jiff::SignedDuration;

use super::{
    chart::{Chart, Series},
    lines,
    lines::Tone,
    markdown::result,
    measured, moment, name, time,
};
use crate::release::{
    names::Version,
    record::{Action, GateResult, MinuteCount, Past},
    routing::trim_percent,
    story::{self, End, Function, Story, lasting},
};

const STYLE: &str = include_str!("style.css");

/// The report as one HTML file. It loads nothing from anywhere.
pub fn html(past: &Past) -> String {
    let story = story::tell(past);
    let body = [
        head(&story),
        facts(&story),
        functions(&story),
        stages(&story),
        charts(past, &story),
        gates(&story),
        checklist(&story),
        runbook(&story),
        timeline(past),
        actions(past),
        footer(&story),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{} – {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        escape(&name(&story)),
        story.outcome(),
        body.join("\n")
    )
}

/// A text as HTML takes it, in an element or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

fn head(story: &Story) -> String {
    let class = match story.end {
        End::AllClear => "good",
        End::RolledBack { .. } | End::Failed => "bad",
        End::Abandoned { .. } | End::UnderWay { .. } => "calm",
    };
    let mark = match story.end {
        End::AllClear => "✔ ",
        End::RolledBack { .. } => "↩ ",
        End::Failed => "✖ ",
        End::Abandoned { .. } | End::UnderWay { .. } => "",
    };
    let end = capital(&story.outcome());
    let why = story.why.as_ref().map(|why| format!("<p>Why it was released: {}</p>", escape(why))).unwrap_or_default();
    let back = story.rolled_back_why.as_ref().filter(|_| matches!(story.end, End::RolledBack { .. }));
    let back = back.map(|why| format!("<p>Why it was rolled back: {}</p>", escape(why))).unwrap_or_default();
    let note = story.note.as_ref().map(|note| format!("<p>{}</p>", escape(note))).unwrap_or_default();
    format!(
        "<h1>Release {}</h1>\n<p class=\"where\">{} · {} · {}</p>\n<div class=\"end {class}\"><b>{mark}{end}</b>{back}{note}{why}</div>",
        escape(&name(story)),
        escape(&story.site.environment),
        escape(&story.place.region),
        moment(story.began),
    )
}

fn facts(story: &Story) -> String {
    let mut list = String::from("<dl>");
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            put(&mut list, format_args!("<div><dt>{name}</dt><dd>{}</dd></div>", escape(&value)));
        }
    };
    fact("By", Some(story.who.in_full()));
    fact("Account", Some(story.site.account.clone()).filter(|account| !account.is_empty()));
    fact("Endpoint", story.place.endpoint.clone());
    fact("Took", story.took().map(lasting));
    fact("To 100 %", story.without_watch().map(lasting));
    fact("Rolled back within", story.rolled_back_within.map(lasting));
    let sign = story.first_bad_sign.zip(story.first_shift());
    fact(
        "First bad sign",
        sign.map(|(sign, first)| format!("{} after the first shift", lasting(sign.duration_since(first)))),
    );
    fact("Cost of watching", Some(format!("${:.4}", story.dollars)));
    list.push_str("</dl>");
    list
}

fn functions(story: &Story) -> String {
    let rows = story.functions.iter().map(|function| {
        let shifts = function.shifts.iter();
        let shifts = shifts.map(|shift| format!("{} % at {}", trim_percent(shift.percent), time(shift.at)));
        let committed = function.committed.map(moment).unwrap_or_default();
        vec![
            code(&function.target.to_string()),
            function.stable.to_string(),
            function.new.to_string(),
            shifts.collect::<Vec<_>>().join("<br>"),
            escape(&function.about),
            committed,
        ]
    });
    table("What moved", &["function", "stable", "new", "traffic to new", "about the new version", "committed"], rows)
}

fn stages(story: &Story) -> String {
    let rows = story.stages.iter().map(|stage| {
        let torn = if stage.reached < stage.of { " <span class=\"bad\">✖ torn</span>" } else { "" };
        vec![
            format!("{} %", trim_percent(stage.percent)),
            time(stage.from),
            stage.to.map_or_else(|| "—".to_owned(), time),
            stage.to.map_or_else(|| "—".to_owned(), |to| lasting(to.duration_since(stage.from))),
            format!("{} of {}{torn}", stage.reached, stage.of),
        ]
    });
    table("Stages", &["share of new", "from", "to", "for", "functions"], rows)
}

/// Three charts a function: errors, calls, slowest calls.
fn charts(past: &Past, story: &Story) -> String {
    if past.minutes.is_empty() {
        return String::new();
    }
    let mut html = String::from("<h2>Stable and new, minute by minute</h2>");
    for function in &story.functions {
        let (error, p99) = (story.course.error_rate, story.course.p99_ms);
        let chart = |title, limit, value: fn(&MinuteCount) -> Option<f64>| {
            let lines = vec![
                series("stable", past, function, function.stable, value),
                series("new", past, function, function.new, value),
            ];
            Chart { title, lines, limit, shifts: &function.shifts }.svg()
        };
        let mut charts = vec![
            chart("Errors, % of calls", error, |m| (m.calls > 0.0).then_some(100.0 * m.errors? / m.calls)),
            chart("Calls a minute", None, |m| Some(m.calls)),
        ];
        // Percentiles are read only where somebody asks for them.
        if past.minutes.iter().any(|m| m.target == function.target && m.p99_ms.is_some()) {
            charts.push(chart("p99 of the duration, ms", p99, |m| m.p99_ms));
        }
        put(&mut html, format_args!("<h3>{}</h3><div class=\"charts\">", code(&function.target.to_string())));
        for chart in &charts {
            put(&mut html, format_args!("<div>{chart}</div>"));
        }
        html.push_str("</div>");
    }
    html
}

/// The charts begin so long before the release.
const BEFORE: SignedDuration = SignedDuration::from_mins(15);

fn series(
    class: &'static str,
    past: &Past,
    function: &Function,
    version: Version,
    value: fn(&MinuteCount) -> Option<f64>,
) -> Series {
    let from = past.began.at - BEFORE;
    let of_version =
        past.minutes.iter().filter(|m| m.target == function.target && m.version == version && m.at >= from);
    let points = of_version.filter_map(|minute| Some((minute.at, value(minute)?))).collect();
    Series { class, label: format!("v{version}"), points }
}

fn gates(story: &Story) -> String {
    let rows = story.gates.iter().map(|gate| {
        let class = match gate.result {
            GateResult::Pass => "good",
            GateResult::Fail => "bad",
            GateResult::Undecided => "soft",
        };
        let mark = match gate.result {
            GateResult::Pass => "✔",
            GateResult::Fail => "✖",
            GateResult::Undecided => "…",
        };
        vec![
            escape(&gate.name),
            format!("<span class=\"{class}\">{mark} {}</span>", result(gate.result)),
            format!("{} ×", gate.failed),
            escape(&measured(gate.value, &gate.unit)),
            escape(&measured(gate.threshold, &gate.unit)),
            gate.as_of.map_or_else(|| "—".to_owned(), time),
            escape(&gate.note),
        ]
    });
    table("Gates", &["gate", "stood last at", "failed", "value", "limit", "data of", "remark"], rows)
}

fn checklist(story: &Story) -> String {
    let rows = story.checklist.iter().map(|item| {
        let required = if item.required { " <span class=\"soft\">(required)</span>" } else { "" };
        vec![
            if item.done { "<span class=\"good\">✔</span>".to_owned() } else { "☐".to_owned() },
            format!("{}{required}", escape(&item.item)),
            escape(&item.phase),
            escape(&item.who),
            time(item.at),
        ]
    });
    table("Checklist", &["", "item", "when", "by", "at"], rows)
}

fn runbook(story: &Story) -> String {
    let rows = story.runbook.iter().map(|step| {
        let class = if step.is_well() { "good" } else { "bad" };
        let output = step.output.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br>");
        vec![
            format!("<span class=\"{class}\">{}</span>", step.end()),
            escape(&step.title),
            escape(&step.moment),
            escape(&step.who),
            time(step.at),
            output,
        ]
    });
    table("Runbook", &["", "step", "when", "by", "at", "output"], rows)
}

fn timeline(past: &Past) -> String {
    let rows = lines::lines(past).into_iter().map(|line| {
        let class = match line.tone {
            Tone::Plain | Tone::Warning => "soft",
            Tone::Good => "good",
            Tone::Bad => "bad",
        };
        vec![
            time(line.at),
            format!("<span class=\"{class}\">{}</span>", line.tone.mark()),
            escape(&line.who),
            escape(&line.what),
        ]
    });
    table("What happened", &["UTC", "", "who", "what"], rows)
}

fn actions(past: &Past) -> String {
    let rows = past.actions.iter().map(|action| {
        let request = action.outcome.as_ref().and_then(|outcome| outcome.request_id.as_deref()).unwrap_or("—");
        let who = &action.intent.who;
        vec![
            time(action.intent.at),
            escape(&lines::deed(action)),
            format!("{} → {}", escape(&action.intent.before.to_string()), escape(&action.intent.after.to_string())),
            format!("{}<br><span class=\"soft\">{}</span>", escape(&who.caller), escape(&who.os_user)),
            evidence(action),
            format!("{}<br>{}", escape(&lines::result(action)), code(request)),
        ]
    });
    table("Every write", &["UTC", "what", "traffic", "who", "on what evidence", "outcome"], rows)
}

fn evidence(action: &Action) -> String {
    let of = |evidence: &crate::release::record::Evidence| {
        let in_unit = |value| escape(&measured(Some(value), &evidence.unit));
        let limit = evidence.threshold.map(|limit| format!(" (limit {})", in_unit(limit))).unwrap_or_default();
        let value = evidence.value.map(|value| format!(" {}", in_unit(value))).unwrap_or_default();
        format!("{}{value}{limit}", escape(&evidence.what))
    };
    let all: Vec<String> = action.intent.evidence.iter().map(of).collect();
    if all.is_empty() { "—".to_owned() } else { all.join("<br>") }
}

fn footer(story: &Story) -> String {
    format!(
        "<footer>Watching this release took {} metrics from CloudWatch, ${:.4}. All times are UTC. Told from the journal of \
         flightdeck {}.</footer>\n",
        story.metrics_asked,
        story.dollars,
        env!("CARGO_PKG_VERSION")
    )
}

/// A table under a heading; nothing where it has no rows. Cells are HTML already, the first is a time if it looks so.
fn table(title: &str, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut body = String::new();
    for row in rows {
        body.push_str("<tr>");
        for cell in &row {
            put(&mut body, format_args!("<td>{cell}</td>"));
        }
        body.push_str("</tr>\n");
    }
    if body.is_empty() {
        return String::new();
    }
    let heads = heads.iter().map(|head| format!("<th>{head}</th>")).collect::<Vec<_>>().concat();
    format!(
        "<h2>{title}</h2>\n<div class=\"table\"><table><thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Writing to a text cannot fail.
fn put(html: &mut String, piece: std::fmt::Arguments<'_>) {
    let _ = html.write_fmt(piece);
}
