//! x
use super::{Failure, resolve::Setting};
/// x
pub async fn run(_setting: Setting) -> Result<u8, Failure> {
    Ok(0)
}
