//! How many of what, in words: `1 rule`, `3 functions and 1 stage`, `2 of 4 functions`. It knows the kinds of things that
//! a release moves, and nothing of who says it.

use super::names::Mover;

/// `1 row`, `3 rows`, `0 rows`.
pub fn several(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// `1 rule`, `3 functions and 1 stage`; `nothing` of nothing.
pub fn counted(kinds: impl IntoIterator<Item = Mover>) -> String {
    let parts = tally(kinds.into_iter().map(|kind| (kind, true)));
    listed(parts.into_iter().map(|(kind, _, all)| several(all, noun(kind))), "nothing")
}

/// `2 of 4 functions`, `3 of 3 functions and 0 of 1 stage`: how many of each kind are meant.
pub fn counted_of(meant: impl IntoIterator<Item = (Mover, bool)>) -> String {
    let parts = tally(meant);
    listed(parts.into_iter().map(|(kind, some, all)| format!("{some} of {}", several(all, noun(kind)))), "nothing")
}

/// `; 1 stage waits for 100%`, of those that cannot be split; nothing where there is none.
pub fn waiting(kinds: impl IntoIterator<Item = Mover>) -> String {
    let kinds: Vec<Mover> = kinds.into_iter().collect();
    let verb = if kinds.len() == 1 { "waits" } else { "wait" };
    if kinds.is_empty() { String::new() } else { format!("; {} {verb} for 100%", counted(kinds)) }
}

/// `function`, `rule` or `stage` over a column of names; `name` where there are several kinds.
pub fn heading(kinds: impl IntoIterator<Item = Mover>) -> &'static str {
    only(kinds).map_or("name", noun)
}

/// `Functions`, `Rules`, `Stages`: what a list of them is called where there is no room to count them.
pub fn plural(kinds: impl IntoIterator<Item = Mover>) -> &'static str {
    match only(kinds) {
        Some(Mover::Rule) => "Rules",
        Some(Mover::Stage) => "Stages",
        Some(Mover::Alias) | None => "Functions",
    }
}

/// `no function`, `no rule`; `nothing` where there are several kinds.
pub fn none(kinds: impl IntoIterator<Item = Mover>) -> String {
    only(kinds).map_or_else(|| "nothing".to_owned(), |kind| format!("no {}", noun(kind)))
}

/// `every function`, `every rule`; `everything` where there are several kinds.
pub fn every(kinds: impl IntoIterator<Item = Mover>) -> String {
    only(kinds).map_or_else(|| "everything".to_owned(), |kind| format!("every {}", noun(kind)))
}

/// `Functions` and 3, `Stages` and 1: the title of a list of them, kind by kind.
pub fn titles(kinds: impl IntoIterator<Item = Mover>) -> Vec<(&'static str, usize)> {
    let parts = tally(kinds.into_iter().map(|kind| (kind, true)));
    parts.into_iter().map(|(kind, _, all)| (plural([kind]), all)).collect()
}

/// What a release moves of a kind: an alias is said by its function.
fn noun(kind: Mover) -> &'static str {
    match kind {
        Mover::Alias => "function",
        Mover::Rule => "rule",
        Mover::Stage => "stage",
    }
}

/// The one kind that all of them are. Where there is none, functions are meant.
fn only(kinds: impl IntoIterator<Item = Mover>) -> Option<Mover> {
    let mut kinds = kinds.into_iter();
    let first = kinds.next().unwrap_or_default();
    kinds.all(|kind| kind == first).then_some(first)
}

/// For each kind that there is: how many are meant, and how many there are.
fn tally(meant: impl IntoIterator<Item = (Mover, bool)>) -> Vec<(Mover, usize, usize)> {
    let mut parts: Vec<(Mover, usize, usize)> =
        [Mover::Alias, Mover::Rule, Mover::Stage].map(|kind| (kind, 0, 0)).to_vec();
    for (kind, is_meant) in meant {
        for part in parts.iter_mut().filter(|part| part.0 == kind) {
            part.1 += usize::from(is_meant);
            part.2 += 1;
        }
    }
    parts.retain(|part| part.2 > 0);
    parts
}

/// `a`, `a and b`, `a, b and c`.
fn listed(parts: impl Iterator<Item = String>, of_nothing: &str) -> String {
    let mut parts: Vec<String> = parts.collect();
    let Some(last) = parts.pop() else { return of_nothing.to_owned() };
    if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Mover::{Alias, Rule, Stage};

    #[test]
    fn each_is_called_what_it_is() {
        assert_eq!(counted([Alias]), "1 function");
        assert_eq!(counted([Rule]), "1 rule");
        assert_eq!(counted([Stage, Alias, Alias, Alias]), "3 functions and 1 stage");
        assert_eq!(counted([Rule, Stage, Alias, Rule]), "1 function, 2 rules and 1 stage");
        assert_eq!(counted([]), "nothing");
        assert_eq!([several(0, "row"), several(1, "row"), several(2, "row")], ["0 rows", "1 row", "2 rows"]);
    }

    #[test]
    fn how_many_of_how_many_is_said_for_each_kind() {
        assert_eq!(counted_of([(Alias, true), (Alias, false)]), "1 of 2 functions");
        assert_eq!(counted_of([(Rule, true)]), "1 of 1 rule");
        assert_eq!(counted_of([(Alias, true), (Stage, false)]), "1 of 1 function and 0 of 1 stage");
    }

    #[test]
    fn what_waits_is_said_where_there_is_any() {
        assert_eq!([waiting([]), waiting([Stage])], ["", "; 1 stage waits for 100%"]);
        assert_eq!(waiting([Stage, Alias]), "; 1 function and 1 stage wait for 100%");
    }

    #[test]
    fn several_kinds_have_no_name_together() {
        assert_eq!([heading([Alias]), heading([Rule]), heading([Alias, Stage])], ["function", "rule", "name"]);
        assert_eq!([none([Rule]), none([Alias, Stage]), none([])], ["no rule", "nothing", "no function"]);
        assert_eq!([every([Stage]), every([Alias, Rule])], ["every stage", "everything"]);
        assert_eq!(titles([Alias, Stage, Alias]), [("Functions", 2), ("Stages", 1)]);
        assert_eq!([plural([Rule]), plural([Alias, Stage]), plural([])], ["Rules", "Functions", "Functions"]);
    }
}
