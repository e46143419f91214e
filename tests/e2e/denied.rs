//! What an account does not allow and what a region does not know is said of that alone, by `check`, by `status` and in
//! the cockpit; everything else is there as ever.

use serde_json::{Value, json};

use crate::{
    Vault, config,
    lab::{
        home::Run,
        impostor::{Answer, Impostor, forwarded, response},
        terminal::Terminal,
    },
};

/// A terminal high enough for every panel.
const WIDE: (u16, u16) = (160, 45);
/// A region that an account must switch on first.
const OFF: &str = "ap-east-1";

fn finding<'a>(findings: &'a Value, what: &str) -> &'a Value {
    let found = findings.as_array().unwrap().iter().find(|finding| finding["what"] == what);
    found.unwrap_or_else(|| panic!("{what} is not among {findings}"))
}

#[track_caller]
fn says(run: &Run, what: &str, verdict: &str, words: &[&str]) {
    let findings = run.json();
    let found = finding(&findings, what);
    let said = found["words"].as_str().unwrap();
    assert!(found["verdict"] == verdict && words.iter().all(|word| said.contains(word)), "{found}");
}

/// Budgets are another service with a permission of its own: people who may move a function often lack it.
#[test]
fn an_account_without_a_permission_for_budgets_lacks_nothing_else() {
    let vault = Vault::complete();
    let refusal = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: budgets:ViewBudget on resource: \
                   arn:aws:budgets::123456789012:budget/*";
    let body = json!({"__type": "AccessDeniedException", "Message": refusal}).to_string();
    let header = "x-amzn-errortype: AccessDeniedException\r\nContent-Type: application/x-amz-json-1.1\r\n";
    let budgets = Impostor::saying(response("400 Bad Request", header, &body));
    let text = config(&vault.server.url, "");
    let elsewhere = format!("endpoint_urls = {{ budgets = \"{}\" }}\nendpoint_url", budgets.url);
    vault.person.write_config(&text.replacen("endpoint_url", &elsewhere, 1));

    let check = vault.run(&["check", "--json"]).expect(1);
    says(&check, "budgets", "failed", &["budgets:ViewBudget"]);
    says(&check, "receipt_crud:live", "ok", &[]);
    says(&check, "alarms rv-…", "ok", &["2 found"]);

    // Exit code 1: a part could not be read, and all the rest is there.
    let run = vault.run(&["status", "--json"]).expect(1);
    let status = run.json();
    assert_eq!(status["budgets"], json!([]), "{status}");
    assert_eq!(status["functions"][0]["metrics"]["invocations"], 3000.0, "{status}");
    assert_eq!(status["alarms"].as_array().unwrap().len(), 2, "{status}");
    assert!(
        run.stderr.contains("flightdeck: budgets: ") && run.stderr.contains("budgets:ViewBudget"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);

    let mut terminal = Terminal::start(&vault.person, &[], WIDE);
    terminal.wait_for("the functions, the alarms, and why there are no budgets", |screen| {
        screen.matches("2 → 3").count() >= 2
            && screen.contains("Unchecked: Initial alarm")
            && screen.contains("✖ no permission since")
    });
    terminal.type_keys("1");
    terminal.wait_for_text("y confirms ·");
    terminal.type_keys("y");
    terminal.wait_for_text("shifted 2 of 2 functions to 10%");
    assert_eq!(vault.routing(), ["2 + 3: 0.1", "2 + 3: 0.1"]);
}

/// Regions that AWS opened since 2019 know nobody of an account before it switches them on.
#[test]
fn a_region_that_is_switched_off_is_said_of_its_panels_alone() {
    let vault = Vault::complete();
    vault.other.ask("seed", "resources", json!({}));
    let behind = vault.server.addr();
    let refusals = [
        refusal("UnrecognizedClientException", "The security token included in the request is invalid."),
        refusal("InvalidClientTokenId", "The security token included in the request is invalid"),
    ];
    for refusal in refusals {
        let aws = Impostor::new(move |request| {
            let head = String::from_utf8_lossy(request);
            let is_off = head.contains(&format!("/{OFF}/monitoring/"));
            Answer::Bytes(if is_off { refusal.clone() } else { forwarded(request, behind) })
        });
        let abroad =
            format!("preset = \"rds\"\nname = \"db\"\ntitle = \"far\"\npanels = [\"CPU\"]\nregion = \"{OFF}\"\n");
        let here = "preset = \"rds\"\nname = \"db\"\ntitle = \"near\"\npanels = [\"CPU\"]\n";
        let tables = [abroad.as_str(), here].map(|table| format!("[[environments.production.resources]]\n{table}"));
        vault.person.write_config(&(config(&aws.url, "") + &tables.concat()));

        let check = vault.run(&["check", "--json"]).expect(1);
        says(&check, "metric far: CPU", "failed", &[OFF, "not enabled in this account"]);
        says(&check, "metric near: CPU", "ok", &["35 %"]);
        says(&check, "credentials", "ok", &[]);

        let run = vault.run(&["status", "--json"]).expect(1);
        assert!(run.stderr.contains(&format!("metrics: region {OFF} is not enabled")), "{}", run.stderr);
        let status = run.json();
        let panel = |title: &str| {
            let panels = status["metrics"].as_array().unwrap();
            panels.iter().find(|panel| panel["title"] == title).unwrap().clone()
        };
        assert_eq!(panel("near: CPU")["value"], 35.0, "{status}");
        assert_eq!(panel("far: CPU")["value"], Value::Null, "{status}");
        let why = panel("far: CPU")["trouble"].as_str().unwrap().to_owned();
        assert!(why.contains("not enabled in this account"), "{why}");
        assert_eq!(status["functions"][0]["metrics"]["invocations"], 3000.0, "{status}");

        let terminal = Terminal::start(&vault.person, &[], WIDE);
        terminal.wait_for("both functions, what is near, and why nothing is known of what is far", |screen| {
            screen.matches("2 → 3").count() >= 2 && screen.contains("35 %") && screen.contains(&format!("region {OFF}"))
        });
    }
}

/// An error as CloudWatch's protocol has it: a map of two texts in CBOR.
/// <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>
fn refusal(code: &str, message: &str) -> Vec<u8> {
    let text = |text: &str| [&[0x78, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let body = [vec![0xa2], text("__type"), text(code), text("message"), text(message)].concat();
    let head = format!(
        "HTTP/1.1 403 Forbidden\r\nsmithy-protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}
