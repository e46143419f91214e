//! Metric math: the four operations, parentheses, numbers and ids, over whole time series.
//! It follows <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html> as far as it goes;
//! functions (`FILL`, `SUM`, …) are refused by name rather than answered wrongly.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// One value per period, by the period's start.
pub type Series = BTreeMap<Timestamp, f64>;

/// AWS takes at most this many characters.
const MAX_LENGTH: usize = 2048;

/// Nesting beyond this is refused, to bound the stack.
const MAX_DEPTH: usize = 64;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A constant.
    Number(f64),
    /// The values of another query.
    Id(String),
    /// `-x`
    Negated(Box<Expression>),
    /// `left operator right`
    Binary(Box<Expression>, Operator, Box<Expression>),
}

/// One of the four operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// No id was involved.
    Scalar(f64),
    /// A value wherever every id has one and the result is a number: dividing by zero leaves a gap.
    Series(Series),
}

impl Expression {
    /// Reads an expression. The error says what is wrong, in a few words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_LENGTH {
            return Err(invalid(&format!("longer than {MAX_LENGTH} characters")));
        }
        let mut parser = Parser { rest: text.trim_start(), depth: 0 };
        let expression = parser.sum()?;
        if parser.rest.is_empty() { Ok(expression) } else { Err(parser.unexpected()) }
    }

    /// The ids it refers to, each as often as it occurs.
    pub fn ids(&self) -> Vec<&str> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Id(id) => vec![id],
            Self::Negated(inner) => inner.ids(),
            Self::Binary(left, _, right) => [left.ids(), right.ids()].concat(),
        }
    }

    /// Computes it. An id that `series` does not know counts as one without data.
    pub fn evaluate<'a>(&self, series: &impl Fn(&str) -> Option<&'a Series>) -> Outcome {
        match self {
            Self::Number(value) => Outcome::Scalar(*value),
            Self::Id(id) => Outcome::Series(series(id).cloned().unwrap_or_default()),
            Self::Negated(inner) => {
                Outcome::combine(&Outcome::Scalar(0.0), Operator::Subtract, &inner.evaluate(series))
            }
            Self::Binary(left, operator, right) => {
                Outcome::combine(&left.evaluate(series), *operator, &right.evaluate(series))
            }
        }
    }
}

impl Outcome {
    fn combine(left: &Self, operator: Operator, right: &Self) -> Self {
        match (left, right) {
            (Self::Scalar(left), Self::Scalar(right)) => Self::Scalar(operator.apply(*left, *right)),
            (Self::Series(left), Self::Scalar(right)) => {
                Self::points(left, |_, left| Some(operator.apply(left, *right)))
            }
            (Self::Scalar(left), Self::Series(right)) => {
                Self::points(right, |_, right| Some(operator.apply(*left, right)))
            }
            (Self::Series(left), Self::Series(right)) => {
                Self::points(left, |at, left| Some(operator.apply(left, *right.get(&at)?)))
            }
        }
    }

    fn points(series: &Series, value: impl Fn(Timestamp, f64) -> Option<f64>) -> Self {
        let point = |(at, old): (&Timestamp, &f64)| Some((*at, value(*at, *old).filter(|new| new.is_finite())?));
        Self::Series(series.iter().filter_map(point).collect())
    }
}

impl Operator {
    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
        }
    }
}

