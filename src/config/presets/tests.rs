//! Every preset as it is shipped: it parses, it expands with and without its parameters, and its series are those that
//! AWS names.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use super::*;
use crate::release::metrics::{
    expression::Expression,
    formula::Missing,
    panel::MetricPanel,
    unit::{self, Unit},
};

fn all() -> impl Iterator<Item = &'static Preset> {
    Preset::names().into_iter().filter_map(Preset::named)
}

/// A resource that gives nothing, only what it must, or everything.
fn resource(preset: &Preset, has_all: bool) -> Resource {
    let given = |parameter: &Parameter| {
        let given = match parameter.kind {
            Kind::Text => Given::Text(format!("<{}>", parameter.name)),
            Kind::Number => Given::Number(100.0),
            Kind::Names if parameter.name == "target_groups" => Given::Names(vec!["targetgroup/blue/6d0e".into()]),
            Kind::Names => Given::Names(vec!["One".into(), "Two".into()]),
            Kind::Routes => Given::Names(vec!["GET /receipts".into()]),
        };
        (has_all || parameter.required).then(|| (parameter.name.clone(), given))
    };
    Resource {
        name: "NAME".into(),
        title: "TITLE".into(),
        region: None,
        given: preset.parameters.iter().filter_map(given).collect(),
    }
}

/// `title [unit] 100 * failed / all; warning 1; failed = AWS/… Sum {…}`, a line for every part.
fn described(panel: &MetricPanel) -> String {
    let mut lines = vec![format!("{} [{:?} x{}]", panel.title, panel.unit, panel.formula.scale)];
    let limits = panel.limits;
    if limits.warning.or(limits.critical).is_some() {
        let side = if limits.is_below { "below" } else { "above" };
        lines.push(format!("  {side} {:?} {:?}", limits.warning, limits.critical));
    }
    if panel.is_daily {
        lines.push("  daily".into());
    }
    lines.push(format!("  = {}", panel.formula.expression));
    for (name, operand) in &panel.formula.operands {
        lines.extend(operand.series.iter().map(|series| format!("  {name}: {series}")));
        match &operand.missing {
            Missing::Unknown => {}
            Missing::LeftOut => lines.push(format!("  {name}: left out where missing")),
            Missing::Zero { companions } => {
                let beside: Vec<String> = companions.iter().map(ToString::to_string).collect();
                lines.push(format!("  {name}: 0 beside {}", beside.join(", ")));
            }
        }
    }
    lines.extend(panel.remedy.iter().map(|remedy| format!("  else: {remedy}")));
    lines.join("\n")
}

#[test]
fn every_file_is_a_preset() {
    let files: BTreeSet<&str> = FILES.files().filter_map(|file| file.path().file_stem()?.to_str()).collect();
    for file in FILES.files() {
        let text = file.contents_utf8().unwrap();
        toml::from_str::<Preset>(text).unwrap_or_else(|error| panic!("{}: {error}", file.path().display()));
    }
    assert_eq!(files, Preset::names().into_iter().collect());
    assert!(files.len() >= 14, "{files:?}");
}

#[test]
fn every_word_in_a_preset_means_something() {
    for preset in all() {
        let parameters: Vec<&str> = preset.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let is_parameter = |name: &String| assert!(parameters.contains(&name.as_str()), "{}: {name}", preset.name);
        preset.parameters.iter().filter_map(|parameter| parameter.needs.as_ref()).for_each(is_parameter);
        for panel in &preset.panels {
            let place = format!("{}, {}", preset.name, panel.title);
            panel.when.iter().chain(&panel.each).for_each(is_parameter);
            assert!(unit::WORDS.iter().any(|(word, ..)| *word == panel.unit), "{place}: {}", panel.unit);
            assert!(panel.expression.is_some() || panel.metrics.len() == 1, "{place}: which metric?");
            for metric in panel.metrics.values() {
                metric.each.iter().for_each(is_parameter);
                assert!(super::super::words::statistic(&metric.stat).is_ok(), "{place}: {}", metric.stat);
                assert_eq!(metric.missing == MissingWord::Zero, !metric.companions.is_empty(), "{place}");
                for companion in &metric.companions {
                    assert!(panel.metrics.contains_key(companion), "{place}: {companion}");
                }
            }
            let text = panel.expression.clone().unwrap_or_default().replace(['{', '}'], "");
            let expression = Expression::parse(&text);
            let is_known = |name: &&str| panel.metrics.contains_key(*name) || parameters.contains(name);
            let is_right =
                text.is_empty() || expression.is_ok_and(|expression| expression.names().iter().all(is_known));
            assert!(is_right, "{place}: {text}");
            let side = panel.warning.zip(panel.critical);
            assert!(side.is_none_or(|(warning, critical)| (warning > critical) == panel.is_below), "{place}");
        }
    }
}

