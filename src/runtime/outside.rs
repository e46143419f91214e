//! The questions to the outside, each to whom it belongs.

use std::sync::Arc;

use super::{Services, blocking};
use crate::{
    app::event::{Pace, Read, Reply},
    aws::Urgency,
    command::{self, Command, CommandReading},
    journal::{Journal, Wanted},
    probe::probe,
};

/// Asks AWS, a health endpoint, a command or the journal.
pub(super) async fn answer(services: &Services, read: Read) -> Reply {
    let (cloud, journal) = (&services.cloud, Arc::clone(&services.journal));
    tracing::debug!(read = read.name(), "asks");
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
        Read::Versions(target) => {
            let versions = cloud.versions(&target).await;
            Reply::Versions(target, versions)
        }
        Read::Version(target, version) => {
            let info = cloud.version(&target, version).await;
            Reply::Version(target, version, info)
        }
        Read::Aliases(target) => {
            let aliases = cloud.aliases(&target).await;
            Reply::Aliases(target, aliases)
        }
        Read::Provisioned(target) => {
            let provisioned = cloud.provisioned_concurrency(&target).await;
            Reply::Provisioned(target, provisioned)
        }
        Read::Around(target, stable, new) => {
            let around = Box::pin(cloud.surroundings(&target, Some(stable), Some(new))).await;
            Reply::Around(target, Box::new(around))
        }
        Read::Deployments(regions) => Reply::Deployments(cloud.deployments_under_way(&regions).await),
        Read::Permissions(principal, calls) => Reply::Permissions(cloud.permissions(&principal, &calls).await),
        Read::Metrics(question) => {
            let answer = cloud.metric_data(&question).await;
            Reply::Metrics(question, answer, cloud.metrics_asked())
        }
        Read::Alarms => Reply::Alarms(cloud.alarms(&services.alarms).await),
        Read::Budgets(account) => Reply::Budgets(cloud.budgets(&account, &services.budgets).await),
        Read::Probe(asked) => {
            let reading = probe(&asked, &services.web, |name| services.variable(name)).await;
            Reply::Probed(asked.name.clone(), reading)
        }
        Read::Command(command) => {
            let reading = services.run(&command).await;
            Reply::Ran(command.name.clone(), reading)
        }
        Read::Recall(account, targets) => {
            let recall = move |journal: &Journal| journal.recall(&account, &targets);
            let (memories, trouble) = blocking(journal, recall).await;
            Reply::Recalled(memories, trouble)
        }
        Read::Unsettled(account) => {
            let unsettled = blocking(journal, move |journal| journal.unsettled(&account)).await;
            Reply::Unsettled(unsettled.map_err(|error| error.to_string()))
        }
        Read::Process(number) => Reply::Process(is_there(number)),
        Read::History(environment, limit) => {
            let wanted = Wanted { environment: Some(environment), limit: Some(limit), ..Wanted::default() };
            let releases = blocking(journal, move |journal| journal.releases(&wanted)).await;
            Reply::History(releases.map_err(|error| error.to_string()))
        }
    }
}

/// Whether a process of this number exists. Whose it is nobody can tell: numbers are given out again. One that is not to
/// be asked is there, too.
#[cfg(unix)]
fn is_there(number: u32) -> Option<bool> {
    let process = rustix::process::Pid::from_raw(i32::try_from(number).ok()?)?;
    Some(rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_there(_: u32) -> Option<bool> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    #[test]
    fn this_program_is_there_and_one_that_has_ended_is_not() {
        assert_eq!(super::is_there(std::process::id()), Some(true));
        assert_eq!(super::is_there(1), Some(true), "it is not ours, and there");
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let number = child.id();
        child.wait().unwrap();
        assert_eq!(super::is_there(number), Some(false));
        assert_eq!(super::is_there(0), None);
    }
}

impl Services {
    /// A variable of the environment, in which secrets are. An embedded world asks for none and takes any.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        if self.web.is_embedded() { Some("embedded".to_owned()) } else { std::env::var(name).ok() }
    }

    /// Runs a command, unless the world that it would look at is an embedded one.
    pub(crate) async fn run(&self, command: &Command) -> CommandReading {
        if self.web.is_embedded() {
            return CommandReading::not_run_here(self.clock.now().world);
        }
        command::run(command, self.clock).await
    }
}
