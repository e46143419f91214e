//! Reads typed values out of a TOML document and remembers, for every value, where in the file it stands. All
//! problems are collected, so that a file is put right in one go. Knows nothing of what the keys mean.

use std::{cell::RefCell, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::error::{Problem, listed, nearest, printable, quoted, suggestion};

/// How a table is headed in the file, and its keys.
pub(super) type Tables = &'static [(&'static str, &'static [&'static str])];

/// A file being read: its text and what was found wrong so far.
pub(super) struct Document<'a> {
    file: &'a str,
    text: &'a str,
    /// Every table of the configuration with its keys: what is unknown in one may belong to another.
    tables: Tables,
    /// Where each line begins.
    lines: Vec<usize>,
    problems: RefCell<Vec<(usize, Problem)>>,
}

/// A table of the document. Keys that it may have are known when it is opened; all others are problems.
pub(super) struct Table<'a> {
    document: &'a Document<'a>,
    entries: &'a DeTable<'a>,
    path: String,
    span: Range<usize>,
}

/// A value of the document.
#[derive(Clone, Copy)]
pub(super) struct Value<'a>(&'a Spanned<DeValue<'a>>);

/// A value that cannot be used, and where it stands.
pub(super) struct Wrong {
    span: Range<usize>,
    message: String,
}

impl<'a> Document<'a> {
    pub fn new(file: &'a str, text: &'a str, tables: Tables) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        Self { file, text, tables, lines, problems: RefCell::default() }
    }

    /// All problems in the order of the file.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(offset, _)| *offset);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }

    /// Remembers a problem at a place in the text.
    pub fn problem(&self, span: &Range<usize>, key: &str, message: String) {
        let at = Some(self.line_and_column(span.start));
        let problem = Problem { file: self.file.to_owned(), at, key: key.to_owned(), message };
        self.problems.borrow_mut().push((span.start, problem));
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(start..offset).unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The whole document as a table.
    pub fn root(&'a self, entries: &'a Spanned<DeTable<'a>>, known: &[&str]) -> Table<'a> {
        let table = self.any_table(entries.get_ref(), entries.span(), String::new());
        table.refuse_unknown(known);
        table
    }

    fn any_table(&'a self, entries: &'a DeTable<'a>, span: Range<usize>, path: String) -> Table<'a> {
        Table { document: self, entries, path, span }
    }
}

impl<'a> Table<'a> {
    /// The key with the path that leads to it.
    pub fn key(&self, key: &str) -> String {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let key = if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { format!("{key:?}") };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    /// The line on which the table begins, from 1.
    pub fn line(&self) -> usize {
        self.document.line_and_column(self.span.start).0
    }

    /// Remembers a problem with the table itself.
    pub fn problem(&self, message: String) {
        self.document.problem(&self.span, &self.path, message);
    }

    /// Remembers a problem with the value of a key of this table.
    pub fn problem_at(&self, key: &str, message: String) {
        let span = self.entries.get(key).map_or_else(|| self.span.clone(), Spanned::span);
        self.document.problem(&span, &self.key(key), message);
    }

    /// Whether the table has the key, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The value of a key, if it is there and `read` can use it; what `read` refuses is a problem.
    pub fn read<T>(&self, key: &str, read: impl FnOnce(Value<'a>) -> Result<T, Wrong>) -> Option<T> {
        let value = Value(self.entries.get(key)?);
        self.take(&self.key(key), read(value))
    }

    /// The text of a key, where it is there and is one; whatever else it is, somebody else says.
    pub fn text_of(&self, key: &str) -> Option<&'a str> {
        Value(self.entries.get(key)?).text().ok()
    }

    /// Like `read`, for a key that must be there.
    pub fn require<T>(&self, key: &str, read: impl FnOnce(Value<'a>) -> Result<T, Wrong>) -> Option<T> {
        if !self.has(key) {
            self.problem(format!("`{key}` is missing"));
            return None;
        }
        self.read(key, read)
    }

    /// The table under a key, with the keys it may have.
    pub fn table(&self, key: &str, known: &[&str]) -> Option<Table<'a>> {
        let table = self.free_table(key)?;
        table.refuse_unknown(known);
        Some(table)
    }

    /// The table under a key whose own keys are names that a person chose.
    pub fn free_table(&self, key: &str) -> Option<Table<'a>> {
        let value = Value(self.entries.get(key)?);
        self.take(&self.key(key), self.document.as_table(value, self.key(key)))
    }

    /// The tables under a key, `[[so]]` in the file, with the keys that each may have.
    pub fn tables(&self, key: &str, known: &[&str]) -> Vec<Table<'a>> {
        let tables = self.free_tables(key);
        for table in &tables {
            table.refuse_unknown(known);
        }
        tables
    }

    /// The items of the list under a key, each also opened as a table where it is one, with the keys it may have.
    pub fn items(&self, key: &str, expected: &str, known: &[&str]) -> Vec<(Value<'a>, Option<Table<'a>>)> {
        let items = self.read(key, |value| value.list(expected)).unwrap_or_default();
        let open = |item: Value<'a>| {
            let table = self.document.as_table(item, self.key(key)).ok();
            if let Some(table) = &table {
                table.refuse_unknown(known);
            }
            (item, table)
        };
        items.into_iter().map(open).collect()
    }

    /// Remembers what is wrong with something under a key.
    pub fn refuse<T>(&self, key: &str, read: Result<T, Wrong>) -> Option<T> {
        self.take(&self.key(key), read)
    }

    /// The tables under a key, whatever their keys: [`Self::refuse_unknown`] is called once these are known.
    pub fn free_tables(&self, key: &str) -> Vec<Table<'a>> {
        let items = self.read(key, |value| value.list("a list of tables")).unwrap_or_default();
        let table = |item| self.take(&self.key(key), self.document.as_table(item, self.key(key)));
        items.into_iter().filter_map(table).collect()
    }

    /// Every key with the place where it stands.
    pub fn keys(&self) -> impl Iterator<Item = (&'a str, Range<usize>)> {
        self.entries.keys().map(|key| (key.get_ref().as_ref(), key.span()))
    }

    /// Remembers every key that is not among these as a problem.
    pub fn refuse_unknown(&self, known: &[&str]) {
        for (key, span) in self.keys().filter(|(key, _)| !known.contains(key)) {
            let place = if self.path.is_empty() { String::new() } else { format!(" in {}", self.path) };
            let near = likely(key, known, self.document.tables);
            self.document.problem(&span, "", format!("unknown key `{}`{place}{near}", printable(key)));
        }
    }

    fn take<T>(&self, key: &str, read: Result<T, Wrong>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.document.problem(&wrong.span, key, wrong.message);
                None
            }
        }
    }
}

