//! The wire of the embedded AWS: one way from an HTTP request, as real SDKs send it, to the response they expect.
//! Each protocol is read into one value tree, so each operation is written once; the world below knows no protocol.

use std::time::Duration;

use crate::sim::world::{Disturbance, Fault, World};

mod alarms;
mod budgets;
mod cbor;
mod fault;
mod function_name;
mod json;
mod lambda;
mod metric_data;
mod metric_list;
mod operation;
mod paging;
mod protocol;
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
        match self.output(world) {
            Ok(output) => self.protocol.response(self.operation, &output, id),
            Err(fault) => self.protocol.fault(&fault, id),
        }
    }

    fn output(&self, world: &mut World) -> Result<Value, Fault> {
        let input = &self.input;
        match self.operation.limit() {
            Limit::ControlPlane => world.control_plane_call()?,
            Limit::GetFunction => world.get_function_call()?,
            Limit::None => {}
        }
        match self.operation {
            Operation::ListFunctions => lambda::list_functions(world, input),
            Operation::GetFunction => lambda::get_function(world, input),
            Operation::GetFunctionConfiguration => lambda::get_function_configuration(world, input),
            Operation::ListVersionsByFunction => lambda::list_versions_by_function(world, input),
            Operation::ListAliases => lambda::list_aliases(world, input),
            Operation::GetAlias => lambda::get_alias(world, input),
            Operation::UpdateAlias => lambda::update_alias(world, input),
            Operation::GetProvisionedConcurrencyConfig => lambda::get_provisioned_concurrency_config(world, input),
            Operation::ListTags => lambda::list_tags(world, input),
            Operation::GetMetricData => metric_data::get_metric_data(world, input),
            Operation::ListMetrics => metric_list::list_metrics(world, input),
            Operation::DescribeAlarms => alarms::describe_alarms(world, input),
            Operation::DescribeAlarmHistory => alarms::describe_alarm_history(world, input),
            Operation::SetAlarmState => alarms::set_alarm_state(world, input),
            Operation::DescribeBudgets => budgets::describe_budgets(world, input),
            Operation::GetCallerIdentity => Ok(sts::get_caller_identity(world)),
        }
    }
}

impl WireResponse {
    fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// What a proxy in between says when it cannot reach AWS.
    fn proxy_page() -> Self {
        let body = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
        Self { status: 502, headers: vec![("content-type", "text/html".to_owned())], body: body.into() }
    }
}
