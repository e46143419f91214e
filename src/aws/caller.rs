//! Who is calling, from STS, and what time it is there.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeDeserializationInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use jiff::{Timestamp, fmt::rfc2822};

use super::{Cloud, endpoints::Service, text::clean_or_empty};
use crate::release::{error::CloudError, facts::Caller};

impl Cloud {
    /// The account and ARN that the credentials belong to.
    pub async fn caller(&self) -> Result<Caller, CloudError> {
        const OPERATION: &str = "GetCallerIdentity";
        let reply = self.0.sts.get_caller_identity().send().await;
        let reply = self.check(OPERATION, Service::Sts, reply)?;
        let caller = Caller { account: clean_or_empty(reply.account()), arn: clean_or_empty(reply.arn()) };
        if caller.account.is_empty() {
            return Err(self.not_aws(OPERATION, Service::Sts, "an identity without an account"));
        }
        Ok(caller)
    }

    /// The time that STS writes on its reply, UTC, to the second; `None` where nobody answers or says. A reply that
    /// refuses the call says it too: that is how a clock that is wrong shows.
    pub async fn time_there(&self) -> Option<Timestamp> {
        let date = Date::default();
        let request = self.0.sts.get_caller_identity().customize().interceptor(date.clone());
        // Whatever the answer is, its date is what was asked for.
        drop(request.send().await);
        date.0.lock().ok().and_then(|date| *date)
    }
}

/// Looks at the header `Date` of a reply.
#[derive(Debug, Clone, Default)]
struct Date(Arc<Mutex<Option<Timestamp>>>);

#[dyn_dispatch_hint]
impl Intercept for Date {
    fn name(&self) -> &'static str {
        "Date"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").and_then(read_date);
        if let (Some(date), Ok(mut place)) = (date, self.0.lock()) {
            *place = Some(date);
        }
        Ok(())
    }
}

/// `Sat, 21 Nov 2026 20:55:26 GMT`: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>.
fn read_date(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_s_date_is_read() {
        let expected: Timestamp = "2026-11-21T20:55:26Z".parse().unwrap();
        assert_eq!(read_date("Sat, 21 Nov 2026 20:55:26 GMT"), Some(expected));
        assert_eq!(read_date("yesterday"), None);
    }
}
