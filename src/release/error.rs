//! What can go wrong with a call to AWS, sorted by what a person or the program should do about it.

use std::{fmt, time::Duration};

/// A call that did not do what it was asked, in our words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {message}")]
pub struct CloudError {
    /// What to do about it depends on this.
    pub kind: Trouble,
    /// AWS's name of the operation, such as `GetAlias`.
    pub operation: &'static str,
    /// What happened, for a person. Control characters are already removed.
    pub message: String,
    /// AWS's id of the request, where there was a reply.
    pub request_id: Option<String>,
    /// How long AWS asks us to wait, where it says so.
    pub retry_after: Option<Duration>,
}

/// The kinds of trouble. Closed on purpose: every kind has one answer in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The thing asked for does not exist (404).
    NotFound,
    /// The `RevisionId` sent is not the latest any more (412).
    Stale,
    /// AWS is busy with another operation on the same thing, or a version is not ready (409).
    Busy,
    /// Too many requests (429, `Throttling`).
    Throttled,
    /// The caller may not do this (403).
    Denied,
    /// The credentials have run out.
    CredentialsExpired,
    /// There are no credentials, or they could not be loaded.
    NoCredentials,
    /// AWS refuses the request as it stands (400).
    Refused,
    /// AWS failed (5xx).
    Server,
    /// No reply in time. A write may have taken effect all the same.
    Timeout,
    /// Nothing answers at the endpoint, or the connection broke.
    Unreachable,
    /// Something answered that is not AWS: HTML, an empty body, half a reply. A write may have taken effect.
    NotAws,
    /// This program refuses to send a write in read-only mode.
    ReadOnly,
}

impl Trouble {
    /// Whether the same request may well succeed a little later.
    pub fn is_passing(self) -> bool {
        match self {
            Self::Throttled | Self::Server | Self::Timeout | Self::Unreachable | Self::Busy | Self::NotAws => true,
            Self::NotFound
            | Self::Stale
            | Self::Denied
            | Self::CredentialsExpired
            | Self::NoCredentials
            | Self::Refused
            | Self::ReadOnly => false,
        }
    }

    /// Whether a write that met this trouble may have taken effect: it must be read before it is tried again.
    pub fn leaves_unknown(self) -> bool {
        matches!(self, Self::Timeout | Self::Unreachable | Self::NotAws | Self::Server)
    }

    /// Whether new credentials are needed before anything else can work.
    pub fn is_about_credentials(self) -> bool {
        matches!(self, Self::CredentialsExpired | Self::NoCredentials)
    }
}

/// Two or three words for a panel's title.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotFound => "not found",
            Self::Stale => "changed by someone else",
            Self::Busy => "busy",
            Self::Throttled => "throttled",
            Self::Denied => "no permission",
            Self::CredentialsExpired => "credentials expired",
            Self::NoCredentials => "no credentials",
            Self::Refused => "refused by AWS",
            Self::Server => "AWS failed",
            Self::Timeout => "no reply in time",
            Self::Unreachable => "unreachable",
            Self::NotAws => "not an AWS reply",
            Self::ReadOnly => "read-only",
        })
    }
}
