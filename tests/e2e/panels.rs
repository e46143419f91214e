//! Panels of AWS services on ministack: what another client has put there is what `status` and `check` say.

use serde_json::{Value, json};

use crate::{
    Vault, config,
    lab::{hand::Hand, home::Home, server::Server},
};

const RESOURCES: &str = r#"
[[environments.production.resources]]
preset = "dynamodb"
name = "ReceiptVault"
indexes = ["GSI1"]
panels = ["consumed reads", "throttled requests"]
[[environments.production.resources]]
preset = "alb"
name = "app/web/50dc6c495c0c9188"
title = "web"
[[environments.production.resources]]
preset = "rds"
name = "db"
max_connections = 405
allocated_gib = 20
[[environments.production.resources]]
preset = "s3"
name = "images"
[[environments.production.resources]]
preset = "cloudfront"
name = "E1"
panels = ["error rate"]
[[environments.production.resources]]
preset = "lambda"
name = "receipt_crud"
alias = "live"
panels = ["error rate", "memory"]
[[environments.production.metrics]]
title = "Requests a connection"
expression = "requests / open"
metrics.requests = { namespace = "AWS/ApplicationELB", metric = "RequestCount", dimensions = { LoadBalancer = "app/web/50dc6c495c0c9188" } }
metrics.open = { namespace = "AWS/RDS", metric = "DatabaseConnections", stat = "Maximum", dimensions = { DBInstanceIdentifier = "db" } }
[[environments.production.metrics]]
title = "Misspelt"
namespace = "AWS/RDS"
metric = "CPUUtilisation"
stat = "Average"
[[environments.production.gates]]
metric = "web: 5xx rate"
"#;

fn services() -> Vault {
    let vault = Vault::complete();
    vault.other.ask("seed", "resources", json!({}));
    vault.person.write_config(&(config(&vault.server.url, "") + RESOURCES));
    vault
}

fn panel<'a>(panels: &'a Value, title: &str) -> &'a Value {
    let found = panels.as_array().unwrap().iter().find(|panel| panel["title"] == title);
    found.unwrap_or_else(|| panic!("{title} is not among {panels}"))
}

#[test]
fn status_says_what_the_services_report() {
    let vault = services();
    let status = vault.run(&["status", "--json"]).expect(0).json();
    let panels = &status["metrics"];
    for (title, value, unit, state) in [
        ("web: 5xx rate", Some(12.0), "percent", "critical"),
        ("web: latency p95", Some(180.0), "milliseconds", "ok"),
        ("db: connections %", Some(101.234_567), "percent", "critical"),
        ("db: storage used %", Some(75.0), "percent", "ok"),
        ("ReceiptVault: consumed reads", Some(40.0), "count", "ok"),
        ("ReceiptVault: throttled requests", Some(0.0), "count", "ok"),
        ("images: size", Some(1024.0), "bytes", "ok"),
        ("E1: error rate", Some(2.5), "percent", "warning"),
        ("receipt_crud: error rate", Some(3.0), "percent", "warning"),
        ("receipt_crud: memory", None, "percent", "not measured"),
        ("Misspelt", None, "plain", "no data"),
    ] {
        let found = panel(panels, title);
        assert_eq!([&found["unit"], &found["state"]], [unit, state], "{found}");
        match (found["value"].as_f64(), value) {
            (Some(found), Some(value)) => assert!((found - value).abs() < 1e-3, "{title}: {found}"),
            (found, value) => assert_eq!(found, value, "{title}"),
        }
    }
    assert_eq!(panel(panels, "db: CPU")["resource"], "db");
    assert_eq!(panel(panels, "Requests a connection")["resource"], Value::Null);
    assert!(panel(panels, "receipt_crud: memory")["remedy"].as_str().unwrap().contains("Lambda Insights"));
    let table = vault.run(&["status"]).expect(0).stdout;
    assert!(table.contains("metric images: size: 1 KiB"), "{table}");
}

#[test]
fn check_says_what_has_data_and_what_must_be_switched_on() {
    let vault = services();
    let findings = vault.run(&["check", "--json"]).expect(0).json();
    let finding = |title: &str| {
        let what = format!("metric {title}");
        let found = findings.as_array().unwrap().iter().find(|finding| finding["what"] == what.as_str());
        found.unwrap_or_else(|| panic!("{what}: {findings}")).clone()
    };
    for (title, verdict, words) in [
        ("db: CPU", "ok", "hour with some: 35 %"),
        ("web: 5xx rate", "ok", "with some: 12 %"),
        ("E1: error rate", "ok", "with some: 2.50 %"),
        ("images: size", "ok", "day with some: 1 KiB"),
        ("receipt_crud: memory", "warning", "Lambda Insights is off"),
        ("Misspelt", "warning", "did you mean `CPUUtilization`?"),
        ("images: objects", "warning", "no data of AWS/S3 NumberOfObjects"),
    ] {
        let found = finding(title);
        let said = found["words"].as_str().unwrap();
        assert!(found["verdict"] == verdict && said.contains(words), "{found}");
    }
}

#[test]
fn each_panel_is_looked_for_in_its_own_region() {
    let server = Server::ministack();
    let other = Hand::on(&server.url);
    other.ask("seed", "service", json!({"names": ["receipt_crud"], "metrics": false}));
    other.ask("seed", "resources", json!({}));
    let bad = "[[environments.production.resources]]\npreset = \"rds\"\nname = \"db\"\nregion = \"Europa\"\n";
    let text = format!(
        "[environments.production]\nregion = \"eu-west-1\"\nendpoint_url = \"{}\"\n{bad}\
         [[environments.production.functions]]\nname = \"receipt_crud\"\n",
        server.url
    );
    let home = Home::with_config(&text);
    let run = home.run(&["status"]).expect(2);
    assert!(run.stderr.contains("config.toml:7:10:") && run.stderr.contains("is not a region"), "{run:?}");
    // Another region of the same emulator: it has nothing there, and that is said of the one panel.
    home.write_config(
        &text.replace("Europa", "ap-east-1").replace("name = \"db\"", "name = \"db\"\npanels = [\"CPU\"]"),
    );
    let status = home.run(&["status", "--json"]).expect(0).json();
    assert_eq!(status["metrics"].as_array().unwrap().len(), 1, "{status}");
    assert_eq!(panel(&status["metrics"], "db: CPU")["state"], "no data", "{status}");
}
