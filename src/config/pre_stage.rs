//! `pre_stage`: the alias of the same function that a release moves first, whole, and the probe that must then answer
//! well before the traffic that counts is touched.

use super::{
    document::Table,
    error::{quoted, suggestion},
    probes::ProbeSettings,
    read::checked,
    words,
};

/// Keys of `pre_stage`.
pub(super) const KEYS: &[&str] = &["alias", "probe"];

/// Where a release tries a version before its first shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreStage {
    /// Another alias of the same function.
    pub alias: String,
    /// The name of the probe that asks what stands behind it.
    pub probe: String,
}

/// The pre-stage of a function whose own alias is `alias`.
pub(super) fn pre_stage(function: &Table<'_>, alias: &str, probes: &[ProbeSettings]) -> Option<PreStage> {
    let table = function.table("pre_stage", KEYS)?;
    let other = table.require("alias", checked(words::alias));
    let probe = table.require("probe", checked(words::name));
    if other.as_deref() == Some(alias) {
        let message = format!("{} is the alias that the release itself moves; name another one", quoted(alias));
        table.problem_at("alias", message);
    }
    let known: Vec<&str> = probes.iter().map(|settings| settings.probe.name.as_str()).collect();
    if let Some(probe) = probe.as_deref().filter(|probe| !known.contains(probe)) {
        table.problem_at("probe", format!("there is no probe {}{}", quoted(probe), suggestion(probe, &known)));
    }
    Some(PreStage { alias: other?, probe: probe? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn parsed(pre_stage: &str) -> Result<Option<PreStage>, String> {
        let text = format!(
            "[environments.production]\n[[environments.production.functions]]\nname = \"api\"\npre_stage = {pre_stage}\n\
             [[environments.production.probes]]\nname = \"staging health\"\nurl = \"https://example.com/health\"\n"
        );
        let config = Config::parse(&text, "config.toml").map_err(|error| error.to_string())?;
        Ok(config.environment(None).unwrap().functions[0].pre_stage.clone())
    }

    #[test]
    fn a_pre_stage_names_another_alias_and_a_probe() {
        let expected = PreStage { alias: "staging".to_owned(), probe: "staging health".to_owned() };
        assert_eq!(parsed("{ alias = \"staging\", probe = \"staging health\" }"), Ok(Some(expected)));
        for (wrong, words) in [
            ("{ alias = \"live\", probe = \"staging health\" }", "the release itself moves"),
            ("{ alias = \"staging\", probe = \"staging helth\" }", "did you mean `staging health`?"),
            ("{ alias = \"staging\" }", "`probe` is missing"),
            ("{ alias = \"7\", probe = \"staging health\" }", "is a version"),
            ("\"staging\"", "pre_stage"),
        ] {
            let error = parsed(wrong).expect_err(wrong);
            assert!(error.contains(words), "{error}");
        }
    }
}
