//! The signals by which a system asks a program to stop.

/// What the system asks of a program.
pub(super) enum Signal {
    Stop,
    HungUp,
}

/// The signals that ask a program to stop.
pub(super) struct Stop {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Stop {
    #[cfg(unix)]
    pub fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals =
            [signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?];
        Ok(Self { signals })
    }

    #[cfg(not(unix))]
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    pub async fn asked(&mut self) -> Signal {
        let [terminate, hang_up, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => Signal::Stop,
            _ = hang_up.recv() => Signal::HungUp,
            _ = interrupt.recv() => Signal::Stop,
        }
    }

    #[cfg(not(unix))]
    pub async fn asked(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Stop
    }
}
