//! Allowed hours: when a release may begin without anybody saying why. Pure: the moment is an argument, and zones were
//! looked up when the configuration was read.

use std::fmt;

use jiff::{
    Span, Timestamp,
    civil::{Time, Weekday},
    tz::TimeZone,
};

/// Some days of the week, and a time of the day.
#[derive(Debug, Clone, PartialEq)]
pub struct AllowedHours {
    /// On these days. Never empty.
    pub days: Vec<Weekday>,
    /// From this time of the day, …
    pub from: Time,
    /// … to this, exclusive. A time that is not after `from` is meant on the day after.
    pub to: Time,
    /// Where days and times are counted.
    pub zone: TimeZone,
}

impl AllowedHours {
    /// Whether a moment lies in them. Hours over midnight belong to the day on which they begin.
    pub fn contain(&self, moment: Timestamp) -> bool {
        let local = moment.to_zoned(self.zone.clone());
        let (day, time) = (local.weekday(), local.time());
        if self.from < self.to {
            return self.days.contains(&day) && self.from <= time && time < self.to;
        }
        (self.days.contains(&day) && self.from <= time) || (self.days.contains(&day.previous()) && time < self.to)
    }

    /// When they begin next.
    fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        let today = moment.to_zoned(self.zone.clone()).date();
        let start = |days: i64| {
            let date = today.checked_add(Span::new().days(days)).ok()?;
            let start = date.to_datetime(self.from).to_zoned(self.zone.clone()).ok()?.timestamp();
            (self.days.contains(&date.weekday()) && start > moment).then_some(start)
        };
        (0..=7).find_map(start)
    }
}

/// Whether a release may begin at a moment. Without any hours it always may.
pub fn allow(hours: &[AllowedHours], moment: Timestamp) -> bool {
    hours.is_empty() || hours.iter().any(|hours| hours.contain(moment))
}

/// When it may begin next without a reason.
pub fn next(hours: &[AllowedHours], moment: Timestamp) -> Option<Timestamp> {
    hours.iter().filter_map(|hours| hours.next_after(moment)).min()
}

/// All hours in words.
pub fn in_words(hours: &[AllowedHours]) -> String {
    hours.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// `mon tue wed 09:00–16:00 Europe/Berlin`.
impl fmt::Display for AllowedHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for day in &self.days {
            write!(f, "{} ", short(*day))?;
        }
        let zone = self.zone.iana_name().unwrap_or("UTC");
        write!(f, "{}–{} {zone}", self.from.strftime("%H:%M"), self.to.strftime("%H:%M"))
    }
}

/// A day as the configuration names it.
pub fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    }
}

#[cfg(test)]
mod tests {
    use jiff::{civil::time, tz};

    use super::*;

    /// 2026-11-20 is a Friday.
    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().unwrap()
    }

    fn office(zone: TimeZone) -> AllowedHours {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        let days = vec![Monday, Tuesday, Wednesday, Thursday, Friday];
        AllowedHours { days, from: time(9, 0, 0, 0), to: time(16, 0, 0, 0), zone }
    }

    #[test]
    fn hours_are_counted_in_their_zone() {
        let utc = office(TimeZone::UTC);
        let east = office(TimeZone::fixed(tz::offset(5)));
        assert!(utc.contain(at("20T09:00:00")) && !utc.contain(at("20T16:00:00")));
        assert!(!east.contain(at("20T11:00:00")) && east.contain(at("20T04:00:00")));
        assert!(!utc.contain(at("21T10:00:00")), "Saturday");
    }

    #[test]
    fn hours_over_midnight_belong_to_the_day_they_begin_on() {
        let night = AllowedHours {
            days: vec![Weekday::Friday],
            from: time(22, 0, 0, 0),
            to: time(4, 0, 0, 0),
            zone: TimeZone::UTC,
        };
        assert!(night.contain(at("20T23:00:00")) && night.contain(at("21T03:59:00")));
        assert!(!night.contain(at("20T03:00:00")) && !night.contain(at("21T22:30:00")));
    }

    #[test]
    fn the_next_opening_is_the_earliest_of_all() {
        let hours = [office(TimeZone::UTC), office(TimeZone::fixed(tz::offset(2)))];
        assert_eq!(next(&hours, at("20T20:00:00")), Some(at("23T07:00:00")));
        assert!(allow(&[], at("21T03:00:00")) && !allow(&hours, at("21T10:00:00")));
        assert_eq!(in_words(&hours[..1]), "mon tue wed thu fri 09:00–16:00 UTC");
    }
}
