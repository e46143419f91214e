//! The walls that ARCHITECTURE.md draws, checked by reading the sources. Every message says which line leans on a wall
//! and what to do about it.

#![expect(clippy::unwrap_used, reason = "a source that cannot be read should fail the test")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use flightdeck::ui::Theme;

/// What each room may use of the others. What is not listed (`cli`, `runtime`, `terminal`) may use everything.
const ROOMS: &[(&str, &[&str])] = &[
    ("release", &[]),
    ("config", &["release", "keys", "probe", "command", "web"]),
    ("init", &["release", "config", "keys", "text"]),
    ("keys", &["release", "config"]),
    ("clock", &[]),
    ("app", &["release", "config", "keys", "clock", "command", "probe"]),
    ("aws", &["release", "config", "clock", "text"]),
    ("web", &["clock", "text"]),
    ("probe", &["web", "text"]),
    ("command", &["clock", "text"]),
    ("notify", &["web", "aws", "config", "release", "text"]),
    ("text", &[]),
    ("journal", &["release"]),
    ("report", &["release"]),
    ("ui", &["app", "release", "config", "init", "keys", "clock"]),
    ("sim", &["clock"]),
];

/// Words that belong to a few files alone, and what stands behind each.
const WORDS: &[(&str, &[&str], &str)] = &[
    ("aws_sdk_", &["src/aws/"], "only the edge in src/aws names the SDK's services: ask Cloud, in our own words"),
    ("ratatui", &["src/ui/", "src/terminal.rs"], "only src/ui draws: keep state in app, and draw it there"),
    ("crossterm", &["src/terminal.rs"], "only src/terminal.rs speaks to the terminal: pass an Event or a Key on"),
    ("Instant::now", &["src/clock.rs"], READ_NO_CLOCK),
    ("SystemTime::now", &["src/clock.rs"], READ_NO_CLOCK),
    ("Timestamp::now", &["src/clock.rs"], READ_NO_CLOCK),
    ("Zoned::now", &["src/clock.rs"], READ_NO_CLOCK),
    (".elapsed()", &["src/clock.rs"], READ_NO_CLOCK),
    (
        "tokio",
        &[
            "src/aws/",
            "src/cli/",
            "src/clock.rs",
            "src/command/",
            "src/notify/",
            "src/runtime.rs",
            "src/runtime/",
            "src/sim/client.rs",
            "src/sim/server.rs",
            "src/web/",
        ],
        "the brain does not wait: return an Effect, and let the runtime carry it out",
    ),
    (
        "tokio::spawn",
        // Credentials load in a task of their own, so that one impatient request cannot cut them off for all others.
        &["src/runtime.rs", "src/runtime/", "src/sim/server.rs", "src/aws/credentials.rs"],
        "only the runtime starts tasks: return an Effect",
    ),
];
const READ_NO_CLOCK: &str = "time is data: take a Now as an argument (only src/clock.rs reads clocks)";

/// What no source says, not even in a test.
const UNFINISHED: &[(&str, &str)] = &[
    ("todo!(", "finish it, or leave it out"),
    ("unimplemented!(", "finish it, or leave it out"),
    ("#[allow", "write #[expect(lint, reason = \"…\")], which complains once it is no longer needed"),
    ("#![allow", "write #![expect(lint, reason = \"…\")], which complains once it is no longer needed"),
];

/// A file of more lines than this has more than one subject.
const MOST_LINES: usize = 420;

/// How paths begin that exist on one machine alone.
const SOMEBODYS_FOLDERS: &[&str] = &["/home/", "/Users/", "/root/", "/work/", "/tmp/", "C:\\Users\\"];

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let mut leaning = Vec::new();
    for (room, may_use) in ROOMS {
        for file in sources().iter().filter(|file| file.room() == *room) {
            for used in file.rooms_used().iter().filter(|used| *used != room && !may_use.contains(&used.as_str())) {
                leaning.push(format!(
                    "{}: uses crate::{used}; {room} may use {may_use:?}. Move the shared part down, or the code up.",
                    file.path
                ));
            }
        }
    }
    assert_eq!(leaning, Vec::<String>::new(), "walls that something leans on");
}

#[test]
fn the_table_of_the_stages_is_the_same_in_the_code_and_on_the_map() {
    let code = read("src/release/stages/mod.rs");
    let map = read("ARCHITECTURE.md");
    let rows: Vec<&str> =
        code.lines().filter_map(|line| line.strip_prefix("//! ").filter(|row| row.starts_with('|'))).collect();
    assert!(rows.len() > 10, "{rows:?}");
    assert!(map.contains(&rows.join("\n")), "copy the table of release/stages into ARCHITECTURE.md");
}

#[test]
fn words_stay_in_their_rooms() {
    let mut astray = Vec::new();
    for (word, homes, advice) in WORDS {
        for file in sources().iter().filter(|file| !homes.iter().any(|home| file.path.starts_with(home))) {
            astray.extend(file.code_lines_with(word).map(|number| format!("{}:{number}: {word}: {advice}", file.path)));
        }
    }
    assert_eq!(astray, Vec::<String>::new(), "words outside their rooms");
}

