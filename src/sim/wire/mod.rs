//! The wire of the embedded AWS: one way from an HTTP request, as real SDKs send it, to the response they expect.
//! Each protocol is read into one value tree, so each operation is written once; the world below knows no protocol.

use std::time::Duration;

use crate::sim::world::{Disturbance, EndpointAnswer, Fault, World};

mod alarms;
mod api_gateway;
mod around;
mod budgets;
mod cbor;
mod codedeploy;
mod elb;
mod elb_tags;
mod fault;
mod function_name;
mod json;
mod lambda;
mod metric_data;
mod metric_list;
mod operation;
mod paging;
mod protocol;
mod query;
mod rest;
mod route;
mod sts;
#[cfg(test)]
mod tests;
mod value;

pub use metric_data::{AskedSeries, series_of};
pub use operation::Operation;
pub use value::Value;

use operation::Limit;
use protocol::Protocol;

/// An HTTP request, whichever way it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WireRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// What follows the question mark, still percent-encoded.
    pub query: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl WireRequest {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// An HTTP response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireResponse {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What comes back, if anything does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A response, after a delay in wall time that is nearly always zero.
    After(Duration, WireResponse),
    /// The connection ends in the middle of this response.
    Cut(WireResponse),
    /// Nothing, for ever.
    Never,
}

/// A request understood: which operation, and what it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What to do.
    pub operation: Operation,
    /// Its input, whether it came in the path, the query or the body.
    pub input: Value,
    protocol: Protocol,
    /// The region it is signed for.
    region: Option<String>,
}

impl Call {
    /// Understands a request, or says in the sender's own protocol why not. `id` is the request's id.
    pub fn read(request: &WireRequest, id: &str) -> Result<Self, WireResponse> {
        route::read(request).map_err(|(protocol, fault)| protocol.fault(&fault, id))
    }

    /// Carries it out, unless the world is told to misbehave.
    pub fn answer(&self, world: &mut World, id: &str) -> Reply {
        let Some(disturbance) = world.next_fault(self.operation.name()) else {
            return Reply::After(Duration::ZERO, self.perform(world, id));
        };
        let service = self.operation.service();
        let at_once = |response| Reply::After(Duration::ZERO, response);
        let refuse = |fault: Fault| at_once(self.protocol.fault(&fault, id));
        match disturbance {
            Disturbance::Hang => Reply::Never,
            Disturbance::HangAfterDoing => {
                self.perform(world, id);
                Reply::Never
            }
            Disturbance::SlowMs(_) => Reply::After(disturbance.delay(), self.perform(world, id)),
            Disturbance::HalfAnAnswer => Reply::Cut(self.perform(world, id)),
            Disturbance::Html => at_once(WireResponse::proxy_page()),
            Disturbance::EmptyBadRequest => at_once(WireResponse::empty(400)),
            Disturbance::Throttled => refuse(fault::throttled(service)),
            Disturbance::ServerError => refuse(fault::internal(service)),
            Disturbance::ExpiredToken => refuse(fault::expired(service)),
            Disturbance::AccessDenied => refuse(fault::access_denied(self.operation, world.caller_arn())),
        }
    }

    fn perform(&self, world: &mut World, id: &str) -> WireResponse {
        let home = world.region().to_owned();
        world.enter(self.region.as_deref().unwrap_or(&home));
        let output = self.output(world);
        world.enter(&home);
        match output {
            Ok(output) => self.protocol.response(self.operation, &output, id),
            Err(fault) => self.protocol.fault(&fault, id),
        }
    }

