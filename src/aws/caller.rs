//! Who is calling, from STS.

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
}
