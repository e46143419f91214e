//! Metrics and alarms of other regions than the environment's own: CDNs and billing are measured in us-east-1 alone,
//! and a resource may live anywhere. One client a region, made when it is first asked for; it knows nothing of metrics.

use std::sync::PoisonError;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{Cloud, cloudwatch_sdk, endpoints::Service, error};
use crate::release::error::{CloudError, Trouble};

impl Cloud {
    /// The client for a region; `None` is the environment's own. Credentials, endpoint and guard are the same.
    pub(super) fn cloudwatch_in(&self, region: Option<&str>) -> cloudwatch_sdk::Client {
        let Some(region) = region.filter(|region| self.is_abroad(region)) else { return self.0.cloudwatch.clone() };
        let mut abroad = self.0.abroad.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let config = self.0.cloudwatch.config().to_builder();
            cloudwatch_sdk::Client::from_conf(
                config.region(cloudwatch_sdk::config::Region::new(region.to_owned())).build(),
            )
        };
        abroad.entry(region.to_owned()).or_insert_with(make).clone()
    }

    /// CloudWatch's reply from a region, or the error in our words. What another region says of the credentials says
    /// nothing of those in use here: a region that is switched off knows nobody of the account.
    /// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
    pub(super) fn check_in<T, E>(
        &self,
        region: Option<&str>,
        operation: &'static str,
        reply: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<T, CloudError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let Some(region) = region.filter(|region| self.is_abroad(region)) else {
            return self.check(operation, Service::CloudWatch, reply);
        };
        reply.map_err(|error| told_of(region, error::explain(operation, &self.scene(Service::CloudWatch), &error)))
    }

    /// Whether a region is another one than the environment's own.
    pub(super) fn is_abroad(&self, region: &str) -> bool {
        region != self.0.region
    }
}

fn told_of(region: &str, error: CloudError) -> CloudError {
    let (kind, message) = match error.kind {
        Trouble::CredentialsExpired => (
            Trouble::Denied,
            format!("region {region} is not enabled in this account, or does not know these credentials"),
        ),
        Trouble::Unreachable => {
            (Trouble::Unreachable, format!("region {region} cannot be reached: is there such a one?"))
        }
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
        let off = told_of("ap-east-1", error(Trouble::CredentialsExpired));
        assert_eq!(off.kind, Trouble::Denied);
        assert!(off.message.contains("region ap-east-1 is not enabled in this account"), "{off}");
    }

    #[test]
    fn every_other_trouble_keeps_its_kind_and_names_the_region() {
        for kind in [Trouble::Throttled, Trouble::Denied, Trouble::Unreachable, Trouble::Timeout] {
            let told = told_of("ap-nowhere-9", error(kind));
            assert_eq!(told.kind, kind);
            assert!(told.message.contains("region ap-nowhere-9"), "{told}");
        }
    }
}
