//! One test for each thing that can be found around an alias, and for what is nobody's trouble.

use super::{
    permissions::{Call, Decision, Permission, missing_for_rollback, principal},
    triggers::{grants, qualifier_of},
    *,
};

fn target() -> Target {
    Target::new("pay", "live")
}

fn error(kind: Trouble, operation: &'static str) -> CloudError {
    CloudError { kind, operation, message: String::new(), request_id: None, retry_after: None }
}

/// A function about which there is nothing to say.
fn quiet() -> Surroundings {
    Surroundings {
        tags: Ok(BTreeMap::from([("team".to_owned(), "shop".to_owned())])),
        mappings: Ok(Vec::new()),
        on_function: Ok(Vec::new()),
        on_alias: Ok(Vec::new()),
        of_new: Some(Ok(None)),
        of_stable: Some(Ok(None)),
    }
}

fn found(around: &Surroundings) -> Vec<(Weight, String)> {
    let found = findings(&target(), Version::Number(41), Some(Version::Number(42)), around);
    found.into_iter().map(|found| (found.weight, found.words)).collect()
}

/// The one thing that is found.
fn only(around: &Surroundings) -> (Weight, String) {
    let found = found(around);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

fn tagged(key: &str, value: &str) -> Surroundings {
    Surroundings { tags: Ok(BTreeMap::from([(key.to_owned(), value.to_owned())])), ..quiet() }
}

#[test]
fn nothing_to_say_is_nothing_said() {
    assert_eq!(found(&quiet()), []);
}

#[test]
fn who_made_the_function_puts_its_alias_back() {
    let (weight, words) = only(&tagged("aws:cloudformation:stack-name", "shop-prod"));
    assert_eq!(weight, Weight::Remark);
    assert!(words.contains("stack shop-prod") && words.contains("points live at"), "{words}");
    for (key, value) in [("ManagedBy", "Terraform"), ("terraform-workspace", "prod"), ("managed-by", "OpenTofu")] {
        assert!(only(&tagged(key, value)).1.contains("Terraform"), "{key}");
    }
}

#[test]
fn queues_and_streams_that_call_the_bare_function_are_named() {
    let mapping = |source: &str, function: &str| Mapping { source: source.into(), qualifier: qualifier_of(function) };
    let bare = "arn:aws:lambda:eu-west-1:123456789012:function:pay";
    let mappings = vec![
        mapping("arn:aws:sqs:eu-west-1:123456789012:orders", bare),
        mapping("arn:aws:dynamodb:eu-west-1:123456789012:table/Carts/stream/2026", bare),
        mapping("arn:aws:sqs:eu-west-1:123456789012:mails", &format!("{bare}:live")),
    ];
    let (weight, words) = only(&Surroundings { mappings: Ok(mappings), ..quiet() });
    assert_eq!(weight, Weight::Remark);
    assert!(words.contains("the queue orders, the table's stream Carts") && !words.contains("mails"), "{words}");
}

const ON_FUNCTION: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",
     "Resource":"arn:aws:lambda:eu-west-1:123456789012:function:pay",
     "Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::receipts"}}},
    {"Sid":"api","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction"},
    {"Sid":"peer","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"lambda:GetFunction"}]}"#;
const ON_ALIAS: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},
    "Action":"lambda:InvokeFunction"}}"#;

#[test]
fn services_that_may_call_the_function_and_not_the_alias_are_named() {
    let around = Surroundings { on_function: Ok(grants(ON_FUNCTION)), on_alias: Ok(grants(ON_ALIAS)), ..quiet() };
    let (weight, words) = only(&around);
    assert_eq!(weight, Weight::Remark);
    assert!(words.starts_with("S3 (receipts) may call") && words.contains("pay:live"), "{words}");
    let both = Surroundings { on_function: Ok(grants(ON_ALIAS)), on_alias: Ok(grants(ON_ALIAS)), ..quiet() };
    assert_eq!(found(&both), []);
}

