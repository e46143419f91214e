//! What a question is called in the log of a bench.

use super::*;

pub fn read_name(read: &Read) -> String {
    match read {
        Read::Caller => "Caller".into(),
        Read::Alias(target, pace) => format!("Alias {} {pace:?}", target.function),
        Read::Versions(target) => format!("Versions {}", target.function),
        Read::Version(target, version) => format!("Version {} {version}", target.function),
        Read::Aliases(target) => format!("Aliases {}", target.function),
        Read::Provisioned(target) => format!("Provisioned {}", target.function),
        Read::Around(target, ..) => format!("Around {}", target.function),
        Read::Deployments(_) => "Deployments".into(),
        Read::Permissions(_, calls) => format!("Permissions {}", calls.len()),
        Read::Metrics(question) => format!("Metrics {}", question.series.len()),
        Read::Alarms => "Alarms".into(),
        Read::Probe(probe) => format!("Probe {}", probe.name),
        Read::Command(command) => format!("Command {}", command.name),
        Read::Budgets(account) => format!("Budgets {account}"),
        Read::Recall(account, _) => format!("Recall {account}"),
        Read::Unsettled(account) => format!("Unsettled {account}"),
        Read::History(environment, _) => format!("History {environment}"),
        Read::Process(number) => format!("Process {number}"),
    }
}