/// Recursive descent; `rest` never begins with white space.
struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.product()?;
        while let Some(operator) = self.take_operator(&[('+', Operator::Add), ('-', Operator::Subtract)]) {
            left = Expression::Binary(Box::new(left), operator, Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.operand()?;
        while let Some(operator) = self.take_operator(&[('*', Operator::Multiply), ('/', Operator::Divide)]) {
            left = Expression::Binary(Box::new(left), operator, Box::new(self.operand()?));
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid("nested too deeply"));
        }
        let operand = match self.rest.chars().next() {
            Some('(') => self.parenthesized(),
            Some('-') => {
                self.skip(1);
                Ok(Expression::Negated(Box::new(self.operand()?)))
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_ascii_alphabetic() => self.id(),
            Some(_) => Err(self.unexpected()),
            None => Err(invalid("it ends where a value should follow")),
        };
        self.depth -= 1;
        operand
    }

    fn parenthesized(&mut self) -> Result<Expression, String> {
        self.skip(1);
        let inner = self.sum()?;
        if !self.rest.starts_with(')') {
            return Err(invalid("a closing parenthesis is missing"));
        }
        self.skip(1);
        Ok(inner)
    }

    fn number(&mut self) -> Result<Expression, String> {
        let mut end = self.prefix(|c| c.is_ascii_digit() || c == '.');
        // An exponent only if digits follow: in "2e", e is no exponent.
        let exponent = &self.rest[end..];
        if let Some(digits) = exponent.strip_prefix(['e', 'E']) {
            let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
            let length = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
            if length > 0 {
                end += exponent.len() - unsigned.len() + length;
            }
        }
        let text = self.skip(end);
        text.parse().map(Expression::Number).map_err(|_| invalid(&format!("'{text}' is not a number")))
    }

    fn id(&mut self) -> Result<Expression, String> {
        let end = self.prefix(|c| c.is_ascii_alphanumeric() || c == '_');
        let name = self.skip(end);
        if self.rest.starts_with('(') {
            return Err(format!("Function '{name}' not found"));
        }
        Ok(Expression::Id(name.to_owned()))
    }

    fn take_operator(&mut self, offered: &[(char, Operator)]) -> Option<Operator> {
        let (_, operator) = offered.iter().find(|(sign, _)| self.rest.starts_with(*sign))?;
        self.skip(1);
        Some(*operator)
    }

    fn prefix(&self, belongs: impl Fn(char) -> bool) -> usize {
        self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len())
    }

    /// Takes that many bytes and the white space after them.
    fn skip(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest.trim_start();
        taken
    }

    fn unexpected(&self) -> String {
        let glimpse: String = self.rest.chars().take(12).collect();
        invalid(&format!("unexpected '{glimpse}'"))
    }
}

/// AWS says no more than the first two words.
fn invalid(detail: &str) -> String {
    format!("Invalid syntax: {detail}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_second(n * 60).unwrap()
    }

    fn series(values: &[(i64, f64)]) -> Series {
        values.iter().map(|(n, value)| (minute(*n), *value)).collect()
    }

    fn scalar(text: &str) -> f64 {
        match Expression::parse(text).unwrap().evaluate(&|_| None) {
            Outcome::Scalar(value) => value,
            Outcome::Series(_) => panic!("{text} has no id"),
        }
    }

    fn over(text: &str, errors: &Series, invocations: &Series) -> Outcome {
        Expression::parse(text).unwrap().evaluate(&|id| match id {
            "e" => Some(errors),
            "i" => Some(invocations),
            _ => None,
        })
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "these results are exact")]
    fn precedence_and_association_are_those_of_arithmetic() {
        for (text, expected) in [
            ("1+2*3", 7.0),
            ("(1+2)*3", 9.0),
            ("8-3-2", 3.0),
            ("8/4/2", 1.0),
            ("-2*3", -6.0),
            ("2 - -1", 3.0),
            (" 1.5e2 / ( 3 ) ", 50.0),
            ("1e-2*100", 1.0),
        ] {
            assert_eq!(scalar(text), expected, "{text}");
        }
    }

    #[test]
    fn a_rate_is_computed_where_both_have_data() {
        let (errors, invocations) =
            (series(&[(1, 1.0), (2, 0.0), (4, 2.0)]), series(&[(1, 100.0), (2, 50.0), (3, 10.0)]));
        assert_eq!(over("100*e/i", &errors, &invocations), Outcome::Series(series(&[(1, 1.0), (2, 0.0)])));
    }

    #[test]
    fn dividing_by_zero_leaves_a_gap() {
        let (errors, invocations) = (series(&[(1, 1.0), (2, 0.0), (3, 1.0)]), series(&[(1, 0.0), (2, 0.0), (3, 4.0)]));
        assert_eq!(over("e/i", &errors, &invocations), Outcome::Series(series(&[(3, 0.25)])));
        assert_eq!(over("e*(1/0)", &errors, &invocations), Outcome::Series(Series::new()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [
            ("", "ends where a value should follow"),
            ("1+", "ends where a value should follow"),
            ("(1+2", "closing parenthesis"),
            ("1 2", "unexpected '2'"),
            ("e % i", "unexpected '% i'"),
            ("1.2.3", "not a number"),
            ("FILL(e, 0)", "Function 'FILL' not found"),
        ] {
            let error = Expression::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(Expression::parse(&"(".repeat(1000)).unwrap_err().contains("too deeply"));
        assert!(Expression::parse(&"-".repeat(1000)).unwrap_err().contains("too deeply"));
    }

    #[test]
    fn ids_are_found() {
        assert_eq!(Expression::parse("100 * (e1 - m_2) / e1").unwrap().ids(), ["e1", "m_2", "e1"]);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC*") {
            drop(Expression::parse(&text));
        }

        #[test]
        fn anything_made_of_its_own_signs_never_panics(text in "[-+*/()0-9.eE ia_]{0,80}") {
            if let Ok(expression) = Expression::parse(&text) {
                drop(expression.evaluate(&|_| None));
            }
        }
    }
}
