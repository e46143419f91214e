//! Bad configurations and bad endpoints: clear words, the right exit code, nothing changed, and an end in time.

use std::process::Stdio;

use crate::{
    config,
    lab::{
        home::{Home, finish},
        impostor::{Answer, Impostor, response},
    },
};

/// Nothing listens on the port of the discard service.
const NOBODY: &str = "http://127.0.0.1:9";

#[test]
fn a_bad_configuration_is_refused_with_its_place() {
    let function = "[[environments.production.functions]]\nname = \"receipt_crud\"\n";
    let good = config(NOBODY, "");
    for (text, words) in [
        (format!("{good}aliaz = \"live\"\n"), ["aliaz", "config.toml"]),
        (config(NOBODY, "regoin = 1"), ["regoin", "config.toml:1:1"]),
        (config(NOBODY, "default_enviroment = \"production\""), ["default_enviroment", "default_environment"]),
        (config(NOBODY, "[release]\nstages = \"all\""), ["stages", "config.toml:2"]),
        (config(NOBODY, "[release]\nstages = [50, 10]"), ["stages", "10"]),
        (config(NOBODY, "[release]\nstages = [10, 150]"), ["stages", "150"]),
        (config(NOBODY, "[release]\nbake = \"5 parsecs\""), ["bake", "parsecs"]),
        (format!("{good}{function}"), ["receipt_crud", "twice"]),
        (config(NOBODY, "default_environment = \"staging\""), ["staging", "production"]),
        (config(NOBODY, "[keys]\nroll_back = \"q\""), ["roll_back", "quit"]),
        ("no toml at all [".to_owned(), ["config.toml:1", "config.toml"]),
    ] {
        let run = Home::with_config(&text).run(&["status", "--json"]).expect(2);
        assert_eq!(run.stdout, "");
        for word in words {
            assert!(run.stderr.contains(word), "{word:?} is missing for\n{text}\n{}", run.stderr);
        }
    }
}

#[test]
fn wrong_usage_is_refused_before_anything_is_read() {
    let home = Home::with_config(&config(NOBODY, ""));
    for (args, word) in [
        (["shift", "lots"].as_slice(), "lots"),
        (&["shift", "10", "--bogus"], "--bogus"),
        (&["shift", "33"], "33"),
        (&["shift", "10", "--to", "3"], "--function"),
        (&["shift", "10", "--function", "unknown"], "unknown"),
        (&["-e", "nowhere", "status"], "production"),
        (&["status", "--speed", "60"], "--embedded"),
        (&["--embedded", "nonsense", "status"], "demo"),
        (&["-c", "missing.toml", "status"], "missing.toml"),
        (&["launch"], "launch"),
    ] {
        let run = home.run(args).expect(2);
        assert!(run.stderr.contains(word), "{word:?} is missing for {args:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    let nowhere = Home::new();
    std::fs::remove_dir_all(nowhere.folder().join("config")).unwrap();
    let run = nowhere.run(&["status"]).expect(2);
    assert!(run.stderr.contains("config.toml"), "{run:?}");
}

/// The answers of everything that is not AWS.
fn strangers() -> Vec<(&'static str, Impostor)> {
    let json = "Content-Type: application/json\r\n";
    let mut half = response("200 OK", json, "{\"FunctionVersion\":\"2\",\"Name\":\"live\"}");
    half.truncate(half.len() - 12);
    vec![
        ("HTML", Impostor::saying(response("200 OK", "Content-Type: text/html\r\n", "<html>Sign in</html>"))),
        ("an empty 400", Impostor::saying(response("400 Bad Request", "", ""))),
        ("half a reply", Impostor::saying(half)),
        ("no HTTP at all", Impostor::saying("220 mail.example.com ESMTP\r\n")),
        ("nothing, then the end", Impostor::saying("")),
        ("silence", Impostor::new(|_| Answer::Silence)),
        ("nobody", Impostor { url: NOBODY.to_owned() }),
    ]
}

#[test]
fn whatever_answers_instead_of_aws_is_an_error_in_time() {
    let tried: Vec<_> = strangers()
        .into_iter()
        .map(|(what, stranger)| {
            let home = Home::with_config(&config(&stranger.url, ""));
            std::thread::spawn(move || {
                let commands: [&[&str]; 3] = [&["status", "--json"], &["shift", "10", "--yes"], &["rollback", "--yes"]];
                for args in commands {
                    let run = home.run(args).expect(1);
                    assert!(!run.stderr.is_empty(), "{what}: {run:?}");
                    let is_status = args[0] == "status";
                    assert!(!is_status || run.json()["functions"][0]["stable"].is_null(), "{what}: {run:?}");
                }
            })
        })
        .collect();
    for thread in tried {
        thread.join().unwrap();
    }
}

#[test]
fn without_credentials_it_says_so() {
    let home = Home::with_config(&config(NOBODY, ""));
    let mut command = home.command(&["status", "--json"]);
    let run = finish(command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY")).expect(1);
    assert!(run.stderr.contains("credentials"), "{run:?}");
    assert!(run.json()["account"].is_null());
}

#[test]
fn control_characters_in_errors_are_taken_out() {
    let evil = r"\u001b]0;owned\u0007 \u009b31m \u202e";
    let body = format!("{{\"__type\":\"AccessDeniedException\",\"message\":\"{evil}\",\"Message\":\"{evil}\"}}");
    let header = "x-amzn-errortype: AccessDeniedException\r\nContent-Type: application/json\r\n";
    let stranger = Impostor::saying(response("403 Forbidden", header, &body));
    let home = Home::with_config(&config(&stranger.url, ""));
    for args in [["status", "--json"].as_slice(), &["status"], &["rollback", "--yes", "--json"]] {
        let run = home.run(args).expect(1);
        assert!(run.stderr.contains("owned"), "the words come through: {run:?}");
        let words = run.words();
        let found: Vec<char> = words.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
        assert!(found.is_empty(), "{found:?} in the output of {args:?}");
    }
}

#[test]
fn the_cockpit_needs_a_terminal() {
    let home = Home::with_config(&config(NOBODY, ""));
    for args in [[].as_slice(), &["demo"]] {
        let run = finish(home.command(args).stdin(Stdio::null())).expect(2);
        assert!(run.stderr.contains("terminal"), "{run:?}");
        assert_eq!(run.stdout, "");
    }
}
