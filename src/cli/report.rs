//! `flightdeck report`: one release, told in Markdown, HTML or JSON, from the journal alone.

use std::{fs, path::Path};

use super::{
    Failure,
    args::Args,
    exit,
    history::{nothing_yet, past},
    output::print,
    past_args::{ReportArgs, ReportFormat},
};
use crate::{aws::clean, journal::Wanted, release::trace, report};

/// Writes the report.
pub fn run(args: &Args, wanted: &ReportArgs) -> Result<u8, Failure> {
    let id = wanted.release.as_ref().or(wanted.export_trace.as_ref());
    let found = past(
        args,
        &Wanted {
            limit: Some(1),
            environment: args.global.environment.clone(),
            id: id.cloned(),
            with_minutes: true,
            ..Wanted::default()
        },
    )?;
    let Some(past) = found.first() else {
        let Some(id) = id else {
            print(nothing_yet(args, false));
            return Ok(exit::DONE);
        };
        return Err(Failure::refused(format!(
            "no release {id} stands in the journal; `flightdeck history` lists those that do"
        )));
    };
    let format = wanted.format.or_else(|| by_ending(wanted.output.as_deref()?)).unwrap_or(ReportFormat::Md);
    let text = match format {
        _ if wanted.export_trace.is_some() => trace::write(&trace::recordings(past)),
        ReportFormat::Md => report::markdown(past),
        ReportFormat::Html => report::html(past),
        ReportFormat::Json => format!("{:#}\n", report::json(past)),
    };
    match &wanted.output {
        Some(file) => {
            fs::write(file, text)
                .map_err(|error| Failure::failed(format!("{} cannot be written: {error}", file.display())))?;
            print(format_args!("The report of {} is in {}.", clean(past.began.id.as_str()), file.display()));
        }
        None => text.lines().for_each(|line| print(clean(line))),
    }
    Ok(exit::DONE)
}

/// What the ending of a file's name asks for.
fn by_ending(file: &Path) -> Option<ReportFormat> {
    match file.extension()?.to_str()? {
        "html" | "htm" => Some(ReportFormat::Html),
        "json" => Some(ReportFormat::Json),
        _ => None,
    }
}
