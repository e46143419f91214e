//! Bursts: how many errors count as one. One broken environment, one poisoned message or one client that retries makes
//! errors come in clusters; taken for independent they would look like a regression. How much they cluster is measured
//! as φ, the Pearson dispersion of the stable version's own history: the variance of its errors by the minute over what
//! independent calls would have. What φ does to the evidence is the tests' affair.

/// φ where there is no history to estimate it from.
const UNKNOWN: f64 = 2.0;
/// How many errors of history weigh as much as what the other measure says of the same calls, …
const BORROWED_ERRORS: f64 = 10.0;
/// … and how many as much as not knowing.
const DOUBTED_ERRORS: f64 = 2.0;

/// What minutes of one measure show: pairs of calls and errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dispersion {
    /// Pearson's statistic over its degrees of freedom; `None` where nothing ever failed, or everything did.
    pub pearson: Option<f64>,
    /// All calls.
    pub calls: f64,
    /// All errors.
    pub errors: f64,
}

impl Dispersion {
    /// Sums up minutes of calls and errors; minutes without calls say nothing.
    pub fn of(minutes: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let busy = minutes.filter(|(calls, _)| *calls > 0.0);
        let (calls, errors, minutes) =
            busy.clone().fold((0.0, 0.0, 0.0), |(n, e, m), (calls, errors)| (n + calls, e + errors, m + 1.0));
        let rate = errors / calls;
        let pearson = (minutes > 1.0 && errors > 0.0 && errors < calls).then(|| {
            let squares = busy.map(|(calls, errors)| (errors - calls * rate).powi(2) / (calls * rate * (1.0 - rate)));
            squares.sum::<f64>() / (minutes - 1.0)
        });
        Self { pearson, calls, errors }
    }

    /// φ, at least 1, as this measure and the other one of the same calls show it. With few errors their own dispersion
    /// is hardly known, but calls that share an environment share its fate, slow or failed: so it borrows. And φ is
    /// known only as well as clusters were many: half a standard error is added, which costs nothing where errors
    /// come one by one.
    pub fn burst(&self, other: Option<&Self>) -> f64 {
        if self.calls == 0.0 {
            return UNKNOWN;
        }
        let measured = other.and_then(|other| other.pearson).map(|pearson| (pearson, BORROWED_ERRORS));
        let (borrowed, weight) = measured.unwrap_or((UNKNOWN, DOUBTED_ERRORS));
        let own = self.pearson.unwrap_or(1.0);
        let blended = (self.errors * own + weight * borrowed) / (self.errors + weight);
        let phi = own.max(blended).max(1.0);
        let clusters = (self.errors / phi).max(1.0);
        1.0 + (phi - 1.0) * (1.0 + 0.5 * clusters.sqrt().recip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dispersion(minutes: &[(f64, f64)]) -> Dispersion {
        Dispersion::of(minutes.iter().copied())
    }

    /// A cluster of so many errors in every tenth minute.
    fn clusters(errors: f64) -> Dispersion {
        let minutes: Vec<_> = (0..60).map(|minute| (100.0, if minute % 10 == 0 { errors } else { 0.0 })).collect();
        dispersion(&minutes)
    }

    #[test]
    fn errors_in_clusters_of_five_count_as_one() {
        let phi = clusters(5.0).burst(None);
        assert!((4.5..6.5).contains(&phi), "{phi}");
    }

    #[test]
    fn even_errors_are_single_but_never_less() {
        let even = dispersion(&[(1000.0, 20.0); 60]);
        assert!(even.pearson.unwrap() < 1e-9);
        assert!((even.burst(Some(&even)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn without_history_two_errors_count_as_one() {
        for nothing in [&[][..], &[(0.0, 0.0)]] {
            assert!((dispersion(nothing).burst(None) - 2.0).abs() < 1e-12);
        }
        for calm in [&[(100.0, 0.0), (90.0, 0.0)][..], &[(10.0, 10.0), (20.0, 20.0)]] {
            let calm = dispersion(calm);
            assert_eq!(calm.pearson, None);
            assert!((1.0..3.0).contains(&calm.burst(None)), "{}", calm.burst(None));
        }
    }

    #[test]
    fn few_errors_borrow_from_slow_calls() {
        let mut errors = [(100.0, 0.0); 60];
        errors[7].1 = 1.0;
        let errors = dispersion(&errors);
        assert!(errors.burst(Some(&clusters(30.0))) > 20.0);
        assert!(errors.burst(Some(&errors)) < 1.01);
    }
}
