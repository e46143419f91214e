//! Reads an expression by descent: a sum of products of signed atoms. Every mistake is told with its column. Texts are
//! bounded in length and depth, so that no file can exhaust the program.

use super::{Function, Node, Operator, ParseError};

/// Longer than this nobody writes.
const LONGEST: usize = 1_000;
/// Brackets in brackets.
const DEEPEST: usize = 32;

/// A text on its way to an expression.
pub(super) struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    /// The column behind the last character.
    end: usize,
    depth: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Word(String),
    Mark(char),
}

impl Parser {
    pub fn new(text: &str) -> Result<Self, ParseError> {
        let characters: Vec<char> = text.chars().collect();
        if characters.len() > LONGEST {
            return Err(wrong(LONGEST, format!("longer than {LONGEST} characters")));
        }
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(first) = characters.get(at) {
            let end = at + characters[at..].iter().take_while(|other| are_together(*first, **other)).count().max(1);
            let word: String = characters[at..end].iter().collect();
            match first {
                _ if first.is_whitespace() => {}
                '0'..='9' | '.' => tokens.push((at + 1, Token::Number(number(&word, at + 1)?))),
                _ if is_in_a_name(*first) => tokens.push((at + 1, Token::Word(word))),
                '+' | '-' | '*' | '/' | '(' | ')' | ',' => tokens.push((at + 1, Token::Mark(*first))),
                other => {
                    let shown = other.escape_debug();
                    return Err(wrong(at + 1, format!("`{shown}` means nothing here; known are + - * / ( ) and ,")));
                }
            }
            at = end;
        }
        Ok(Self { tokens, at: 0, end: characters.len() + 1, depth: 0 })
    }

    /// Where a name stands first.
    pub fn column_of(&self, name: &str) -> Option<usize> {
        let is_meant = |token: &Token| matches!(token, Token::Word(word) if word == name);
        self.tokens.iter().find(|(_, token)| is_meant(token)).map(|(column, _)| *column)
    }

    /// The whole text as one expression.
    pub fn whole(mut self) -> Result<Node, ParseError> {
        let node = self.sum()?;
        match self.tokens.get(self.at) {
            None => Ok(node),
            Some((column, token)) => {
                Err(wrong(*column, format!("{} stands where an operator or the end must be", token.shown())))
            }
        }
    }

    fn sum(&mut self) -> Result<Node, ParseError> {
        let mut node = self.product()?;
        while let Some(operator) = self.operator(&[('+', Operator::Plus), ('-', Operator::Minus)]) {
            node = Node::Two(operator, Box::new(node), Box::new(self.product()?));
        }
        Ok(node)
    }

    fn product(&mut self) -> Result<Node, ParseError> {
        let mut node = self.signed()?;
        while let Some(operator) = self.operator(&[('*', Operator::Times), ('/', Operator::Over)]) {
            let column = self.column();
            let other = self.signed()?;
            if operator == Operator::Over && other.evaluate(&|_| None) == Some(0.0) {
                return Err(wrong(column, "what is divided by zero never has a value".to_owned()));
            }
            node = Node::Two(operator, Box::new(node), Box::new(other));
        }
        Ok(node)
    }

    fn signed(&mut self) -> Result<Node, ParseError> {
        let mut is_negative = false;
        while self.take('-') {
            is_negative = !is_negative;
        }
        let node = self.atom()?;
        Ok(if is_negative { Node::Negative(Box::new(node)) } else { node })
    }

    fn atom(&mut self) -> Result<Node, ParseError> {
        let column = self.column();
        match self.next() {
            Some(Token::Number(number)) => Ok(Node::Number(number)),
            Some(Token::Word(word)) if self.take('(') => self.call(&word, column),
            Some(Token::Word(word)) => Ok(Node::Name(word)),
            Some(Token::Mark('(')) => {
                let inside = self.deeper(column, Self::sum)?;
                self.close()?;
                Ok(inside)
            }
            Some(token) => Err(wrong(column, format!("{} stands where a number or a name must be", token.shown()))),
            None => Err(wrong(column, "ends where a number or a name must be".to_owned())),
        }
    }

    /// A function and what stands in its brackets.
    fn call(&mut self, word: &str, column: usize) -> Result<Node, ParseError> {
        let mut arguments = vec![self.deeper(column, Self::sum)?];
        while self.take(',') {
            arguments.push(self.deeper(column, Self::sum)?);
        }
        self.close()?;
        let function = match word {
            "min" => Function::Min,
            "max" => Function::Max,
            "sum" => Function::Sum,
            "fill" => {
                let Ok([wanted, other]) = <[Node; 2]>::try_from(arguments) else {
                    return Err(wrong(column, "`fill` takes a value and what stands in for it: fill(a, 0)".to_owned()));
                };
                return Ok(Node::Fill(Box::new(wanted), Box::new(other)));
            }
            other => {
                return Err(wrong(column, format!("there is no function `{other}`; there is: min, max, sum, fill")));
            }
        };
        Ok(Node::Many(function, arguments))
    }

    fn deeper<T>(
        &mut self,
        column: usize,
        read: impl FnOnce(&mut Self) -> Result<T, ParseError>,
    ) -> Result<T, ParseError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(wrong(column, format!("more than {DEEPEST} brackets in each other")));
        }
        let read = read(self)?;
        self.depth -= 1;
        Ok(read)
    }

    fn close(&mut self) -> Result<(), ParseError> {
        let column = self.column();
        if self.take(')') { Ok(()) } else { Err(wrong(column, "`)` is missing".to_owned())) }
    }

    fn operator(&mut self, known: &[(char, Operator)]) -> Option<Operator> {
        known.iter().find(|(mark, _)| self.take(*mark)).map(|(_, operator)| *operator)
    }

    fn take(&mut self, mark: char) -> bool {
        let is_there = matches!(self.tokens.get(self.at), Some((_, Token::Mark(found))) if *found == mark);
        self.at += usize::from(is_there);
        is_there
    }

    fn next(&mut self) -> Option<Token> {
        let (_, token) = self.tokens.get(self.at)?.clone();
        self.at += 1;
        Some(token)
    }

    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(column, _)| *column)
    }
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Number(number) => format!("`{number}`"),
            Self::Word(word) => format!("`{word}`"),
            Self::Mark(mark) => format!("`{mark}`"),
        }
    }
}

fn wrong(column: usize, message: String) -> ParseError {
    ParseError { column, message }
}

/// Whether a character goes on with what `first` began.
fn are_together(first: char, other: char) -> bool {
    if first.is_ascii_digit() || first == '.' {
        return other.is_ascii_digit() || other == '.';
    }
    if is_in_a_name(first) {
        return is_in_a_name(other);
    }
    first.is_whitespace() && other.is_whitespace()
}

fn is_in_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn number(text: &str, column: usize) -> Result<f64, ParseError> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| wrong(column, format!("`{text}` is no number")))
}
