//! CloudWatch's ListMetrics: which metrics exist.

use super::alarms::describe_metric;
use super::fault;
use super::metric_data::read_dimensions;
use super::paging;
use super::value::{Members, Value};
use crate::sim::world::{Fault, MetricId, World};

/// AWS's page; a client cannot choose another.
const PAGE: usize = 500;

/// ListMetrics. A dimension filter without a value takes any value of that dimension.
pub fn list_metrics(world: &World, input: &Value) -> Result<Value, Fault> {
    let (namespace, name) = (input.text("Namespace")?, input.text("MetricName")?);
    let filters = read_dimensions(input)?;
    let recently_active = input.text("RecentlyActive")?;
    if recently_active.is_some_and(|window| window != "PT3H") {
        let message = "The value for parameter RecentlyActive must be PT3H.".to_owned();
        return Err(fault::refusal("InvalidParameterValueException", message));
    }
    let is_asked = |metric: &MetricId| {
        namespace.is_none_or(|namespace| metric.namespace == namespace)
            && name.is_none_or(|name| metric.name == name)
            && filters.iter().all(|(key, wanted)| {
                metric.dimensions.get(key).is_some_and(|value| wanted.is_empty() || value == wanted)
            })
    };
    let metrics: Vec<MetricId> = world.metrics().into_iter().filter(is_asked).collect();
    let page = paging::page("metrics", &metrics, input.text("NextToken")?, PAGE).ok_or_else(|| {
        let message = "Request parameter NextToken is invalid".to_owned();
        fault::refusal("InvalidParameterValueException", message)
    })?;
    let members = Members::new().with("Metrics", page.items.iter().map(describe_metric).collect::<Value>());
    Ok(members.with_some("NextToken", page.next).into())
}
