//! What a rollback leaves as it is although the configuration names it: that must not look like having been put back.
//! Where a release was begun on another machine, what carries no record, or was not read, may have been moved all the
//! same. Facts come in, reasons and sentences go out; it knows nothing of where the facts come from.

use super::{
    carried,
    error::Trouble,
    names::{Mover, Target, Version, named},
    routing::Routing,
};

/// Something that a rollback does not touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftAlone {
    /// What it is; several where there is nothing to be said of each.
    pub targets: Vec<Target>,
    /// How it stays, in a sentence.
    pub words: String,
    /// Whether the release may have moved it, as far as can be told from here.
    pub doubt: Doubt,
}

/// Whether something that was left alone may have been moved by the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Nothing says so.
    None,
    /// It carries no record, and how it stands tells of a move: a person must look at it.
    Unrecorded,
    /// It could not be read: it may still have the new version.
    Unread,
    /// Somebody else moved it since: it has neither what the release brought nor what was stable before.
    Astray,
}

/// How much is known here of the release that goes back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Release {
    /// The rollback moves nothing.
    None,
    /// This machine knows it, and so everything that it moved: what is not on record was not moved by it.
    OnRecord,
    /// Another machine began it, and only records tell what belongs to it. Below 100 % what it moved is split, and at
    /// 100 % everything of it is at one place.
    Told {
        /// How far it went by its records, 0–100 %.
        percent: f64,
    },
}

/// What is known of an alias, a rule or a stage that the configuration names.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts<'a> {
    /// Which one it is.
    pub target: &'a Target,
    /// Whether the rollback moves it.
    pub is_planned: bool,
    /// How it stands; or why it could not be read, `None` where nobody has tried yet.
    pub seen: Result<Seen, Option<Trouble>>,
    /// How the release had moved it that goes back now, where somebody else has moved it since.
    pub astray: Option<Box<Astray>>,
    /// The command by which a person takes it back.
    pub take_back: String,
}

/// How something stood when it was last read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Where its traffic goes.
    pub at: Routing,
    /// Whether a release, or somebody, has given a part of its traffic to another version.
    pub is_split: bool,
    /// What it carries.
    pub record: Record,
    /// Whether a version waits to be released there.
    pub has_candidate: bool,
    /// Whether this machine knows that it is where it was: it has not been moved yet, or was taken back.
    pub is_back: bool,
}

/// A move of the release that is over there, because somebody else made another one after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Astray {
    /// What was stable before the release.
    pub stable: Version,
    /// What the release brought.
    pub new: Version,
}

/// What a description tells of a release of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Nothing.
    None,
    /// Something that cannot be read any more.
    Cut,
    /// A release.
    Whole,
}

/// What is known of a pre-stage.
#[derive(Debug, Clone, PartialEq)]
pub struct PreStageFacts<'a> {
    /// Which one it is.
    pub target: Target,
    /// Whether the rollback moves it.
    pub is_planned: bool,
    /// Where its traffic goes; or why that could not be read, `None` where nobody has tried yet.
    pub at: Result<Routing, Option<Trouble>>,
    /// The one before which it comes.
    pub main: &'a Target,
    /// What becomes of that one.
    pub fate: Fate,
}

/// What a rollback does with the one before which a pre-stage comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// It goes back.
    GoesBack {
        /// The version that is withdrawn.
        from: Version,
        /// Whether only its record told of the release.
        is_told: bool,
    },
    /// It stays.
    Stays {
        /// Where its traffic goes, where that was read.
        at: Option<Routing>,
        /// The version for which the pre-stage's record says that it was moved, in a release that is not known to be over.
        recorded: Option<Version>,
    },
}

/// What a rollback leaves alone of all that the configuration names. What stands without a sign is named last, in one
/// sentence: nobody can tell, and most of it was not moved.
pub fn left_alone(release: Release, all: &[Facts<'_>], pre_stages: &[PreStageFacts<'_>]) -> Vec<LeftAlone> {
    let mains = all.iter().filter_map(|facts| Some((facts.target, facts.verdict(release)?)));
    let firsts = pre_stages.iter().filter_map(|facts| Some((&facts.target, facts.verdict()?)));
    let (silent, loud): (Vec<_>, Vec<_>) = mains.chain(firsts).partition(|(_, reason)| *reason == Reason::NoSign);
    let silent: Vec<Target> = silent.into_iter().map(|(target, _)| target.clone()).collect();
    let loud = loud.into_iter().map(|(target, reason)| LeftAlone::new(vec![target.clone()], reason));
    let silent = (!silent.is_empty()).then(|| LeftAlone::new(silent, Reason::NoSign));
    loud.chain(silent).collect()
}

