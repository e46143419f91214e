//! Expressions by hand, and by the thousand against a second way to work them out.

use proptest::prelude::*;

use super::*;

/// The value with a = 3, b = 4, zero = 0, and no other name known.
fn value(text: &str) -> Option<f64> {
    let of = |name: &str| match name {
        "a" => Some(3.0),
        "b" => Some(4.0),
        "zero" => Some(0.0),
        _ => None,
    };
    Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).evaluate(of)
}

#[test]
fn arithmetic_is_as_at_school() {
    for (text, expected) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 4 - 3", 3.0),
        ("24 / 4 / 2", 3.0),
        ("-a + b", 1.0),
        ("--a", 3.0),
        ("2 * -a", -6.0),
        ("100 * a / b", 75.0),
        ("min(a, b, 9)", 3.0),
        ("max(a,b)", 4.0),
        ("sum(a, b, 1)", 8.0),
        (" .5*a ", 1.5),
        ("fill(nobody, 2) + fill(a, 2)", 5.0),
    ] {
        assert_eq!(value(text), Some(expected), "{text}");
    }
}

#[test]
fn no_value_is_never_a_zero() {
    for text in ["nobody", "a + nobody", "0 * nobody", "a / zero", "zero / zero", "min(a, nobody)"] {
        assert_eq!(value(text), None, "{text}");
    }
    assert_eq!(value("fill(a / zero, 7)"), Some(7.0));
    assert_eq!(Expression::parse("a * a").unwrap().evaluate(|_| Some(1e300)), None, "beyond every number");
}

#[test]
fn names_divisors_and_what_is_filled() {
    let of = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let expression = Expression::parse("100 * fill(failed, 0) / (hits + misses) - 2 / 3").unwrap();
    assert_eq!(of(expression.names()), ["failed", "hits", "misses"]);
    assert_eq!(of(expression.divisors()), ["hits", "misses"]);
    assert_eq!(of(expression.filled()), ["failed"]);
    assert!(Expression::parse("100 * a / 405").unwrap().divisors().is_empty());
}

#[test]
fn mistakes_are_told_with_their_column() {
    for (text, column, word) in [
        ("", 1, "ends"),
        ("100 *", 6, "ends"),
        ("100 * / a", 7, "`/`"),
        ("a / 0", 5, "divided by zero"),
        ("a / (1 - 1)", 5, "divided by zero"),
        ("a b", 3, "`b`"),
        ("(a + b", 7, "`)` is missing"),
        ("a + b)", 6, "`)`"),
        ("1.2.3", 1, "no number"),
        ("a ^ 2", 3, "`^`"),
        ("é + 1", 1, "`é`"),
        ("avg(a)", 1, "min, max, sum, fill"),
        ("1 + fill(a)", 5, "fill(a, 0)"),
        ("max()", 5, "`)`"),
        ("+a", 1, "`+`"),
        ("a\u{1b}[2J", 2, "u{1b}"),
    ] {
        let error = Expression::parse(text).unwrap_err();
        assert_eq!(error.column, column, "{text:?}: {error}");
        assert!(error.message.contains(word), "{text:?}: {error}");
        assert!(!error.message.contains(char::is_control), "{text:?}");
    }
    assert!(Expression::parse(&"(".repeat(500)).is_err());
    assert!(Expression::parse(&"1+".repeat(600)).is_err());
    assert!(Expression::parse(&format!("{}1{}", "(".repeat(32), ")".repeat(32))).is_ok());
}

/// A second way to the same value: the tree beside the text that is parsed.
#[derive(Debug, Clone)]
enum Tree {
    Leaf(f64),
    Name(usize),
    Two(char, Box<Tree>, Box<Tree>),
}

impl Tree {
    fn text(&self) -> String {
        match self {
            Self::Leaf(value) => format!("{value}"),
            Self::Name(index) => format!("n{index}"),
            Self::Two(operator, one, other) => format!("({} {operator} {})", one.text(), other.text()),
        }
    }

    fn value(&self, names: &[Option<f64>]) -> Option<f64> {
        match self {
            Self::Leaf(value) => Some(*value),
            Self::Name(index) => names[*index],
            Self::Two(operator, one, other) => {
                let (one, other) = (one.value(names)?, other.value(names)?);
                match operator {
                    '+' => Some(one + other),
                    '-' => Some(one - other),
                    '*' => Some(one * other),
                    _ if other == 0.0 => None,
                    _ => Some(one / other),
                }
            }
        }
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf =
        prop_oneof![(0_u32..1_000).prop_map(|n| Tree::Leaf(f64::from(n) / 4.0)), (0_usize..3).prop_map(Tree::Name)];
    leaf.prop_recursive(6, 40, 2, |inner| {
        (prop::sample::select(vec!['+', '-', '*', '/']), inner.clone(), inner)
            .prop_map(|(operator, one, other)| Tree::Two(operator, Box::new(one), Box::new(other)))
    })
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_worked_out(
        tree in tree(),
        names in prop::array::uniform3(prop::option::of(-100.0_f64..100.0)),
    ) {
        // What is refused is divided by a zero that is written there, and never has a value.
        let Ok(expression) = Expression::parse(&tree.text()) else {
            prop_assert_eq!(tree.value(&names), None, "{}", tree.text());
            return Ok(());
        };
        let found = expression.evaluate(|name| names[name[1..].parse::<usize>().unwrap()]);
        prop_assert_eq!(found, tree.value(&names).filter(|value| value.is_finite()));
    }

    #[test]
    fn no_text_brings_it_down(text in "[ -~éß\u{7}]{0,80}") {
        match Expression::parse(&text) {
            Ok(expression) => { expression.evaluate(|_| Some(1.0)); }
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{}", error),
        }
    }

    #[test]
    fn an_unknown_operand_is_never_a_value(tree in tree()) {
        let Ok(expression) = Expression::parse(&tree.text()) else {
            prop_assert_eq!(tree.value(&[Some(1.0); 3]), None, "{}", tree.text());
            return Ok(());
        };
        if !expression.names().is_empty() {
            prop_assert_eq!(expression.evaluate(|_| None), None);
        }
    }
}
