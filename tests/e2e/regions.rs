//! One function in two regions, against moto and ministack: a release moves both, a rollback puts both back, each is
//! measured where it is, and boto3 in each region sees it.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};

use crate::lab::{
    eventually,
    hand::Hand,
    home::{Home, Run},
    impostor::{Answer, Impostor, forwarded, response},
    server::Server,
    terminal::Terminal,
};

const AWAY: &str = "us-east-1";

struct TwoRegions {
    person: Home,
    /// boto3 in eu-west-1 and in us-east-1.
    hands: [Hand; 2],
    _server: Server,
}

impl TwoRegions {
    /// `pay` in both, with half an hour of metrics at home alone. Moto keeps none.
    fn on(server: Server) -> Self {
        let url = server.url.clone();
        Self::through(server, &url)
    }

    /// The program asks at `url`, boto3 at the server.
    fn through(server: Server, url: &str) -> Self {
        let hands = [Hand::on(&server.url), Hand::in_region(&server.url, AWAY)];
        hands[0].ask("seed", "service", json!({"names": ["pay"], "metrics": true}));
        hands[1].ask("seed", "function", json!({"name": "pay", "stable": "2"}));
        let person = Home::with_config(&format!(
            r#"
[environments.production]
region = "eu-west-1"
endpoint_url = "{url}"
[[environments.production.functions]]
name = "pay"
[[environments.production.functions]]
name = "pay"
region = "{AWAY}"
"#
        ));
        Self { person, hands, _server: server }
    }

    fn run(&self, args: &[&str]) -> Run {
        self.person.run(args)
    }

    /// The cockpit, once a release has both functions at 10 %.
    fn cockpit_at_ten_percent(&self) -> Terminal {
        let mut terminal = Terminal::start(&self.person, &[], (160, 45));
        terminal.wait_for("both regions with their candidates", |screen| screen.matches("2 → 3").count() >= 2);
        terminal.type_keys("1");
        terminal.wait_for_text("y confirms ·");
        terminal.type_keys("y");
        terminal.wait_for_text("shifted 2 of 2 functions to 10%");
        assert_eq!(self.places(), ["2 + 3: 0.1", "2 + 3: 0.1"]);
        terminal
    }

    fn places(&self) -> [String; 2] {
        [0, 1].map(|at| self.hands[at].routing("pay"))
    }

    fn goes_up_in_both_regions_and_back(&self) {
        let status = self.run(&["status", "--json"]).json();
        let of = |name: &str| [0, 1].map(|at| status["targets"][at][name].clone());
        assert_eq!(of("region"), ["eu-west-1", AWAY].map(Value::from));
        assert_eq!(of("target"), ["pay:live", "us-east-1/pay:live"].map(Value::from));
        assert_eq!(of("new"), ["3", "3"].map(Value::from));

        self.run(&["shift", "10", "--yes"]).expect(0);
        assert_eq!(self.places(), ["2 + 3: 0.1", "2 + 3: 0.1"]);
        let only = self.run(&["rollback", "--function", "us-east-1/pay", "--yes"]).expect(0);
        assert!(only.stdout.contains("us-east-1/pay:live"), "{only:?}");
        assert_eq!(self.places(), ["2 + 3: 0.1", "2"]);
        let twice = self.run(&["rollback", "--function", "pay", "--yes"]).expect(2);
        assert!(twice.stderr.contains("region and alias, such as eu-west-1/pay:live\n"), "{twice:?}");

        let home = self.run(&["rollback", "--function", "eu-west-1/pay:live", "--yes"]).expect(0);
        assert!(!home.stdout.contains(AWAY), "{home:?}");
        assert_eq!(self.places(), ["2", "2"]);

        let again = ["shift", "100", "--function", "eu-west-1/pay=3", "--function", "us-east-1/pay=3", "--yes"];
        self.run(&again).expect(0);
        assert_eq!(self.places(), ["3", "3"]);
        self.run(&["rollback", "--yes"]).expect(0);
        assert_eq!(self.places(), ["2", "2"]);
    }
}

#[test]
fn a_group_spans_two_regions_of_moto() {
    TwoRegions::on(Server::moto()).goes_up_in_both_regions_and_back();
}

#[test]
fn a_group_spans_two_regions_of_ministack() {
    let regions = TwoRegions::on(Server::ministack());
    let status = regions.run(&["status", "--json"]).json();
    let calls = [0, 1].map(|at| status["targets"][at]["metrics"]["invocations"].as_f64());
    assert!(calls[0] > Some(0.0) && calls[1].is_none(), "what eu-west-1 measured is not us-east-1's: {status}");
    regions.goes_up_in_both_regions_and_back();
}

