//! What happens between two moments: somebody else moves an alias just before our write arrives, or the answer to
//! our write is lost. A server between the program and ministack makes it happen at exactly that point.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::json;

use crate::{
    Vault, config,
    lab::{
        hand::Hand,
        impostor::{Answer, Impostor, forwarded, is_update, response},
    },
};

type Deed = Box<dyn FnOnce(&Hand, &Write<'_>) -> Option<Vec<u8>> + Send>;

/// Somebody who stands between the person and the emulator.
struct Between {
    next: Arc<Mutex<Option<Deed>>>,
}

/// A write on its way.
struct Write<'a> {
    request: &'a [u8],
    to: SocketAddr,
}

impl Between {
    /// Sends the person's calls by way of this one.
    fn stand(vault: &Vault) -> Self {
        let (other, to) = (Arc::clone(&vault.other), vault.server.addr());
        let next: Arc<Mutex<Option<Deed>>> = Arc::default();
        let deeds = Arc::clone(&next);
        let impostor = Impostor::new(move |request| {
            let deed = if is_update(request) { deeds.lock().unwrap().take() } else { None };
            let answer = deed.and_then(|deed| deed(&other, &Write { request, to }));
            Answer::Bytes(answer.unwrap_or_else(|| forwarded(request, to)))
        });
        vault.person.write_config(&config(&impostor.url, ""));
        Self { next }
    }

    /// Does this when the next write passes. The write goes on its way unless an answer is given here.
    fn at_next_write(&self, deed: impl FnOnce(&Hand, &Write<'_>) -> Option<Vec<u8>> + Send + 'static) {
        *self.next.lock().unwrap() = Some(Box::new(deed));
    }
}

impl Write<'_> {
    /// Carries it out and loses the answer.
    #[expect(clippy::unnecessary_wraps, reason = "it is one of several deeds, and others may answer nothing")]
    fn is_done_but_unanswered(&self) -> Option<Vec<u8>> {
        forwarded(self.request, self.to);
        Some(Vec::new())
    }
}

const SHIFT: [&str; 6] = ["shift", "10", "--yes", "--json", "--function", "receipt_crud"];
const ROLLBACK: [&str; 5] = ["rollback", "--yes", "--json", "--function", "receipt_crud"];

#[test]
fn a_shift_overwrites_nobodys_change() {
    let vault = Vault::bare();
    let between = Between::stand(&vault);
    between.at_next_write(|other, _| {
        other.point("receipt_crud", "1", json!({}));
        None
    });
    let run = vault.run(&SHIFT).expect(5);
    assert_eq!(run.json()[0]["outcome"], "conflict");
    assert!(run.stderr.contains("receipt_crud"), "{run:?}");
    assert_eq!(vault.other.routing("receipt_crud"), "1");
}

#[test]
fn a_rollback_goes_on_while_traffic_still_goes_to_the_new_version() {
    let vault = Vault::bare();
    let between = Between::stand(&vault);
    vault.run(&SHIFT).expect(0);
    between.at_next_write(|other, _| {
        other.point("receipt_crud", "2", json!({"3": 0.5}));
        None
    });
    let run = vault.run(&ROLLBACK).expect(0);
    assert_eq!(run.json()[0]["outcome"], "done");
    assert_eq!(vault.other.routing("receipt_crud"), "2");
}

#[test]
fn a_rollback_stops_at_a_third_version() {
    let vault = Vault::bare();
    let between = Between::stand(&vault);
    vault.run(&SHIFT).expect(0);
    between.at_next_write(|other, _| {
        other.point("receipt_crud", "1", json!({}));
        None
    });
    let run = vault.run(&ROLLBACK).expect(5);
    assert_eq!(run.json()[0]["outcome"], "conflict");
    assert_eq!(vault.other.routing("receipt_crud"), "1");
}

#[test]
fn a_write_whose_answer_is_lost_is_read_before_it_is_tried_again() {
    let vault = Vault::bare();
    let between = Between::stand(&vault);
    between.at_next_write(|_, write| write.is_done_but_unanswered());
    assert_eq!(vault.run(&SHIFT).expect(0).json()[0]["outcome"], "done");
    assert_eq!(vault.other.routing("receipt_crud"), "2 + 3: 0.1");
    between.at_next_write(|_, write| write.is_done_but_unanswered());
    assert_eq!(vault.run(&ROLLBACK).expect(0).json()[0]["outcome"], "done");
    assert_eq!(vault.other.routing("receipt_crud"), "2");
}

#[test]
fn a_rollback_outlasts_throttling_and_failures() {
    let vault = Vault::bare();
    let between = Between::stand(&vault);
    vault.run(&SHIFT).expect(0);
    for (status, code) in [("429 Too Many Requests", "TooManyRequestsException"), ("500 No", "ServiceException")] {
        vault.other.point("receipt_crud", "2", json!({"3": 0.1}));
        let header = format!("x-amzn-errortype: {code}\r\nContent-Type: application/json\r\n");
        let refusal = response(status, &header, "{\"message\":\"not now\"}");
        between.at_next_write(move |_, _| Some(refusal));
        assert_eq!(vault.run(&ROLLBACK).expect(0).json()[0]["outcome"], "done", "{status}");
        assert_eq!(vault.other.routing("receipt_crud"), "2", "{status}");
    }
}
