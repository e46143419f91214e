//! Endpoints that misbehave: a small HTTP server whose every answer a test chooses byte by byte. It can also stand
//! between the program and an emulator, look at what passes, and interfere.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use super::PATIENCE;

/// What becomes of a request.
pub enum Answer {
    /// These bytes, then the connection is closed.
    Bytes(Vec<u8>),
    /// Nothing, for as long as the client waits.
    Silence,
}

/// Where an impostor listens. It answers until the test process ends.
pub struct Impostor {
    /// Such as `http://127.0.0.1:41234`.
    pub url: String,
}

impl Impostor {
    /// Answers every request by this rule, which gets the request as it came: head, empty line, body.
    pub fn new(rule: impl Fn(&[u8]) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let rule = Arc::new(rule);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let rule = Arc::clone(&rule);
                thread::spawn(move || converse(stream, &*rule));
            }
        });
        Self { url }
    }

    /// The same bytes for everybody.
    pub fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::new(move |_| Answer::Bytes(bytes.clone()))
    }
}

/// A whole HTTP response.
pub fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into()
}

/// What the server at this address answers to a request.
pub fn forwarded(request: &[u8], to: SocketAddr) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).expect("the server behind");
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
    let end_of_line = request.iter().position(|byte| *byte == b'\n').expect("a request line") + 1;
    // The answer ends where the connection does, so the server behind is asked to close it.
    stream.write_all(&request[..end_of_line]).expect("sent");
    stream.write_all(b"Connection: close\r\n").expect("sent");
    stream.write_all(&request[end_of_line..]).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    answer
}

/// Whether this request moves an alias.
pub fn is_update(request: &[u8]) -> bool {
    request.starts_with(b"PUT ")
}

fn converse(mut stream: TcpStream, rule: &(impl Fn(&[u8]) -> Answer + ?Sized)) {
    let Some(request) = read(&mut stream) else { return };
    match rule(&request) {
        // A client that is gone already misses nothing.
        Answer::Bytes(bytes) => drop(stream.write_all(&bytes)),
        Answer::Silence => thread::sleep(Duration::from_hours(1)),
    }
}

/// A whole request: up to the empty line, and as much behind it as its Content-Length says.
fn read(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&buffer[..count]);
        let Some(head) = request.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        if request.len() >= head + 4 + length.unwrap_or(0) {
            return Some(request);
        }
    }
}
