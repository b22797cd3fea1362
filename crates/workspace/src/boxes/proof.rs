//! Whether the box of a folder holds, found out by attacking it from within.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cowork_policy::confinement::Means;
use cowork_supervisor::{Trial, try_in_box};
use cowork_toolbox::Proof;

use super::{Laid, trial_folder};
use crate::view::BoxProof;
use crate::workspace::Inner;

/// What is waited for a proof before a command is refused. It takes a quarter of a second on an idle machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a folder's proof stands in this run of the engine.
pub(super) type Standing = BoxProof;

/// What the prover cannot be given: it must stay out of reach of every box.
const SECRET_FILE: &str = "box-secret";

/// Proves a box in a folder made for it, before a command of any folder runs.
pub(crate) async fn prove_at_start(inner: Arc<Inner>) {
    let folder = trial_folder(&inner);
    prove(&inner, &folder).await;
    let standing = inner.boxes.proofs.borrow().get(&folder).cloned();
    inner.state().set_tools_box(standing.unwrap_or_default());
    inner.feed.changed();
}

/// Whether commands may run in a folder as far as their box is concerned: one was attacked in this run of the engine and
/// held, and the folder's own was not seen to fail.
pub(super) fn is_proven(inner: &Inner, folder: &Path) -> bool {
    let proofs = inner.boxes.proofs.borrow();
    let holds = |folder: &Path| matches!(proofs.get(folder), Some(BoxProof::Proven { .. }));
    let failed = matches!(proofs.get(folder), Some(BoxProof::Failed { .. }));
    !failed && (holds(&trial_folder(inner)) || holds(folder))
}

/// Proves the box of a folder, once in each run of the engine. One whose commands run without a box has none to prove.
pub(crate) async fn prove(inner: &Arc<Inner>, folder: &Path) {
    if inner.state().folders.is_unboxed(folder) {
        return;
    }
    let run = inner.boxes.run.load(Ordering::Acquire);
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
    // In a task of its own: whoever waits for it may be gone before it is known.
    let (attacking, attacked) = (inner.clone(), folder.to_owned());
    let found_out = tokio::spawn(async move { find_out(&attacking, &attacked, run).await });
    if let Err(error) = found_out.await {
        tracing::error!(%error, "a box was not attacked to the end");
        let reason = "The attempt to prove it broke off. Try again.".to_owned();
        settle(inner, folder, run, BoxProof::Failed { reason }).await;
    }
}

async fn find_out(inner: &Arc<Inner>, folder: &Path, run: u64) {
    let standing = match attack(inner, folder).await {
        Ok(standing) => standing,
        Err(error) => BoxProof::Failed {
            reason: format!("The box could not be tried: {error:#}."),
        },
    };
    if let BoxProof::Failed { reason } = &standing {
        tracing::error!(reason, "the box of a folder is not proven");
    }
    settle(inner, folder, run, standing).await;
}

/// Takes up what was found out, unless another run of the engine began meanwhile.
async fn settle(inner: &Arc<Inner>, folder: &Path, run: u64, standing: BoxProof) {
    let holds = matches!(standing, BoxProof::Proven { .. });
    let is_of_now = inner.boxes.proofs.send_if_modified(|proofs| {
        let is_of_now = inner.boxes.run.load(Ordering::Acquire) == run;
        if is_of_now {
            proofs.insert(folder.to_owned(), standing.clone());
        }
        is_of_now
    });
    if !is_of_now {
        return;
    }
    if holds {
        // What did not hold at the start does now, such as after bubblewrap was installed.
        inner.state().set_tools_box(standing);
    }
    // The wrapper asks the rules whether it may run anything.
    super::write_rules(inner).await.ok();
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
    let Some(Laid { yard, means, .. }) = inner.boxes.laid() else {
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

/// A file that no box may read, beside what must not be read either. It is put in the place of whatever is there: the
/// engine can write in its home, and a link of its making must not lead our writing elsewhere.
async fn secret_file(inner: &Inner) -> anyhow::Result<PathBuf> {
    let path = inner.home.layout().root().join(SECRET_FILE);
    let (placed, data) = (path.clone(), inner.options.places.data.clone());
    crate::workspace::blocking(move || {
        let mut file = tempfile::NamedTempFile::new_in(data)?;
        file.write_all(b"not to be read in any box\n")?;
        file.persist(placed)?;
        anyhow::Ok(())
    })
    .await??;
    Ok(path)
}
