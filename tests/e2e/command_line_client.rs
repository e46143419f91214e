//! The AWS CLI against the embedded AWS, with the variables that `flightdeck sim` prints for it.

use std::{sync::mpsc, thread};

use crate::lab::{
    home::{Home, Run, finish},
    python,
    server::Server,
};

/// A call, and what the answer must contain.
const CALLS: &[(&str, &str)] = &[
    ("lambda list-functions --max-items 3 --query Functions[].FunctionName", "receipt_crud"),
    ("lambda get-function --function-name receipt_crud", "CodeSha256"),
    ("lambda get-function-configuration --function-name receipt_crud --qualifier 43", "v1.4.0"),
    ("lambda list-versions-by-function --function-name receipt_crud --page-size 2", "\"41\""),
    ("lambda list-aliases --function-name receipt_crud", "receipt_crud:live"),
    ("lambda get-alias --function-name receipt_crud --name live", "AdditionalVersionWeights"),
    (
        "lambda update-alias --function-name sync_handler --name live --function-version 88 \
      --routing-config AdditionalVersionWeights={89=0.1}",
        "0.1",
    ),
    ("lambda list-tags --resource arn:aws:lambda:eu-west-1:210987650193:function:receipt_crud", "receipt-vault"),
    ("cloudwatch describe-alarms --alarm-types MetricAlarm CompositeAlarm --max-items 2", "StateValue"),
    ("cloudwatch describe-alarm-history --history-item-type StateUpdate --max-items 2", "AlarmHistoryItems"),
    ("cloudwatch set-alarm-state --alarm-name rv-api-5xx --state-value ALARM --state-reason drill", ""),
    ("cloudwatch list-metrics --namespace AWS/Lambda --max-items 2", "Invocations"),
    ("budgets describe-budgets --account-id 210987650193 --max-results 2", "CalculatedSpend"),
    ("sts get-caller-identity", "210987650193"),
];

fn aws(home: &Home, server: &Server, words: &str) -> Run {
    let mut command = home.tool(&python::programs().join("aws"));
    command.args(words.split_whitespace()).args(["--output", "json"]);
    finish(command.envs(server.exports.iter().cloned()))
}

#[test]
fn every_operation_is_answered() {
    let server = Server::embedded("60");
    let home = Home::new();
    // Each call starts Python, which is what takes the time; two at once keep two cores busy.
    let (sender, calls) = mpsc::channel();
    for call in CALLS {
        sender.send(call).unwrap();
    }
    drop(sender);
    let calls = std::sync::Mutex::new(calls);
    let next = || calls.lock().unwrap().recv().ok();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((words, wanted)) = next() {
                    let run = aws(&home, &server, words).expect(0);
                    assert!(run.stdout.contains(wanted), "{wanted} is missing in the answer to {words}: {run:?}");
                }
            });
        }
    });
}

#[test]
fn a_refusal_reads_as_from_aws() {
    let server = Server::embedded("60");
    let home = Home::new();
    let words = "lambda get-provisioned-concurrency-config --function-name receipt_crud --qualifier live";
    let run = aws(&home, &server, words);
    assert_ne!(run.code, Some(0));
    assert!(run.stderr.contains("(ProvisionedConcurrencyConfigNotFoundException)"), "{run:?}");
    assert!(run.stderr.contains("GetProvisionedConcurrencyConfig operation"), "{run:?}");
}
