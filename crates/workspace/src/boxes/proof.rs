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
    let _whole = inner.boxes.settling.lock().await;
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
    // The wrapper asks the rules whether it may run anything. A failure is said and shown where it happens, and takes the
    // rules away.
    super::write_rules(inner).await.ok();
    publish(inner, folder);
    // What waits may go on by itself now, or is refused.
    let effects = inner.state().judge_open_asks();
    inner.carry_out(effects);
}

/// Forgets what was found out of a folder's box, so that it is found out anew.
pub(crate) fn forget_proof(inner: &Inner, folder: &Path) {
    inner
        .boxes
        .proofs
        .send_if_modified(|proofs| proofs.remove(folder).is_some());
    publish(inner, folder);
}

/// Says of boxes that were proven before the engine ran what its own box holds less, which shows when it runs.
pub(super) fn restate(inner: &Inner) {
    if let Some(why) = follows_links(inner, false) {
        restate_as(inner, &why);
    }
}

fn restate_as(inner: &Inner, why: &str) {
    let mut restated = Vec::new();
    inner.boxes.proofs.send_if_modified(|proofs| {
        for (folder, standing) in proofs.iter_mut() {
            if *standing == (BoxProof::Proven { reduced: None }) {
                let reduced = Some(why.to_owned());
                *standing = BoxProof::Proven { reduced };
                restated.push((folder.clone(), standing.clone()));
            }
        }
        !restated.is_empty()
    });
    for (folder, standing) in restated {
        inner.state().set_tools_box(standing);
        publish(inner, &folder);
    }
}

/// Waits until it is known whether a folder's box holds, and what was found out is in force.
pub(crate) async fn await_proof(inner: &Arc<Inner>, folder: &Path) {
    let known = |proofs: &HashMap<PathBuf, Standing>| {
        matches!(
            proofs.get(folder),
            Some(BoxProof::Proven { .. } | BoxProof::Failed { .. })
        )
    };
    let mut proofs = inner.boxes.proofs.subscribe();
    if !known(&proofs.borrow_and_update()) {
        prove(inner, folder).await;
    }
    let in_force = async {
        // One that somebody else began, and who found it out may be about to tell it.
        if proofs.wait_for(known).await.is_ok() {
            drop(inner.boxes.settling.lock().await);
        }
    };
    // Whoever asked looks at what is known by then, and refuses when that is nothing.
    tokio::time::timeout(PATIENCE, in_force).await.ok();
}

fn publish(inner: &Inner, folder: &Path) {
    let standing = inner.boxes.proofs.borrow().get(folder).cloned();
    inner
        .state()
        .set_proof(folder.to_owned(), standing.unwrap_or_default());
    inner.feed.changed();
}

async fn attack(inner: &Arc<Inner>, folder: &Path) -> anyhow::Result<BoxProof> {
    let Some(Laid {
        yard,
        means: Some(means),
        bars_links,
        engine_is_boxed,
    }) = inner.boxes.laid()
    else {
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
            reduced: reduced(means)
                .map(str::to_owned)
                .or_else(|| follows_links(inner, engine_is_boxed && !bars_links)),
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
        Means::Seatbelt => Some(
            "Made by a profile of Seatbelt's, which was never verified on macOS but by the attack at each start: commands have \
             no network at all, the memory of all of them together has no limit, and what leaves its process group is ended \
             with its command but not when the command's keeper is killed. The engine itself has no box here: its own tools \
             for files are held by asks alone, and what it starts in another way than by its shell or as git or a server of \
             tools is held by nothing.",
        ),
        Means::RestrictedToken => Some(
            "Made by a restricted token in a container, and a job, which were never verified on Windows but by the attack at \
             each start: commands have no network at all and run in PowerShell, since the shells of Git for Windows do not \
             start in a container; open files and the size of a file have no limit; and a folder that holds credentials has \
             no box. The engine itself has no box here: its own tools for files are held by asks alone, and what it starts in \
             another way than by its shell or as git or a server of tools is held by nothing.",
        ),
    }
}

