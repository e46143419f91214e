//! The same account in other regions: CDNs and billing are measured in us-east-1 alone, a resource may live anywhere,
//! and a release may move functions of several regions. A cloud of its own for each, made when it is first asked for.

use std::sync::{Arc, PoisonError};

use super::Cloud;
use crate::release::error::{CloudError, Trouble};

impl Cloud {
    /// The same account in a region; `None` is the environment's own. Credentials, endpoints and the guard against
    /// writes are the same; what AWS allows to each region by itself is paced by itself.
    pub(super) fn in_region(&self, region: Option<&str>) -> Self {
        let Some(region) = region.filter(|region| self.is_abroad(region)) else { return self.clone() };
        let mut abroad = self.0.abroad.lock().unwrap_or_else(PoisonError::into_inner);
        abroad
            .entry(region.to_owned())
            .or_insert_with(|| Self(Arc::new(self.0.opened.moved_to(region).into_inner())))
            .clone()
    }

    /// Whether a region is another one than the environment's own.
    pub(super) fn is_abroad(&self, region: &str) -> bool {
        region != self.region()
    }
}

/// What went wrong in another region. What that says of the credentials says nothing of those in use here, unless it
/// calls them expired: a region that is switched off knows nobody of the account.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
pub(super) fn told_of(region: &str, code: Option<&str>, error: CloudError) -> CloudError {
    let knows_nobody = matches!(code, Some("InvalidClientTokenId" | "UnrecognizedClientException"));
    let (kind, message) = match error.kind {
        Trouble::CredentialsExpired if knows_nobody => (
            Trouble::Denied,
            format!("region {region} is not enabled in this account, or does not know these credentials"),
        ),
        Trouble::Unreachable => (
            Trouble::Unreachable,
            format!("region {region} cannot be reached: it is away, or there is none of that name"),
        ),
        _ if error.message.contains(region) => return error,
        kind => (kind, format!("region {region}: {}", error.message)),
    };
    CloudError { kind, message, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: Trouble) -> CloudError {
        let message = "AWS says so".to_owned();
        CloudError { kind, operation: "GetMetricData", message, request_id: None, retry_after: None }
    }

    #[test]
    fn a_region_that_is_switched_off_is_no_fault_of_the_credentials() {
        let off = told_of("ap-east-1", Some("UnrecognizedClientException"), error(Trouble::CredentialsExpired));
        assert_eq!(off.kind, Trouble::Denied);
        assert!(off.message.contains("region ap-east-1 is not enabled in this account"), "{off}");
    }

    #[test]
    fn every_other_trouble_keeps_its_kind_and_names_the_region() {
        let all = [Trouble::Throttled, Trouble::Denied, Trouble::Unreachable, Trouble::CredentialsExpired];
        for kind in all {
            let told = told_of("ap-nowhere-9", Some("ExpiredTokenException"), error(kind));
            assert_eq!(told.kind, kind);
            assert!(told.message.contains("region ap-nowhere-9"), "{told}");
        }
    }
}
