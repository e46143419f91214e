//! The program as a person uses it, end to end: the built binary, by commands and in a terminal, against emulators
//! that others wrote; and clients that others wrote against the embedded AWS. One binary, for each test binary links
//! the whole SDK.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops here")]

mod another_machine;
mod bad_input;
mod check;
mod clients;
mod cockpit;
mod command_line_client;
mod conflicts;
mod denied;
mod embedded_systems;
mod environments;
mod hundreds;
mod init;
mod journal;
#[path = "../lab/mod.rs"]
mod lab;
mod ministack;
mod moto;
mod movers;
mod panels;
mod pre_stage;
mod regions;
mod releases;
mod runbook;
mod systems;
mod takeover;

use std::sync::Arc;

use lab::{
    hand::Hand,
    home::{Home, Run},
    server::Server,
};
use serde_json::json;

/// An emulator with a service on it, a person who releases it, and somebody else who looks on.
struct Vault {
    server: Server,
    other: Arc<Hand>,
    person: Home,
}

impl Vault {
    /// The service on ministack, with half an hour of metrics, an alarm for each function, and a budget.
    fn complete() -> Self {
        let vault = Self::on(Server::ministack(), &["receipt_crud", "ocr_refine"], true);
        vault.other.ask(
            "seed",
            "budget",
            json!({"name": "receipt-vault-monthly", "limit": "50", "actual": "12.5", "forecast": "31"}),
        );
        vault
    }

    /// The service on ministack without anything but functions, for what is about moving traffic.
    fn bare() -> Self {
        Self::on(Server::ministack(), &["receipt_crud", "ocr_refine"], false)
    }

    fn on(server: Server, names: &[&str], metrics: bool) -> Self {
        let other = Arc::new(Hand::on(&server.url));
        other.ask("seed", "service", json!({"names": names, "metrics": metrics}));
        let person = Home::with_config(&config(&server.url, ""));
        Self { server, other, person }
    }

    fn run(&self, args: &[&str]) -> Run {
        self.person.run(args)
    }

    /// Where the two functions are, as the other sees it.
    fn routing(&self) -> [String; 2] {
        ["receipt_crud", "ocr_refine"].map(|name| self.other.routing(name))
    }
}

/// A configuration for the two functions at an endpoint; `more` goes to the top.
fn config(url: &str, more: &str) -> String {
    format!(
        r#"{more}
[environments.production]
region = "eu-west-1"
endpoint_url = "{url}"
[[environments.production.functions]]
name = "receipt_crud"
[[environments.production.functions]]
name = "ocr_refine"
[[environments.production.alarms]]
prefix = "rv-"
severity = "critical"
[[environments.production.budgets]]
name = "receipt-vault-monthly"
"#
    )
}