/// What the engine's box holds less where its tools could not be kept from following links.
fn follows_links(inner: &Inner, cannot: bool) -> Option<String> {
    let running = super::lock(&inner.boxes.running).upgrade();
    let failed = running.as_ref().and_then(|running| running.follows_links());
    let why = failed.or_else(|| cannot.then_some("the system does not allow it"))?;
    Some(format!(
        "The agent's tools for files can be led by links from a folder into others that are open, and into the engine's own \
         data, because they cannot be kept from following links: {why}. Linux 5.12 or newer can, where programs may make \
         user namespaces."
    ))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Consent;
    use crate::providers::testing::{Ring, given_up, open};

    #[tokio::test]
    async fn what_the_engine_s_box_holds_less_is_said_of_boxes_that_were_proven_before_it_ran() {
        let (_root, workspace) = open(&Ring::default()).await;
        given_up(&workspace).await;
        let inner = &workspace.inner;
        let other = BoxProof::Proven {
            reduced: Some("by another".to_owned()),
        };
        let failed = BoxProof::Failed {
            reason: "it leaks".to_owned(),
        };
        inner.boxes.proofs.send_replace(HashMap::from([
            ("/one".into(), BoxProof::Proven { reduced: None }),
            ("/two".into(), other.clone()),
            ("/three".into(), failed.clone()),
        ]));
        restate_as(inner, "it follows links");
        let reduced = BoxProof::Proven {
            reduced: Some("it follows links".to_owned()),
        };
        let standing = |folder: &str| inner.boxes.proofs.borrow()[Path::new(folder)].clone();
        assert_eq!(standing("/one"), reduced);
        assert_eq!((standing("/two"), standing("/three")), (other, failed));
        assert_eq!(inner.state().safety().tools, reduced);
        assert_eq!(inner.state().folders.proof(Path::new("/one")), reduced);
    }

    #[tokio::test]
    async fn who_waits_for_a_proof_finds_it_in_force() {
        let (root, workspace) = open(&Ring::default()).await;
        given_up(&workspace).await;
        let inner = workspace.inner.clone();
        let work = root.path().to_owned();
        let settling = inner.boxes.settling.lock().await;
        inner.boxes.proofs.send_modify(|proofs| {
            proofs.insert(work.clone(), BoxProof::Proven { reduced: None });
        });
        let (waiting, folder) = (workspace.inner.clone(), work.clone());
        let waits = tokio::spawn(async move { await_proof(&waiting, &folder).await });
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert!(!waits.is_finished(), "it is not told yet");
        publish(&inner, &work);
        drop(settling);
        waits.await.unwrap();
        let told = inner.state().folders.proof(&work);
        assert_eq!(told, BoxProof::Proven { reduced: None });
    }

    #[tokio::test]
    async fn a_folder_that_is_boxed_again_is_proven_anew() {
        let (root, workspace) = open(&Ring::default()).await;
        given_up(&workspace).await;
        let work = root.path().canonicalize().unwrap().join("work");
        std::fs::create_dir(&work).unwrap();
        // Not by the workspace, which would try to start an engine for it, and begin all proofs anew.
        let kind = crate::view::FolderKind::Project;
        workspace.inner.state().folders.grant(work.clone(), kind);
        let folder = crate::folders::folder_id(&work);
        let held = BoxProof::Proven { reduced: None };
        workspace.inner.boxes.proofs.send_modify(|proofs| {
            proofs.insert(work.clone(), held.clone());
        });
        workspace
            .unbox_folder(&folder, true, Consent::Given)
            .await
            .unwrap();
        workspace
            .unbox_folder(&folder, false, Consent::Missing)
            .await
            .unwrap();
        let standing = workspace.inner.boxes.proofs.borrow().get(&work).cloned();
        // Nothing is laid out here, so that whoever tries finds out that it cannot hold.
        assert!(matches!(standing, Some(BoxProof::Failed { .. })), "{standing:?}");
    }
}
