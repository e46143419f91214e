//! Turning pages, and noticing a service that never comes to an end.

use std::collections::HashSet;

use super::{Cloud, endpoints::Service};
use crate::release::error::CloudError;

/// More pages than any list we read has on AWS.
const MOST_PAGES: usize = 500;

/// The place in a list that comes in pages.
#[derive(Debug, Default)]
pub(super) struct Pages {
    token: Option<String>,
    seen: HashSet<String>,
}

impl Pages {
    /// Before the first page.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// What to send with the next request.
    pub(super) fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// Goes on to the page that `next` names. Some services end a list with an empty token.
    fn turn(&mut self, next: Option<String>) -> Turn {
        let Some(next) = next.filter(|next| !next.is_empty()) else { return Turn::Done };
        if !self.seen.insert(next.clone()) || self.seen.len() > MOST_PAGES {
            return Turn::Endless;
        }
        self.token = Some(next);
        Turn::More
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Done,
    More,
    Endless,
}

impl Cloud {
    /// Whether there is another page. A token that comes twice, or too many of them, is an error.
    pub(super) fn turn_page(
        &self,
        pages: &mut Pages,
        operation: &'static str,
        service: Service,
        next: Option<String>,
    ) -> Result<bool, CloudError> {
        match pages.turn(next) {
            Turn::Done => Ok(false),
            Turn::More => Ok(true),
            Turn::Endless => Err(self.not_aws(operation, service, "a list whose pages never end")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_without_a_token_or_with_an_empty_one() {
        assert_eq!(Pages::new().turn(None), Turn::Done);
        assert_eq!(Pages::new().turn(Some(String::new())), Turn::Done);
    }

    #[test]
    fn a_token_that_comes_again_is_noticed() {
        let mut pages = Pages::new();
        assert_eq!(pages.turn(Some("a".into())), Turn::More);
        assert_eq!(pages.token().as_deref(), Some("a"));
        assert_eq!(pages.turn(Some("b".into())), Turn::More);
        assert_eq!(pages.turn(Some("a".into())), Turn::Endless);
    }

    #[test]
    fn tokens_without_end_are_noticed() {
        let mut pages = Pages::new();
        let end = (0..=MOST_PAGES).position(|page| pages.turn(Some(page.to_string())) == Turn::Endless);
        assert_eq!(end, Some(MOST_PAGES));
    }
}
