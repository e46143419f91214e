//! The rules of composite alarms: which alarms they name, and how the states of those make up the whole. Only as much
//! of the grammar is read as people need to see the tree; nothing here decides whether a composite alarm rings.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>

use super::facts::AlarmState;

/// A rule as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Another alarm in a state.
    Alarm {
        /// Its name.
        name: String,
        /// The state that counts.
        state: AlarmState,
    },
    /// All of these.
    All(Vec<Node>),
    /// Any of these.
    Any(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
    /// `TRUE` or `FALSE`.
    Always(bool),
    /// Something that this reader does not know, such as `AT_LEAST`: as it is written.
    Other(String),
}

/// The names of the alarms in a rule, each once, in its order.
pub fn children(rule: &str) -> Vec<String> {
    let mut names = Vec::new();
    for token in tokens(rule) {
        if let Token::Text(text) = token
            && !names.contains(&text)
        {
            names.push(text);
        }
    }
    names
}

/// The rule as a tree; as it stands where it cannot be read.
pub fn parse(rule: &str) -> Node {
    let tokens = tokens(rule);
    let mut reader = Reader { tokens: &tokens, depth: 0 };
    match reader.any() {
        Some(node) if reader.tokens.is_empty() => node,
        _ => Node::Other(rule.trim().to_owned()),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Comma,
    Word(String),
    /// The name of an alarm, whether it was quoted, bare or an ARN.
    Text(String),
}

/// What is in brackets behind a state is a name; all else are words.
fn tokens(rule: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = rule.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_name = is_state_before(&tokens);
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' if !is_name => (Token::Comma, 1),
            '"' | '\'' => quoted(rest, first),
            _ if is_name => {
                let length = rest.find(')').unwrap_or(rest.len());
                (Token::Text(name_of(rest[..length].trim_end())), length)
            }
            _ => {
                let length = rest.find(|c: char| c.is_whitespace() || "(),".contains(c)).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_ascii_uppercase()), length)
            }
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    tokens
}

/// Whether a name comes next: behind `ALARM (` and its like.
fn is_state_before(tokens: &[Token]) -> bool {
    matches!(tokens, [.., Token::Word(word), Token::Open] if state(word).is_some())
}

fn quoted(rest: &str, mark: char) -> (Token, usize) {
    let inside = &rest[1..];
    let mut text = String::new();
    let mut is_escaped = false;
    for (at, character) in inside.char_indices() {
        match character {
            '\\' if !is_escaped => is_escaped = true,
            end if end == mark && !is_escaped => return (Token::Text(name_of(&text)), at + 2),
            other => {
                text.push(other);
                is_escaped = false;
            }
        }
    }
    (Token::Text(name_of(&text)), rest.len())
}

/// The name in an alarm's ARN; a name as it is.
fn name_of(text: &str) -> String {
    let behind = text.starts_with("arn:").then(|| text.splitn(7, ':').nth(6)).flatten();
    behind.unwrap_or(text).to_owned()
}

fn state(word: &str) -> Option<AlarmState> {
    match word {
        "ALARM" => Some(AlarmState::Alarm),
        "OK" => Some(AlarmState::Ok),
        "INSUFFICIENT_DATA" => Some(AlarmState::InsufficientData),
        _ => None,
    }
}

/// Takes tokens one after the other. `None` is something that it does not understand.
struct Reader<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl Reader<'_> {
    /// Brackets within brackets: AWS allows 100 elements in a rule, so that deeper ones are not its.
    const DEEPEST: usize = 100;

    fn any(&mut self) -> Option<Node> {
        self.joined("OR", Self::all, Node::Any)
    }

    fn all(&mut self) -> Option<Node> {
        self.joined("AND", Self::one, Node::All)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Option<Node>,
        whole: fn(Vec<Node>) -> Node,
    ) -> Option<Node> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.tokens.first() == Some(&Token::Word(word.to_owned())) {
            self.tokens = &self.tokens[1..];
            parts.push(part(self)?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(whole(parts)) }
    }

    fn one(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > Self::DEEPEST {
            return None;
        }
        let node = match self.tokens {
            [Token::Word(word), Token::Open, Token::Text(name), Token::Close, rest @ ..] => {
                self.tokens = rest;
                Some(Node::Alarm { name: name.clone(), state: state(word)? })
            }
            [Token::Word(word), rest @ ..] if word == "NOT" => {
                self.tokens = rest;
                Some(Node::Not(Box::new(self.one()?)))
            }
            [Token::Word(word), rest @ ..] if word == "TRUE" || word == "FALSE" => {
                self.tokens = rest;
                Some(Node::Always(word == "TRUE"))
            }
            [Token::Open, rest @ ..] => {
                self.tokens = rest;
                let inside = self.any()?;
                let [Token::Close, rest @ ..] = self.tokens else { return None };
                self.tokens = rest;
                Some(inside)
            }
            _ => None,
        };
        self.depth -= 1;
        node
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alarm(name: &str) -> Node {
        Node::Alarm { name: name.into(), state: AlarmState::Alarm }
    }

    #[test]
    fn a_rule_becomes_a_tree() {
        let rule = "(ALARM(cpu) OR ALARM(\"disk: full\")) AND NOT ALARM ( arn:aws:cloudwatch:eu-west-1:123456789012:alarm:deploying ) AND OK('x)')";
        let any = Node::Any(vec![alarm("cpu"), alarm("disk: full")]);
        let ok = Node::Alarm { name: "x)".into(), state: AlarmState::Ok };
        assert_eq!(parse(rule), Node::All(vec![any, Node::Not(Box::new(alarm("deploying"))), ok]));
        assert_eq!(children(rule), ["cpu", "disk: full", "deploying", "x)"]);
    }

    #[test]
    fn and_binds_before_or() {
        let tree = Node::Any(vec![alarm("a"), Node::All(vec![alarm("b"), alarm("c")])]);
        assert_eq!(parse("alarm(a) or alarm(b) and alarm(c)"), tree);
        assert_eq!(parse("FALSE"), Node::Always(false));
    }

    #[test]
    fn what_is_not_understood_stays_as_it_is_written_and_its_children_are_found() {
        let rule = "AT_LEAST(2, ALARM, (\"a\", 'b', \"a\"))";
        assert_eq!(parse(rule), Node::Other(rule.into()));
        assert_eq!(children(rule), ["a", "b"]);
        assert_eq!(parse(&"(".repeat(5000)), Node::Other("(".repeat(5000)));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(rule in "(ALARM|OK|NOT|AND|OR|\\(|\\)|\"|'|\\\\| |,|é|x){0,30}") {
            parse(&rule);
            children(&rule);
        }
    }
}
