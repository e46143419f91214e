//! Why an exchange did not come to its end, sorted and said for a person. It never repeats what was asked: an address
//! may be a secret.

use std::{error::Error, io, time::Duration};

use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::text::{clean, shortened};

/// What libraries and systems say is kept up to so many characters.
const LONGEST_CAUSE: usize = 200;

/// An exchange that did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebTrouble {
    /// It took longer than it may.
    #[error("no complete answer within {}", seconds(*.0))]
    Slow(Duration),
    /// There is nobody to talk to.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// Who answers cannot be trusted, or speaks no TLS.
    #[error("no secure connection: {0}")]
    Untrusted(String),
    /// Something answered that is not HTTP.
    #[error("the answer is not HTTP: {0}")]
    NotHttp(String),
    /// The answer began and did not end.
    #[error("the answer broke off: {0}")]
    Cut(String),
    /// The answer is larger than wanted, in bytes.
    #[error("the answer is larger than {} KiB", .0 / 1024)]
    TooLarge(usize),
    /// Nothing was sent, because the request itself is none.
    #[error("the request cannot be made: {0}")]
    NotSent(String),
}

impl WebTrouble {
    /// Whether the same request may well succeed a little later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Slow(_) | Self::Unreachable(_) | Self::NotHttp(_) | Self::Cut(_) | Self::TooLarge(_) => true,
            Self::Untrusted(_) | Self::NotSent(_) => false,
        }
    }

    /// An error from before there was an answer.
    pub(super) fn before_answer(error: &ConnectorError) -> Self {
        let said = cause(error);
        let http = chain(error).find_map(<dyn Error>::downcast_ref::<hyper::Error>);
        if error.is_user() {
            return Self::NotSent(said);
        }
        if http.is_some_and(hyper::Error::is_parse) {
            return Self::NotHttp(said);
        }
        if http.is_some_and(hyper::Error::is_incomplete_message) {
            return Self::Cut(said);
        }
        // The TLS library reports a certificate or a peer that it cannot accept as invalid data on the socket.
        let of_tls = |error: &io::Error| error.kind() == io::ErrorKind::InvalidData;
        if chain(error).filter_map(<dyn Error>::downcast_ref).any(of_tls) {
            return Self::Untrusted(said);
        }
        if http.is_some() { Self::Cut(said) } else { Self::Unreachable(said) }
    }

    /// An error in the middle of an answer.
    pub(super) fn in_answer(error: &(dyn Error + 'static), most_bytes: usize) -> Self {
        if chain(error).any(<dyn Error>::is::<http_body_util::LengthLimitError>) {
            return Self::TooLarge(most_bytes);
        }
        Self::Cut(cause(error))
    }
}

/// `5 s`, `0.5 s`.
fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// An error and everything under it. What an `io::Error` wraps is asked for by `get_ref`: its `source` skips it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// The innermost error says most: `Connection refused` rather than `client error (Connect)`.
fn cause(error: &(dyn Error + 'static)) -> String {
    let said = chain(error).last().map(ToString::to_string).unwrap_or_default();
    shortened(clean(&said).trim(), LONGEST_CAUSE)
}
