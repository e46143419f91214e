//! What stands in the way of pointing a stage of a REST API at another deployment: one that is gone, in either direction,
//! or a canary of API Gateway's own.

use super::{Known, PlanRow};
use crate::release::{
    facts::{Setting, StageSetting},
    names::Version,
};

/// Why this stage is not moved, and what to do about it.
pub(super) fn obstacle(known: &Known<'_>, row: &PlanRow) -> Option<String> {
    let Setting::Stage(StageSetting { canary_percent, .. }) = &known.alias.setting else {
        return Some("it was not read as a stage of a REST API".to_owned());
    };
    if row.from.same_traffic(&row.to) {
        return None;
    }
    if let Some(percent) = canary_percent {
        return Some(format!(
            "a canary of API Gateway gets {percent} % of the stage's traffic: promote it or delete it first, because \
             it would go on beside the new deployment"
        ));
    }
    known.info(row.stable).is_none().then(|| missing("go back to", row.stable))
}

/// A deployment that is gone. CDK deletes the one before by default.
/// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_apigateway.Deployment.html>
pub(super) fn missing(what_for: &str, version: Version) -> String {
    format!(
        "the deployment {version} to {what_for} does not exist any more: CDK deletes deployments unless the API has \
         `retainDeployments: true`"
    )
}

/// What the stack would say to another deployment.
pub(super) fn remarks(known: &Known<'_>) -> Vec<String> {
    let mut remarks = vec![super::COMPARED.to_owned()];
    if let Setting::Stage(StageSetting { stack: Some(stack), .. }) = &known.alias.setting {
        remarks.push(super::drift(stack, "deployment"));
    }
    remarks
}
