//! The five systems of `examples/`, each on emulators that others wrote: ministack for functions, metrics and alarms,
//! moto for budgets, listeners, REST stages and CodeDeploy. boto3 builds them as their documents describe, and looks on
//! while the program checks them, reads them, shifts their traffic and takes it back.

use serde_json::{Value, json};

use crate::lab::{
    hand::Hand,
    home::{Home, Run},
    server::Server,
};

#[test]
fn the_receipt_vault() {
    let system = System::new("receipt-vault", include_str!("../../examples/receipt-vault.toml"));
    let status = system.is_complete();
    assert_eq!(status["functions"].as_array().unwrap().len(), 10);
    assert_eq!(status["budgets"].as_array().unwrap().len(), 3);
    system.shift("10");
    system.sends(&[("receipt_crud:live", "2 + 3: 0.1"), ("receipt-vault-api:prod", "first")]);
    system.shift("100");
    system.sends(&[("receipt_crud:live", "3"), ("weekly_summary:live", "3"), ("receipt-vault-api:prod", "second")]);
    system.roll_back();
    system.sends(&[("receipt_crud:live", "2"), ("weekly_summary:live", "2"), ("receipt-vault-api:prod", "first")]);
}

#[test]
fn finally() {
    let system = System::new("finally", include_str!("../../examples/finally.toml"));
    let status = system.is_complete();
    let probes = status["probes"].as_array().unwrap();
    assert!(probes.iter().all(|probe| probe["status"] == 200 && probe["ms"].is_number()), "{probes:?}");
    system.shift("10");
    // The new version is the alias' own, the old one has the weight; staging took the new version before.
    system.sends(&[("finally-prod-api:production", "3 + 2: 0.9"), ("finally-prod-api:staging", "3")]);
    system.shift("50");
    system.sends(&[("finally-prod-api:production", "3 + 2: 0.5")]);
    system.roll_back();
    system.sends(&[("finally-prod-api:production", "2"), ("finally-prod-api:staging", "2")]);
}

#[test]
fn the_product_api() {
    let system = System::new("product-api", include_str!("../../examples/product-api.toml"));
    system.is_complete();
    system.shift("50");
    system.sends(&[("product-api-prod-orders:live", "2 + 3: 0.5"), ("product-api-prod:prod", "first")]);
    system.shift("100");
    system.sends(&[("product-api-prod-orders:live", "3"), ("product-api-prod:prod", "second")]);
    system.roll_back();
    system.sends(&[("product-api-prod-orders:live", "2"), ("product-api-prod:prod", "first")]);
}

#[test]
fn the_flask_platform() {
    let system = System::new("flask-platform", include_str!("../../examples/flask-platform.toml"));
    let status = system.is_complete();
    let target = &status["targets"][0];
    assert_eq!([&target["name"], &target["kind"]], ["web", "listener"], "{target}");
    for (stage, shares) in [("10", "blue 90, green 10"), ("50", "blue 50, green 50"), ("100", "blue 0, green 100")] {
        system.shift(stage);
        system.sends(&[("web", &shares.replace("blue", "flask-blue").replace("green", "flask-green"))]);
    }
    system.roll_back();
    system.sends(&[("web", "flask-blue 100, flask-green 0")]);
}

#[test]
fn the_calculator() {
    let system = System::new("calculator", include_str!("../../examples/calculator.toml"));
    let status = system.is_complete();
    assert_eq!(status["budgets"][0]["name"], "calcapp-monthly");
    system.shift("10");
    system.sends(&[("calcapp-prod-auth:live", "2 + 3: 0.1"), ("calcapp-prod-payment:live", "2 + 3: 0.1")]);
    system.roll_back();
    system.sends(&[("calcapp-prod-auth:live", "2"), ("calcapp-prod-payment:live", "2")]);
}

/// One system on two emulators, with a person who has its example as configuration.
struct System {
    name: &'static str,
    moto: Server,
    other: Hand,
    person: Home,
    /// Lives as long as the system does.
    _main: Server,
}

impl System {
    fn new(name: &'static str, example: &str) -> Self {
        let (main, moto) = (Server::ministack(), Server::moto());
        let other = Hand::on(&main.url);
        let named = other.ask("systems", "build", json!({"name": name, "moto": moto.url}));
        let person = Home::with_config(&configuration(example, &main.url, &moto.url, &named));
        Self { name, moto, other, person, _main: main }
    }

