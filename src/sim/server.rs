//! The embedded AWS behind a socket on loopback, for clients in other processes: boto3, the AWS CLI, a second cockpit.
//! It carries bytes and knows nothing of what they mean.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use futures_util::stream;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Sim;
use super::wire::{Reply, WireRequest, WireResponse};

/// No request of the operations served comes near this many bytes.
const BODY_LIMIT: usize = 1024 * 1024;

type Body = BoxBody<Bytes, io::Error>;

/// A server at work. Dropping it takes no more requests and lets those under way finish.
#[derive(Debug)]
pub struct Served {
    /// Where it listens.
    pub addr: SocketAddr,
    stop: watch::Sender<bool>,
}

/// Serves a world on 127.0.0.1. Port 0 takes any that is free.
pub async fn serve(sim: Arc<Sim>, port: u16) -> io::Result<Served> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let addr = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(accept(listener, sim, stopped));
    Ok(Served { addr, stop })
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

async fn accept(listener: TcpListener, sim: Arc<Sim>, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A failed accept concerns one client that has gone; the next may come.
                let Ok((stream, _)) = accepted else { continue };
                connections.spawn(converse(stream, Arc::clone(&sim), stopped.clone()));
            }
            Some(_) = connections.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// One connection, request after request, until the client leaves or the server stops.
async fn converse(stream: TcpStream, sim: Arc<Sim>, mut stopped: watch::Receiver<bool>) {
    let stopping = stopped.clone();
    let service = service_fn(move |request| respond(Arc::clone(&sim), request, stopping.clone()));
    let mut connection = std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // The client broke off or sent no HTTP: nobody is left to tell.
        ended = connection.as_mut() => return drop(ended),
        _ = stopped.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(connection.await);
}

async fn respond(
    sim: Arc<Sim>,
    request: Request<Incoming>,
    mut stopped: watch::Receiver<bool>,
) -> Result<Response<Body>, io::Error> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let headers =
        parts.headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let request = WireRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: body.to_bytes().into(),
    };
    match sim.handle(&request) {
        Reply::After(delay, response) => {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            Ok(http_response(response, whole))
        }
        Reply::Cut(response) => Ok(http_response(response, |bytes| first_half(&bytes))),
        Reply::Never => {
            // Held open until the client gives up or the server goes away.
            drop(stopped.changed().await);
            Err(io::Error::other("the server stopped while it kept a client waiting"))
        }
    }
}

fn http_response(response: WireResponse, body: impl FnOnce(Vec<u8>) -> Body) -> Response<Body> {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = plain(status);
    for (name, value) in response.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    *answer.body_mut() = body(response.body);
    answer
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(whole(Vec::new()));
    *response.status_mut() = status;
    response
}

fn whole(bytes: Vec<u8>) -> Body {
    Full::new(Bytes::from(bytes)).map_err(|never: Infallible| match never {}).boxed()
}

/// Half of the bytes, then an error, at which hyper drops the connection in the middle of the body.
fn first_half(bytes: &[u8]) -> Body {
    let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
    let frames = [Ok(Frame::data(half)), Err(io::Error::other("cut in the middle"))];
    StreamBody::new(stream::iter(frames)).boxed()
}
