//! What a person wants. The names here are the names in the configuration and in the help.

/// An intent, whatever key it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The plan for the n-th stage (0 = the first of `release.stages`). Digits are always stages.
    Stage(usize),
    /// The plan for the next stage of the release under way.
    NextStage,
    /// Hold the release, or let it go on.
    Hold,
    /// Watch what is live now.
    Watch,
    /// Roll the whole release back at once; outside a release, offer the versions to go back to.
    RollBack,
    /// Roll back the one function whose detail is open, after a plan.
    RollBackOne,
    /// Offer to undo the last rollback.
    Undo,
    /// Declare the release over: all clear.
    Done,
    /// Try the functions again that a shift or a rollback did not reach.
    Retry,
    /// Give the present stage one more bake.
    Extend,
    /// Stop running the release and leave the traffic as it is.
    Abandon,
    /// What each gate says, and why.
    Gates,
    /// The checklist of the release.
    Checklist,
    /// The runbook: what cannot be undone from here.
    Runbook,
    /// The environments of the configuration.
    Environments,
    /// The release compared with the hour before it.
    Comparison,
    /// Take a release over that another program runs.
    TakeOver,
    /// Say yes to what the dialog shows.
    Confirm,
    /// Mark or unmark the row under the cursor.
    Mark,
    /// Choose the version under the cursor as the candidate.
    PickVersion,
    /// Open what is under the cursor.
    Open,
    /// One step back. Never quits.
    Back,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// To the next panel.
    NextPanel,
    /// To the panel before.
    PreviousPanel,
    /// Type a filter for the functions.
    Filter,
    /// Read everything again now.
    Refresh,
    /// Show the AWS console's address of what is selected.
    ConsoleUrl,
    /// Past releases.
    History,
    /// The next theme.
    Theme,
    /// All keys.
    Help,
    /// Leave.
    Quit,
}