/// What of it a person must look at, in a line: a success must not hide it.
pub fn doubts_in_a_line(left: &[LeftAlone]) -> Option<String> {
    let of = |doubt: Doubt, words: &str| {
        let meant = left.iter().filter(|left| left.doubt == doubt);
        let names: Vec<Target> = meant.flat_map(|left| left.targets.clone()).collect();
        (!names.is_empty()).then(|| format!("NOT {}: {words}", named(&names)))
    };
    let unread = of(Doubt::Unread, "not read, may still have the new version; R again when it can be read");
    let unrecorded = of(Doubt::Unrecorded, "whether the release moved it cannot be told from here");
    let astray = of(Doubt::Astray, "somebody else moved it meanwhile, to what this release did not put there");
    let lines: Vec<String> = [astray, unread, unrecorded].into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

/// Why something that is left alone is worth a word, with what the sentence about it names.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reason<'a> {
    /// It is no part of a release of this machine, and stands as if it might be.
    NotInRelease { at: Routing },
    /// Somebody else moved it meanwhile, and at a third version a rollback stops.
    Astray { at: Routing, was: &'a Astray, take_back: &'a str },
    /// It may be anywhere.
    NotRead(Option<Trouble>),
    /// It stands as if it had been moved, and no record that can be read says by whom.
    Unrecorded { at: Routing, record: Record, take_back: &'a str },
    /// It stands as if it had not been moved, which is also how it would stand if it had been.
    NoSign,
    /// A pre-stage that no release of this machine moved, at the version that is withdrawn or not read.
    PreStageNotInRelease,
    /// A pre-stage at the version that another machine's release brought.
    PreStageUnrecorded { at: Routing, main: &'a Target },
    /// A pre-stage of another machine's release that may be anywhere.
    PreStageNotRead { main: &'a Target },
    /// A pre-stage whose record tells of a release that may be over, or under way.
    PreStageAhead { at: Routing, main: &'a Target },
}

impl Facts<'_> {
    fn verdict(&self, release: Release) -> Option<Reason<'_>> {
        if self.is_planned {
            return None;
        }
        if let (Ok(Seen { at, .. }), Some(was)) = (self.seen, &self.astray) {
            return Some(Reason::Astray { at, was, take_back: &self.take_back });
        }
        if self.seen.is_ok_and(|seen| seen.is_back) {
            return None;
        }
        match (release, self.seen) {
            (Release::None, _) | (Release::OnRecord, Err(_)) => None,
            // All that a release of this machine moved is on record: only what is split beside it is remarkable.
            (Release::OnRecord, Ok(seen)) => seen.is_split.then_some(Reason::NotInRelease { at: seen.at }),
            // What could not be read may be anywhere, unless AWS says that there is no such thing.
            (Release::Told { .. }, Err(why)) => (why != Some(Trouble::NotFound)).then_some(Reason::NotRead(why)),
            (Release::Told { percent }, Ok(seen)) => self.told(seen, percent),
        }
    }

    /// Of a release that another machine took to `percent`: whether it looks like having been moved. An alias or a stage
    /// for which a newer version waits has not been; of target groups none is the newer one.
    fn told(&self, seen: Seen, percent: f64) -> Option<Reason<'_>> {
        let unrecorded = Reason::Unrecorded { at: seen.at, record: seen.record, take_back: &self.take_back };
        if seen.is_split || seen.record == Record::Cut {
            return Some(unrecorded);
        }
        if percent < 100.0 {
            return None;
        }
        match self.target.kind {
            Mover::Rule => Some(unrecorded),
            Mover::Stage => (!seen.has_candidate).then_some(unrecorded),
            Mover::Alias => (!seen.has_candidate && seen.record == Record::None).then_some(Reason::NoSign),
        }
    }
}

impl PreStageFacts<'_> {
    fn verdict(&self) -> Option<Reason<'_>> {
        if self.is_planned {
            return None;
        }
        let main = self.main;
        match (self.fate, self.at) {
            // AWS says that there is no such thing.
            (_, Err(Some(Trouble::NotFound))) => None,
            (Fate::GoesBack { from, .. }, Ok(at)) if !at.reaches(from) => None,
            (Fate::GoesBack { is_told: false, .. }, _) => Some(Reason::PreStageNotInRelease),
            (Fate::GoesBack { is_told: true, .. }, Ok(at)) => Some(Reason::PreStageUnrecorded { at, main }),
            (Fate::GoesBack { is_told: true, .. }, Err(_)) => Some(Reason::PreStageNotRead { main }),
            (Fate::Stays { at: Some(behind), recorded: Some(new) }, Ok(at)) => {
                (at.reaches(new) && behind.reaches(new)).then_some(Reason::PreStageAhead { at, main })
            }
            (Fate::Stays { .. }, _) => None,
        }
    }
}

