//! Files that are attached to what is being written.
//!
//! The bytes are copied when a file is attached, so that what is sent is what the person saw in the composer. They are in
//! files beside the database until the engine has the prompt.

mod again;
mod sweeping;

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cowork_engine::{FileContent, PromptPart};
use cowork_store::{Attachment, DRAFT_HOLDER, Store};

use crate::composing::content::{self, FILE_BYTES, Prepared, Unfit};
use crate::composing::{HOME, plain};
use crate::error::{Result, WorkspaceError};
use crate::view::{Attached, AttachmentRefusal, RefusedFile};
use crate::workspace::{Inner, Workspace, blocking, now};

pub(super) use again::WentWith;

/// Files of one prompt: what a person can look over, and what the engine takes in a few seconds.
pub(crate) const MOST_FILES: usize = 10;

/// Bytes of the files of one prompt.
pub(crate) const PROMPT_FILE_BYTES: u64 = 20 * 1024 * 1024;

/// Bytes of what is attached in all composers and queues together.
const ALL_BYTES: u64 = 256 * 1024 * 1024;

/// A file as it came.
#[derive(Debug)]
pub struct GivenFile {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Workspace {
    /// Attaches files that the person chose in the system's dialog. Each is read now; the window never names a path.
    ///
    /// # Errors
    /// When the composer is not known, or they cannot be kept.
    pub async fn attach_picked(&self, session: &str, paths: Vec<PathBuf>) -> Result<Attached> {
        self.inner.composer_of(session)?;
        let shelter = self.inner.shelter();
        let own = self.inner.options.places.sandbox_folder_root.clone();
        let read = move || {
            let covered = shelter.covered_paths();
            let files = paths.into_iter().take(2 * MOST_FILES);
            files
                .map(|path| {
                    let name = crate::folders::label(&path);
                    read_picked(&path, &covered, &own)
                        .map(|bytes| GivenFile {
                            name: name.clone(),
                            bytes,
                        })
                        .map_err(|reason| RefusedFile { name, reason })
                })
                .collect::<Vec<_>>()
        };
        let read = blocking(read).await.map_err(WorkspaceError::Internal)?;
        let (mut given, mut refused) = (Vec::new(), Vec::new());
        for file in read {
            match file {
                Ok(file) => given.push(file),
                Err(file) => refused.push(file),
            }
        }
        let mut attached = self.attach(session, given).await?;
        refused.append(&mut attached.refused);
        attached.refused = refused;
        Ok(attached)
    }

    /// Attaches files that were pasted or dropped.
    ///
    /// # Errors
    /// When the composer is not known, or they cannot be kept.
    pub async fn attach(&self, session: &str, files: Vec<GivenFile>) -> Result<Attached> {
        self.attach_for(session, DRAFT_HOLDER, files).await
    }

    /// Attaches files for a prompt that is no composer's, by the name of who holds them until it is on its way. Whatever
    /// happens before, nobody at the composer sees them; they go with the next sweep once nobody hands them over any more.
    ///
    /// # Errors
    /// When the session is not known, or they cannot be kept.
    pub(crate) async fn attach_for(
        &self,
        session: &str,
        holder: &str,
        files: Vec<GivenFile>,
    ) -> Result<Attached> {
        self.inner.composer_of(session)?;
        let (store, place) = (self.inner.store.clone(), self.attachments_place());
        let (composer, holder) = (session.to_owned(), holder.to_owned());
        let kept = blocking(move || keep_all(&store, &place, (&composer, &holder), files))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")));
        // What could not be kept may have left something behind that counts.
        self.tell_composer(session).await;
        kept
    }

    /// Takes an attached file away.
    ///
    /// # Errors
    /// When it is not attached there, or that cannot be saved.
    pub async fn detach(&self, session: &str, id: &str) -> Result<()> {
        let (store, place) = (self.inner.store.clone(), self.attachments_place());
        let (composer, id) = (session.to_owned(), id.to_owned());
        let known = blocking(move || -> anyhow::Result<bool> {
            let known = store
                .attachment(&id)?
                .is_some_and(|known| known.session == composer);
            if known {
                forget(&store, &place, &[id])?;
            }
            Ok(known)
        });
        let known = known
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        self.tell_composer(session).await;
        if known {
            Ok(())
        } else {
            Err(WorkspaceError::NotFound("The attached file"))
        }
    }

