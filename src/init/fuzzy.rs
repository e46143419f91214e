//! Finding a name by some of its letters, in their order: `rcrud` finds `receipt_crud`. Letters that stand together and
//! letters that begin a word count most, so that what a person means comes first.

/// How well a query fits a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// Higher is better.
    pub score: i64,
    /// Which characters of the name the query found, rising.
    pub at: Vec<usize>,
}

const FOUND: i64 = 4;
const BEGINS_WORD: i64 = 8;
const FOLLOWS: i64 = 9;

/// The best way to find a query's letters so far that ends at a letter of the name: its score, and where the letter
/// before was found.
type Way = Option<(i64, usize)>;

/// How well a query fits; `None` where a letter of it is missing. Case does not matter. An empty query fits everything.
pub fn fit(query: &str, name: &str) -> Option<Fit> {
    let lower = |text: &str| text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect();
    let (query, letters): (Vec<char>, Vec<char>) = (lower(query), lower(name));
    if query.is_empty() {
        return Some(Fit { score: 0, at: Vec::new() });
    }
    let mut ways: Vec<Vec<Way>> = Vec::with_capacity(query.len());
    for wanted in &query {
        let next = ways_on(ways.last().map(Vec::as_slice), *wanted, &letters);
        ways.push(next);
    }
    let last = ways.last()?.iter().enumerate().filter_map(|(at, way)| Some((way.as_ref()?.0, at)));
    let (score, mut end) = last.max_by_key(|(score, at)| (*score, std::cmp::Reverse(*at)))?;
    let mut at = Vec::with_capacity(query.len());
    for row in ways.iter().rev() {
        at.push(end);
        end = row.get(end).copied().flatten()?.1;
    }
    at.reverse();
    Some(Fit { score, at })
}

/// The best ways that end with one more letter. `before` are those without it; the first letter has none.
fn ways_on(before: Option<&[Way]>, wanted: char, letters: &[char]) -> Vec<Way> {
    let mut ways = vec![None; letters.len()];
    // The best way that ends anywhere before the letter that is looked at.
    let mut best: Way = None;
    for (at, letter) in letters.iter().enumerate() {
        let previous = at.checked_sub(1).and_then(|last| Some((before?.get(last)?.as_ref()?.0, last)));
        if previous.map(|(score, _)| score) > best.map(|(score, _)| score) {
            best = previous;
        }
        if *letter != wanted {
            continue;
        }
        let begins = at == 0 || letters.get(at - 1).is_some_and(|before| !before.is_alphanumeric());
        let here = FOUND + i64::from(begins) * BEGINS_WORD;
        let next_to_it = previous.map(|(score, last)| (score + FOLLOWS, last));
        let from = if before.is_none() { Some((0, at)) } else { next_to_it.max(best) };
        ways[at] = from.map(|(score, last)| (score + here, last));
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that fit, the best first.
    fn ranked<'a>(query: &str, names: &[&'a str]) -> Vec<&'a str> {
        let mut found: Vec<(i64, &str)> =
            names.iter().filter_map(|name| Some((fit(query, name)?.score, *name))).collect();
        found.sort_by_key(|(score, _)| -score);
        found.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn letters_are_found_in_their_order_whatever_their_case() {
        assert_eq!(fit("RCR", "receipt_crud").unwrap().at, [0, 8, 9]);
        assert_eq!(fit("x", "receipt_crud"), None);
        assert_eq!(fit("durc", "receipt_crud"), None);
        assert_eq!(fit("crudd", "receipt_crud"), None);
        assert_eq!(fit("", "receipt_crud").unwrap().at, Vec::<usize>::new());
    }

    #[test]
    fn what_is_meant_comes_first() {
        let names = ["scroll-card", "ocr-refine", "receipt-ocr"];
        assert_eq!(ranked("ocr", &names)[0], "ocr-refine");
        assert_eq!(ranked("crud", &["c-r-u-d-things", "receipt_crud"])[0], "receipt_crud");
        assert_eq!(ranked("rc", &["search", "receipt_crud", "arcade"]), ["receipt_crud", "search", "arcade"]);
    }

    #[test]
    fn letters_that_grow_in_lower_case_do_no_harm() {
        assert!(fit("i", "İzmir").is_some());
        assert_eq!(fit("ß", "ẞ").map(|fit| fit.at), Some(vec![0]));
    }
}
