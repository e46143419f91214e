//! The other hand on the same AWS: boto3, in a process that answers line by line. With it a test prepares an
//! emulator, changes things behind the program's back, and sees what the program really did.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Stdio},
    sync::Mutex,
};

use serde_json::{Value, json};

use super::{ACCOUNT, REGION, home::Home, python};

/// boto3 on one endpoint.
pub struct Hand {
    process: Mutex<Process>,
    _home: Home,
}

struct Process {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a service refused.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    /// The HTTP status; 0 where no service answered.
    pub status: u64,
    /// The error code, as boto3 shows it.
    pub code: String,
    /// The words.
    pub message: String,
}

impl Hand {
    /// A hand that asks this endpoint.
    pub fn on(url: &str) -> Self {
        Self::in_region(url, REGION)
    }

    /// The same in another region.
    pub fn in_region(url: &str, region: &str) -> Self {
        let home = Home::new();
        let mut command = home.tool(&python::programs().join("python"));
        command.arg(python::script("hand.py")).args([url, region]);
        command.env("AWS_ACCESS_KEY_ID", ACCOUNT).env("AWS_SECRET_ACCESS_KEY", "test");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("boto3");
        let requests = child.stdin.take().expect("a pipe");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { process: Mutex::new(Process { child, requests, answers }), _home: home }
    }

    /// Asks, and expects an answer.
    #[expect(clippy::needless_pass_by_value, reason = "calls are made with a json!(…) in place")]
    pub fn ask(&self, service: &str, call: &str, input: Value) -> Value {
        let request = json!({"service": service, "call": call, "input": input});
        self.request(&request).unwrap_or_else(|refusal| panic!("{call} with {input}: {refusal:?}"))
    }

    /// Asks, and expects to be refused.
    #[expect(clippy::needless_pass_by_value, reason = "calls are made with a json!(…) in place")]
    pub fn refused(&self, service: &str, call: &str, input: Value) -> Refusal {
        match self.request(&json!({"service": service, "call": call, "input": input})) {
            Err(refusal) => refusal,
            Ok(answer) => panic!("{call} with {input} was answered: {answer}"),
        }
    }

    /// Asks as hand.py describes it.
    pub fn request(&self, request: &Value) -> Result<Value, Refusal> {
        let mut process = self.process.lock().expect("no test has failed in here");
        writeln!(process.requests, "{request}").expect("boto3 listens");
        let mut line = String::new();
        process.answers.read_line(&mut line).expect("boto3 answers");
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no answer to {request}: {line:?}"));
        let Some(error) = answer.get("error") else {
            return Ok(answer["ok"].clone());
        };
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        Err(Refusal { status: error["status"].as_u64().unwrap_or(0), code: text("code"), message: text("message") })
    }

    /// Where the alias `live` of a function sends its calls: `2`, or `2 + 3: 0.1`.
    pub fn routing(&self, function: &str) -> String {
        let alias = self.ask("lambda", "get_alias", json!({"FunctionName": function, "Name": "live"}));
        let primary = alias["FunctionVersion"].as_str().expect("a version").to_owned();
        let weights = alias["RoutingConfig"]["AdditionalVersionWeights"].as_object().into_iter().flatten();
        weights.fold(primary, |text, (version, weight)| format!("{text} + {version}: {weight}"))
    }

    /// Points the alias `live` of a function elsewhere, as somebody else would.
    #[expect(clippy::needless_pass_by_value, reason = "calls are made with a json!(…) in place")]
    pub fn point(&self, function: &str, version: &str, weights: Value) {
        let routing = json!({"AdditionalVersionWeights": weights});
        let input =
            json!({"FunctionName": function, "Name": "live", "FunctionVersion": version, "RoutingConfig": routing});
        self.ask("lambda", "update_alias", input);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
