//! Lambda's control plane: functions, versions, aliases and tags, as its REST API shows them.

use super::function_name::FunctionName;
use super::paging;
use super::value::{Members, Value};
use crate::sim::world::{Alias, AliasChange, Fault, Function, State, Version, VersionId, World};

/// Lambda returns at most this many items in a page, even if more are asked for.
const PAGE: i64 = 50;

/// ListFunctions.
pub fn list_functions(world: &World, input: &Value) -> Result<Value, Fault> {
    let all_versions = match input.text("FunctionVersion")? {
        None => false,
        Some("ALL") => true,
        Some(other) => {
            let rule = "Member must satisfy enum value set: [ALL]";
            return Err(Fault::validation(other, "functionVersion", rule));
        }
    };
    let versions = world.functions().flat_map(|function| {
        let shown = function.versions.iter().filter(|version| all_versions || version.id == VersionId::Latest);
        // Here and in ListVersionsByFunction ARNs end in the version only where versions are listed.
        shown.map(|version| configuration(function, version, all_versions))
    });
    list(input, "functions", "Functions", &versions.collect::<Vec<_>>())
}

/// GetFunction.
pub fn get_function(world: &World, input: &Value) -> Result<Value, Fault> {
    let (function, version, is_qualified) = qualified(world, input)?;
    let location = format!(
        "https://awslambda-{region}-tasks.s3.{region}.amazonaws.com/snapshots/{}/{}",
        world.account(),
        function.name,
        region = world.region()
    );
    let code = match &function.image {
        None => Members::new().with("RepositoryType", "S3").with("Location", location),
        Some(image) => Members::new()
            .with("RepositoryType", "ECR")
            .with("ImageUri", format!("{image}:{}", version.description))
            .with("ResolvedImageUri", format!("{image}@sha256:{}", digest(version))),
    };
    let members =
        Members::new().with("Configuration", configuration(function, version, is_qualified)).with("Code", code);
    let tags = (!function.tags.is_empty()).then(|| tag_map(function));
    Ok(members.with_some("Tags", tags).into())
}

/// GetFunctionConfiguration.
pub fn get_function_configuration(world: &World, input: &Value) -> Result<Value, Fault> {
    let (function, version, is_qualified) = qualified(world, input)?;
    Ok(configuration(function, version, is_qualified))
}

/// ListVersionsByFunction.
pub fn list_versions_by_function(world: &World, input: &Value) -> Result<Value, Fault> {
    let function = unqualified(world, input)?;
    let versions: Vec<Value> = function.versions.iter().map(|version| configuration(function, version, true)).collect();
    list(input, "versions", "Versions", &versions)
}

/// ListAliases.
pub fn list_aliases(world: &World, input: &Value) -> Result<Value, Fault> {
    let function = unqualified(world, input)?;
    let version = input.text("FunctionVersion")?;
    let points_there = |alias: &&Alias| {
        version.is_none_or(|version| {
            let ids = alias.weights.keys().chain([&alias.function_version]);
            ids.map(ToString::to_string).any(|id| id == version)
        })
    };
    let aliases: Vec<Value> = function.aliases.iter().filter(points_there).map(alias_configuration).collect();
    list(input, "aliases", "Aliases", &aliases)
}

/// GetAlias.
pub fn get_alias(world: &World, input: &Value) -> Result<Value, Fault> {
    let function = unqualified(world, input)?;
    function.alias(alias_name(input)?).map(alias_configuration)
}

/// UpdateAlias. Leaving RoutingConfig out keeps the weights; an empty one clears them.
pub fn update_alias(world: &mut World, input: &Value) -> Result<Value, Fault> {
    let function = unqualified(world, input)?.name.clone();
    let change = AliasChange {
        function_version: input.text("FunctionVersion")?.map(str::to_owned),
        description: input.text("Description")?.map(str::to_owned),
        routing: input.get("RoutingConfig").map(routing).transpose()?,
        revision_id: input.text("RevisionId")?.map(str::to_owned),
    };
    world.update_alias(&function, alias_name(input)?, &change).map(alias_configuration)
}

/// ListTags.
pub fn list_tags(world: &World, input: &Value) -> Result<Value, Fault> {
    let arn = input.text("Resource")?.unwrap_or_default();
    let name = FunctionName::read(arn, "resource", world)?;
    if !arn.starts_with("arn:") || name.qualifier.is_some() {
        let message = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
        return Err(Fault::invalid_parameter(message));
    }
    Ok(Members::new().with("Tags", tag_map(world.function(name.name)?)).into())
}

/// The function and version that a name and a qualifier lead to, and whether there was a qualifier.
fn qualified<'a>(world: &'a World, input: &Value) -> Result<(&'a Function, &'a Version, bool), Fault> {
    let name = FunctionName::read(input.text("FunctionName")?.unwrap_or_default(), "functionName", world)?;
    let asked = input.text("Qualifier")?;
    if let (Some(in_name), Some(asked)) = (name.qualifier, asked)
        && in_name != asked
    {
        let message = "The derived qualifier from the function name does not match the specified qualifier.";
        return Err(Fault::invalid_parameter(message));
    }
    let qualifier = asked.or(name.qualifier);
    let function = world.function(name.name)?;
    Ok((function, function.qualified(qualifier)?, qualifier.is_some()))
}

