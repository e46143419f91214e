//! The three ways to name a function: its name, a partial ARN and a full ARN, each with or without a qualifier.
//! See <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html>.

use super::fault;
use crate::sim::world::{Fault, World};

/// A function as a request names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionName<'a> {
    /// The name alone.
    pub name: &'a str,
    /// A version or an alias.
    pub qualifier: Option<&'a str>,
}

impl<'a> FunctionName<'a> {
    /// The rule that operations without a qualifier quote.
    pub const UNQUALIFIED_RULE: &'static str = "Member must satisfy regular expression pattern: \
        (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?\
        ([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

    /// Reads a name, and refuses another account or region. `member` is what AWS calls it in the refusal.
    pub fn read(text: &'a str, member: &str, world: &World) -> Result<Self, Fault> {
        let malformed = || Fault::validation(text, member, Self::UNQUALIFIED_RULE);
        let parsed = Parsed::read(text).ok_or_else(malformed)?;
        if let Some(region) = parsed.region.filter(|region| *region != world.region()) {
            let message = format!("Functions from '{region}' are not reachable in this region ('{}')", world.region());
            return Err(Fault { status: 404, ..fault::refusal("ResourceNotFoundException", message) });
        }
        if parsed.account.is_some_and(|account| account != world.account()) {
            let message = format!(
                "User: {} is not authorized to perform this action on resource: {text} because no resource-based \
                 policy allows it",
                world.caller_arn()
            );
            return Err(Fault { status: 403, ..fault::refusal("AccessDeniedException", message) });
        }
        Ok(parsed.function)
    }
}

struct Parsed<'a> {
    region: Option<&'a str>,
    account: Option<&'a str>,
    function: FunctionName<'a>,
}

impl<'a> Parsed<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (region, account, name): (_, _, &[&str]) = match parts.as_slice() {
            ["arn", _, "lambda", region, account, "function", name @ ..] => (Some(*region), Some(*account), name),
            [account, "function", name @ ..] => (None, Some(*account), name),
            ["function", name @ ..] | name => (None, None, name),
        };
        let function = match name {
            [name] => FunctionName { name, qualifier: None },
            [name, qualifier] => FunctionName { name, qualifier: Some(qualifier) },
            _ => return None,
        };
        let is_word = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        let is_qualifier = |text: &str| text == "$LATEST" || is_word(text);
        let is_valid =
            is_word(function.name) && function.name.len() <= 140 && function.qualifier.is_none_or(is_qualifier);
        is_valid.then_some(Self { region, account, function })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = (Option<&'a str>, Option<&'a str>, &'a str, Option<&'a str>);

    fn parts(text: &str) -> Option<Parts<'_>> {
        Parsed::read(text)
            .map(|parsed| (parsed.region, parsed.account, parsed.function.name, parsed.function.qualifier))
    }

    #[test]
    fn all_three_forms_are_read() {
        let account = Some("123456789012");
        assert_eq!(parts("pay"), Some((None, None, "pay", None)));
        assert_eq!(parts("pay:live"), Some((None, None, "pay", Some("live"))));
        assert_eq!(parts("function:pay"), Some((None, None, "pay", None)));
        assert_eq!(parts("123456789012:function:pay"), Some((None, account, "pay", None)));
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:pay:$LATEST";
        assert_eq!(parts(arn), Some((Some("eu-west-1"), account, "pay", Some("$LATEST"))));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "a b", "pay:", ":live", "pay:a:b", "arn:aws:s3:::bucket", "pay/../x", &"x".repeat(141)] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
