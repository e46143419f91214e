//! Operations against random answers, on an alias that others write too.

use proptest::prelude::*;

use super::{
    super::{row::FORWARD_ATTEMPTS, *},
    *,
};

/// A reply as AWS could give it to a call on an alias that others write too.
#[derive(Debug, Clone, Copy)]
enum Weather {
    Fine,
    Fails(Trouble, bool),
    SomebodyFirst(&'static str),
}

fn weather() -> impl Strategy<Value = Weather> {
    prop_oneof![
        4 => Just(Weather::Fine),
        3 => (prop::sample::select(vec![
            Trouble::Throttled, Trouble::Busy, Trouble::Server, Trouble::Timeout, Trouble::Unreachable,
            Trouble::NotAws, Trouble::Denied, Trouble::NotFound,
        ]), any::<bool>()).prop_map(|(kind, applied)| Weather::Fails(kind, applied)),
        2 => prop::sample::select(vec!["42", "43", "44", "43@10", "43@50", "44@50"]).prop_map(Weather::SomebodyFirst),
    ]
}

/// An alias as AWS keeps it, and whether somebody else changed it.
struct Aws {
    routing: Routing,
    revision: u32,
    is_foreign: bool,
}

impl Aws {
    fn alias(&self) -> Alias {
        let revision = RevisionId::new(format!("r{}", self.revision));
        Alias {
            routing: self.routing,
            revision,
            description: String::new(),
            account: None,
            setting: crate::release::facts::Setting::Alias,
        }
    }

    fn set(&mut self, routing: Routing) {
        self.routing = routing;
        self.revision += 1;
    }

    fn update(&mut self, write: &AliasWrite) -> Result<Alias, CloudError> {
        if write.revision().is_some_and(|revision| *revision != self.alias().revision) {
            return Err(trouble(Trouble::Stale));
        }
        self.set(*write.routing());
        Ok(self.alias())
    }
}

proptest! {
    #[test]
    fn whatever_aws_answers(skies in prop::collection::vec(weather(), 1..40), purpose in prop::sample::select(vec![SHIFT, Purpose::RollBack]), stop_at in 0usize..60) {
        let from = if purpose.is_roll_back() { "43@50" } else { "42" };
        let mut play = Play::start(purpose, from, Some("r1"));
        let wanted = play.row().to;
        let mut aws = Aws { routing: routing(from), revision: 1, is_foreign: false };
        for (step, sky) in skies.iter().chain(std::iter::repeat_n(&Weather::Fine, 20)).enumerate() {
            if step == stop_at {
                play.operation.stop();
            }
            play.next();
            let was_read_last = matches!(play.order, Some(Order::Read(_)));
            let Some(order) = play.order.clone() else { break };
            if let Weather::SomebodyFirst(text) = sky {
                aws.set(routing(text));
                aws.is_foreign = true;
            }
            let reply = match &order {
                Order::Write(write) => {
                    prop_assert_eq!(*write.routing(), wanted, "nothing but the plan is ever written");
                    prop_assert!(write.revision().is_some(), "a write is always conditional");
                    let before = aws.routing;
                    let kept = aws.is_foreign;
                    let reply = match sky {
                        Weather::Fails(kind, true) if kind.leaves_unknown() => aws.update(write).and_then(|_| Err(trouble(*kind))),
                        Weather::Fails(kind, _) => Err(trouble(*kind)),
                        _ => aws.update(write),
                    };
                    if !purpose.is_roll_back() && kept {
                        prop_assert_eq!(aws.routing, before, "a forward move never writes over a foreign change");
                    }
                    if purpose.is_roll_back() && aws.routing != before {
                        prop_assert!(before.reaches(NEW) || before.same_traffic(&wanted), "a rollback takes nothing from a third version: {}", before);
                    }
                    reply
                }
                Order::Read(_) => match sky {
                    Weather::Fails(kind, _) => Err(trouble(*kind)),
                    _ => Ok(aws.alias()),
                },
            };
            play.answer(reply);
            if play.row().step == Step::Done {
                prop_assert!(was_read_last, "done only when it was read back");
                prop_assert!(aws.routing.same_traffic(&wanted));
            }
            if !purpose.is_roll_back() {
                prop_assert!(play.row().attempts <= FORWARD_ATTEMPTS);
            }
        }
        prop_assert!(play.operation.is_finished(), "in fine weather it comes to its end: {:?}", play.row().step);
    }
}
