//! Whether the box of a folder holds, found out by attacking it from within.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cowork_policy::confinement::Means;
use cowork_supervisor::{Trial, try_in_box};
use cowork_toolbox::Proof;

use super::trial_folder;
use crate::view::BoxProof;
use crate::workspace::Inner;

/// What is waited for a proof before a command is refused. It takes a quarter of a second on an idle machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a folder's proof stands in this run of the engine.
pub(super) type Standing = BoxProof;

/// What the prover cannot be given: it must stay out of reach of every box.
const SECRET_FILE: &str = "box-secret";

/// Proves a box in a folder made for it, so that it is known before the first thread begins.
pub(crate) async fn prove_at_start(inner: Arc<Inner>) {
    let folder = trial_folder(&inner);
    prove(&inner, &folder).await;
    let standing = inner.boxes.proofs.borrow().get(&folder).cloned();
    inner.state().set_tools_box(standing.unwrap_or_default());
    inner.feed.changed();
}

/// Proves the box of a folder, once in each run of the engine.
pub(crate) async fn prove(inner: &Arc<Inner>, folder: &Path) {
    let begins = inner.boxes.proofs.send_if_modified(|proofs| {
        let known = matches!(
            proofs.get(folder),
            Some(BoxProof::Proving | BoxProof::Proven { .. })
        );
        if !known {
            proofs.insert(folder.to_owned(), BoxProof::Proving);
        }
        !known
    });
    if !begins {
        return;
    }
    publish(inner, folder);
    let standing = match attack(inner, folder).await {
        Ok(standing) => standing,
        Err(error) => BoxProof::Failed {
            reason: format!("The box could not be tried: {error:#}."),
        },
    };
    if let BoxProof::Failed { reason } = &standing {
        tracing::error!(reason, "the box of a folder is not proven");
    }
    if let BoxProof::Proven { .. } = &standing {
        // What did not hold at the start does now, such as after bubblewrap was installed.
        inner.state().set_tools_box(standing.clone());
    }
    inner
        .boxes
        .proofs
        .send_modify(|proofs| drop(proofs.insert(folder.to_owned(), standing)));
    publish(inner, folder);
    // What waits may go on by itself now, or is refused.
    let effects = inner.state().judge_open_asks();
    inner.carry_out(effects);
}

/// Waits until it is known whether a folder's box holds.
pub(crate) async fn await_proof(inner: &Arc<Inner>, folder: &Path) {
    let known = |proofs: &HashMap<PathBuf, Standing>| {
        matches!(
            proofs.get(folder),
            Some(BoxProof::Proven { .. } | BoxProof::Failed { .. })
        )
    };
    let mut proofs = inner.boxes.proofs.subscribe();
    if known(&proofs.borrow_and_update()) {
        return;
    }
    prove(inner, folder).await;
    // One that somebody else began.
    tokio::time::timeout(PATIENCE, proofs.wait_for(known)).await.ok();
}

fn publish(inner: &Inner, folder: &Path) {
    let standing = inner.boxes.proofs.borrow().get(folder).cloned();
    inner
        .state()
        .set_proof(folder.to_owned(), standing.unwrap_or_default());
    inner.feed.changed();
}

async fn attack(inner: &Arc<Inner>, folder: &Path) -> anyhow::Result<BoxProof> {
    let Some((yard, means)) = inner.boxes.laid() else {
        return Ok(BoxProof::Failed {
            reason: super::why_not_laid(inner),
        });
    };
    let secret = secret_file(inner).await?;
    let mut shelter = inner.shelter();
    if !shelter.folders.iter().any(|known| known == folder) {
        shelter.reachable.push(folder.to_owned());
    }
    let port = |port: u16| ["--port".to_owned(), port.to_string()];
    let gate = inner.boxes.engine_gate().address().port();
    let ports = super::own_ports(inner).into_iter().chain([gate]);
    let arguments = [
        "prove".to_owned(),
        "--folder".to_owned(),
        folder.display().to_string(),
    ]
    .into_iter()
    .chain(["--secret".to_owned(), secret.display().to_string()])
    .chain(ports.flat_map(port));
    let output = try_in_box(Trial {
        layout: inner.home.layout().clone(),
        shelter,
        yard: yard.root().to_owned(),
        confinement: inner.options.confinement,
        arguments: arguments.map(Into::into).collect(),
    })
    .await?;
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let proof = Proof::read(&said).map_err(|_| anyhow::anyhow!("{}", errors.trim()))?;
    tracing::info!(
        proven = proof.proven,
        milliseconds = proof.milliseconds,
        "the box of a folder was attacked"
    );
    Ok(match proof.reason() {
        None => BoxProof::Proven {
            reduced: reduced(means).map(str::to_owned),
        },
        Some(reason) => BoxProof::Failed { reason },
    })
}

/// What a means holds less than the strongest one, in words.
fn reduced(means: Means) -> Option<&'static str> {
    match means {
        Means::Namespaces => None,
        Means::Landlock => Some(
            "Made by Landlock, because bubblewrap cannot make boxes here: commands have no network at all, and what they \
             leave running is ended only with the engine. Install bubblewrap, or allow it user namespaces.",
        ),
        Means::Seatbelt | Means::RestrictedToken => {
            Some("How boxes are made on this system was never seen to hold.")
        }
    }
}

/// A file that no box may read, beside what must not be read either.
async fn secret_file(inner: &Inner) -> anyhow::Result<PathBuf> {
    let path = inner.home.layout().root().join(SECRET_FILE);
    let written = path.clone();
    crate::workspace::blocking(move || std::fs::write(&written, "not to be read in any box\n")).await??;
    Ok(path)
}
