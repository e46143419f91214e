//! The tags of load balancers, listeners, rules and target groups, as Elastic Load Balancing's query API shows and changes
//! them. See <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Tag.html>.

use super::value::{Members, Value};
use crate::sim::world::{Fault, World};

/// A resource has at most so many tags.
const MOST_TAGS: usize = 50;
/// A value has at most so many characters.
const LONGEST_VALUE: usize = 256;

/// DescribeTags.
pub fn describe_tags(world: &World, input: &Value) -> Result<Value, Fault> {
    let describe = |arn: &str| {
        let tags = world.balancer_tags(arn).filter(|_| world.is_home()).ok_or_else(|| missing(arn))?;
        let tag = |(key, value): (&String, &String)| Members::new().with("Key", key).with("Value", value);
        Ok(Members::new().with("ResourceArn", arn).with("Tags", tags.iter().map(tag).collect::<Value>()))
    };
    let all: Result<Vec<Members>, Fault> = input.texts("ResourceArns")?.into_iter().map(describe).collect();
    Ok(Members::new().with("TagDescriptions", all?).into())
}

/// `AddTags`: a key that is there already gets another value.
pub fn add_tags(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let mut pairs = Vec::new();
    for tag in input.list("Tags")? {
        pairs.push((sound(tag.text("Key")?, 128)?, sound(tag.text("Value")?, LONGEST_VALUE)?));
    }
    change(world, input, |tags| {
        tags.extend(pairs.iter().cloned());
        let too_many = || Fault::query("TooManyTags", "The maximum number of tags has been reached on the resource");
        if tags.len() > MOST_TAGS { Err(too_many()) } else { Ok(()) }
    })
}

/// `RemoveTags`: a key that is not there is none the less gone.
pub fn remove_tags(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let keys: Vec<String> = input.texts("TagKeys")?.into_iter().map(str::to_owned).collect();
    change(world, input, |tags| {
        tags.retain(|key, _| !keys.contains(key));
        Ok(())
    })
}

type Pairs = std::collections::BTreeMap<String, String>;

/// Changes the tags of every resource that is named, or of none.
fn change(world: &mut World, input: &Value, how: impl Fn(&mut Pairs) -> Result<(), Fault>) -> Result<Value, Fault> {
    let mut changed = Vec::new();
    for arn in input.texts("ResourceArns")? {
        let mut tags = world.balancer_tags(arn).filter(|_| world.is_home()).ok_or_else(|| missing(arn))?.clone();
        how(&mut tags)?;
        changed.push((arn, tags));
    }
    for (arn, tags) in changed {
        if let Some(standing) = world.balancer_tags_mut(arn) {
            *standing = tags;
        }
    }
    Ok(Members::new().into())
}

/// AWS takes letters, digits, spaces and a few signs.
fn sound(text: Option<&str>, longest: usize) -> Result<String, Fault> {
    let text = text.unwrap_or_default();
    let is_known = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    if text.chars().count() > longest || !text.chars().all(is_known) {
        let pattern = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";
        let message = format!("Value '{text}' must have length at most {longest} and satisfy the pattern {pattern}");
        return Err(Fault::query("ValidationError", message));
    }
    Ok(text.to_owned())
}

fn missing(arn: &str) -> Fault {
    let code = match arn {
        rule if rule.contains(":listener-rule/") => "RuleNotFound",
        listener if listener.contains(":listener/") => "ListenerNotFound",
        group if group.contains(":targetgroup/") => "TargetGroupNotFound",
        _ => "LoadBalancerNotFound",
    };
    Fault::query(code, format!("Resource '{arn}' not found"))
}
