//! Monthly cost budgets as AWS shows them: late. The figures are those of some hours ago, and grow with the days and
//! with the calls. It knows no requests.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::spec::BudgetSpec;

/// How often AWS brings its figures up to date.
const UPDATE_EVERY: SignedDuration = SignedDuration::from_hours(8);
/// How old the figures are when the world opens.
const AGE_AT_OPENING: SignedDuration = SignedDuration::from_hours(9);
/// USD for a million calls of Lambda.
const PER_MILLION_CALLS: f64 = 0.20;

/// A monthly cost budget with its present figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// Its limit for a month.
    pub limit: f64,
    /// What has been spent this month, as of `as_of`.
    pub actual: f64,
    /// What AWS expects for the whole month, when it has an opinion.
    pub forecast: Option<f64>,
    /// The currency, `USD`.
    pub unit: &'static str,
    /// The time the figures are of.
    pub as_of: Timestamp,
    /// When the month began, UTC.
    pub month_start: Timestamp,
    /// When the next month begins, UTC.
    pub month_end: Timestamp,
}

impl Budget {
    /// The budget as AWS shows it `now`, in a world that opened at `opening` and sees so many calls a minute.
    pub(super) fn at(spec: &BudgetSpec, opening: Timestamp, now: Timestamp, calls_per_minute: f64) -> Self {
        let as_of = last_update(opening, now);
        let (month_start, month_end) = month_of(now);
        let same_month = month_of(opening).0 == month_start;
        let since = if same_month { opening } else { month_start };
        let days = (as_of.duration_since(since).as_secs_f64() / 86_400.0).max(0.0);
        let calls_a_day = calls_per_minute * 60.0 * 24.0;
        let per_day = spec.per_day + calls_a_day / 1_000_000.0 * PER_MILLION_CALLS;
        let before = if same_month { spec.actual } else { 0.0 };
        let actual = days.mul_add(per_day, before);
        // What was still expected at the opening melts with the days that are left. A new month has no forecast yet.
        let left = |from: Timestamp| month_end.duration_since(from).as_secs_f64().max(0.0);
        let share_left = left(as_of.max(since)) / left(since).max(1.0);
        let forecast = spec.forecast.filter(|_| same_month);
        let forecast = forecast.map(|forecast| (forecast - spec.actual).mul_add(share_left, actual));
        Self {
            name: spec.name.clone(),
            limit: spec.limit,
            actual,
            forecast,
            unit: "USD",
            as_of,
            month_start,
            month_end,
        }
    }
}

fn last_update(opening: Timestamp, now: Timestamp) -> Timestamp {
    let updates = now.duration_since(opening).as_secs() / UPDATE_EVERY.as_secs();
    let since_opening = SignedDuration::from_secs(updates * UPDATE_EVERY.as_secs()) - AGE_AT_OPENING;
    opening.saturating_add(since_opening).unwrap_or(opening)
}

/// The first moments of the month around `now` and of the next.
fn month_of(now: Timestamp) -> (Timestamp, Timestamp) {
    let month = now.to_zoned(TimeZone::UTC).datetime().date().first_of_month();
    let next = month.last_of_month().tomorrow().unwrap_or(month);
    let utc = |date: jiff::civil::Date| {
        let midnight: DateTime = date.at(0, 0, 0, 0);
        TimeZone::UTC.to_timestamp(midnight).unwrap_or(now)
    };
    (utc(month), utc(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> BudgetSpec {
        BudgetSpec { name: "tier-10".to_owned(), limit: 10.0, actual: 6.1, forecast: Some(11.0), per_day: 0.3 }
    }

    #[test]
    fn figures_are_hours_old_and_grow() {
        let opening: Timestamp = "2026-11-20T14:32:07Z".parse().unwrap();
        let fresh = Budget::at(&spec(), opening, opening, 1_000.0);
        assert!((fresh.actual - 6.1).abs() < 1e-9);
        assert!((fresh.forecast.unwrap() - 11.0).abs() < 1e-9);
        assert_eq!(opening.duration_since(fresh.as_of), AGE_AT_OPENING);
        assert_eq!(fresh.month_end.to_string(), "2026-12-01T00:00:00Z");

        let mut last = fresh;
        for hour in 1..48 {
            let now = opening + SignedDuration::from_hours(hour);
            let budget = Budget::at(&spec(), opening, now, 1_000.0);
            assert!(now.duration_since(budget.as_of) >= UPDATE_EVERY);
            assert!(budget.actual >= last.actual && budget.forecast.unwrap() >= budget.actual);
            last = budget;
        }
        assert!(last.actual > 6.3, "{last:?}");
    }

    #[test]
    fn a_new_month_begins_at_nothing() {
        let opening: Timestamp = "2026-11-30T14:00:00Z".parse().unwrap();
        let budget = Budget::at(&spec(), opening, opening + SignedDuration::from_hours(12), 0.0);
        assert!(budget.actual < 0.01 && budget.forecast.is_none(), "{budget:?}");
    }
}