#[test]
fn a_policy_that_is_none_grants_nothing() {
    for text in ["", "{", "[]", r#"{"Statement":7}"#, r#"{"Statement":[{"Effect":"Allow"}]}"#] {
        assert_eq!(grants(text), [], "{text}");
    }
}

fn concurrency(status: &str) -> ProvisionedConcurrency {
    ProvisionedConcurrency { status: status.to_owned(), requested: 5 }
}

#[test]
fn the_new_version_is_warm_or_that_is_a_trouble() {
    let ready = Surroundings {
        of_new: Some(Ok(Some(concurrency("READY")))),
        of_stable: Some(Ok(Some(concurrency("READY")))),
        ..quiet()
    };
    assert_eq!(found(&ready), []);
    let (weight, words) = only(&Surroundings { of_new: Some(Ok(Some(concurrency("IN_PROGRESS")))), ..ready.clone() });
    assert_eq!(weight, Weight::Trouble);
    assert!(words.contains("version 42 is IN_PROGRESS, not READY (5 asked for)"), "{words}");
    let (weight, words) = only(&Surroundings { of_new: Some(Ok(None)), ..ready });
    assert_eq!(weight, Weight::Trouble);
    assert!(words.contains("version 41 has provisioned concurrency (5), version 42 has none"), "{words}");
}

#[test]
fn what_is_denied_is_said_to_be_unanswered_and_stops_nothing() {
    let around = Surroundings {
        mappings: Err(error(Trouble::Denied, "ListEventSourceMappings")),
        of_new: Some(Err(error(Trouble::Denied, "GetProvisionedConcurrencyConfig"))),
        ..quiet()
    };
    let (weight, words) = only(&around);
    assert_eq!(weight, Weight::Unanswered);
    assert!(words.contains("ListEventSourceMappings is not allowed"), "{words}");
}

#[test]
fn a_deployment_of_the_same_alias_is_a_rival() {
    let moving = |function: &str, alias: &str| Deployment {
        id: "d-1".to_owned(),
        region: None,
        group: "shop/live".to_owned(),
        moves: vec![(function.to_owned(), alias.to_owned())],
    };
    let found = rivals(&target(), &[moving("pay", "beta"), moving("ship", "live"), moving("pay", "live")]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].weight, Weight::Trouble);
    assert!(found[0].words.contains("d-1 of shop/live"), "{}", found[0].words);
}

#[test]
fn the_role_behind_a_session_is_asked_about() {
    let arn = |caller: &str| principal(caller).map(|principal| principal.arn);
    let session = "arn:aws:sts::123456789012:assumed-role/oncall/ada@example.com";
    assert_eq!(arn(session).as_deref(), Some("arn:aws:iam::123456789012:role/oncall"));
    let user = "arn:aws-cn:iam::123456789012:user/ops/ada";
    assert_eq!(arn(user).as_deref(), Some(user));
    for caller in ["arn:aws:iam::123456789012:root", "arn:aws:sts::123456789012:federated-user/ada", "", "ada"] {
        assert_eq!(arn(caller), None, "{caller}");
    }
}

#[test]
fn a_rollback_that_would_be_refused_is_known_before() {
    let permission = |action: &str, decision| Permission {
        call: Call {
            action: action.to_owned(),
            resource: "arn:aws:lambda:eu-west-1:123456789012:function:pay".to_owned(),
        },
        decision,
    };
    let fine = permission("lambda:GetAlias", Decision::Allowed);
    let other = permission("budgets:ViewBudget", Decision::NotAllowed);
    assert_eq!(missing_for_rollback(&[fine.clone(), other]), None);
    let refused = permission("lambda:UpdateAlias", Decision::Forbidden);
    let found = missing_for_rollback(&[fine, refused]).unwrap();
    assert_eq!(found.weight, Weight::Trouble);
    assert!(found.words.contains("lambda:UpdateAlias on function:pay is forbidden"), "{}", found.words);
}
