//! Writes every file that is made from the command registry, below the current directory.

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    for (path, content) in cowork_api::generate::files() {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        std::fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
