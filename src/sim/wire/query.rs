//! The query protocol of STS, IAM and Elastic Load Balancing: forms whose names are paths through the input, answered
//! in XML. See <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>.

use std::collections::BTreeMap;

use super::value::Value;

/// Names nested deeper than this are refused, to bound the stack.
const MAX_DEPTH: usize = 16;

/// A form on its way to a tree.
#[derive(Default)]
struct Node {
    text: Option<String>,
    members: BTreeMap<String, Node>,
}

/// Reads a form: `Actions.member.1.Type=forward` is a list of structures. All leaves are texts.
pub fn decode(body: &[u8]) -> Result<Value, String> {
    let mut root = Node::default();
    for (name, value) in form_urlencoded::parse(body) {
        let parts: Vec<&str> = name.split('.').collect();
        if parts.len() > MAX_DEPTH {
            return Err(format!("The parameter {name} is nested too deeply."));
        }
        let mut node = &mut root;
        for part in parts {
            node = node.members.entry(part.to_owned()).or_default();
        }
        node.text = Some(value.into_owned());
    }
    Ok(root.into_value())
}

impl Node {
    fn into_value(mut self) -> Value {
        if self.members.is_empty() {
            return self.text.map_or(Value::Null, Value::Text);
        }
        if self.members.len() == 1
            && let Some(list) = self.members.remove("member")
        {
            let mut items: Vec<(u32, Node)> =
                list.members.into_iter().filter_map(|(place, item)| Some((place.parse().ok()?, item))).collect();
            items.sort_by_key(|(place, _)| *place);
            return Value::List(items.into_iter().map(|(_, item)| item.into_value()).collect());
        }
        Value::Map(self.members.into_iter().map(|(name, node)| (name, node.into_value())).collect())
    }
}

/// An answer: the members of `output`, each as an element.
pub fn response_xml(operation: &str, namespace: &str, output: &Value, id: &str) -> String {
    let mut result = String::new();
    write(output, &mut result);
    format!(
        "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{result}</{operation}Result>\
         <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
    )
}

/// An error. `side` is `Sender` or `Receiver`.
pub fn error_xml(code: &str, message: &str, side: &str, id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>{side}</Type>\
         <Code>{code}</Code><Message>{}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>",
        escape(message)
    )
}

fn write(value: &Value, into: &mut String) {
    match value {
        Value::Null => {}
        Value::Bool(value) => into.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => into.push_str(&value.to_string()),
        Value::Double(value) => into.push_str(&value.to_string()),
        Value::Text(text) => into.push_str(&escape(text)),
        Value::Time(time) => into.push_str(&time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()),
        Value::List(items) => items.iter().for_each(|item| element("member", item, into)),
        Value::Map(members) => members
            .iter()
            .filter(|(_, value)| *value != Value::Null)
            .for_each(|(name, value)| element(name, value, into)),
    }
}

fn element(name: &str, value: &Value, into: &mut String) {
    into.extend(["<", name, ">"]);
    write(value, into);
    into.extend(["</", name, ">"]);
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::value::Members;
    use super::*;

    #[test]
    fn a_form_becomes_a_tree() {
        let form = b"Action=ModifyRule&Actions.member.1.Type=forward\
            &Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight=0\
            &Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight=100";
        let input = decode(form).unwrap();
        assert_eq!(input.text("Action").unwrap(), Some("ModifyRule"));
        let action = &input.list("Actions").unwrap()[0];
        let groups = action.get("ForwardConfig").unwrap().list("TargetGroups").unwrap();
        let weights: Vec<_> = groups.iter().map(|group| group.text("Weight").unwrap().unwrap()).collect();
        assert_eq!(weights, ["100", "0"]);
    }

    #[test]
    fn a_tree_becomes_elements() {
        let rule = Members::new().with("Arn", "a<b&c").with("IsDefault", false);
        let output = Members::new().with("Rules", vec![rule]).with("Next", Value::Null).into();
        let xml = response_xml("DescribeRules", "urn:x", &output, "7");
        assert!(xml.contains("<Rules><member><Arn>a&lt;b&amp;c</Arn><IsDefault>false</IsDefault></member></Rules>"));
        assert!(!xml.contains("Next"), "{xml}");
    }

    proptest! {
        #[test]
        fn arbitrary_forms_never_panic(form in "[a-zA-Z.=&0-9%]{0,80}") {
            drop(decode(form.as_bytes()));
        }
    }
}
