//! What is written is read back as it was meant, whatever the names are; and a person can choose from a list that is
//! still being read.

use proptest::{collection::vec, option, prelude::*};

use super::{
    Aliased, Chosen, Draft,
    picker::{Arriving, Picker, Step},
    writing,
};
use crate::{
    config::{AlarmMatch, Config},
    keys::{Key, KeyCode},
    release::{
        facts::{Alarm, AlarmState, Caller, Severity},
        names::Target,
    },
};

fn draft() -> Draft {
    Draft {
        environment: "production".to_owned(),
        region: "eu-west-1".to_owned(),
        profile: None,
        role_arn: None,
        endpoint_url: None,
        caller: Some(Caller {
            account: "123456789012".to_owned(),
            arn: "arn:aws:sts::123456789012:assumed-role/oncall/ada".to_owned(),
        }),
        made: "2026-11-21T12:00:00Z".parse().unwrap(),
        functions: vec![chosen("pay", "live"), missing("mail")],
        alarms: Ok(vec!["pay-errors".to_owned()]),
        budgets: Ok(vec!["monthly".to_owned()]),
    }
}

fn chosen(name: &str, alias: &str) -> Chosen {
    let alias = Aliased::By { alias: alias.to_owned(), others: vec!["beta".to_owned()], is_latest: false };
    Chosen { name: name.to_owned(), alias }
}

fn missing(name: &str) -> Chosen {
    Chosen { name: name.to_owned(), alias: Aliased::Missing { wanted: "live".to_owned(), others: Vec::new() } }
}

/// What the configuration says once it is read back.
fn read_back(draft: &Draft) -> crate::config::Environment {
    let text = writing::write(draft);
    let config = Config::parse(&text, "config.toml").unwrap_or_else(|error| panic!("{error}\n{text}"));
    config.environment(None).unwrap().clone()
}

#[test]
fn a_draft_is_read_back_and_says_what_to_do_about_the_rest() {
    let text = writing::write(&draft());
    let environment = read_back(&draft());
    assert_eq!(environment.account.as_deref(), Some("123456789012"));
    assert_eq!(environment.functions.len(), 1, "{text}");
    assert_eq!(environment.functions[0].target, Target::new("pay", "live"));
    assert_eq!(environment.severity_of(&Alarm::named("pay-errors", AlarmState::Ok)), Some(Severity::High));
    assert_eq!(environment.budgets[0].name, "monthly");
    for words in [
        "# mail has no alias live",
        "#   aws lambda create-alias --function-name mail --name live --region eu-west-1 --function-version",
        "#name = \"mail\"",
        "# a guess",
        "it also has: beta",
        "on 2026-11-21 as oncall",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
}

#[test]
fn a_function_that_is_commented_out_needs_only_its_marks_taken_away() {
    let text = writing::write(&draft());
    let with_it: Vec<&str> =
        text.lines().map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line)).collect();
    let config = Config::parse(&with_it.join("\n"), "config.toml").unwrap_or_else(|error| panic!("{error}"));
    let environment = config.environment(None).unwrap();
    assert_eq!(environment.functions[1].target, Target::new("mail", "live"));
    assert!(environment.protected);
}

#[test]
fn what_could_not_be_asked_is_said_in_the_file() {
    let draft = Draft {
        caller: None,
        functions: vec![Chosen { name: "pay".to_owned(), alias: Aliased::Unread("not allowed\nto look".to_owned()) }],
        alarms: Err("denied: cloudwatch:DescribeAlarms".to_owned()),
        budgets: Err("denied: budgets:ViewBudget".to_owned()),
        ..draft()
    };
    let text = writing::write(&draft);
    assert!(read_back(&draft).functions.is_empty());
    for words in ["cloudwatch:DescribeAlarms", "budgets:ViewBudget", "not allowed to look", "STS did not say"] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
}

/// Every name that the configuration takes.
fn name() -> impl Strategy<Value = String> {
    ".{1,40}".prop_filter("a name", |name| writing::can_be_named(name))
}

fn function() -> impl Strategy<Value = Chosen> {
    let alias = "[a-zA-Z_-][a-zA-Z0-9_-]{0,20}";
    ("[a-zA-Z0-9_-]{1,64}", alias, vec(alias, 0..3), 0..3).prop_map(|(name, alias, others, kind)| {
        let alias = match kind {
            0 => Aliased::Missing { wanted: alias, others },
            1 => Aliased::By { alias, others, is_latest: true },
            _ => Aliased::By { alias, others, is_latest: false },
        };
        Chosen { name, alias }
    })
}

