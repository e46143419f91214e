//! STS: who is calling, answered in the XML of the query protocol.

use super::value::{Members, Value};
use crate::sim::world::World;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// GetCallerIdentity.
pub fn get_caller_identity(world: &World) -> Value {
    let members = Members::new().with("Arn", world.caller_arn()).with("UserId", world.caller_id());
    members.with("Account", world.account()).into()
}

/// An answer: the members of `output`, each as an element.
pub fn response_xml(operation: &str, output: &Value, id: &str) -> String {
    let Value::Map(members) = output else { return String::new() };
    let element = |(name, value): &(String, Value)| match value {
        Value::Text(text) => Some(format!("<{name}>{}</{name}>", escape(text))),
        _ => None,
    };
    let result: String = members.iter().filter_map(element).collect();
    format!(
        "<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result>{result}</{operation}Result>\
         <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
    )
}

/// An error. `side` is `Sender` or `Receiver`.
pub fn error_xml(code: &str, message: &str, side: &str, id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{side}</Type><Code>{code}</Code>\
         <Message>{}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>",
        escape(message)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