#[test]
fn the_rest_of_a_release_goes_on_only_where_it_is_named() {
    let regions = TwoRegions::on(Server::moto());
    regions.run(&["shift", "10", "--yes"]).expect(0);
    let elsewhere = Home::with_config(&std::fs::read_to_string(regions.person.config()).unwrap());
    elsewhere.run(&["rollback", "--function", "us-east-1/pay", "--yes"]).expect(0);
    for percent in ["50", "100"] {
        let run = regions.run(&["shift", percent, "--yes"]).expect(2);
        assert!(run.stderr.contains("was rolled back (us-east-1/pay:live at 2 100%): name the functions"), "{run:?}");
        assert!(run.stderr.contains("(--function eu-west-1/pay:live)"), "{run:?}");
    }
    let run = regions.run(&["release", "--take-over", "--yes"]).expect(2);
    assert!(run.stderr.contains("was rolled back (us-east-1/pay:live at 2 100%)"), "{run:?}");
    assert_eq!(regions.places(), ["2 + 3: 0.1", "2"]);
    regions.run(&["shift", "50", "--function", "eu-west-1/pay:live", "--yes"]).expect(0);
    assert_eq!(regions.places(), ["2 + 3: 0.5", "2"]);
    regions.run(&["rollback", "--function", "eu-west-1/pay:live", "--yes"]).expect(0);
    assert_eq!(regions.places(), ["2", "2"]);
    // Who comes from the machine that took it back is told the same of a part that it took back itself.
    regions.run(&["shift", "10", "--function", "eu-west-1/pay=3", "--function", "us-east-1/pay=3", "--yes"]).expect(0);
    regions.run(&["rollback", "--function", "us-east-1/pay", "--yes"]).expect(0);
    regions.run(&["shift", "50", "--yes"]).expect(2);
}

#[test]
fn a_flag_that_makes_two_functions_one_is_refused() {
    let args = ["--embedded", "regions", "--region", "us-east-1", "rollback", "--yes"];
    let run = Home::new().run(&args).expect(2);
    assert!(run.stderr.contains("in us-east-1, checkout:live and us-east-1/checkout:live are the same"), "{run:?}");
}

#[test]
fn check_says_which_region_no_alarm_rule_looks_at() {
    let home = Home::with_config(
        r#"
[environments.production]
region = "eu-west-1"
functions = [{ name = "checkout" }, { name = "checkout", region = "us-east-1" }, { name = "pay", region = "us-east-1" }]
alarms = [{ prefix = "shop-", severity = "high" }]
"#,
    );
    let config = home.config().display().to_string();
    let run = home.run(&["--embedded", "regions", "-c", &config, "check"]).expect(1);
    let words = run.words().split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "alarms of us-east-1 no rule looks there, where functions move: give one `region = \"us-east-1\"`",
        "us-east-1/checkout:live 17 100%",
        "there is no function pay in us-east-1",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
}

/// Stands in front of a server and answers requests that are signed for us-east-1 with nothing but a 503 while it is away.
fn with_a_region_that_goes_away(server: &Server, is_away: &Arc<AtomicBool>) -> Impostor {
    let (to, is_away) = (server.addr(), Arc::clone(is_away));
    Impostor::new(move |request| {
        let is_for_it = String::from_utf8_lossy(request).contains(&format!("/{AWAY}/lambda/"));
        let refused = || response("503 Service Unavailable", "x-amzn-errortype: ServiceException\r\n", "{}");
        let away = is_for_it && is_away.load(Ordering::SeqCst);
        Answer::Bytes(if away { refused() } else { forwarded(request, to) })
    })
}

#[test]
fn a_region_that_is_away_holds_up_no_other_and_the_rollback_says_what_it_waits_for() {
    let (server, is_away) = (Server::moto(), Arc::new(AtomicBool::new(false)));
    let front = with_a_region_that_goes_away(&server, &is_away);
    let regions = TwoRegions::through(server, &front.url);
    regions.run(&["shift", "10", "--yes"]).expect(0);

    is_away.store(true, Ordering::SeqCst);
    let mut command = regions.person.command(&["rollback", "--yes"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("our own binary");
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("still trying: us-east-1/pay:live") {
        assert!(errors.read_line(&mut said).unwrap() > 0, "it ended: {said}");
    }
    assert_eq!(regions.places(), ["2", "2 + 3: 0.1"], "{said}");

    is_away.store(false, Ordering::SeqCst);
    let run = child.wait_with_output().unwrap();
    assert!(run.status.success(), "{run:?}");
    assert_eq!(regions.places(), ["2", "2"]);
    assert!(String::from_utf8_lossy(&run.stdout).contains("us-east-1/pay:live"), "{run:?}");
}

#[test]
fn the_cockpit_moves_both_regions_and_r_takes_both_back() {
    for server in [Server::moto(), Server::ministack()] {
        let regions = TwoRegions::on(server);
        let mut terminal = regions.cockpit_at_ten_percent();
        terminal.wait_for("both names", |screen| screen.contains("us-east-1/pay") || screen.contains("use1/pay"));
        terminal.type_keys("R");
        terminal.wait_for_text("rolled back 2 of 2 functions");
        assert_eq!(regions.places(), ["2", "2"]);
    }
}

#[test]
fn in_the_cockpit_a_region_that_is_away_is_waited_for_and_not_called_rolled_back() {
    let (server, is_away) = (Server::moto(), Arc::new(AtomicBool::new(false)));
    let front = with_a_region_that_goes_away(&server, &is_away);
    let regions = TwoRegions::through(server, &front.url);
    let mut terminal = regions.cockpit_at_ten_percent();
    is_away.store(true, Ordering::SeqCst);
    terminal.type_keys("R");
    eventually("the region that answers is back", || (regions.places()[0] == "2").then_some(()));
    let screen = terminal.wait_for_text("1 of 2");
    assert!(!screen.contains("ROLLED BACK 2"), "{screen}");
    assert_eq!(regions.places(), ["2", "2 + 3: 0.1"]);

    is_away.store(false, Ordering::SeqCst);
    terminal.wait_for_text("rolled back 2 of 2 functions");
    assert_eq!(regions.places(), ["2", "2"]);
}