#[test]
fn nothing_is_left_unfinished_or_silenced() {
    let mut found = Vec::new();
    for path in files(&["src", "tests", "benches"], "rs").into_iter().filter(|path| path != file!()) {
        for (number, line) in read(&path).lines().enumerate() {
            let marks = UNFINISHED.iter().filter(|(mark, _)| without_comment(line).contains(mark));
            found.extend(marks.map(|(mark, advice)| format!("{path}:{}: {mark}: {advice}", number + 1)));
        }
    }
    assert_eq!(found, Vec::<String>::new(), "unfinished or silenced code");
}

#[test]
fn no_file_has_outgrown_its_room() {
    let long = files(&["src", "tests", "benches"], "rs").into_iter().filter_map(|path| {
        let lines = read(&path).lines().count();
        (lines > MOST_LINES)
            .then(|| format!("{path}: {lines} lines, at most {MOST_LINES}: split it by topic, or move tests out"))
    });
    assert_eq!(long.collect::<Vec<_>>(), Vec::<String>::new(), "files that have outgrown their rooms");
}

#[test]
fn every_file_says_what_it_is() {
    let silent = files(&["src", "tests", "benches"], "rs").into_iter().filter(|path| !read(path).starts_with("//! "));
    let silent: Vec<_> = silent.map(|path| format!("{path}: begin it with a `//!` sentence")).collect();
    assert_eq!(silent, Vec::<String>::new(), "files that do not say what they are");
}

#[test]
fn every_theme_parses() {
    for path in files(&["themes"], "toml") {
        let name = Path::new(&path).file_stem().and_then(|name| name.to_str()).map(str::to_owned);
        let name = name.unwrap_or_else(|| panic!("{path}: a theme is named by its file"));
        Theme::load(&name, None).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(Theme::load(&name, Some(Path::new("themes"))).is_ok(), "{path}: read from a folder it fails");
    }
}

#[test]
fn documents_speak_of_no_single_machine() {
    let mut found = Vec::new();
    let documents = ["md", "toml"].iter().flat_map(|ending| files(&["docs", "src", "themes"], ending));
    for path in documents.chain(top_level_documents()) {
        for (number, line) in read(&path).lines().enumerate() {
            let folders = SOMEBODYS_FOLDERS.iter().filter(|folder| line.contains(*folder));
            found.extend(folders.map(|folder| format!("{path}:{}: {folder}…: write ~/, or a name", number + 1)));
        }
    }
    assert_eq!(found, Vec::<String>::new(), "paths that exist on one machine alone");
}

#[test]
fn the_reading_of_sources_can_see_a_leaning_wall() {
    let text = "use crate::{\n    clock::Now,\n    aws::{Cloud, Place}, // crate::ui\n};\nlet x = crate::sim::Sim;\n\
                // crate::journal\n#[cfg(test)]\nmod tests {\n    use crate::cli;\n}\n";
    let file = Source { path: "src/app/input.rs".to_owned(), code: code(text) };
    assert_eq!(file.room(), "app");
    assert_eq!(file.rooms_used(), ["clock", "aws", "sim"]);
    assert_eq!(file.code_lines_with("crate::").collect::<Vec<_>>(), [1, 5]);
}

/// A file under `src/` without its comments and its tests.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// The room that the file is in: `app` for src/app/input.rs, `clock` for src/clock.rs.
    fn room(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split_once('/').map_or_else(|| inside.trim_end_matches(".rs"), |(room, _)| room)
    }

    /// The rooms that follow `crate::`, alone or in braces.
    fn rooms_used(&self) -> Vec<String> {
        let dense: String = self.code.split_whitespace().collect();
        let mut rooms = Vec::new();
        for (_, rest) in dense.match_indices("crate::").map(|(at, mark)| dense.split_at(at + mark.len())) {
            match rest.strip_prefix('{') {
                None => rooms.push(first_word(rest)),
                Some(list) => rooms.extend(items(list).iter().map(|item| first_word(item))),
            }
        }
        rooms.retain(|room| !room.is_empty() && room != "self");
        rooms
    }

    fn code_lines_with<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code.lines().enumerate().filter(move |(_, line)| line.contains(word)).map(|(number, _)| number + 1)
    }
}

/// The items of a list in braces, up to the brace that ends it.
fn items(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&list[start..at]);
                return items;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

/// The sources of the program, without their tests.
fn sources() -> Vec<Source> {
    let is_test = |path: &String| path.ends_with("/tests.rs") || path.contains("/tests/");
    let paths = files(&["src"], "rs").into_iter().filter(|path| !is_test(path));
    paths.map(|path| Source { code: code(&read(&path)), path }).collect()
}

/// The code of a file: no comments, and nothing from its tests on, which stand last.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    before_tests.lines().flat_map(|line| [without_comment(line), "\n"]).collect()
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        return "";
    }
    // A comment stands after a space; the `//` of an address does not.
    line.split(" // ").next().unwrap_or_default()
}

fn top_level_documents() -> Vec<String> {
    let entries = fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let names = entries.filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "md" || ending == "toml")).collect()
}

/// All files below these folders with this ending, as paths from the top of the project with `/` between the names.
/// A folder that is not there has none.
fn files(folders: &[&str], ending: &str) -> Vec<String> {
    let mut open: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder)) else { continue };
        for entry in entries.map(Result::unwrap) {
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}
