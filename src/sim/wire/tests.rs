//! Which operation a request means, and how refusals look in each protocol.

use super::*;

fn get(path: &str, query: &str) -> WireRequest {
    WireRequest { method: "GET".to_owned(), path: path.to_owned(), query: query.to_owned(), ..WireRequest::default() }
}

fn post(path: &str, headers: &[(&str, &str)], body: &[u8]) -> WireRequest {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    WireRequest {
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers,
        body: body.to_vec(),
        ..WireRequest::default()
    }
}

fn text<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    call.input.text(name).unwrap()
}

#[test]
fn lambda_is_routed_by_method_and_path() {
    for (path, operation) in [
        ("/2015-03-31/functions", Operation::ListFunctions),
        ("/2015-03-31/functions/", Operation::ListFunctions),
        ("/2015-03-31/functions/pay", Operation::GetFunction),
        ("/2015-03-31/functions/pay/configuration", Operation::GetFunctionConfiguration),
        ("/2015-03-31/functions/pay/versions", Operation::ListVersionsByFunction),
        ("/2015-03-31/functions/pay/aliases", Operation::ListAliases),
        ("/2015-03-31/functions/pay/aliases/live", Operation::GetAlias),
        ("/2019-09-30/functions/pay/provisioned-concurrency", Operation::GetProvisionedConcurrencyConfig),
        ("/2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Apay", Operation::ListTags),
    ] {
        assert_eq!(Call::read(&get(path, ""), "id").unwrap().operation, operation, "{path}");
    }
}

#[test]
fn names_and_options_are_decoded() {
    let path = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Apay";
    let call = Call::read(&get(path, "Qualifier=%24LATEST&MaxItems=7"), "id").unwrap();
    assert_eq!(text(&call, "FunctionName"), Some("arn:aws:lambda:eu-west-1:123456789012:function:pay"));
    assert_eq!(text(&call, "Qualifier"), Some("$LATEST"));
    assert_eq!(call.input.int("MaxItems").unwrap(), Some(7));
    let odd = Call::read(&get("/2015-03-31/functions/100%25%zz%", ""), "id").unwrap();
    assert_eq!(text(&odd, "FunctionName"), Some("100%%zz%"));
}

#[test]
fn the_body_of_update_alias_joins_what_is_in_the_path() {
    let mut request = post("/2015-03-31/functions/pay/aliases/live", &[], br#"{"FunctionVersion":"7","Name":"other"}"#);
    request.method = "PUT".to_owned();
    let call = Call::read(&request, "id").unwrap();
    assert_eq!(call.operation, Operation::UpdateAlias);
    assert_eq!((text(&call, "Name"), text(&call, "FunctionVersion")), (Some("live"), Some("7")));
}

#[test]
fn cloudwatch_is_understood_in_cbor_and_in_json() {
    let input: Value = value::Members::new().with("AlarmNamePrefix", "rv-").into();
    let path = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms";
    let cbor = Call::read(&post(path, &[("smithy-protocol", "rpc-v2-cbor")], &cbor::encode(&input)), "id").unwrap();
    let target = [("x-amz-target", "GraniteServiceVersion20100801.DescribeAlarms")];
    let json = Call::read(&post("/", &target, br#"{"AlarmNamePrefix":"rv-"}"#), "id").unwrap();
    assert_eq!((cbor.operation, &cbor.input), (Operation::DescribeAlarms, &input));
    assert_eq!((json.operation, &json.input), (Operation::DescribeAlarms, &input));
}

#[test]
fn sts_is_understood_as_a_form() {
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let call = Call::read(&post("/", &headers, b"Action=GetCallerIdentity&Version=2011-06-15"), "id").unwrap();
    assert_eq!(call.operation, Operation::GetCallerIdentity);
    let refusal = Call::read(&post("/", &headers, b"Action=AssumeRole&Version=2011-06-15"), "id").unwrap_err();
    assert_eq!(refusal.status, 400);
    assert!(String::from_utf8(refusal.body).unwrap().contains("<Code>InvalidAction</Code>"));
}

#[test]
fn cloudwatch_in_the_query_protocol_is_refused_with_the_reason() {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let refusal = Call::read(&post("/", &headers, b"Action=DescribeAlarms&Version=2010-08-01"), "id").unwrap_err();
    assert!(String::from_utf8(refusal.body).unwrap().contains("speaks CBOR and JSON to CloudWatch"));
}

#[test]
fn unknown_operations_are_refused_by_name_in_the_senders_protocol() {
    let path = "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm";
    let refusal = Call::read(&post(path, &[], &[]), "id").unwrap_err();
    let body = cbor::decode(&refusal.body).unwrap();
    assert_eq!(refusal.status, 404);
    assert!(body.text("message").unwrap().unwrap().contains("PutMetricAlarm"));

    let refusal = Call::read(&post("/2015-03-31/functions/pay/versions", &[], b"{}"), "id").unwrap_err();
    assert!(refusal.headers.contains(&("x-amzn-errortype", "UnknownOperationException".to_owned())));
    assert!(String::from_utf8(refusal.body).unwrap().contains("POST /2015-03-31/functions/pay/versions"));

    // An operation of one service is not found under the name of another.
    let target = [("x-amz-target", "AWSBudgetServiceGateway.GetMetricData")];
    assert_eq!(Call::read(&post("/", &target, b"{}"), "id").unwrap_err().status, 404);
}

#[test]
fn malformed_bodies_are_refused() {
    let target = [("x-amz-target", "AWSBudgetServiceGateway.DescribeBudgets")];
    let refusal = Call::read(&post("/", &target, b"{"), "id").unwrap_err();
    assert_eq!(refusal.status, 400);
    assert!(String::from_utf8(refusal.body).unwrap().contains("SerializationException"));
    let refusal = Call::read(&get("/2015-03-31/functions", "MaxItems=many"), "id").unwrap_err();
    assert_eq!(refusal.status, 400);
}

#[test]
fn every_operation_is_found_under_its_name() {
    for operation in Operation::ALL.iter().copied() {
        assert_eq!(Operation::find(operation.service(), operation.wire_name()), Some(operation));
    }
}
