//! A release of the journal as a recording, so that it can be replayed. The journal has no slow calls, and a minute in
//! which the weight changed belongs to neither version: it is left out.

use std::collections::BTreeMap;

use super::Recording;
use crate::release::{
    judge::counts::{Counts, MinuteCounts},
    memory::ShiftMark,
    metrics::minute::Minute,
    record::{Part, Past},
    trial::{weight_of, whole},
};

/// The release's functions, one recording each: by the release's id, and by the function where there are several.
pub fn recordings(past: &Past) -> Vec<Recording> {
    let id = past.began.id.as_str();
    let is_single = past.began.parts.len() == 1;
    let name = |function: &Part| if is_single { id.to_owned() } else { format!("{id}/{}", function.target.name()) };
    past.began
        .parts
        .iter()
        .map(|function| Recording { release: name(function), minutes: minutes(past, function) })
        .collect()
}

/// Counted from the first whole minute with traffic for the new version.
fn minutes(past: &Past, function: &Part) -> Vec<MinuteCounts> {
    let shifts = shifts(past, function);
    let mut known: BTreeMap<Minute, [Counts; 2]> = BTreeMap::new();
    for count in past.minutes.iter().filter(|count| count.target == function.target) {
        let side = usize::from(count.version == function.new);
        let (true, Some(errors)) = (side == 1 || count.version == function.stable, count.errors) else { continue };
        let counts = Counts { calls: whole(count.calls), errors: whole(errors), slow: None, p90_ms: None };
        known.entry(Minute::of(count.at)).or_default()[side] = counts;
    }
    let whole_ones: Vec<_> = known
        .into_iter()
        .filter_map(|(at, [stable, new])| {
            let (weight, is_whole) = weight_of(&shifts, at);
            is_whole.then_some(MinuteCounts { at, weight, stable, new, whole: true })
        })
        .collect();
    let first = whole_ones.iter().find(|minute| minute.weight > 0.0).or(whole_ones.last()).map(|minute| minute.at);
    let numbered =
        |minute: MinuteCounts| Some(MinuteCounts { at: super::minute(first?.minutes_to(minute.at)), ..minute });
    whole_ones.into_iter().filter_map(numbered).collect()
}

/// When AWS took which share.
fn shifts(past: &Past, function: &Part) -> Vec<ShiftMark> {
    let of_part = past.actions.iter().filter(|action| action.intent.target == function.target);
    let mark = of_part.filter_map(|action| Some(ShiftMark { at: action.acknowledged()?, percent: action.percent() }));
    let mut marks: Vec<_> = mark.collect();
    marks.sort_by_key(|mark| mark.at);
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::{
        judge::verdict::Verdict,
        replay::{Deciders, decide},
        story::tests::sick,
        trace::{number, read, write},
    };

    #[test]
    fn a_release_of_the_journal_can_be_replayed() {
        let text = write(&recordings(&sick()));
        assert!(text.starts_with("release,minute,weight,"), "{text}");
        assert!(text.contains("r-20261120-143200/ocr_refine,0,0.1,900,1,,100,11,\n"), "{text}");
        let read = read(&text).unwrap();
        assert_eq!(read.len(), 1, "the other function has no minutes on record");
        let numbers: Vec<_> = read[0].minutes.iter().map(|minute| number(minute.at)).collect();
        assert_eq!(
            numbers,
            [-12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, 0, 1, 2, 3],
            "the mixed minute is left out"
        );
        let decision = decide(&read[0], Deciders::default());
        assert!(matches!(decision.verdict, Verdict::Regression(_)), "{decision:?}");
    }
}
