//! Read-only mode at the edge: an interceptor that stops every operation that is not known to read, before anything of
//! it is signed or sent. The program refuses writes earlier and more kindly; this is the wall behind that.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeSerializationInterceptorContextRef, dyn_dispatch_hint},
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// The operations that change nothing, by AWS's names. What is missing here is refused. `Publish` is among them: a
/// notice changes nothing in the account, and whoever only watches a release must be able to call for help.
const READS: [&str; 33] = [
    "AssumeRole",
    "BatchGetDeploymentTargets",
    "BatchGetDeployments",
    "DescribeAlarmHistory",
    "DescribeAlarms",
    "DescribeBudgets",
    "DescribeListeners",
    "DescribeRules",
    "DescribeTags",
    "DescribeTargetGroupAttributes",
    "DescribeTargetHealth",
    "GetAlias",
    "GetCallerIdentity",
    "GetDeployment",
    "GetDeployments",
    "GetFunction",
    "GetFunctionConfiguration",
    "GetMetricData",
    "GetPolicy",
    "GetProvisionedConcurrencyConfig",
    "GetRestApi",
    "GetStage",
    "GetRole",
    "ListAliases",
    "ListDeploymentTargets",
    "ListDeployments",
    "ListEventSourceMappings",
    "ListFunctions",
    "ListMetrics",
    "ListTags",
    "ListVersionsByFunction",
    "Publish",
    "SimulatePrincipalPolicy",
];

/// Refuses every operation that is not on the list of reads.
#[derive(Debug)]
pub(super) struct ReadsOnly;

#[dyn_dispatch_hint]
impl Intercept for ReadsOnly {
    fn name(&self) -> &'static str {
        "ReadsOnly"
    }

    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().map_or("an unnamed operation", Metadata::name);
        if READS.contains(&operation) { Ok(()) } else { Err(WriteRefused(operation.to_owned()).into()) }
    }
}

/// A write that was stopped in read-only mode.
#[derive(Debug, thiserror::Error)]
#[error("read-only: {0} is not on the list of operations that only read")]
pub(super) struct WriteRefused(String);
