//! The rules of composite alarms: `ALARM("a") OR (OK(b) AND NOT INSUFFICIENT_DATA(c))`.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>

use super::AlarmState;

/// A rule, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// `TRUE` or `FALSE`.
    Always(bool),
    /// The alarm of this name (or ARN) is in this state.
    Is(AlarmState, String),
    /// The rule does not hold.
    Not(Box<Rule>),
    /// Both hold.
    And(Box<Rule>, Box<Rule>),
    /// At least one holds.
    Or(Box<Rule>, Box<Rule>),
}

impl Rule {
    /// Reads a rule; `NOT` binds closest, then `AND`, then `OR`.
    pub fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        let mut reader = Reader { tokens: &tokens };
        let rule = reader.either()?;
        reader.tokens.is_empty().then_some(rule)
    }

    /// Whether it holds. `state` tells the state of an alarm; one that does not exist is in none.
    pub fn holds(&self, state: &impl Fn(&str) -> Option<AlarmState>) -> bool {
        match self {
            Self::Always(always) => *always,
            Self::Is(wanted, name) => state(name) == Some(*wanted),
            Self::Not(rule) => !rule.holds(state),
            Self::And(left, right) => left.holds(state) && right.holds(state),
            Self::Or(left, right) => left.holds(state) || right.holds(state),
        }
    }

    /// The alarms it names.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Always(_) => Vec::new(),
            Self::Is(_, name) => vec![name],
            Self::Not(rule) => rule.names(),
            Self::And(left, right) | Self::Or(left, right) => {
                let mut names = left.names();
                names.extend(right.names());
                names
            }
        }
    }
}

/// Reads rules from what is left of the tokens.
struct Reader<'a> {
    tokens: &'a [String],
}

impl Reader<'_> {
    fn either(&mut self) -> Option<Rule> {
        let mut rule = self.both()?;
        while self.accept("OR") {
            rule = Rule::Or(Box::new(rule), Box::new(self.both()?));
        }
        Some(rule)
    }

    fn both(&mut self) -> Option<Rule> {
        let mut rule = self.one()?;
        while self.accept("AND") {
            rule = Rule::And(Box::new(rule), Box::new(self.one()?));
        }
        Some(rule)
    }

    fn one(&mut self) -> Option<Rule> {
        if self.accept("NOT") {
            return Some(Rule::Not(Box::new(self.one()?)));
        }
        if self.accept("(") {
            let rule = self.either()?;
            return self.accept(")").then_some(rule);
        }
        let word = self.next()?;
        match word.as_str() {
            "TRUE" => return Some(Rule::Always(true)),
            "FALSE" => return Some(Rule::Always(false)),
            _ => {}
        }
        let state = AlarmState::parse(&word)?;
        let name = if self.accept("(") { self.next()? } else { return None };
        self.accept(")").then_some(Rule::Is(state, name))
    }

    fn accept(&mut self, token: &str) -> bool {
        match self.tokens.split_first() {
            Some((first, rest)) if first == token => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn next(&mut self) -> Option<String> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }
}

/// Words, brackets and quoted names (without their quotes).
fn tokens(text: &str) -> Option<Vec<String>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' | ')' => rest.split_at(1),
            '"' | '\'' => {
                let (name, after) = rest[1..].split_once(first)?;
                (name, after)
            }
            _ => rest.split_at(rest.find(|c: char| c.is_whitespace() || "()".contains(c)).unwrap_or(rest.len())),
        };
        tokens.push(token.to_owned());
        rest = after.trim_start();
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(rule: &str) -> bool {
        let state = |name: &str| match name {
            "fires" => Some(AlarmState::Alarm),
            "is (fine)" => Some(AlarmState::Ok),
            _ => None,
        };
        Rule::parse(rule).unwrap().holds(&state)
    }

    #[test]
    fn rules_hold_as_they_read() {
        assert!(holds(r#"ALARM("fires")"#));
        assert!(holds("ALARM(fires) AND OK('is (fine)')"));
        assert!(holds(r#"ALARM("nobody") OR NOT ALARM("is (fine)")"#));
        assert!(!holds(r#"NOT (ALARM("fires") OR FALSE)"#));
        assert!(holds("TRUE OR TRUE AND FALSE"));
    }

    #[test]
    fn broken_rules_are_refused() {
        for rule in ["", "ALARM", "ALARM(", "ALARM(\"x)", "ALARM(x) OR", "MAYBE(x)", "TRUE TRUE", "(TRUE"] {
            assert_eq!(Rule::parse(rule), None, "{rule}");
        }
    }

    #[test]
    fn a_rule_knows_whom_it_names() {
        assert_eq!(Rule::parse("ALARM(a) OR NOT (OK(b) AND TRUE)").unwrap().names(), ["a", "b"]);
    }
}