    /// The attached files of a prompt that is about to go out, as its parts.
    pub(super) async fn attached_parts(
        &self,
        session: &str,
        holder: &str,
        ids: &[String],
    ) -> Result<Vec<PromptPart>> {
        let (store, place) = (self.inner.store.clone(), self.attachments_place());
        let mut once: Vec<String> = Vec::new();
        for id in ids {
            if !once.contains(id) {
                once.push(id.clone());
            }
            if once.len() > MOST_FILES {
                return Err(too_much());
            }
        }
        let (composer, holder) = (session.to_owned(), holder.to_owned());
        let read = blocking(move || -> anyhow::Result<Option<Vec<PromptPart>>> {
            let (mut parts, mut bytes_of_all) = (Vec::new(), 0);
            for id in &once {
                let known = store.attachment(id)?.filter(|known| {
                    known.holder == holder && (known.session == composer || known.session == HOME)
                });
                let Some(known) = known else { return Ok(None) };
                bytes_of_all += known.bytes;
                if bytes_of_all > PROMPT_FILE_BYTES {
                    return Err(too_much().into());
                }
                let bytes = fs::read(place.join(&known.id)).context("reading an attached file")?;
                if bytes.len() as u64 != known.bytes {
                    return Err(WorkspaceError::InvalidInput(format!(
                        "What was kept of the attached file {} is damaged. Take it away and attach it anew.",
                        known.name
                    ))
                    .into());
                }
                parts.push(PromptPart::File {
                    name: known.name,
                    media_type: known.media_type,
                    content: FileContent::Data(bytes),
                });
            }
            Ok(Some(parts))
        });
        read.await
            .and_then(std::convert::identity)
            .map_err(|error| error.downcast().unwrap_or_else(WorkspaceError::Internal))?
            .ok_or(WorkspaceError::NotFound("An attached file"))
    }

    /// Where the bytes are.
    pub(super) fn attachments_place(&self) -> PathBuf {
        self.inner.options.places.data.join("attachments")
    }

    /// Forgets what went with prompts that the engine has by now, and files that nobody knows. Those of prompts that are being
    /// handed over, or that the engine was not seen to have yet, stay: they may come back.
    pub(crate) async fn sweep_attachments(&self) {
        let (store, place) = (self.inner.store.clone(), self.attachments_place());
        let inner = self.inner.clone();
        let swept = blocking(move || sweeping::sweep(&store, &place, |holder| stays(&inner, holder))).await;
        if let Err(error) = swept.and_then(std::convert::identity) {
            tracing::warn!(
                error = format!("{error:#}"),
                "what was attached could not be cleaned up"
            );
        }
    }

    /// Bytes of files that were attached and that nothing needs any more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn needless_attachments(&self) -> anyhow::Result<u64> {
        let (store, place) = (self.inner.store.clone(), self.attachments_place());
        let inner = self.inner.clone();
        blocking(move || sweeping::needless(&store, &place, |holder| stays(&inner, holder)))
            .await?
            .map(|needless| needless.bytes)
    }

    /// Deletes files that were attached and that no draft and no waiting prompt needs any more. The bytes that are free now.
    ///
    /// # Errors
    /// When one cannot be deleted.
    pub async fn delete_needless_attachments(&self) -> Result<u64> {
        let (store, place) = (self.inner.store.clone(), self.attachments_place());
        let inner = self.inner.clone();
        blocking(move || sweeping::sweep(&store, &place, |holder| stays(&inner, holder)))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))
    }
}

/// Whether what holds attached files may give them back.
fn stays(inner: &Inner, holder: &str) -> bool {
    inner.composing.is_handed_over(holder) || inner.state().may_come_back(holder)
}

/// Reads a file that was picked, unless it is kept from the agent. What lies in a folder the app made is the agent's own.
fn read_picked(
    path: &Path,
    covered: &[PathBuf],
    own: &Path,
) -> std::result::Result<Vec<u8>, AttachmentRefusal> {
    let path = path.canonicalize().map_err(|_| AttachmentRefusal::Unreadable)?;
    let is_own = own.canonicalize().is_ok_and(|own| path.starts_with(own));
    if !is_own && covered.iter().any(|cover| path.starts_with(cover)) {
        return Err(AttachmentRefusal::Covered);
    }
    if path.is_dir() {
        return Err(AttachmentRefusal::Folder);
    }
    // What is judged below is what is read: neither a link nor a pipe that came into its place meanwhile.
    let file = plain::open_canonical(&path).map_err(|_| AttachmentRefusal::Unreadable)?;
    let metadata = file.metadata().map_err(|_| AttachmentRefusal::Unreadable)?;
    // A pipe or a device would be read without an end.
    if !metadata.is_file() {
        return Err(AttachmentRefusal::Unreadable);
    }
    if metadata.len() > FILE_BYTES {
        return Err(AttachmentRefusal::TooLarge);
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| AttachmentRefusal::Unreadable)?;
    Ok(bytes)
}