impl<'a> Document<'a> {
    fn as_table(&'a self, value: Value<'a>, path: String) -> Result<Table<'a>, Wrong> {
        match value.0.get_ref() {
            DeValue::Table(entries) => Ok(self.any_table(entries, value.0.span(), path)),
            _ => Err(value.expected("a table")),
        }
    }
}

impl<'a> Value<'a> {
    /// The place of the value in the file.
    pub fn span(self) -> Range<usize> {
        self.0.span()
    }

    /// This value cannot be used because of the given reason.
    pub fn wrong(self, message: impl Into<String>) -> Wrong {
        Wrong { span: self.span(), message: message.into() }
    }

    /// A text.
    pub fn text(self) -> Result<&'a str, Wrong> {
        match self.0.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self.expected("a text in quotes")),
        }
    }

    /// True or false.
    pub fn flag(self) -> Result<bool, Wrong> {
        match self.0.get_ref() {
            DeValue::Boolean(flag) => Ok(*flag),
            _ => Err(self.expected("true or false")),
        }
    }

    /// A whole number.
    pub fn whole(self) -> Result<i64, Wrong> {
        let DeValue::Integer(whole) = self.0.get_ref() else { return Err(self.expected("a whole number")) };
        i64::from_str_radix(whole.as_str(), whole.radix()).map_err(|_| self.wrong(format!("{whole} is far too large")))
    }

    /// Any finite number.
    pub fn number(self) -> Result<f64, Wrong> {
        let text = match self.0.get_ref() {
            DeValue::Integer(whole) if whole.radix() == 10 => whole.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => return Err(self.expected("a number")),
        };
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| self.wrong(format!("{} is not a number to compare with", quoted(text))))
    }

    /// The items of a list.
    pub fn list(self, expected: &str) -> Result<Vec<Value<'a>>, Wrong> {
        match self.0.get_ref() {
            DeValue::Array(items) => Ok(items.iter().map(Value).collect()),
            _ => Err(self.expected(expected)),
        }
    }

    /// One text, or a list of them.
    pub fn texts(self) -> Result<Vec<&'a str>, Wrong> {
        if let DeValue::String(text) = self.0.get_ref() {
            return Ok(vec![text]);
        }
        self.list("a text or a list of texts")?.into_iter().map(Value::text).collect()
    }

    /// This value is of another type than expected.
    pub fn expected(self, expected: &str) -> Wrong {
        let found = match self.0.get_ref() {
            DeValue::String(text) => format!("the text {}", quoted(text)),
            DeValue::Integer(whole) => format!("the number {whole}"),
            DeValue::Float(number) => format!("the number {number}"),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Datetime(time) => format!("the date {time}"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        self.wrong(format!("expected {expected}, found {found}"))
    }
}

/// What was probably meant by an unknown key: the nearest key of its table, else the nearest of another table.
fn likely(key: &str, known: &[&str], tables: Tables) -> String {
    let here = suggestion(key, known);
    if !here.is_empty() {
        return here;
    }
    match tables.iter().find_map(|(place, keys)| Some((place, nearest(key, keys)?))) {
        Some((place, near)) if near == key => format!("; it belongs to {place}"),
        Some((place, near)) => format!("; did you mean `{near}`, which belongs to {place}?"),
        None => format!("; known here: {}", listed(known)),
    }
}
