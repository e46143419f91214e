//! What the journal holds when something went wrong: a program that is killed between a write and its answer, a
//! journal that cannot be written, and reports of what happened all the same.

use std::{
    fs,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::Value;

use crate::{
    Vault, config,
    lab::{
        eventually,
        home::Home,
        impostor::{Answer, Impostor, forwarded, is_update},
    },
};

const SHIFT: [&str; 6] = ["shift", "10", "--yes", "--json", "--function", "receipt_crud"];

fn actions(home: &Home, more: &[&str]) -> Vec<Value> {
    let args: Vec<&str> = more.iter().copied().chain(["report", "--format", "json"]).collect();
    let report = home.run(&args).expect(0);
    if report.stdout.starts_with("No release") {
        return Vec::new();
    }
    report.json()["actions"].as_array().unwrap().clone()
}

#[test]
fn a_program_that_is_killed_in_a_shift_is_settled_by_the_next_one() {
    let vault = Vault::bare();
    let to = vault.server.addr();
    let is_taken = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&is_taken);
    // The write is carried out and its answer never comes.
    let silent = Impostor::new(move |request| {
        let answer = forwarded(request, to);
        if is_update(request) {
            told.store(true, Ordering::SeqCst);
            return Answer::Silence;
        }
        Answer::Bytes(answer)
    });
    vault.person.write_config(&config(&silent.url, ""));
    let mut command = vault.person.command(&SHIFT);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program");
    eventually("the write is at AWS", || is_taken.load(Ordering::SeqCst).then_some(()));
    // This is SIGKILL: the program writes nothing down any more.
    child.kill().expect("a child of ours");
    child.wait().expect("a child of ours");

    let [left] = <[Value; 1]>::try_from(actions(&vault.person, &[])).expect("the intent, from before the write");
    assert_eq!((&left["function"], &left["outcome"]), (&"receipt_crud".into(), &Value::Null), "{left}");
    // The same journal, for it is the same endpoint: the server behind answers now.
    let settled = eventually("the next run settles it", || {
        let plan = vault.person.run(&["shift", "50", "--function", "ocr_refine"]);
        assert!(!plan.stderr.contains("panicked"), "{plan:?}");
        actions(&vault.person, &[]).into_iter().find(|action| !action["outcome"].is_null())
    });
    assert_eq!(settled["outcome"]["result"], "acknowledged", "{settled}");
    assert_eq!(settled["outcome"]["inferred"], true, "it says that nobody saw it");
    let history = vault.run(&["history"]).expect(0);
    assert!(history.stdout.contains("under way at 10 %"), "{history:?}");
    let report = vault.run(&["report"]).expect(0);
    assert!(report.stdout.contains("read off the alias later: acknowledged"), "{report:?}");
}

#[test]
fn a_journal_that_cannot_be_written_is_said_and_the_rollback_goes_out() {
    let vault = Vault::bare();
    vault.run(&SHIFT).expect(0);
    let journal = vault.person.folder().join("data/flightdeck/journal.sqlite");
    assert!(journal.exists(), "{}", journal.display());
    for beside in ["", "-wal", "-shm"] {
        let file = journal.with_file_name(format!("journal.sqlite{beside}"));
        if file.exists() {
            fs::write(&file, "this is no database, it was overwritten by something else entirely").unwrap();
        }
    }
    let run = vault.run(&["rollback", "--yes", "--function", "receipt_crud", "--to", "1"]).expect(1);
    assert!(run.stdout.contains("done"), "{run:?}");
    assert!(run.stderr.contains("the journal could not be written"), "{run:?}");
    assert_eq!(vault.other.routing("receipt_crud"), "1");
    let history = vault.run(&["history"]).expect(1);
    assert!(history.stderr.contains("damaged"), "{history:?}");
}

#[test]
fn an_embedded_release_is_told_from_a_journal_of_its_own() {
    let home = Home::new();
    let flags = ["--embedded", "sick", "--speed", "60"];
    let run = |more: &[&str]| home.run(&flags.iter().chain(more).copied().collect::<Vec<_>>());
    run(&["release", "--auto-rollback", "--yes", "--reason", "the new receipts"]).expect(3);
    let all = actions(&home, &flags);
    let purposes: Vec<bool> = all.iter().map(|action| action["automatic"].as_bool().unwrap()).collect();
    assert_eq!(
        purposes,
        [false, false, false, true, true, true],
        "three shifts by a person, three rollbacks by itself"
    );
    for action in &all {
        assert_eq!(action["outcome"]["result"], "acknowledged", "{action}");
        assert!(action["outcome"]["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{action}");
        assert!(action["caller"].as_str().unwrap().starts_with("arn:aws:sts::"), "{action}");
    }
    assert!(all[3]["why"].as_str().unwrap().contains("error rate"), "{}", all[3]);
    assert!(all[3]["evidence"].as_array().unwrap().iter().any(|one| one["what"].as_str().unwrap().ends_with(": fail")));
    let page = run(&["report", "--format", "html"]).expect(0).stdout;
    assert!(
        page.contains("<svg") && page.contains("the new receipts") && page.contains("Rolled back at 10 %"),
        "{page}"
    );
    assert!(home.run(&["history"]).expect(0).stdout.contains("No release"), "real history knows nothing of it");
}