#[test]
fn every_preset_expands_to_these_panels() {
    for preset in all() {
        let panels = expand(preset, &resource(preset, true));
        let (each, whole): (Vec<_>, Vec<_>) = preset.panels.iter().partition(|panel| panel.each.is_some());
        assert!(panels.len() >= whole.len() + each.len(), "{}: something is lost", preset.name);
        let titles: BTreeSet<&str> = panels.iter().map(|panel| panel.title.as_str()).collect();
        assert_eq!(titles.len(), panels.len(), "{}: two panels with one title", preset.name);
        let text: Vec<String> = panels.iter().map(described).collect();
        insta::assert_snapshot!(format!("preset_{}", preset.name), text.join("\n\n"));
    }
}

#[test]
fn without_its_parameters_a_preset_leaves_out_what_needs_them() {
    for preset in all() {
        let bare = resource(preset, false);
        for panel in expand(preset, &bare) {
            let text = described(&panel);
            assert!(!text.contains(['{', '<']) || !text.contains("{{"), "{text}");
            assert!(!panel.formula.series().is_empty(), "{}: {} is made of nothing", preset.name, panel.title);
            for series in panel.formula.series() {
                assert!(!series.dimensions.is_empty(), "{series}");
                assert!(series.dimensions.values().all(|value| !value.contains(['{', '}'])), "{series}");
            }
        }
    }
}

/// The names that the services' documentation gives, each with its dimensions.
#[test]
fn series_are_named_as_aws_names_them() {
    let named: BTreeSet<String> = all()
        .flat_map(|preset| expand(preset, &resource(preset, true)))
        .flat_map(|panel| panel.formula.series().into_iter().map(ToString::to_string).collect::<Vec<_>>())
        .collect();
    for series in [
        "AWS/Lambda Duration p90 {FunctionName=NAME, Resource=NAME:<alias>}",
        "AWS/Lambda ConcurrentExecutions Maximum {FunctionName=NAME}",
        "AWS/Lambda ProvisionedConcurrencySpilloverInvocations Sum {FunctionName=NAME, Resource=NAME:<alias>}",
        "LambdaInsights init_duration SampleCount {function_name=NAME}",
        "LambdaInsights init_duration SampleCount {function_name=NAME, version=One}",
        "AWS/ApiGateway 5XXError Sum {ApiName=NAME, Stage=<stage>}",
        "AWS/ApiGateway IntegrationLatency p99 {ApiName=NAME, Stage=<stage>}",
        "AWS/ApiGateway 5xx Sum {ApiId=NAME, Stage=<stage>}",
        "AWS/ApiGateway Count Sum {ApiId=NAME, Method=GET, Resource=/receipts, Stage=<stage>}",
        "AWS/DynamoDB ReadThrottleEvents Sum {TableName=NAME}",
        "AWS/DynamoDB WriteThrottleEvents Sum {GlobalSecondaryIndexName=One, TableName=NAME}",
        "AWS/DynamoDB SystemErrors Sum {Operation=One, TableName=NAME}",
        "AWS/DynamoDB ConsumedReadCapacityUnits Sum {GlobalSecondaryIndexName=Two, TableName=NAME}",
        "AWS/RDS FreeStorageSpace Minimum {DBInstanceIdentifier=NAME}",
        "AWS/RDS ReadLatency Average {DBInstanceIdentifier=NAME}",
        "AWS/RDS DatabaseConnections Maximum {DBInstanceIdentifier=NAME}",
        "AWS/RDS DatabaseConnectionsSetupFailed Sum {ProxyName=NAME}",
        "AWS/RDS MaxDatabaseConnectionsAllowed Sum {ProxyName=NAME}",
        "AWS/RDS ServerlessDatabaseCapacity Average {DBClusterIdentifier=NAME}",
        "AWS/RDS VolumeBytesUsed Average {DBClusterIdentifier=NAME}",
        "AWS/RDS FreeLocalStorage Minimum {DBInstanceIdentifier=<instance>}",
        "AWS/ElastiCache CacheHits Sum {CacheClusterId=NAME}",
        "AWS/S3 NumberOfObjects Average {BucketName=NAME, StorageType=AllStorageTypes}",
        "AWS/S3 BucketSizeBytes Average {BucketName=NAME, StorageType=One}",
        "AWS/S3 GetRequests Sum {BucketName=NAME, FilterId=<filter>}",
        "AWS/CloudFront TotalErrorRate Average {DistributionId=NAME, Region=Global} in us-east-1",
        "AWS/ApplicationELB HTTPCode_ELB_5XX_Count Sum {LoadBalancer=NAME}",
        "AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum {LoadBalancer=NAME, TargetGroup=targetgroup/blue/6d0e}",
        "AWS/ApplicationELB TargetResponseTime p95 {LoadBalancer=NAME, TargetGroup=targetgroup/blue/6d0e}",
        "AWS/ECS MemoryUtilization Average {ClusterName=<cluster>, ServiceName=NAME}",
        "ECS/ContainerInsights RunningTaskCount Minimum {ClusterName=<cluster>, ServiceName=NAME}",
        "AWS/ElasticBeanstalk EnvironmentHealth Maximum {EnvironmentName=NAME}",
        "AWS/Billing EstimatedCharges Maximum {Currency=NAME, ServiceName=<service>} in us-east-1",
        "AWS/WAFV2 BlockedRequests Sum {Region=<protects>, Rule=<rule>, WebACL=NAME}",
    ] {
        assert!(named.contains(series), "no preset has {series}");
    }
    let with_a_trap = |name: &str| named.iter().any(|series| series.contains(name));
    assert!(!with_a_trap("ThrottledRequests"), "it has no data with the table's name alone");
}

