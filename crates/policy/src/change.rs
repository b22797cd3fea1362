//! Which changes an agent may ask for at all.

use std::path::{Component, Path, PathBuf};

use cowork_engine::{PermissionAsk, PermissionKind};

/// Why a change is refused where the engine's box has nothing: what is written there would be gone with the box, and the
/// agent would say that it is done.
///
/// `folder` is where the ask comes from, `open` are the folders that the box has. All are absolute, links resolved.
#[must_use]
pub fn refused_change<'a>(
    ask: &PermissionAsk,
    folder: &Path,
    mut open: impl Iterator<Item = &'a Path>,
) -> Option<String> {
    if ask.kind != PermissionKind::Edit {
        return None;
    }
    let spelled = ask.path.as_deref()?;
    let path = plain(&folder.join(ask.leads_to.as_deref().unwrap_or(spelled)));
    if open.any(|root| path.starts_with(root)) {
        return None;
    }
    Some(format!(
        "{} is in no folder that is open here, so what is written there would not be kept; the person can open it to this folder, \
         or begin a thread in it",
        path.display()
    ))
}

/// Without steps to the folder above.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(kind: PermissionKind, path: &str) -> PermissionAsk {
        PermissionAsk {
            id: "per_1".into(),
            session: "ses_1".into(),
            kind,
            patterns: Vec::new(),
            always: Vec::new(),
            command: None,
            path: Some(path.to_owned()),
            leads_to: None,
            diff: None,
            call: None,
        }
    }

    #[test]
    fn what_would_be_written_nowhere_is_refused_and_what_is_open_is_not() {
        let refused = |kind: PermissionKind, path: &str| {
            let open = ["/code/one", "/code/two"].map(Path::new);
            refused_change(&ask(kind, path), Path::new("/code/one"), open.into_iter()).is_some()
        };
        for path in ["src/main.rs", "/code/one/x", "/code/two/x", "../two/x"] {
            assert!(!refused(PermissionKind::Edit, path), "{path}");
        }
        for path in ["../three/x", "/home/ada/Documents/report.md", "/usr/x"] {
            assert!(refused(PermissionKind::Edit, path), "{path}");
        }
        assert!(!refused(PermissionKind::ExternalFolder, "/home/ada"));
        assert!(!refused(PermissionKind::Shell, "/home/ada"));
    }

    #[test]
    fn what_counts_is_where_a_path_leads() {
        let mut led = ask(PermissionKind::Edit, "/code/one/link");
        led.leads_to = Some("/home/ada/.bashrc".to_owned());
        let open = [Path::new("/code/one")];
        assert!(refused_change(&led, open[0], open.into_iter()).is_some());
    }
}
