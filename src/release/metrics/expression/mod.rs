//! Arithmetic over metrics, such as `100 * failed / all`: read once with the column of what is wrong, then evaluated
//! with values as they come. It is worked out here, because the stand-ins for CloudWatch know no metric math. Where a
//! value is missing, or something is divided by zero, there is no value, never a zero. It knows nothing of metrics.

use std::{collections::BTreeSet, fmt};

use parse::Parser;

mod parse;
#[cfg(test)]
mod tests;

/// An expression that can be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    root: Node,
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct ParseError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong there, and what would be right.
    pub message: String,
}

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Name(String),
    Negative(Box<Node>),
    Two(Operator, Box<Node>, Box<Node>),
    /// Of all that stand in it; without any value where one of them has none.
    Many(Function, Vec<Node>),
    /// The first, or where it has no value the second.
    Fill(Box<Node>, Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Min,
    Max,
    Sum,
}

impl Expression {
    /// Reads an expression: numbers, names, `+ - * /`, brackets, and `min`, `max`, `sum` and `fill`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Ok(Self { text: text.to_owned(), root: Parser::new(text)?.whole()? })
    }

    /// The expression that is one name and nothing else.
    pub fn name(name: &str) -> Self {
        Self { text: name.to_owned(), root: Node::Name(name.to_owned()) }
    }

    /// Its value, with the value of each name as `of` knows it. No value where one is missing that `fill` does not
    /// stand in for, where something is divided by zero, and where the result is no finite number.
    pub fn evaluate(&self, of: impl Fn(&str) -> Option<f64>) -> Option<f64> {
        self.root.evaluate(&of).filter(|value| value.is_finite())
    }

    /// Where a name stands first, in characters from 1.
    pub fn column_of(&self, name: &str) -> Option<usize> {
        Parser::new(&self.text).ok()?.column_of(name)
    }

    /// Every name in it.
    pub fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.root.visit(&mut |node| names.extend(node.as_name()));
        names
    }

    /// The names that something is divided by: with `100 * failed / all`, all.
    pub fn divisors(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.root.visit(&mut |node| {
            if let Node::Two(Operator::Over, _, divisor) = node {
                divisor.visit(&mut |node| names.extend(node.as_name()));
            }
        });
        names
    }

    /// The names that `fill` stands in for where they have no value.
    pub fn filled(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.root.visit(&mut |node| {
            if let Node::Fill(wanted, _) = node {
                wanted.visit(&mut |node| names.extend(node.as_name()));
            }
        });
        names
    }
}

/// As it was written.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Node {
    fn evaluate(&self, of: &impl Fn(&str) -> Option<f64>) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Name(name) => of(name),
            Self::Negative(node) => Some(-node.evaluate(of)?),
            Self::Two(operator, one, other) => operator.apply(one.evaluate(of)?, other.evaluate(of)?),
            Self::Many(function, nodes) => {
                let values: Option<Vec<f64>> = nodes.iter().map(|node| node.evaluate(of)).collect();
                values?.into_iter().reduce(|one, other| function.apply(one, other))
            }
            Self::Fill(wanted, other) => wanted.evaluate(of).or_else(|| other.evaluate(of)),
        }
    }

    fn visit<'a>(&'a self, look: &mut impl FnMut(&'a Self)) {
        look(self);
        match self {
            Self::Number(_) | Self::Name(_) => {}
            Self::Negative(node) => node.visit(look),
            Self::Two(_, one, other) | Self::Fill(one, other) => {
                one.visit(look);
                other.visit(look);
            }
            Self::Many(_, nodes) => nodes.iter().for_each(|node| node.visit(look)),
        }
    }

    fn as_name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }
}

impl Operator {
    fn apply(self, one: f64, other: f64) -> Option<f64> {
        match self {
            Self::Plus => Some(one + other),
            Self::Minus => Some(one - other),
            Self::Times => Some(one * other),
            Self::Over => (other != 0.0).then(|| one / other),
        }
    }
}

impl Function {
    fn apply(self, one: f64, other: f64) -> f64 {
        match self {
            Self::Min => one.min(other),
            Self::Max => one.max(other),
            Self::Sum => one + other,
        }
    }
}
