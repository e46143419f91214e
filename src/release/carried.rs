//! The release record that travels in the description of what is moved, so that another machine sees the release and
//! can go on with it or roll it back. It stands behind what a person wrote there, and is taken out again at the end.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{
    names::{ReleaseId, Version},
    routing::trim_percent,
};

/// AWS takes at most so many characters for an alias: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html>.
/// For a stage of a REST API it names no limit.
const LONGEST: usize = 256;
const OPENING: &str = "[flightdeck ";

/// What an alias or a stage says of the release it is part of.
#[derive(Debug, Clone, PartialEq)]
pub struct Carried {
    /// The release.
    pub id: ReleaseId,
    /// What R puts back.
    pub stable: Version,
    /// What is being released.
    pub new: Version,
    /// The stage: the new version's share in percent 0–100.
    pub percent: f64,
    /// Since when the alias is at this stage, UTC, whole seconds.
    pub since: Timestamp,
    /// Who runs it, such as `ada@laptop/4711`: only the owner moves by itself.
    pub owner: String,
}

/// A description as it was read: what a person wrote, and the record behind it.
pub fn read(description: &str) -> (&str, Option<Carried>) {
    let parsed = description.rfind(OPENING).and_then(|at| {
        let inside = description[at + OPENING.len()..].strip_suffix(']')?;
        Some((description[..at].trim_end(), parse(inside)?))
    });
    parsed.map_or((description, None), |(human, carried)| (human, Some(carried)))
}

/// The description with the record behind what a person wrote. `None` where AWS's 256 characters do not hold both:
/// then the record stays on this machine.
pub fn write(human: &str, carried: &Carried) -> Option<String> {
    let mut text = human.to_owned();
    if !text.is_empty() {
        text.push(' ');
    }
    let Carried { id, stable, new, percent, since, owner } = carried;
    let (since, percent) = (since.strftime("%Y-%m-%dT%H:%M:%SZ"), trim_percent(*percent));
    let (stable, new) = (stable.in_record(), new.in_record());
    write!(text, "{OPENING}{id} {stable}>{new} {percent}% {since} {owner}]").ok()?;
    (text.chars().count() <= LONGEST && read(&text).1.is_some()).then_some(text)
}

/// `r-20261120-1432 42>43 10% 2026-11-20T14:32:07Z ada@laptop/4711`; a deployment stands there as `@x1y2z3`.
fn parse(inside: &str) -> Option<Carried> {
    let mut words = inside.split(' ');
    let id = ReleaseId::new(words.next().filter(|id| !id.is_empty())?);
    let (stable, new) = words.next()?.split_once('>')?;
    let percent: f64 = words.next()?.strip_suffix('%')?.parse().ok()?;
    let since = words.next()?.parse().ok()?;
    let owner = words.next().filter(|owner| !owner.is_empty())?.to_owned();
    let is_whole = words.next().is_none() && (0.0..=100.0).contains(&percent);
    let carried = Carried { id, stable: stable.parse().ok()?, new: new.parse().ok()?, percent, since, owner };
    is_whole.then_some(carried)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn carried() -> Carried {
        Carried {
            id: ReleaseId::new("r-20261120-1432"),
            stable: Version::Number(42),
            new: Version::Number(43),
            percent: 10.0,
            since: "2026-11-20T14:32:07Z".parse().unwrap(),
            owner: "ada@laptop/4711".into(),
        }
    }

    #[test]
    fn it_stands_behind_what_a_person_wrote() {
        let text = write("live traffic", &carried()).unwrap();
        assert_eq!(text, "live traffic [flightdeck r-20261120-1432 42>43 10% 2026-11-20T14:32:07Z ada@laptop/4711]");
        assert_eq!(read(&text), ("live traffic", Some(carried())));
    }

    #[test]
    fn a_description_of_a_person_is_left_alone() {
        for text in ["", "live", "[flightdeck is great]", "[flightdeck r-1 42>x 10% now me]", "about [flightdeck r"] {
            assert_eq!(read(text), (text, None));
        }
    }

    #[test]
    fn where_both_do_not_fit_nothing_is_cut() {
        assert_eq!(write(&"x".repeat(250), &carried()), None);
        let human = "é".repeat(256 - write("", &carried()).unwrap().chars().count() - 1);
        assert_eq!(write(&human, &carried()).unwrap().chars().count(), LONGEST);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(human in "[ -~é]{0,160}", stable in 1u64..9999, step in 1u64..9, percent in 0u8..=100) {
            let mut carried = carried();
            carried.stable = Version::Number(stable);
            carried.new = Version::Number(stable + step);
            carried.percent = f64::from(percent);
            if let Some(text) = write(&human, &carried) {
                let (read_human, read_carried) = read(&text);
                prop_assert_eq!(read_human, human.trim_end());
                prop_assert_eq!(read_carried, Some(carried));
            }
        }

        #[test]
        fn deployments_and_groups_are_read_back_whole(stable in "[a-z0-9]{1,10}", new in "[a-z0-9-]{1,20}/[0-9a-f]{1,16}") {
            let [stable, new] = [stable, new].map(|name| Version::named(&name).unwrap());
            let carried = Carried { stable, new, ..carried() };
            let text = write("", &carried).unwrap();
            prop_assert_eq!(read(&text), ("", Some(carried)), "{}", text);
        }

        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let (human, _) = read(&text);
            prop_assert!(text.starts_with(human));
        }
    }
}
