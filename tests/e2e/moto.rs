//! Commands against moto, for what it knows more of than others: budgets with their spend, and a Lambda whose
//! revisions never change.

use crate::{
    Vault, config,
    lab::{hand::Hand, server::Server},
};
use serde_json::json;

#[test]
fn each_service_may_have_an_endpoint_of_its_own() {
    let vault = Vault::on(Server::moto(), &["receipt_crud", "ocr_refine"], false);
    let budget = json!({"name": "receipt-vault-monthly", "limit": "50", "actual": "12.5", "forecast": "31"});
    vault.other.ask("seed", "budget", budget);
    // moto speaks no CBOR, which is all that the SDK speaks to CloudWatch.
    let rest = Server::ministack();
    Hand::on(&rest.url).ask("seed", "service", json!({"names": ["receipt_crud"], "metrics": true}));
    let at_moto = format!("endpoint_urls = {{ lambda = \"{0}\", budgets = \"{0}\" }}\nendpoint_url", vault.server.url);
    vault.person.write_config(&config(&rest.url, "").replace("endpoint_url", &at_moto));

    let status = vault.run(&["status", "--json"]).expect(0).json();
    let budget = &status["budgets"][0];
    assert_eq!(["limit", "actual", "forecast"].map(|name| budget[name].as_f64()), [50.0, 12.5, 31.0].map(Some));
    assert_eq!(status["functions"][0]["metrics"]["invocations"], 3000.0);
    assert_eq!(status["functions"][1]["metrics"]["invocations"], json!(null), "no data is not zero");

    vault.run(&["shift", "10", "--yes"]).expect(0);
    assert_eq!(vault.routing(), ["2 + 3: 0.1", "2 + 3: 0.1"]);
    vault.run(&["rollback", "--yes"]).expect(0);
    assert_eq!(vault.routing(), ["2", "2"]);
}
