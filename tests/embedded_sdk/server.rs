//! The same world behind a socket.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_lambda::error::SdkError;
use aws_smithy_http_client::Builder as HttpBuilder;
use flightdeck::sim::server::{Served, serve};
use flightdeck::sim::world::Disturbance;

use crate::{config, sim};

async fn lambda_at(served: &Served) -> aws_sdk_lambda::Client {
    let config = config(HttpBuilder::new().build_http()).await;
    let config = config.into_builder().endpoint_url(format!("http://{}", served.addr)).build();
    let once = aws_sdk_lambda::config::Builder::from(&config);
    let once = once.retry_config(aws_sdk_lambda::config::retry::RetryConfig::disabled());
    let patience =
        aws_sdk_lambda::config::timeout::TimeoutConfig::builder().operation_timeout(Duration::from_millis(500));
    aws_sdk_lambda::Client::from_conf(once.timeout_config(patience.build()).build())
}

/// Sends bytes, and reads until the server closes the connection.
async fn raw(addr: SocketAddr, request: Vec<u8>) -> String {
    let talk = move || {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        // The server may refuse before all is sent; what it said can still be read.
        drop(stream.write_all(&request));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

#[tokio::test]
async fn the_sdk_is_answered_over_a_socket() {
    let served = serve(sim(), 0).await.unwrap();
    assert!(served.addr.ip().is_loopback());
    let client = lambda_at(&served).await;
    for _ in 0..3 {
        let alias = client.get_alias().function_name("pay").name("live").send().await.unwrap();
        assert_eq!(alias.function_version(), Some("6"));
    }
}

#[tokio::test]
async fn a_connection_carries_one_request_after_another() {
    let served = serve(sim(), 0).await.unwrap();
    let get = "GET /2015-03-31/functions/pay HTTP/1.1\r\nhost: x\r\n";
    let answer = raw(served.addr, format!("{get}\r\n{get}connection: close\r\n\r\n").into_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert_eq!(answer.matches("x-amzn-requestid").count(), 2, "{answer}");
}

#[tokio::test]
async fn bad_weather_reaches_the_socket() {
    let sim = sim();
    let served = serve(Arc::clone(&sim), 0).await.unwrap();
    let client = lambda_at(&served).await;
    let get = || client.get_alias().function_name("pay").name("live").send();
    sim.disturb("GetAlias", Disturbance::Hang, Some(1));
    assert!(matches!(get().await, Err(SdkError::TimeoutError(_))));
    sim.disturb("GetAlias", Disturbance::HalfAnAnswer, Some(1));
    assert!(matches!(get().await, Err(SdkError::ResponseError(_) | SdkError::DispatchFailure(_))));
    get().await.unwrap();
}

#[tokio::test]
async fn a_body_beyond_a_mebibyte_is_refused() {
    let served = serve(sim(), 0).await.unwrap();
    let length = 2 * 1024 * 1024;
    let mut request =
        format!("PUT /2015-03-31/functions/pay/aliases/live HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n")
            .into_bytes();
    request.resize(request.len() + length, b' ');
    let answer = raw(served.addr, request).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn dropping_it_stops_it_even_while_a_client_is_kept_waiting() {
    let sim = sim();
    let served = serve(Arc::clone(&sim), 0).await.unwrap();
    let addr = served.addr;
    sim.disturb("GetFunction", Disturbance::Hang, None);
    let waiting = tokio::spawn(raw(addr, b"GET /2015-03-31/functions/pay HTTP/1.1\r\nhost: x\r\n\r\n".to_vec()));
    while sim.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(served);
    assert_eq!(waiting.await.unwrap(), "");
    while TcpStream::connect(addr).is_ok() {
        tokio::task::yield_now().await;
    }
}