proptest! {
    #[test]
    fn every_legal_name_survives(
        environment in name(),
        profile in option::of(name()),
        functions in vec(function(), 0..6),
        alarms in vec(name(), 0..6),
        budgets in proptest::collection::btree_set(name(), 0..6),
    ) {
        let mut seen = std::collections::BTreeSet::new();
        let functions: Vec<Chosen> = functions.into_iter().filter(|function| seen.insert(function.name.clone())).collect();
        let meant: Vec<Target> = functions
            .iter()
            .filter_map(|function| match &function.alias {
                Aliased::By { alias, .. } => Some(Target::new(&function.name, alias)),
                Aliased::Missing { .. } | Aliased::Unread(_) => None,
            })
            .collect();
        let budgets: Vec<String> = budgets.into_iter().collect();
        let draft = Draft {
            environment: environment.clone(),
            profile: profile.clone(),
            functions,
            alarms: Ok(alarms.clone()),
            budgets: Ok(budgets.clone()),
            ..draft()
        };
        let read = read_back(&draft);
        prop_assert_eq!(read.name, environment);
        prop_assert_eq!(read.profile, profile);
        prop_assert_eq!(read.functions.into_iter().map(|settings| settings.target).collect::<Vec<_>>(), meant);
        let named: Vec<AlarmMatch> = alarms.into_iter().map(AlarmMatch::Name).collect();
        prop_assert_eq!(read.alarms.into_iter().map(|rule| rule.matches).collect::<Vec<_>>(), named);
        prop_assert_eq!(read.budgets.into_iter().map(|budget| budget.name).collect::<Vec<_>>(), budgets);
    }
}

fn press(picker: &mut Picker, keys: &str) -> Step {
    let mut step = Step::Stay;
    for letter in keys.chars() {
        let key = match letter {
            '\n' => Key::plain(KeyCode::Enter),
            '\t' => Key::plain(KeyCode::Tab),
            '\u{1b}' => Key::plain(KeyCode::Esc),
            '↓' => Key::plain(KeyCode::Down),
            '←' => Key::plain(KeyCode::Backspace),
            letter => Key::char(letter),
        };
        step = picker.press(key, 10);
    }
    step
}

fn picker(names: &[&str]) -> Picker {
    let mut picker = Picker::new();
    picker.add(names.iter().map(ToString::to_string));
    picker
}

#[test]
fn typing_filters_space_marks_and_enter_takes() {
    let mut picker = picker(&["receipt-crud", "receipt-ocr", "mailer"]);
    assert_eq!(press(&mut picker, "ocr "), Step::Stay);
    assert_eq!(press(&mut picker, "←←←mail \n"), Step::Take(vec!["mailer".to_owned(), "receipt-ocr".to_owned()]));
    assert_eq!(press(&mut picker, "\u{1b}"), Step::Leave);
}

#[test]
fn without_a_mark_enter_takes_what_is_under_the_cursor_and_nothing_where_nothing_is_shown() {
    let mut picker = picker(&["b", "a"]);
    assert_eq!(press(&mut picker, "↓\n"), Step::Take(vec!["b".to_owned()]));
    assert_eq!(press(&mut picker, "zzz\n"), Step::Stay);
}

#[test]
fn tab_marks_all_that_is_shown_and_takes_the_marks_away_again() {
    let mut picker = picker(&["rv-a", "rv-b", "other"]);
    press(&mut picker, "rv\t");
    assert_eq!(picker.marks(), 2);
    press(&mut picker, "\t");
    assert_eq!(picker.marks(), 0);
}

#[test]
fn the_cursor_stays_on_its_name_while_others_arrive() {
    let mut picker = picker(&["m", "z"]);
    press(&mut picker, "↓ ");
    assert_eq!(*picker.arriving(), Arriving::More);
    picker.add(["a".to_owned(), "zz".to_owned()]);
    assert_eq!(picker.shown()[picker.cursor()].name, "z");
    assert!(picker.is_marked("z"));
    picker.close(Some("denied".to_owned()));
    assert_eq!(*picker.arriving(), Arriving::Broken("denied".to_owned()));
    assert_eq!(picker.count(), 4);
}

#[test]
fn what_is_pasted_filters_too() {
    let mut picker = picker(&["receipt-ocr", "mailer"]);
    picker.paste(" mail\n");
    assert_eq!(picker.shown().len(), 1);
    assert_eq!(picker.query(), "mail");
}
