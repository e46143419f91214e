//! The questions to the outside, each to whom it belongs.

use std::collections::BTreeMap;

use super::Services;
use crate::{
    app::event::{Pace, Read, Reply},
    aws::Urgency,
    command,
    probe::probe,
};

/// Asks AWS, a health endpoint or a command.
pub(super) async fn answer(services: &Services, read: Read) -> Reply {
    let cloud = &services.cloud;
    tracing::debug!(?read, "asks");
    match read {
        Read::Caller => Reply::Caller(cloud.caller().await),
        Read::Alias(target, pace) => {
            let urgency = match pace {
                Pace::Routine => Urgency::Routine,
                Pace::Urgent => Urgency::Urgent,
            };
            let alias = cloud.alias(&target, urgency).await;
            Reply::Alias(target, alias)
        }
        Read::Versions(function) => {
            let versions = cloud.versions(&function).await;
            Reply::Versions(function, versions)
        }
        Read::Version(function, version) => {
            let info = cloud.version(&function, version).await;
            Reply::Version(function, version, info)
        }
        Read::Aliases(function) => {
            let aliases = cloud.aliases(&function).await;
            Reply::Aliases(function, aliases)
        }
        Read::Provisioned(target) => {
            let provisioned = cloud.provisioned_concurrency(&target).await;
            Reply::Provisioned(target, provisioned)
        }
        Read::Metrics(question) => {
            let answer = cloud.metric_data(&question).await;
            Reply::Metrics(question, answer, cloud.metrics_asked())
        }
        Read::Alarms => Reply::Alarms(cloud.alarms(&services.alarms).await),
        Read::Budgets(account) => Reply::Budgets(cloud.budgets(&account, &services.budgets).await),
        Read::Probe(asked) => {
            let reading = probe(&asked, &services.web, variable).await;
            Reply::Probed(asked.name.clone(), reading)
        }
        Read::Command(command) => {
            let reading = command::run(&command, services.clock).await;
            Reply::Ran(command.name.clone(), reading)
        }
        Read::Recall(..) => Reply::Recalled(BTreeMap::new(), Some("the journal is read elsewhere".to_owned())),
    }
}

/// A variable of the environment, in which secrets are.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
