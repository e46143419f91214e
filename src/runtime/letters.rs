//! Notices on their way. Each receiver gets them one after the other, so that nobody reads of the end before the
//! beginning; receivers do not wait for each other, and nothing waits for them but, for a moment, the end of the program.

use std::{collections::HashMap, time::Duration};

use tokio::{
    sync::oneshot,
    task::{Id, JoinSet},
};

use super::{Joined, Services};
use crate::{
    app::event::{Reply, Ticket},
    notify::{Notice, Notify, Post, tell},
};

/// How long notices may take when the program leaves.
const LAST_LETTERS: Duration = Duration::from_secs(5);

/// Notices on their way.
#[derive(Default)]
pub(super) struct Letters {
    under_way: JoinSet<(Ticket, Reply)>,
    /// By receiver: ends with the last notice to it.
    last: HashMap<String, oneshot::Receiver<()>>,
}

impl Letters {
    /// Sends a notice, after those that this receiver has not got yet.
    pub fn send(&mut self, services: &Services, ticket: Ticket, receiver: Notify, notice: Notice) -> Id {
        let post = Post { web: services.web.clone(), cloud: services.cloud.clone(), tries: services.tries };
        let (told, is_told) = oneshot::channel::<()>();
        let previous = self.last.insert(receiver.name.clone(), is_told);
        let handle = self.under_way.spawn(async move {
            if let Some(previous) = previous {
                // An error is an end too: it ends when the task before this one does.
                let _ = previous.await;
            }
            let delivery = tell(&receiver, &notice, &post, |name| std::env::var(name).ok()).await;
            drop(told);
            (ticket, Reply::Told(delivery))
        });
        handle.id()
    }

    /// The next that came to an end; `None` where none is on its way. Safe to drop half-way.
    pub async fn next(&mut self) -> Option<Joined> {
        self.under_way.join_next_with_id().await
    }

    /// One that came to an end already.
    pub fn ready(&mut self) -> Option<Joined> {
        self.under_way.try_join_next_with_id()
    }

    /// Waits a few seconds for what is on its way.
    pub async fn finish(mut self) {
        let all = async {
            while let Some(joined) = self.under_way.join_next().await {
                if let Ok((_, Reply::Told(delivery))) = joined {
                    tracing::info!(%delivery, "told at the last moment");
                }
            }
        };
        if tokio::time::timeout(LAST_LETTERS, all).await.is_err() {
            tracing::error!("left before every notice had arrived");
        }
    }
}