impl Reason<'_> {
    fn doubt(self) -> Doubt {
        match self {
            Self::NotInRelease { .. } | Self::NoSign | Self::PreStageNotInRelease => Doubt::None,
            Self::Unrecorded { .. } | Self::PreStageUnrecorded { .. } | Self::PreStageAhead { .. } => Doubt::Unrecorded,
            Self::NotRead(_) | Self::PreStageNotRead { .. } => Doubt::Unread,
            Self::Astray { .. } => Doubt::Astray,
        }
    }

    /// The sentence about these.
    fn words(self, targets: &[Target]) -> String {
        let it = named(targets);
        match self {
            Self::NotInRelease { at } => format!("{it} is not in the release on record here and stays at {at}"),
            Self::Astray { at, was: Astray { stable, new }, take_back } => format!(
                "{it} is at {at}, which this release did not put there: it had moved it from {stable} to {new}, and \
                 somebody else moved it since. It stays as it is; `{take_back}` takes it back to {stable}"
            ),
            Self::NotRead(why) => {
                let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
                format!("not read{why}: {it} may still have the new version; roll back again when it can be read")
            }
            Self::Unrecorded { at, record, take_back } => {
                let record = match record {
                    Record::Cut => "its record cannot be read any more",
                    Record::None | Record::Whole => "it carries no record",
                };
                format!(
                    "{it} stays at {at}, and {record}: whether the release moved it cannot be told from here. Look at \
                     it; `{take_back}` takes it back"
                )
            }
            Self::NoSign => {
                let (carry, them) = match targets {
                    [_] => ("carries no record and stays as it is", "it"),
                    _ => ("carry no record and stay as they are", "them"),
                };
                format!("{it} {carry}: whether the release moved {them} cannot be told from here")
            }
            Self::PreStageNotInRelease => format!("{it}, its pre-stage, is not on record here and stays as it is"),
            Self::PreStageUnrecorded { at, main } => pre_stage_untold(&it, main, &format!("stays at {at}")),
            Self::PreStageNotRead { main } => pre_stage_untold(&it, main, "could not be read"),
            Self::PreStageAhead { at, main } => format!(
                "{it}, the pre-stage of {main}, stays at {at}: its record tells of a release that {main} carries none \
                 of. Look at both, and move them back by hand if it is not over"
            ),
        }
    }
}

fn pre_stage_untold(it: &str, main: &Target, place: &str) -> String {
    format!(
        "{it}, the pre-stage of {main}, {place} and carries no record: whether the release moved it cannot be told \
         from here. Look at it, and move it back by hand if it did"
    )
}

impl LeftAlone {
    fn new(targets: Vec<Target>, reason: Reason<'_>) -> Self {
        Self { words: reason.words(&targets), doubt: reason.doubt(), targets }
    }

    /// Whether a person must look at it.
    pub fn is_unknown(&self) -> bool {
        self.doubt != Doubt::None
    }
}

impl Record {
    /// The record in a description, without one of a release that it only came before.
    pub fn of(description: &str) -> Self {
        if carried::is_cut(description) {
            return Self::Cut;
        }
        carried::own(description).map_or(Self::None, |_| Self::Whole)
    }
}

#[cfg(test)]
mod tests;
