//! Two people and one release: a program that runs it, another that takes it over, and what each sees of the other.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use crate::lab::{PATIENCE, eventually, home::Home, server::Server};

/// A program at work whose words can be read as they come. It does not outlive a test that fails.
struct AtWork {
    child: Child,
    home: Home,
}

impl AtWork {
    fn start(config: &str, args: &[&str]) -> Self {
        Self::start_with(config, args, &[])
    }

    fn start_with(config: &str, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let home = Home::with_config(config);
        let file = |name: &str| File::create(home.folder().join(name)).expect("a file to print to");
        let mut command = home.command(args);
        command.envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err"));
        let child = command.spawn().expect("a program to run");
        Self { child, home }
    }

    fn words(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.home.folder().join(name)).unwrap_or_default();
        format!("{}{}", read("out"), read("err"))
    }

    fn until(&self, words: &str) {
        eventually(&format!("{words} in:\n{}", self.words()), || self.words().contains(words).then_some(()));
    }

    /// Asks it to stop, as a system does that shuts down.
    fn stop(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(status.expect("a way to send signals").success());
    }

    fn code(&mut self) -> Option<i32> {
        eventually("it ends", || self.child.try_wait().expect("a child of ours")).code()
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Somebody who is told by webhook: the address, and the bodies as they come.
fn listener() -> (String, Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback");
    let address = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let (told, hears) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut text = String::new();
            let mut buffer = [0; 4096];
            while !text.contains("\"who\":") {
                let count = stream.read(&mut buffer).unwrap_or(0);
                if count == 0 {
                    break;
                }
                text.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
            drop(stream.write_all(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
            if told.send(text).is_err() {
                return;
            }
        }
    });
    (address, hears)
}

fn config(url: &str, more: &str) -> String {
    format!(
        r#"
[environments.production]
region = "eu-west-1"
endpoint_url = "{url}"
[[environments.production.functions]]
name = "receipt_crud"
[[environments.production.functions]]
name = "sync_handler"
{more}
"#
    )
}

#[test]
fn a_release_is_taken_over_by_another_process_and_the_first_one_sees_what_it_does() {
    let server = Server::scenario("good", "1");
    let (hook, hears) = listener();
    let notify = "[[environments.production.notify]]\nkind = \"json\"\nname = \"hook\"\nurl_env = \"HOOK\"";
    let (told, config) = (config(&server.url, notify), config(&server.url, ""));
    let mut first = AtWork::start(&config, &["release", "--yes", "--json"]);
    first.until("\"shifted\"");

    let refused = Home::with_config(&config).run(&["release", "--yes"]).expect(5);
    assert!(refused.stderr.contains("--take-over runs it on"), "{refused:?}");

    let take_over = ["release", "--take-over", "--on-exit", "rollback", "--yes", "--json"];
    let mut second = AtWork::start_with(&told, &take_over, &[("HOOK", &hook)]);
    second.until("\"event\":\"owner\",\"mine\":true");
    assert!(second.words().contains("takes the release over from"), "{}", second.words());
    first.until("\"event\":\"owner\",\"mine\":false");

    second.stop();
    assert_eq!(second.code(), Some(3), "{}", second.words());
    second.until("\"rolled_back\"");
    assert_eq!(first.code(), Some(3), "{}", first.words());
    first.until("\"rolled_back\"");
    let is_told = |event: &str| hears.recv_timeout(PATIENCE).expect("a notice").contains(event);
    assert!(is_told("\"event\":\"taken_over\"") && is_told("\"event\":\"rollback\""), "{}", second.words());
    second.until("\"event\":\"told\"");
    assert!(!second.words().contains("/hook"), "an address may be a secret: {}", second.words());
    assert!(!first.words().contains("\"held\""), "a rollback is no disturbance: {}", first.words());
}
