//! A page at a time: how what the app writes becomes rows. The app calls its writes by names of its own and waits for
//! no numbers; which number each got is known here.

use std::sync::PoisonError;

use super::{Journal, error::JournalError};
use crate::release::page::{Entry, Page};

/// What could not be written, and why.
#[derive(Debug)]
pub struct Unkept {
    /// The rest of the page, to be tried again later.
    pub rest: Vec<Entry>,
    /// Why.
    pub error: JournalError,
}

impl Journal {
    /// Writes a page down, entry by entry. When this returns, it is on disk.
    ///
    /// # Errors
    /// When the file cannot be written: what was not is handed back. A line that no file takes is not.
    pub fn keep(&self, page: Page) -> Result<(), Unkept> {
        let mut entries = page.entries.into_iter();
        while let Some(entry) = entries.next() {
            let Err(error) = self.keep_entry(&page.site, &entry) else { continue };
            let is_lasting = matches!(error, JournalError::Refused(_));
            let rest = (!is_lasting).then_some(entry).into_iter().chain(entries).collect();
            return Err(Unkept { rest, error });
        }
        Ok(())
    }

    fn keep_entry(&self, site: &crate::release::record::Site, entry: &Entry) -> Result<(), JournalError> {
        match entry {
            Entry::Lines(lines) => self.write(site, lines),
            Entry::Intend(deeds) => {
                let intents: Vec<_> = deeds.iter().map(|(_, intent)| intent.clone()).collect();
                let numbers = self.intend(site, &intents)?;
                let mut known = self.deeds.lock().unwrap_or_else(PoisonError::into_inner);
                known.extend(deeds.iter().map(|(deed, _)| *deed).zip(numbers));
                Ok(())
            }
            Entry::Settle(deed, outcome) => {
                let number = self.deeds.lock().unwrap_or_else(PoisonError::into_inner).get(deed).copied();
                number.map_or(Ok(()), |number| self.settle(number, outcome))
            }
            Entry::Infer(number, outcome) => self.settle(*number, outcome),
        }
    }
}
