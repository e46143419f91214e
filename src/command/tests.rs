//! Commands that succeed, fail, hang, leave others behind and never start.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on stops here")]

use super::*;

fn command(argv: &[&str]) -> Command {
    Command {
        name: "smoke".into(),
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        timeout: Duration::from_secs(20),
        cwd: None,
        env: BTreeMap::new(),
    }
}

fn script(text: &str) -> Command {
    command(&["/bin/sh", "-c", text])
}

async fn reading(command: &Command) -> CommandReading {
    run(command, Clock::system()).await
}

#[tokio::test]
async fn the_exit_code_decides_and_the_output_is_kept() {
    let good = reading(&script("echo all well; exit 0")).await;
    assert!(good.passed());
    assert_eq!(good.output.lines(), ["all well"]);
    let bad = reading(&script("echo checking; echo /users/me: 500 >&2; exit 2")).await;
    assert_eq!((bad.passed(), bad.ending.clone()), (false, Ending::Exited(2)));
    assert_eq!(bad.ending.to_string(), "exit code 2");
    assert!(bad.output.lines().contains(&"/users/me: 500".to_owned()), "{:?}", bad.output.lines());
    assert_eq!(reading(&script("kill -TERM $$")).await.ending.to_string(), "ended by signal 15");
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let said = reading(&command(&["printf", "%s|", "$HOME; rm", "two words", "*"])).await;
    assert_eq!(said.output.lines(), ["$HOME; rm|two words|*|"]);
}

#[tokio::test]
async fn nothing_is_read_from_the_terminal_and_variables_are_passed_on() {
    let mut command = script("cat; echo $STAGE from $PWD");
    command.env.insert("STAGE".into(), "canary".into());
    command.cwd = Some("/".into());
    assert_eq!(reading(&command).await.output.lines(), ["canary from /"]);
}

#[tokio::test]
async fn a_command_that_hangs_ends_with_all_it_started() {
    let limit = Duration::from_millis(400);
    // The child that is left alone writes its number first, so that it can be looked for.
    let hangs = Command { timeout: limit, ..script("sleep 600 & echo $!; echo waiting; wait") };
    let reading = reading(&hangs).await;
    assert_eq!(reading.ending, Ending::TimedOut(limit));
    assert_eq!(reading.ending.to_string(), "not done within 0.4 s, ended");
    assert_eq!(reading.output.last_line().as_deref(), Some("waiting"));
    assert!(reading.took < Duration::from_secs(10), "{:?}", reading.took);
    is_gone(&reading.output.lines()[0]).await;
}

#[tokio::test]
async fn what_a_command_leaves_running_ends_with_it() {
    let reading = reading(&script("sleep 600 & echo $!")).await;
    assert!(reading.passed());
    assert!(reading.took < Duration::from_secs(10), "{:?}", reading.took);
    is_gone(&reading.output.lines()[0]).await;
}

#[tokio::test]
async fn a_command_that_nobody_waits_for_any_more_ends() {
    let file = std::env::temp_dir().join(format!("flightdeck-command-{}", std::process::id()));
    let hangs = script(&format!("sleep 600 & echo $! > {0}.new; mv {0}.new {0}; wait", file.display()));
    let child = tokio::select! {
        reading = reading(&hangs) => panic!("{reading:?}"),
        child = until(|| std::fs::read_to_string(&file).ok()) => child,
    };
    is_gone(child.trim()).await;
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_flood_of_output_fills_no_memory_and_stops_no_command() {
    let flood =
        reading(&script("i=0; while [ $i -lt 20000 ]; do echo line $i of a long output; i=$((i+1)); done")).await;
    assert!(flood.passed(), "{}", flood.ending);
    let lines = flood.output.lines();
    assert_eq!(
        (lines[0].as_str(), lines.last().unwrap().as_str()),
        ("line 0 of a long output", "line 19999 of a long output")
    );
    assert!(lines.len() < 1000 && lines.iter().any(|line| line.ends_with("bytes are left out here …")));
}

#[tokio::test]
async fn a_command_that_cannot_start_says_why() {
    let folder = std::env::temp_dir().join(format!("flightdeck-start-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let plain = folder.join("plain.txt");
    std::fs::write(&plain, "no program").unwrap();
    let nowhere = Command { cwd: Some(folder.join("missing")), ..script("true") };
    for (command, words) in [
        (command(&["no-such-program-\u{1b}[31m"]), "not run: there is no program “no-such-program-[31m”"),
        (command(&[plain.to_str().unwrap()]), "is it executable?"),
        (nowhere, "not run: there is no folder "),
        (command(&[]), "not run: the command is empty"),
    ] {
        let reading = reading(&command).await;
        assert!(reading.ending.to_string().contains(words), "{}", reading.ending);
        assert!(!reading.passed() && reading.output.lines().is_empty());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// Waits until a process has ended. A zombie that nobody has reaped yet has ended, too.
async fn is_gone(process: &str) {
    let number: u32 = process.parse().unwrap();
    until(|| {
        let status = std::fs::read_to_string(format!("/proc/{number}/stat"));
        status.map_or(Some(()), |status| status.contains(") Z ").then_some(()))
    })
    .await;
}

/// Looks again and again until there is something to see.
async fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let seen = async {
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), seen).await.expect("nothing to see in time")
}