/// The function of an operation that takes no qualifier.
pub(super) fn unqualified<'a>(world: &'a World, input: &Value) -> Result<&'a Function, Fault> {
    let text = input.text("FunctionName")?.unwrap_or_default();
    let name = FunctionName::read(text, "functionName", world)?;
    if name.qualifier.is_some() {
        return Err(Fault::validation(text, "functionName", FunctionName::UNQUALIFIED_RULE));
    }
    world.function(name.name)
}

fn alias_name(input: &Value) -> Result<&str, Fault> {
    let name = input.text("Name")?.unwrap_or_default();
    let is_alias = !name.bytes().all(|byte| byte.is_ascii_digit())
        && name.len() <= 128
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_alias {
        return Ok(name);
    }
    let rule = "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";
    Err(Fault::validation(name, "name", rule))
}

fn routing(config: &Value) -> Result<std::collections::BTreeMap<String, f64>, Fault> {
    let Some(Value::Map(weights)) = config.get("AdditionalVersionWeights") else { return Ok([].into()) };
    let weight = |(version, weight): &(String, Value)| {
        let weight =
            weight.as_double().ok_or_else(|| super::fault::serialization("AdditionalVersionWeights", "Double"))?;
        Ok((version.clone(), weight))
    };
    weights.iter().map(weight).collect()
}

/// A page of a list, with Lambda's way to say where it goes on.
pub(super) fn list(input: &Value, list: &str, member: &str, items: &[Value]) -> Result<Value, Fault> {
    let limit = input.int("MaxItems")?.unwrap_or(PAGE);
    if !(1..=10_000).contains(&limit) {
        let bound = if limit < 1 { "greater than or equal to 1" } else { "less than or equal to 10000" };
        let rule = format!("Member must have value {bound}");
        return Err(Fault::validation(&limit.to_string(), "maxItems", &rule));
    }
    let limit = usize::try_from(limit.min(PAGE)).unwrap_or(usize::MAX);
    // boto3 sends the marker of the page before as it is; an empty one means the beginning.
    let marker = input.text("Marker")?.filter(|marker| !marker.is_empty());
    let page = paging::page(list, items, marker, limit).ok_or_else(|| Fault::invalid_parameter("Invalid Marker"))?;
    let next = page.next.map_or(Value::Null, Value::from);
    Ok(Members::new().with("NextMarker", next).with(member, page.items.to_vec()).into())
}

fn configuration(function: &Function, version: &Version, is_qualified: bool) -> Value {
    let arn = if is_qualified { &version.arn } else { &function.arn };
    let last_modified = version.last_modified.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
    let (apply_on, optimization) = if version.snap_start { ("PublishedVersions", "On") } else { ("None", "Off") };
    let reason = (version.state == State::Pending)
        .then_some(("The function is being created.", "Creating"))
        .or((version.state == State::Failed).then_some(("The function could not be created.", "InternalError")));
    let dead_letter = version.dead_letter.as_ref().map(|queue| Members::new().with("TargetArn", queue));
    Members::new()
        .with("FunctionName", &function.name)
        .with("FunctionArn", arn)
        .with_some("Runtime", function.image.is_none().then_some(&version.runtime))
        .with("Role", &version.role)
        .with_some("Handler", function.image.is_none().then_some(&version.handler))
        .with("CodeSize", i64::try_from(version.code_size).unwrap_or(i64::MAX))
        .with("Description", &version.description)
        .with("Timeout", version.timeout_s)
        .with("MemorySize", version.memory_mb)
        .with("LastModified", last_modified)
        .with("CodeSha256", &version.code_sha256)
        .with("Version", version.id.to_string())
        .with_some("DeadLetterConfig", dead_letter)
        .with("TracingConfig", Members::new().with("Mode", "PassThrough"))
        .with("RevisionId", &version.revision_id)
        .with("State", version.state.to_string())
        .with_some("StateReason", reason.map(|(reason, _)| reason))
        .with_some("StateReasonCode", reason.map(|(_, code)| code))
        .with("LastUpdateStatus", "Successful")
        .with("PackageType", if function.image.is_some() { "Image" } else { "Zip" })
        .with("Architectures", vec!["arm64"])
        .with("EphemeralStorage", Members::new().with("Size", 512_i64))
        .with("SnapStart", Members::new().with("ApplyOn", apply_on).with("OptimizationStatus", optimization))
        .into()
}

fn alias_configuration(alias: &Alias) -> Value {
    let weights = alias.weights.iter().map(|(id, weight)| (id.to_string(), Value::from(*weight))).collect();
    let routing = Members::new().with("AdditionalVersionWeights", Value::Map(weights));
    Members::new()
        .with("AliasArn", &alias.arn)
        .with("Name", &alias.name)
        .with("FunctionVersion", alias.function_version.to_string())
        .with("Description", &alias.description)
        .with_some("RoutingConfig", (!alias.weights.is_empty()).then_some(routing))
        .with("RevisionId", &alias.revision_id)
        .into()
}

/// Something in the form of an image's digest.
fn digest(version: &Version) -> String {
    let hex = |byte: u8| [byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16).unwrap_or('0'));
    version.code_sha256.bytes().flat_map(hex).take(64).collect()
}

fn tag_map(function: &Function) -> Value {
    Value::Map(function.tags.iter().map(|(key, value)| (key.clone(), value.into())).collect())
}