    /// The check finds nothing wrong, and the status holds every target, alarm and panel with its data.
    fn is_complete(&self) -> Value {
        let check = self.run(&["check", "--json"]);
        let findings = check.json();
        let failed: Vec<_> =
            findings.as_array().unwrap().iter().filter(|finding| finding["verdict"] == "failed").collect();
        assert!(failed.is_empty(), "{failed:#?}");
        check.expect(0);

        let status = self.run(&["status", "--json"]).expect(0).json();
        for target in status["targets"].as_array().unwrap() {
            assert!(target["stable"].is_string() && target["new"].is_string(), "{target}");
        }
        for function in status["functions"].as_array().unwrap() {
            assert_eq!(function["metrics"]["invocations"], 900.0, "fifteen minutes of 60 calls: {function}");
        }
        assert!(status["alarms"].as_array().unwrap().iter().all(|alarm| alarm["severity"].is_string()));
        let metrics = status["metrics"].as_array().unwrap();
        assert!(metrics.iter().any(|metric| metric["value"].is_number()), "{metrics:?}");
        for probe in status["probes"].as_array().unwrap() {
            assert_eq!(probe["status"], 200, "{probe}");
        }
        status
    }

    fn shift(&self, percent: &str) {
        self.run(&["shift", percent, "--yes", "--confirm", "production", "--reason", "rehearsal"]).expect(0);
    }

    fn roll_back(&self) {
        self.run(&["rollback", "--yes"]).expect(0);
    }

    /// Where the traffic goes, as boto3 sees it.
    #[track_caller]
    fn sends(&self, expected: &[(&str, &str)]) {
        let seen = self.other.ask("systems", "seen", json!({"name": self.name, "moto": self.moto.url}));
        for (target, routing) in expected {
            assert_eq!(seen[target], *routing, "{target}: {seen}");
        }
    }

    fn run(&self, args: &[&str]) -> Run {
        let mut command = self.person.command(args);
        for secret in ["RECEIPT_VAULT_PAGERDUTY", "FINALLY_PAGERDUTY"] {
            command.env(secret, "0123456789abcdef0123456789abcdef");
        }
        for webhook in ["FLASK_SLACK_WEBHOOK", "CALCAPP_SLACK_WEBHOOK"] {
            command.env(webhook, "https://hooks.example/T0/B0");
        }
        crate::lab::home::finish(&mut command)
    }
}

/// The example, led to the emulators: endpoints, what these named themselves, and health endpoints of our own.
fn configuration(example: &str, main: &str, moto: &str, named: &Value) -> String {
    let at_moto = ["budgets", "elbv2", "apigateway", "codedeploy"].map(|service| format!("{service} = \"{moto}\""));
    let endpoints = format!("endpoint_url = \"{main}\"\nendpoint_urls = {{ {} }}\n", at_moto.join(", "));
    let mut text = String::new();
    let mut api = None;
    for line in example.lines() {
        let is_environment = line.starts_with("[environments.") && line.matches('.').count() == 1;
        let line = match line.split_once(" = ") {
            Some(("name", name)) => {
                api = named[format!("api:{}", name.trim_matches('"'))].as_str();
                line.to_owned()
            }
            Some(("api", _)) => format!("api = \"{}\"", api.unwrap_or("nothing")),
            Some(("rule", rule)) if rule.contains("app/flask-prod/") => {
                format!("rule = \"{}\"", text_of(named, "rule"))
            }
            Some(("url", url)) => format!("url = {}", url.replace("https:/", text_of(named, "health"))),
            _ => line.to_owned(),
        };
        text.extend([line.as_str(), "\n", if is_environment { &endpoints } else { "" }]);
    }
    for (ours, theirs) in [
        ("app/flask-prod/50dc6c495c0c9188", "balancer"),
        ("targetgroup/flask-blue/6d0ecf831eec9f09", "flask-blue"),
        ("targetgroup/flask-green/73e2d6bc24d8a067", "flask-green"),
    ] {
        text = text.replace(ours, named[theirs].as_str().unwrap_or(ours));
    }
    text
}

fn text_of<'a>(named: &'a Value, what: &str) -> &'a str {
    named[what].as_str().unwrap_or_else(|| panic!("no {what} in {named}"))
}