    fn output(&self, world: &mut World) -> Result<Value, Fault> {
        let service = self.operation.service();
        if world.is_off(world.region()) && !service.is_global() {
            return Err(fault::region_off(service));
        }
        if world.denies(&self.operation.action()) {
            return Err(fault::access_denied(self.operation, world.caller_arn()));
        }
        match self.operation.limit() {
            Limit::ControlPlane => world.control_plane_call()?,
            Limit::GetFunction => world.get_function_call()?,
            Limit::None => {}
        }
        let input = &self.input;
        match self.operation {
            Operation::ListFunctions => lambda::list_functions(world, input),
            Operation::GetFunction => lambda::get_function(world, input),
            Operation::GetFunctionConfiguration => lambda::get_function_configuration(world, input),
            Operation::ListVersionsByFunction => lambda::list_versions_by_function(world, input),
            Operation::ListAliases => lambda::list_aliases(world, input),
            Operation::GetAlias => lambda::get_alias(world, input),
            Operation::UpdateAlias => lambda::update_alias(world, input),
            Operation::GetProvisionedConcurrencyConfig => around::get_provisioned_concurrency_config(world, input),
            Operation::ListProvisionedConcurrencyConfigs => around::list_provisioned_concurrency_configs(world, input),
            Operation::ListTags => lambda::list_tags(world, input),
            Operation::GetPolicy => around::get_policy(world, input),
            Operation::ListEventSourceMappings => around::list_event_source_mappings(world, input),
            Operation::GetAccountSettings => Ok(around::get_account_settings(world)),
            Operation::GetMetricData => metric_data::get_metric_data(world, input),
            Operation::ListMetrics => metric_list::list_metrics(world, input),
            Operation::DescribeAlarms => alarms::describe_alarms(world, input),
            Operation::DescribeAlarmHistory => alarms::describe_alarm_history(world, input),
            Operation::SetAlarmState => alarms::set_alarm_state(world, input),
            Operation::ListTagsForResource => alarms::list_tags_for_resource(world, input),
            Operation::DescribeBudgets => budgets::describe_budgets(world, input),
            Operation::GetCallerIdentity => Ok(sts::get_caller_identity(world)),
            Operation::GetRole => sts::get_role(world, input),
            Operation::SimulatePrincipalPolicy => sts::simulate_principal_policy(world, input),
            Operation::DescribeLoadBalancers => elb::describe_load_balancers(world, input),
            Operation::DescribeListeners => elb::describe_listeners(world, input),
            Operation::DescribeRules => elb::describe_rules(world, input),
            Operation::DescribeTargetGroups => elb::describe_target_groups(world, input),
            Operation::DescribeTargetHealth => elb::describe_target_health(world, input),
            Operation::DescribeTargetGroupAttributes => elb::describe_target_group_attributes(world, input),
            Operation::DescribeTags => elb_tags::describe_tags(world, input),
            Operation::AddTags => elb_tags::add_tags(world, input),
            Operation::RemoveTags => elb_tags::remove_tags(world, input),
            Operation::ModifyRule => elb::modify_rule(world, input),
            Operation::ModifyListener => elb::modify_listener(world, input),
            Operation::GetRestApis => api_gateway::get_rest_apis(world, input),
            Operation::GetRestApi => api_gateway::get_rest_api(world, input),
            Operation::GetStages => api_gateway::get_stages(world, input),
            Operation::GetStage => api_gateway::get_stage(world, input),
            Operation::GetDeployments => api_gateway::get_deployments(world, input),
            Operation::GetDeployment => api_gateway::get_deployment(world, input),
            Operation::UpdateStage => api_gateway::update_stage(world, input),
            Operation::ListApplications => Ok(codedeploy::list_applications(world)),
            Operation::ListDeploymentGroups => codedeploy::list_deployment_groups(world, input),
            Operation::GetDeploymentGroup => codedeploy::get_deployment_group(world, input),
            Operation::BatchGetDeploymentGroups => codedeploy::batch_get_deployment_groups(world, input),
            Operation::ListDeployments => codedeploy::list_deployments(world, input),
            Operation::GetCodeDeployment => codedeploy::get_deployment(world, input),
            Operation::BatchGetDeployments => codedeploy::batch_get_deployments(world, input),
            Operation::ListDeploymentTargets => codedeploy::list_deployment_targets(world, input),
            Operation::BatchGetDeploymentTargets => codedeploy::batch_get_deployment_targets(world, input),
        }
    }
}

impl Reply {
    /// With the time at which it was sent, by which clients tell that their own clock is wrong.
    #[must_use]
    pub fn dated(mut self, at: jiff::Timestamp) -> Self {
        if let Self::After(_, response) | Self::Cut(response) = &mut self {
            response.headers.push(("date", at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()));
        }
        self
    }
}

impl WireResponse {
    /// What a health endpoint says.
    pub fn of_endpoint(answer: EndpointAnswer) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status: answer.status, headers, body: answer.body.into_bytes() }
    }

    fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// What a proxy in between says when it cannot reach AWS.
    fn proxy_page() -> Self {
        let body = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
        Self { status: 502, headers: vec![("content-type", "text/html".to_owned())], body: body.into() }
    }
}
