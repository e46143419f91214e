//! Patterns for names, as a shell has them: `*` is any text, `?` any character, and everything else is itself.

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(Vec<char>);

impl Glob {
    /// Reads a pattern; every text is one.
    pub fn new(pattern: &str) -> Self {
        Self(pattern.chars().collect())
    }

    /// Whether the whole name fits.
    pub fn fits(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        // `fitting[at]` is whether the pattern so far can end before the character `at` of the name.
        let mut fitting = vec![false; name.len() + 1];
        fitting[0] = true;
        for part in &self.0 {
            let mut next = vec![false; name.len() + 1];
            for at in 0..=name.len() {
                let before = at.checked_sub(1);
                next[at] = match part {
                    '*' => fitting[at] || before.is_some_and(|before| next[before]),
                    '?' => before.is_some_and(|before| fitting[before]),
                    other => before.is_some_and(|before| fitting[before] && name[before] == *other),
                };
            }
            fitting = next;
        }
        fitting[name.len()]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        let fits = |pattern: &str, name: &str| Glob::new(pattern).fits(name);
        for (pattern, name) in [("*", ""), ("*", "pay"), ("pay", "pay"), ("rv-*", "rv-ocr"), ("*-ocr", "rv-ocr")] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("r?-*-x*", "rv-ocr-x1"), ("a*b*c", "aXbYbZc"), ("**", "x"), ("?", "ä")] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("", "pay"), ("pay", "pays"), ("rv-*", "xrv-ocr"), ("?", ""), ("a*b", "abc"), ("P*", "pay")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_name_fits_itself_and_every_pattern_that_leaves_some_of_it_open(name in "[a-zA-Z0-9_-]{1,20}", cut in 0_usize..20) {
            let cut = cut.min(name.len());
            let pattern = format!("{}*", &name[..cut]);
            let longer = format!("{name}x");
            prop_assert!(Glob::new(&name).fits(&name));
            prop_assert!(Glob::new(&pattern).fits(&name));
            prop_assert!(!Glob::new(&name).fits(&longer));
        }
    }
}
