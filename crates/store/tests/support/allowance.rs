//! A rule of "always" to begin with.

use cowork_store::NewAllowance;

/// Something that is allowed for good.
pub(crate) fn allowance(folder: &str, pattern: &str, created: i64) -> NewAllowance {
    NewAllowance {
        folder: folder.to_owned(),
        agent: "build".to_owned(),
        permission: "bash".to_owned(),
        pattern: pattern.to_owned(),
        origin: format!("{pattern} was asked"),
        session: "s".to_owned(),
        created,
        only_in: None,
        thread: "A thread".to_owned(),
        edited: false,
    }
}
