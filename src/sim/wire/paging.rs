//! Pages of a list and the tokens that lead from one to the next.
//! A token names its list and a place in it; to a client it is opaque, as AWS's are.

/// Some items of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page<'a, T> {
    /// The items on this page.
    pub items: &'a [T],
    /// Leads to the next page, if there is one.
    pub next: Option<String>,
}

/// The page of at most `limit` items at which `token` points, or the first one.
/// None if the token does not come from this list.
pub fn page<'a, T>(list: &str, items: &'a [T], token: Option<&str>, limit: usize) -> Option<Page<'a, T>> {
    let start = start(list, token)?;
    if start > items.len() {
        return None;
    }
    let end = items.len().min(start.saturating_add(limit.max(1)));
    let next = (end < items.len()).then(|| self::token(list, end));
    Some(Page { items: &items[start..end], next })
}

/// The token of a place in a list.
pub fn token(list: &str, place: usize) -> String {
    format!("{list}.{place}")
}

/// The place that a token names; the beginning without one, none if it is not of this list.
pub fn start(list: &str, token: Option<&str>) -> Option<usize> {
    let Some(token) = token else { return Some(0) };
    let place = token.strip_prefix(list)?.strip_prefix('.')?;
    place.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let items = [1, 2, 3, 4, 5];
        let mut seen = Vec::new();
        let mut token = None;
        loop {
            let page = page("numbers", &items, token.as_deref(), 2).unwrap();
            seen.push(page.items.to_vec());
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, [vec![1, 2], vec![3, 4], vec![5]]);
    }

    #[test]
    fn a_full_last_page_leads_nowhere() {
        assert_eq!(page("numbers", &[1, 2], None, 2).unwrap().next, None);
    }

    #[test]
    fn foreign_tokens_are_refused() {
        for token in ["letters.2", "numbers.x", "numbers", "numbers.99", "numbers.-1", ""] {
            assert_eq!(page("numbers", &[1, 2, 3], Some(token), 2), None, "{token}");
        }
    }
}
