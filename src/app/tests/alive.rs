//! A release whose program was killed on this very machine: it is said at once, and only T takes over.

use super::*;

/// A cockpit on the machine and journal of one that was killed with the process 4711, in the middle of a release.
fn after_a_kill() -> Bench {
    let mut bench = Bench::mid_release();
    let mut next = bench.neighbour("ada@here/2");
    next.journal = std::mem::take(&mut bench.journal);
    next.outside.processes.insert(1, false);
    next.app.deck.recalled = None;
    next.app.deck.functions.iter_mut().for_each(|function| function.memory = Memory::default());
    next.settle();
    next
}

#[test]
fn that_the_program_of_a_release_is_gone_is_said_and_nothing_is_taken_over() {
    let mut bench = after_a_kill();
    bench.check("<6s>");
    assert!(bench.app.is_owner_gone());
    let told = |bench: &Bench| bench.timeline().matches("(ada@here/1) is gone: nobody runs its stages").count();
    assert!(bench.said().contains("(ada@here/1) is gone") && bench.said().contains("T takes over"), "{}", bench.said());
    bench.check("<1m>");
    assert_eq!((told(&bench), bench.take_writes().len()), (1, 0), "once, and nothing moves by itself");
    bench.check("T <300ms> y <2s>");
    assert!(!bench.app.is_owner_gone() && bench.app.stranger().is_none(), "{}", bench.said());
}

#[test]
fn the_bell_rings_when_it_is_found_gone() {
    let mut bench = after_a_kill();
    bench.app.other_program = crate::app::alive::OtherProgram::default();
    bench.now.wall += Duration::from_secs(10);
    let asked = bench.app.update(Event::Tick, bench.now);
    let ticket = asked.iter().find_map(|effect| match effect {
        Effect::Read(ticket, Read::Process(1)) => Some(*ticket),
        _ => None,
    });
    let reply = Event::Reply(ticket.unwrap(), Box::new(Reply::Process(Some(false))));
    assert!(bench.app.update(reply, bench.now).contains(&Effect::Bell));
}

#[test]
fn one_that_is_there_or_not_known_or_of_another_machine_is_not_gone() {
    let mut there = after_a_kill();
    there.outside.processes.insert(1, true);
    let mut unknown = after_a_kill();
    unknown.outside.processes.clear();
    for bench in [&mut there, &mut unknown] {
        bench.app.other_program = crate::app::alive::OtherProgram::default();
        bench.check("<20s>");
        assert!(!bench.app.is_owner_gone());
    }
    let ada = Bench::mid_release();
    for name in ["bob@there/2", "ada@here/3"] {
        let mut bob = ada.neighbour(name);
        bob.outside.processes.insert(1, false);
        bob.check("<20s>");
        assert!(!bob.app.is_owner_gone(), "{name} knows it from the record alone, and machines may be called alike");
    }
}
