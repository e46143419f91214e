//! The edge that knows AWS: the only module that names the SDK's service crates. It answers in the words of
//! [`crate::release`], with every text cleaned and every error sorted; it decides nothing about releases.

mod alarms;
mod budgets;
mod caller;
mod codedeploy;
mod connect;
mod credentials;
mod endpoints;
mod error;
mod guard;
mod lambda;
mod listener;
mod listing;
mod metrics;
mod open;
mod pace;
mod paging;
mod permissions;
pub mod policy;
mod regions;
mod rest_stage;
mod sns;
mod surroundings;
mod tags;
mod target;
mod time;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::AtomicU64},
};

use aws_sdk_apigateway as apigateway_sdk;
use aws_sdk_budgets as budgets_sdk;
use aws_sdk_cloudwatch as cloudwatch_sdk;
use aws_sdk_codedeploy as codedeploy_sdk;
use aws_sdk_elasticloadbalancingv2 as elbv2_sdk;
use aws_sdk_iam as iam_sdk;
use aws_sdk_lambda as lambda_sdk;
use aws_sdk_sns as sns_sdk;
use aws_sdk_sts as sts_sdk;
use aws_smithy_runtime_api::client::{http::SharedHttpClient, orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub use crate::text::clean;

use self::{endpoints::Service, error::Scene, open::Opened, pace::Pace, tags::Tags};
use crate::{
    release::error::{CloudError, Trouble},
    text,
};

/// Which AWS to talk to. What is `None` is left to the SDK's own chain: `AWS_*` variables, then the profile files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Such as `eu-west-1`.
    pub region: Option<String>,
    /// A profile named by a flag or the configuration. It beats keys in the environment; leave `AWS_PROFILE` to the
    /// SDK.
    pub profile: Option<String>,
    /// A role to assume with the credentials that are found.
    pub role_arn: Option<String>,
    /// An endpoint for all services.
    pub endpoint_url: Option<String>,
    /// Endpoints by service (lambda, cloudwatch, budgets, sts, sns, elbv2, apigateway, codedeploy, iam). They beat the one for all.
    pub endpoint_urls: BTreeMap<String, String>,
    /// Refuse every operation that is not known to read, before it is sent.
    pub read_only: bool,
}

/// How requests travel.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Over the network, with the credentials of the user's environment.
    Network,
    /// To an AWS inside this program: credentials are made up, and no `AWS_*` variable and no file is looked at.
    Embedded(SharedHttpClient),
}

/// How soon a read is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Watching: it takes its turn in the client-side limit.
    Routine,
    /// Part of a write, such as a rollback that reads again: it goes out at once.
    Urgent,
}

/// A connection to one AWS account and region, or to what stands in for it. Clones share it.
#[derive(Debug, Clone)]
pub struct Cloud(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    opened: Opened,
    lambda: lambda_sdk::Client,
    cloudwatch: cloudwatch_sdk::Client,
    /// The same account in other regions, by region.
    abroad: Mutex<BTreeMap<String, Cloud>>,
    budgets: budgets_sdk::Client,
    sts: sts_sdk::Client,
    sns: sns_sdk::Client,
    elbv2: elbv2_sdk::Client,
    apigateway: apigateway_sdk::Client,
    codedeploy: codedeploy_sdk::Client,
    iam: iam_sdk::Client,
    /// For Lambda's control plane: a third of what the region allows to all its callers together.
    routine: Pace,
    /// Tags of alarms that were read, and the pace at which they are.
    tags: Tags,
    /// `GetFunction` has a larger allowance of its own.
    functions: Pace,
    /// `GetPolicy` has one of its own, too: 15 a second.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
    policies: Pace,
    /// For Elastic Load Balancing, which says no limits: a modest pace.
    balancers: Pace,
    /// For API Gateway, whose control plane allows an account 10 calls a second in all its regions' tools together.
    gateway: Pace,
    /// The release records that rules carry, as they were last read.
    records: listener::Records,
    metrics_asked: AtomicU64,
}

impl Cloud {
    /// The region that requests go to.
    pub fn region(&self) -> &str {
        &self.0.opened.region
    }

    /// Where Lambda is asked, if that is not AWS: part of a release record's key, and a loud badge on screen.
    pub fn endpoint(&self) -> Option<&str> {
        self.0.opened.endpoints.elsewhere(Service::Lambda)
    }

    /// Every service that is not asked at AWS: its name in the configuration, and where it is asked.
    pub fn endpoints(&self) -> Vec<(&'static str, String)> {
        self.0.opened.endpoints.all_elsewhere()
    }

    /// A reply, or the error in our words. Credentials that AWS calls expired are loaded anew for the next request;
    /// what another region does not know may be known here.
    fn check<T, E>(
        &self,
        operation: &'static str,
        service: Service,
        reply: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<T, CloudError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let (code, error) = match reply {
            Ok(reply) => return Ok(reply),
            Err(error) => (error.code().map(clean), error::explain(operation, &self.scene(service), &error)),
        };
        let error =
            if self.0.opened.is_abroad { regions::told_of(self.region(), code.as_deref(), error) } else { error };
        if let (Trouble::CredentialsExpired, Some(keyring)) = (error.kind, &self.0.opened.keyring) {
            keyring.complain();
        }
        Err(error)
    }

    /// The error for a reply that the SDK could read but that AWS would not give.
    fn not_aws(&self, operation: &'static str, service: Service, what: &str) -> CloudError {
        error::not_aws(operation, &self.scene(service), what)
    }

    fn scene(&self, service: Service) -> Scene {
        let asked = self.0.opened.endpoints.describe(service, self.region());
        let elsewhere = self.0.opened.endpoints.elsewhere(service).is_some();
        Scene { asked, elsewhere, profile: self.0.opened.profile.clone() }
    }
}
