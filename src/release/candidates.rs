//! Which version comes next, and which is the newer of two. Versions of functions are ordered by their numbers,
//! deployments of APIs by their dates, and target groups not at all: the one that gets nothing is next.

use std::cmp::Ordering;

use super::{
    facts::VersionInfo,
    names::{Mover, Version},
    routing::Routing,
};

/// The version to release next where `live` has the traffic, or why there is none. One that was rolled back is none
/// until somebody picks it by hand.
pub fn next(kind: Mover, versions: &[VersionInfo], live: &Routing, withdrawn: &[Version]) -> Result<Version, String> {
    let stable = live.primary;
    let found = match kind {
        Mover::Alias => newest_above(versions, stable).ok_or_else(|| format!("no published version above {stable}"))?,
        Mover::Rule => idle_group(versions, live)?,
        Mover::Stage => {
            if versions.iter().all(|info| info.version != stable) {
                return Err(format!("the deployment {stable} that the stage is at is not among those of its API"));
            }
            newest_above(versions, stable).ok_or_else(|| format!("no deployment is newer than {stable}"))?
        }
    };
    if withdrawn.contains(&found) {
        let noun = noun(kind);
        return Err(format!("{noun} {found} was rolled back; pick a {noun} by hand (⏎, then v)"));
    }
    Ok(found)
}

/// What a version of such a target is called.
pub fn noun(kind: Mover) -> &'static str {
    match kind {
        Mover::Alias => "version",
        Mover::Rule => "target group",
        Mover::Stage => "deployment",
    }
}

/// The group of a rule that gets nothing while the other gets all.
fn idle_group(versions: &[VersionInfo], live: &Routing) -> Result<Version, String> {
    let mut idle = versions.iter().map(|info| info.version).filter(|group| !live.reaches(*group));
    match (idle.next(), idle.next()) {
        (Some(group), None) => Ok(group),
        (Some(_), Some(_)) => Err("the rule names more than two target groups".to_owned()),
        (None, _) if live.is_split() => Err(format!("both target groups get traffic already ({live})")),
        (None, _) => Err(format!(
            "the rule forwards to {} alone: add the second target group to its action with weight 0",
            live.primary
        )),
    }
}

/// The newest version above `version`, if there is one. Of target groups none is newer than another.
pub fn newest_above(versions: &[VersionInfo], version: Version) -> Option<Version> {
    let present = versions.iter().find(|info| info.version == version);
    let is_newer = |info: &&VersionInfo| match (info.version.has_order(), version.has_order()) {
        (true, true) => info.version > version,
        (false, false) => present.and_then(|present| present.modified) < info.modified && is_dated(present, info),
        (true, false) | (false, true) => false,
    };
    versions.iter().filter(is_newer).max_by(|one, other| by_age(one, other)).map(|info| info.version)
}

fn is_dated(present: Option<&VersionInfo>, info: &VersionInfo) -> bool {
    info.modified.is_some() && present.is_some_and(|present| present.modified.is_some())
}

/// The older of two comes first.
pub fn by_age(one: &VersionInfo, other: &VersionInfo) -> Ordering {
    if one.version.has_order() && other.version.has_order() {
        return one.version.cmp(&other.version);
    }
    one.modified.cmp(&other.modified)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::release::routing::SplitStyle;

    fn info(version: Version, second: Option<i64>) -> VersionInfo {
        let modified = second.map(|second| Timestamp::from_second(1_700_000_000 + second).unwrap());
        VersionInfo { modified, ..VersionInfo::bare(version) }
    }

    fn named(name: &str) -> Version {
        Version::named(name).unwrap()
    }

    fn groups(names: &[&str]) -> Vec<VersionInfo> {
        names.iter().map(|name| info(named(name), None)).collect()
    }

    #[test]
    fn versions_of_a_function_are_ordered_by_number() {
        let versions =
            [info(Version::Latest, Some(9)), info(Version::Number(10), Some(1)), info(Version::Number(9), Some(5))];
        let after = |version: u64| next(Mover::Alias, &versions, &Routing::only(Version::Number(version)), &[]);
        assert_eq!(after(8), Ok(Version::Number(10)));
        assert_eq!(after(10), Err("no published version above 10".into()));
        let withdrawn = next(Mover::Alias, &versions, &Routing::only(Version::Number(8)), &[Version::Number(10)]);
        assert_eq!(withdrawn, Err("version 10 was rolled back; pick a version by hand (⏎, then v)".into()));
    }

    #[test]
    fn deployments_are_ordered_by_date() {
        let versions = [info(named("zzz"), Some(1)), info(named("bbb"), Some(3)), info(named("aaa"), Some(2))];
        let after = |id: &str| next(Mover::Stage, &versions, &Routing::only(named(id)), &[]);
        assert_eq!(after("zzz"), Ok(named("bbb")));
        assert_eq!(after("aaa"), Ok(named("bbb")));
        assert_eq!(after("bbb"), Err("no deployment is newer than bbb".into()));
        assert!(after("gone").unwrap_err().contains("is not among those of its API"));
    }

    #[test]
    fn the_group_that_gets_nothing_is_next_whatever_its_name() {
        let only = |name: &str| Routing::only(named(name));
        let two = groups(&["blue/1", "green/2"]);
        assert_eq!(next(Mover::Rule, &two, &only("blue/1"), &[]), Ok(named("green/2")));
        assert_eq!(next(Mover::Rule, &two, &only("green/2"), &[]), Ok(named("blue/1")));
        assert_eq!(newest_above(&two, named("blue/1")), None);
        let split = Routing::at_percent(named("blue/1"), named("green/2"), 10.0, SplitStyle::WeightNew);
        assert!(next(Mover::Rule, &two, &split, &[]).unwrap_err().contains("both target groups"));
        let one = next(Mover::Rule, &groups(&["blue/1"]), &only("blue/1"), &[]).unwrap_err();
        assert!(one.contains("with weight 0"), "{one}");
        let three = next(Mover::Rule, &groups(&["a/1", "b/2", "c/3"]), &only("a/1"), &[]).unwrap_err();
        assert!(three.contains("more than two"), "{three}");
    }
}
