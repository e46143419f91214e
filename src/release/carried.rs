//! The release record that travels with what is moved, so that another machine sees the release and can go on with it or
//! roll it back. In a description it stands behind what a person wrote; a rule of a load balancer has none, so there a
//! tag holds it, in a spelling of its own. At the end it is taken out again.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{
    names::{AliasName, ReleaseId, Version},
    routing::trim_percent,
};

/// AWS takes at most so many characters for an alias: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html>.
/// For a stage of a REST API it names no limit.
const LONGEST: usize = 256;
const OPENING: &str = "[flightdeck ";
/// In front of the alias that a pre-stage came before.
const BEFORE: &str = "before:";
/// The tag of a rule or a listener.
pub const TAG: &str = "flightdeck";
/// A tag's value may have so many characters, as the guide says (the API's reference says one more):
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rule-tags.html>.
const LONGEST_TAG: usize = 255;

/// How the words of a record are told apart.
struct Spelling {
    /// Between the stable version and the new one.
    arrow: char,
    /// Behind the share.
    percent: &'static str,
}

/// `r-20261120-1432 42>43 10% 2026-11-20T14:32:07Z ada@laptop/4711`; a deployment stands there as `@x1y2z3`, and a
/// pre-stage ends with ` before:production`.
const IN_DESCRIPTION: Spelling = Spelling { arrow: '>', percent: "%" };
/// `r-20261120-1432 @blue/6d0e=@green/73e2 10 2026-11-20T14:32:07Z ada@laptop/4711`: a tag takes letters, digits, spaces
/// and `+ - = . _ : / @`, so neither an arrow nor a percent sign.
const IN_TAG: Spelling = Spelling { arrow: '=', percent: "" };

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
    /// Where this alias only came first: the alias whose release it is, such as `production`. `None` where the release is
    /// its own.
    pub before: Option<AliasName>,
}

/// A description as it was read: what a person wrote, and the record behind it.
pub fn read(description: &str) -> (&str, Option<Carried>) {
    let parsed = description.rfind(OPENING).and_then(|at| {
        let inside = description[at + OPENING.len()..].strip_suffix(']')?;
        Some((description[..at].trim_end(), IN_DESCRIPTION.parse(inside)?))
    });
    parsed.map_or((description, None), |(human, carried)| (human, Some(carried)))
}

/// The record of a release of the alias itself, not of one that it only came before.
pub fn own(description: &str) -> Option<Carried> {
    read(description).1.filter(|carried| carried.before.is_none())
}

/// Whether something is left of a record that says nothing any more: somebody edited it, or it was cut off.
pub fn is_cut(description: &str) -> bool {
    description.contains(OPENING.trim_end()) && read(description).1.is_none()
}

/// The description with the record behind what a person wrote. `None` where AWS's 256 characters do not hold both:
/// then the record stays on this machine.
pub fn write(human: &str, carried: &Carried) -> Option<String> {
    let mut text = human.to_owned();
    if !text.is_empty() {
        text.push(' ');
    }
    write!(text, "{OPENING}{}]", IN_DESCRIPTION.spell(carried)).ok()?;
    (text.chars().count() <= LONGEST && read(&text).1.is_some()).then_some(text)
}

/// The value of a tag that says what this description says. `None` where a tag cannot hold it: then the record stays on
/// this machine.
pub fn in_tag(description: &str) -> Option<String> {
    let carried = read(description).1?;
    let value = IN_TAG.spell(&carried);
    let is_allowed = |c: char| c.is_alphanumeric() || "+-=._:/@ ".contains(c);
    let fits = value.chars().count() <= LONGEST_TAG && value.chars().all(is_allowed);
    (fits && IN_TAG.parse(&value) == Some(carried)).then_some(value)
}

/// The description that says what the value of a tag says; empty where that is no record.
pub fn from_tag(value: &str) -> String {
    IN_TAG.parse(value).and_then(|carried| write("", &carried)).unwrap_or_default()
}

impl Spelling {
    fn spell(&self, carried: &Carried) -> String {
        let Carried { id, stable, new, percent, since, owner, before } = carried;
        let (since, share) = (since.strftime("%Y-%m-%dT%H:%M:%SZ"), trim_percent(*percent));
        let (stable, new) = (stable.in_record(), new.in_record());
        let before = before.as_ref().map(|alias| format!(" {BEFORE}{alias}")).unwrap_or_default();
        format!("{id} {stable}{}{new} {share}{} {since} {owner}{before}", self.arrow, self.percent)
    }

