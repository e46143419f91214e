//! A function without the alias that a release would move: what that means, and the two commands that change it. Pure.

use super::{
    facts::VersionInfo,
    names::{Target, Version},
};

/// What it means, in a few words for a table.
pub fn words(target: &Target) -> String {
    format!("no alias {}: cannot be rolled back by alias", target.alias)
}

/// The commands that publish what runs now and create the alias on it.
pub fn commands(target: &Target, region: &str, versions: &[VersionInfo]) -> [String; 2] {
    let (name, alias) = (option("--function-name", target.function.as_str()), &target.alias);
    let region = target.region.as_deref().unwrap_or(region);
    let newest = versions.iter().map(|info| info.version).filter(|version| *version != Version::Latest).max();
    // The first version of a function that was never published is 1; of another the command tells.
    let next = match newest {
        Some(Version::Number(newest)) => format!("{newest}, or the number that publish-version tells"),
        _ => "1".to_owned(),
    };
    [
        format!("aws lambda publish-version --region {region} {name}"),
        format!("aws lambda create-alias --region {region} {name} --name {alias} --function-version {next}"),
    ]
}

/// An option with its value. The aws CLI takes a value that begins with a hyphen for the next option, unless `=` binds it.
pub fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { "=" } else { " " };
    format!("{name}{between}{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_begins_with_a_hyphen_is_no_option() {
        let [publish, create] = commands(&Target::new("-pay", "live"), "eu-west-1", &[]);
        assert_eq!(publish, "aws lambda publish-version --region eu-west-1 --function-name=-pay");
        assert!(create.contains(" --function-name=-pay --name live "), "{create}");
    }

    #[test]
    fn the_commands_name_function_alias_and_region() {
        let [publish, create] = commands(&Target::new("pay", "live"), "eu-west-1", &[]);
        assert_eq!(publish, "aws lambda publish-version --region eu-west-1 --function-name pay");
        let expected =
            "aws lambda create-alias --region eu-west-1 --function-name pay --name live --function-version 1";
        assert_eq!(create, expected);
        assert_eq!(words(&Target::new("pay", "live")), "no alias live: cannot be rolled back by alias");
    }
}
