//! What a forward plan leaves out because it was rolled back here: it goes along only where somebody names it, so a
//! plan without it has to say so. Nothing is decided here; who is a candidate is decided in `release/candidates`.

use super::{App, deck::Function};
use crate::release::{
    candidates,
    names::{Target, Version},
};

impl App {
    /// What these targets leave out, each in a sentence, in the configuration's order. Parts of the release under way
    /// are told apart from that.
    pub fn left_out(&self, targets: &[Target]) -> Vec<String> {
        self.left_behind_by(targets).map(|(function, newest)| self.why_left_out(function, newest)).collect()
    }

    /// The same in one short sentence, where a plan would have nothing else in it.
    pub(super) fn all_left_out(&self) -> Option<String> {
        let named: Vec<String> =
            self.left_behind_by(&[]).map(|(function, newest)| format!("{} {newest}", function.target.name())).collect();
        let words = format!("All that is newer was rolled back here; ⏎, then v takes it along: {}.", named.join(", "));
        (!named.is_empty()).then_some(words)
    }

    fn left_behind_by<'a>(&'a self, targets: &'a [Target]) -> impl Iterator<Item = (&'a Function, Version)> {
        // Whoever marks rows leaves the others out on purpose.
        let is_meant = self.view.marked.is_empty();
        let gone_back: Vec<&Target> = self.gone_back().map(|function| &function.target).collect();
        let functions = self.deck.functions.iter().filter(move |_| is_meant);
        let rest = functions
            .filter(move |function| !targets.contains(&function.target) && !gone_back.contains(&&function.target));
        rest.filter_map(|function| Some((function, self.withdrawn_candidate(function)?)))
    }

    /// The version that would be next, had it not been rolled back here.
    fn withdrawn_candidate(&self, function: &Function) -> Option<Version> {
        if function.picked.is_some() || self.deck.part(function).is_some() {
            return None;
        }
        let (routing, versions) = (function.alias.value()?.routing, function.versions.value()?);
        let newest = candidates::next(function.target.kind, versions, &routing, &[]).ok()?;
        function.memory.withdrawn.contains(&newest).then_some(newest)
    }

    fn why_left_out(&self, function: &Function, newest: Version) -> String {
        let target = &function.target;
        let stays = function.alias.value().map(|alias| alias.routing.to_string()).unwrap_or_default();
        let stays = stays.strip_suffix(" 100%").unwrap_or(&stays);
        let flag = self.deck.environment.name_on_command_line(target, &self.deck.place.region);
        format!(
            "{} was rolled back from {newest} here and stays at {stays}; name it to take it along \
             (--function {flag}={newest}, or v in its detail)",
            target.name()
        )
    }
}