fn too_much() -> WorkspaceError {
    WorkspaceError::InvalidInput(format!(
        "At most {MOST_FILES} files of {} MB together go with one message. Take some of them away.",
        PROMPT_FILE_BYTES / 1024 / 1024
    ))
}

/// Keeps files for a prompt of a session, in the hands of its composer or of who else holds them.
fn keep_all(
    store: &Store,
    place: &Path,
    (session, holder): (&str, &str),
    files: Vec<GivenFile>,
) -> anyhow::Result<Attached> {
    let held = store.attachments_of(session)?;
    let held = held.iter().filter(|known| known.holder == holder);
    let (mut count, mut bytes) = held.fold((0, 0), |(count, bytes), known| (count + 1, bytes + known.bytes));
    let mut all = store.attachment_bytes()?;
    let mut answer = Attached::default();
    for file in files {
        let name = short_name(&file.name);
        let prepared = match content::prepare(file.bytes) {
            Ok(prepared) => prepared,
            Err(unfit) => {
                let reason = refusal(unfit);
                answer.refused.push(RefusedFile { name, reason });
                continue;
            }
        };
        let size = prepared.bytes.len() as u64;
        let reason = if count >= MOST_FILES || bytes + size > PROMPT_FILE_BYTES {
            Some(AttachmentRefusal::TooMany)
        } else if all + size > ALL_BYTES {
            Some(AttachmentRefusal::Full)
        } else {
            None
        };
        if let Some(reason) = reason {
            answer.refused.push(RefusedFile { name, reason });
            continue;
        }
        let kept = match keep(store, place, (session, holder), name, prepared) {
            Ok(kept) => kept,
            Err(error) => {
                // Who asked is told that nothing was attached.
                let ids: Vec<_> = answer.attached.into_iter().map(|file| file.id).collect();
                if let Err(left) = forget(store, place, &ids) {
                    tracing::warn!(
                        error = format!("{left:#}"),
                        "what was attached before another file failed is still attached"
                    );
                }
                return Err(error);
            }
        };
        (count, bytes, all) = (count + 1, bytes + size, all + size);
        answer.attached.push(crate::composing::attachment_view(&kept));
    }
    Ok(answer)
}

fn keep(
    store: &Store,
    place: &Path,
    (session, holder): (&str, &str),
    name: String,
    prepared: Prepared,
) -> anyhow::Result<Attachment> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!(error))?;
    let id = hex::encode(random);
    fs::create_dir_all(place).context("making the folder of attached files")?;
    let path = place.join(&id);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&path).and_then(|mut file| {
        file.write_all(&prepared.bytes)?;
        // The database says that it is whole, and is on the disk after a loss of power.
        file.sync_all()
    });
    let attachment = Attachment {
        id,
        session: session.to_owned(),
        holder: holder.to_owned(),
        name,
        media_type: prepared.media_type.to_owned(),
        bytes: prepared.bytes.len() as u64,
        thumbnail: prepared.thumbnail,
        scaled: prepared.scaled,
        created: now(),
    };
    let kept = written.context("writing an attached file").and_then(|()| {
        store
            .attachment_put(&attachment)
            .context("keeping an attached file")
    });
    if let Err(error) = kept {
        // What is left of it is swept up at the next start at the latest.
        fs::remove_file(&path).ok();
        return Err(error);
    }
    Ok(attachment)
}

/// Forgets attachments with their bytes.
fn forget(store: &Store, place: &Path, ids: &[String]) -> anyhow::Result<()> {
    store.attachments_forget(ids)?;
    for id in ids {
        match fs::remove_file(place.join(id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn refusal(unfit: Unfit) -> AttachmentRefusal {
    match unfit {
        Unfit::Empty => AttachmentRefusal::Empty,
        Unfit::TooLarge => AttachmentRefusal::TooLarge,
        Unfit::TextTooLarge => AttachmentRefusal::TextTooLarge,
        Unfit::Office => AttachmentRefusal::Office,
        Unfit::Archive => AttachmentRefusal::Archive,
        Unfit::Unknown => AttachmentRefusal::Unknown,
        Unfit::BadImage => AttachmentRefusal::BadImage,
    }
}

/// A name without folders, of a length that is shown.
fn short_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|character| !character.is_control())
        .take(120)
        .collect();
    if plain.is_empty() {
        "file".to_owned()
    } else {
        plain
    }
}

#[cfg(test)]
mod tests;
