//! Which alarms belong to some functions: those whose metric names one of them, those that are named like them, and
//! the composite alarms that are made of those.

use std::collections::{BTreeMap, BTreeSet};

use crate::release::{composite::children, facts::Alarm};

/// A shared beginning shorter than this says nothing about what belongs together.
const SHORTEST_WORD: usize = 2;

/// The names of the alarms that belong to these functions, by name.
pub fn belonging(functions: &[&str], alarms: &[Alarm]) -> Vec<String> {
    let beginnings = beginnings(functions);
    let is_named_like = |alarm: &Alarm| beginnings.iter().any(|beginning| begins_so(&alarm.name, beginning));
    let mut names: BTreeSet<&str> = alarms
        .iter()
        .filter(|alarm| watches_one_of(functions, alarm) || is_named_like(alarm))
        .map(|alarm| alarm.name.as_str())
        .collect();
    let of_these: Vec<&str> = alarms
        .iter()
        .filter(|alarm| alarm.rule.as_ref().is_some_and(|rule| is_made_of(rule, &names)))
        .map(|alarm| alarm.name.as_str())
        .collect();
    names.extend(of_these);
    names.into_iter().map(str::to_owned).collect()
}

/// How names begin that belong to these functions: functions with the same first word give what they have in common up
/// to the end of a word, `receipt-` for `receipt-crud` and `receipt-ocr`; a function without its like gives its name.
fn beginnings(functions: &[&str]) -> Vec<String> {
    let mut families: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for function in functions {
        families.entry(function.split(is_separator).next().unwrap_or(function)).or_default().push(function);
    }
    families.into_values().filter_map(|family| shared(&family)).collect()
}

fn shared(family: &[&str]) -> Option<String> {
    let (first, rest) = family.split_first()?;
    if rest.is_empty() {
        return Some((*first).to_owned());
    }
    let alike = |other: &&str| first.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let shared: String = first.chars().take(rest.iter().map(alike).min()?).collect();
    let end = shared.rfind(is_separator)?;
    (end >= SHORTEST_WORD).then(|| shared[..=end].to_owned())
}

/// The function stands in a dimension: `FunctionName`, or `Resource` with its alias behind a colon.
fn watches_one_of(functions: &[&str], alarm: &Alarm) -> bool {
    let dimensions = alarm.watches.iter().flat_map(|watches| &watches.dimensions);
    dimensions.filter(|(name, _)| name == "FunctionName" || name == "Resource").any(|(_, value)| {
        let function = value.split(':').next().unwrap_or(value);
        functions.contains(&function)
    })
}

/// People write `receipt_crud` for a function and `receipt-crud-errors` for its alarm; `pay` is not `payment`.
fn begins_so(name: &str, beginning: &str) -> bool {
    let mut letters = name.chars();
    let is_same = beginning.chars().all(|wanted| {
        letters.next().is_some_and(|letter| letter == wanted || (is_separator(letter) && is_separator(wanted)))
    });
    is_same && (beginning.ends_with(is_separator) || letters.next().is_none_or(|next| !next.is_alphanumeric()))
}

fn is_made_of(rule: &str, names: &BTreeSet<&str>) -> bool {
    children(rule).iter().any(|child| names.contains(child.as_str()))
}

fn is_separator(letter: char) -> bool {
    letter == '-' || letter == '_'
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::release::facts::{AlarmMetric, AlarmState};

    fn alarm(name: &str, dimension: Option<(&str, &str)>, rule: Option<&str>) -> Alarm {
        let watches = dimension.map(|(name, value)| AlarmMetric {
            namespace: "AWS/Lambda".to_owned(),
            metric: "Errors".to_owned(),
            statistic: "Sum".to_owned(),
            dimensions: vec![(name.to_owned(), value.to_owned())],
            threshold: 1.0,
            period: Duration::from_mins(1),
        });
        Alarm { rule: rule.map(str::to_owned), watches, ..Alarm::named(name, AlarmState::Ok) }
    }

    #[test]
    fn alarms_belong_by_metric_by_name_and_by_their_parts() {
        let alarms = [
            alarm("everything", None, Some("ALARM(\"pay errors\") OR ALARM(other)")),
            alarm("pay errors", Some(("FunctionName", "shop-pay")), None),
            alarm("by alias", Some(("Resource", "shop-pay:live")), None),
            alarm("shop_api_5xx", Some(("ApiName", "shop")), None),
            alarm("other", Some(("FunctionName", "shop-payment")), None),
            alarm("elsewhere", None, Some("ALARM(\"pay errors too\")")),
        ];
        let found = belonging(&["shop-pay", "shop-mail"], &alarms);
        assert_eq!(found, ["by alias", "everything", "pay errors", "shop_api_5xx"]);
        assert_eq!(belonging(&[], &alarms), Vec::<String>::new());
    }

    #[test]
    fn a_beginning_is_shared_up_to_the_end_of_a_word() {
        assert_eq!(beginnings(&["receipt-crud", "mail", "receipt-create"]), ["mail", "receipt-"]);
        assert_eq!(beginnings(&["calc_prod_auth", "calc_prod_pay"]), ["calc_prod_"]);
        assert_eq!(beginnings(&["a-b", "a-c"]), Vec::<String>::new(), "one letter says nothing");
        assert_eq!(beginnings(&[]), Vec::<String>::new());
        let named = ["pay", "pay-errors", "payment errors", "pay errors"].map(|name| alarm(name, None, None));
        assert_eq!(belonging(&["pay"], &named), ["pay", "pay errors", "pay-errors"]);
    }
}