/// Every preset with its parameters and panels, as docs/presets.md tells them.
fn page() -> String {
    let mut page = String::new();
    for preset in all() {
        write!(page, "## `{}`\n\n{} `name` is {}.", preset.name, preset.about, preset.of).unwrap();
        page += &preset.region.as_ref().map_or_else(String::new, |region| format!(" Always read in {region}."));
        page += "\n\n";
        if !preset.parameters.is_empty() {
            page += "| parameter | takes | means |\n|---|---|---|\n";
        }
        for Parameter { name, kind, about, required, default, .. } in &preset.parameters {
            let takes = match kind {
                Kind::Text => "a text",
                Kind::Number => "a number",
                Kind::Names => "a list of texts",
                Kind::Routes => "a list of routes",
            };
            let needed = if *required { "; required" } else { "" };
            let default = match default {
                Some(Given::Names(names)) => format!("; default {}", names.join(", ")),
                Some(Given::Text(text)) => format!("; default {text}"),
                Some(Given::Number(number)) => format!("; default {number}"),
                None => String::new(),
            };
            writeln!(page, "| `{name}` | {takes} | {about}{needed}{default} |").unwrap();
        }
        page += if preset.parameters.is_empty() { "" } else { "\n" };
        page += "| panel | unit | warning | critical | worked out of |\n|---|---|---|---|---|\n";
        preset.panels.iter().for_each(|panel| page += &row(preset, panel));
        page += "\n";
    }
    page
}

fn row(preset: &Preset, panel: &PanelTemplate) -> String {
    let unit = unit::WORDS.iter().find(|(word, ..)| *word == panel.unit).map_or(Unit::Plain, |(_, unit, _)| *unit);
    let unit = format!("{unit:?}").to_lowercase();
    let limit = |limit: Option<f64>| {
        let side = if panel.is_below { "below" } else { "above" };
        limit.map_or_else(String::new, |limit| format!("{side} {limit}"))
    };
    let used = panel.expression.as_deref().unwrap_or_default();
    let names = panel.metrics.iter().map(|(name, metric)| {
        let namespace = metric.namespace.as_ref().unwrap_or(&preset.namespace);
        let dimensions = metric.dimensions.as_ref().unwrap_or(&preset.dimensions).iter().chain(&metric.and);
        let dimensions: Vec<String> = dimensions.map(|(name, value)| format!("{name}={value}")).collect();
        let name = if used.is_empty() { String::new() } else { format!("{name} = ") };
        format!("{name}{namespace} {} {} {{{}}}", metric.metric, metric.stat, dimensions.join(", "))
    });
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let expression = if used.is_empty() { String::new() } else { format!("`{used}`: ") };
    let only = panel.when.as_ref().or(panel.each.as_ref());
    let only = only.map_or_else(String::new, |parameter| format!(" (with `{parameter}`)"));
    let daily = if panel.daily { ", daily" } else { "" };
    let (warning, critical) = (limit(panel.warning), limit(panel.critical));
    format!("| {}{only} | {unit}{daily} | {warning} | {critical} | {expression}{} |\n", panel.title, names.join("; "))
}

/// With `UPDATE_DOCS=1` the page is written anew.
#[test]
fn the_page_on_presets_tells_what_is_in_them() {
    const MARK: &str = "<!-- From here on this page is made from presets/*.toml. -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/presets.md");
    let text = fs::read_to_string(&path).unwrap();
    let (by_hand, found) = text.split_once(MARK).unwrap();
    let wanted = format!("\n{}", page().trim_end().to_owned() + "\n");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{by_hand}{MARK}{wanted}")).unwrap();
        return;
    }
    assert!(found == wanted, "docs/presets.md is old: run this test with UPDATE_DOCS=1");
}
