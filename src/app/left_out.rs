//! What a forward plan leaves out because it was rolled back here: it goes along only where somebody names it, so a
//! plan without it has to say so. Nothing is decided here; who is a candidate is decided in `release/candidates`.

use super::{App, deck::Function};
use crate::release::{candidates, names::Target, routing::Routing};

impl App {
    /// What these targets leave out, each in a sentence, in the configuration's order. Parts of the release under way
    /// are told apart from that.
    pub fn left_out(&self, targets: &[Target]) -> Vec<String> {
        if !self.view.marked.is_empty() {
            return Vec::new();
        }
        let gone_back: Vec<&Target> = self.gone_back().map(|function| &function.target).collect();
        let is_left =
            |function: &&Function| !targets.contains(&function.target) && !gone_back.contains(&&function.target);
        self.deck.functions.iter().filter(is_left).filter_map(|function| self.why_left_out(function)).collect()
    }

    fn why_left_out(&self, function: &Function) -> Option<String> {
        let routing = function.alias.value()?.routing;
        let (target, memory) = (&function.target, &function.memory);
        if function.picked.is_some() || function.entry().is_some() || self.deck.part(function).is_some() {
            return None;
        }
        let newest = candidates::next(target.kind, function.versions.value()?, &routing, &[]).ok()?;
        if !memory.withdrawn.contains(&newest) {
            return None;
        }
        let is_whole = routing.same_traffic(&Routing::only(routing.primary));
        let stays = if is_whole { routing.primary.to_string() } else { routing.to_string() };
        let flag = self.deck.environment.name_on_command_line(target, &self.deck.place.region);
        Some(format!(
            "{} was rolled back from {newest} here and stays at {stays}; name it to take it along (--function {flag}={newest}, \
             or v in its detail)",
            target.name(),
        ))
    }
}
