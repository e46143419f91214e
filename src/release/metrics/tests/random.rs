//! Releases and answers at random: no call is lost, none is counted twice.

use proptest::prelude::*;

use super::*;

/// Minutes of a release: stable alone, then split, then new alone, with changes on the minute.
fn release() -> impl Strategy<Value = (Vec<Lived>, Vec<ShiftMark>)> {
    let calls =
        || (0_u32..50, 0_u32..100).prop_map(|(calls, share)| (f64::from(calls), f64::from(calls * share / 100)));
    (prop::collection::vec((calls(), calls()), 1..20), 0_usize..20, 0_usize..20).prop_map(|(minutes, one, two)| {
        let (split_at, full_at) = (one.min(two), one.max(two));
        let live = |(index, (stable, new)): (usize, _)| match index {
            index if index < split_at => Lived { stable, ..Lived::default() },
            index if index < full_at => split(stable, new),
            _ => Lived { new, ..Lived::default() },
        };
        let lived = minutes.into_iter().enumerate().map(live).collect();
        (lived, vec![mark(split_at, 0, 10.0), mark(full_at, 0, 100.0)])
    })
}

proptest! {
    #[test]
    fn each_version_has_exactly_its_own_calls((lived, shifts) in release(), always in any::<bool>()) {
        let triples = if always { Triples::Always } else { Triples::WhileWeighted };
        let (store, target) = (read(&lived, triples), target());
        let lens = lens(&store, &target, &shifts, lived.len());
        let seen = &lived[lived.len().saturating_sub(15)..];
        let sums = |side: fn(&Lived) -> (f64, f64)| {
            let busy: Vec<_> = seen.iter().map(side).filter(|(calls, _)| *calls > 0.0).collect();
            let sum = |part: fn(&(f64, f64)) -> f64| (!busy.is_empty()).then(|| busy.iter().map(part).sum::<f64>());
            (sum(|(calls, _)| *calls), sum(|(_, errors)| *errors))
        };
        prop_assert_eq!(counts(lens.of(STABLE)), sums(|l| l.stable));
        prop_assert_eq!(counts(lens.of(NEW)), sums(|l| l.new));
        let versions = lens.of(STABLE).invocations.unwrap_or(0.0) + lens.of(NEW).invocations.unwrap_or(0.0);
        prop_assert!(versions <= lens.total().invocations.unwrap_or(0.0));
    }

    #[test]
    fn a_later_answer_wins_and_an_answer_taken_twice_changes_nothing(
        first in prop::collection::vec(prop::option::of(0_u8..9), 10),
        second in prop::collection::vec(prop::option::of(0_u8..9), 10),
        shift in 0_usize..10,
    ) {
        let series = series(None, Measure::Invocations);
        let ask = |values: &[Option<u8>], offset: usize| {
            let question = Question {
                series: vec![series.clone()],
                from: minute(offset).start(),
                to: minute(offset + values.len()).start(),
                period: ONE_MINUTE,
            };
            let point = |(index, value): (usize, &Option<u8>)| {
                Some((minute(offset + index).start(), f64::from((*value)?)))
            };
            let points = values.iter().enumerate().filter_map(point).collect();
            (question, Answer { series: vec![SeriesAnswer { series: series.clone(), points, doubt: None }] })
        };
        let (one, two) = (ask(&first, 0), ask(&second, shift));
        let mut store = MetricStore::default();
        for (question, answer) in [&one, &one, &two, &two] {
            store.take(question, answer);
        }
        let mut expected = first[..shift].to_vec();
        expected.extend(&second);
        let found: Vec<_> = (0..shift + 10).map(|index| store.track(&series).at(minute(index)).value()).collect();
        let expected: Vec<_> = expected.into_iter().map(|value| value.map(f64::from)).collect();
        prop_assert_eq!(found, expected);
    }
}