    fn parse(&self, inside: &str) -> Option<Carried> {
        let mut words = inside.split(' ');
        let id = ReleaseId::new(words.next().filter(|id| !id.is_empty())?);
        let (stable, new) = words.next()?.split_once(self.arrow)?;
        let percent: f64 = words.next()?.strip_suffix(self.percent)?.parse().ok()?;
        let since = words.next()?.parse().ok()?;
        let owner = words.next().filter(|owner| !owner.is_empty())?.to_owned();
        let before = match words.next() {
            Some(word) => Some(AliasName::new(word.strip_prefix(BEFORE).filter(|alias| !alias.is_empty())?)),
            None => None,
        };
        let is_whole = words.next().is_none() && (0.0..=100.0).contains(&percent);
        let (stable, new) = (stable.parse().ok()?, new.parse().ok()?);
        is_whole.then_some(Carried { id, stable, new, percent, since, owner, before })
    }
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
            before: None,
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

    #[test]
    fn a_pre_stage_says_whose_release_it_came_before() {
        let first = Carried { percent: 100.0, before: Some(AliasName::new("production")), ..carried() };
        let text = write("what staging calls", &first).unwrap();
        assert!(text.ends_with(" ada@laptop/4711 before:production]"), "{text}");
        assert_eq!((read(&text), own(&text)), (("what staging calls", Some(first)), None));
        assert_eq!(own(&write("", &carried()).unwrap()), Some(carried()));
        assert_eq!(read(&text.replace("before:production", "before:")).1, None);
        assert_eq!(read(&text.replace("before:production", "after:production")).1, None);
    }

    fn groups() -> Carried {
        let [stable, new] = ["blue/6d0ecf831eec9f09", "green/73e2d6bc24d8a067"].map(|n| Version::named(n).unwrap());
        Carried { stable, new, ..carried() }
    }

    #[test]
    fn a_tag_says_the_same_with_the_signs_that_it_takes() {
        let text = write("", &groups()).unwrap();
        let value = in_tag(&text).unwrap();
        let expected = "r-20261120-1432 @blue/6d0ecf831eec9f09=@green/73e2d6bc24d8a067 10 2026-11-20T14:32:07Z \
                        ada@laptop/4711";
        assert_eq!((value.as_str(), from_tag(&value)), (expected, text));
    }

    #[test]
    fn what_a_tag_cannot_hold_is_not_cut() {
        let odd = Carried { owner: "ada~1@laptop/4711".into(), ..groups() };
        assert_eq!(in_tag(&write("", &odd).unwrap()), None, "a sign that AWS refuses");
        // What fits into 256 with two brackets around it fits into a tag as well.
        let long = Carried { owner: "x".repeat(200), ..groups() };
        assert_eq!(write("", &long), None);
        for text in ["", "shop", "a b", "r-1 42=43 10 now me"] {
            assert_eq!((in_tag(text), from_tag(text)), (None, String::new()));
        }
    }

    proptest! {
        #[test]
        fn a_tag_is_read_back(stable in "[a-zA-Z0-9-]{1,32}/[0-9a-f]{16}", new in "[a-zA-Z0-9-]{1,32}/[0-9a-f]{16}", percent in 0u32..=1000, owner in "[\\w.-]{1,12}@[\\w.-]{1,12}(/[0-9]{1,7})?") {
            let [stable, new] = [stable, new].map(|name| Version::named(&name).unwrap());
            let carried = Carried { stable, new, percent: f64::from(percent) / 10.0, owner, ..carried() };
            if let Some(value) = write("", &carried).and_then(|text| in_tag(&text)) {
                prop_assert!(value.chars().count() <= LONGEST_TAG);
                prop_assert!(value.chars().all(|c| c.is_alphanumeric() || "+-=._:/@ ".contains(c)), "{}", value);
                let text = from_tag(&value);
                prop_assert_eq!(read(&text), ("", Some(carried)));
            }
        }

        #[test]
        fn no_tag_breaks_it(value in any::<String>()) {
            let text = from_tag(&value);
            prop_assert!(text.is_empty() || in_tag(&text).is_some() || !text.is_ascii());
        }

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
