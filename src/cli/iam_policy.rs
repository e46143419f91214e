//! `flightdeck iam-policy`: what the configuration needs leave for, to be given to a role.

use super::{exit, output::print, resolve::Setting};
use crate::aws::policy::policy;

/// Prints the policy of the environment; in read-only mode, that of somebody who only looks.
pub(super) fn run(setting: &Setting) -> u8 {
    let environment = &setting.environment;
    print(format_args!("{:#}", policy(environment, setting.read_only)));
    for (what, key) in [("account", &environment.account), ("region", &environment.region)] {
        if key.is_none() {
            eprintln!(
                "flightdeck: the environment {} names no {what}: the policy holds for every {what}; name it for a narrower one",
                environment.name
            );
        }
    }
    exit::DONE
}
