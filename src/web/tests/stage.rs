//! Servers for tests: on a real socket of loopback they play a script, one line for each connection, and keep what
//! they were asked.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// What a server does with a connection.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    /// Writes these bytes and closes.
    Bytes(Vec<u8>),
    /// Writes these bytes and then nothing more, without closing.
    Hang(Vec<u8>),
}

/// A server at work until it is dropped.
pub(crate) struct Stage {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
    play: JoinHandle<()>,
}

impl Stage {
    /// Plays the lines in turn; the last one again and again.
    pub async fn play(script: Vec<Line>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let play = tokio::spawn(act(listener, script, Arc::clone(&asked)));
        Self { url, asked, play }
    }

    /// Every request so far, as it came.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.play.abort();
    }
}

/// An answer with this status line, such as `200 OK`, and body.
pub(crate) fn answer(status: &str, body: &str) -> Line {
    Line::Bytes(with_headers(status, "", body.as_bytes()))
}

/// An answer with more headers, each ended by `\r\n`.
pub(crate) fn with_headers(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

async fn act(listener: TcpListener, script: Vec<Line>, asked: Arc<Mutex<Vec<String>>>) {
    let mut kept_open = JoinSet::new();
    let mut lines = script.iter().chain(std::iter::repeat(script.last().unwrap()));
    while let Ok((mut stream, _)) = listener.accept().await {
        let request = read_request(&mut stream).await;
        asked.lock().unwrap().push(request);
        match lines.next().unwrap() {
            // A client that had enough of a large answer has gone, which is no concern of the server's.
            Line::Bytes(bytes) => drop(stream.write_all(bytes).await),
            Line::Hang(bytes) => {
                stream.write_all(bytes).await.unwrap();
                kept_open.spawn(async move {
                    let _open = stream;
                    std::future::pending::<()>().await;
                });
            }
        }
    }
}

/// Head and body of a request, or as much as came: a TLS client sends no such thing.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        if bytes.first() == Some(&0x16) || stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}
