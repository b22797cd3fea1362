//! What changed.

use cowork_engine::{MessageId, PartId};

/// One thing that changed. It names the place and holds no content: read it from the transcript when the patch
/// is used, however many patches later that is. Patches may so be kept, merged and used in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patch {
    /// Nothing of what was read before can be relied on.
    Everything,
    /// A message is new, or its head (all but its blocks) changed.
    Message {
        /// Which message.
        message: MessageId,
    },
    /// Messages older than all others were read, or it became known that there are none.
    Earlier,
    /// A message is gone with all its blocks.
    MessageRemoved {
        /// Which message.
        message: MessageId,
    },
    /// A block is new, or may have changed in any way.
    Block {
        /// Its message.
        message: MessageId,
        /// Which block.
        block: PartId,
    },
    /// A block's text was added to. What was read before byte `from` still holds; all after it is to be read
    /// again. Consecutive growth of one block is one patch with the lowest `from`.
    TextGrew {
        /// Its message.
        message: MessageId,
        /// Which block.
        block: PartId,
        /// Bytes of the text that did not change; always at a character's start.
        from: usize,
    },
    /// A block is gone.
    BlockRemoved {
        /// Its message.
        message: MessageId,
        /// Which block.
        block: PartId,
    },
    /// [`status`](crate::Transcript::status) or [`working_since`](crate::Transcript::working_since) changed.
    Status,
    /// [`permissions`](crate::Transcript::permissions) or [`questions`](crate::Transcript::questions) changed.
    Asks,
    /// [`todos`](crate::Transcript::todos) changed.
    Todos,
    /// [`usage`](crate::Transcript::usage) or [`context`](crate::Transcript::context) changed.
    Usage,
    /// [`error`](crate::Transcript::error) changed.
    Error,
    /// [`session`](crate::Transcript::session) changed.
    Session,
}

/// What one call changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "what changed has to be shown"]
pub enum Patches {
    /// Nothing of what was read before can be relied on.
    Everything,
    /// This and no more.
    Listed(Vec<Patch>),
}

impl IntoIterator for Patches {
    type Item = Patch;
    type IntoIter = std::vec::IntoIter<Patch>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::Everything => vec![Patch::Everything].into_iter(),
            Self::Listed(patches) => patches.into_iter(),
        }
    }
}

/// Says that a text grew, unless the patch before says so already: a burst of deltas is one patch, and its
/// reader copies the burst once.
pub(crate) fn push_growth(patches: &mut Vec<Patch>, message: MessageId, block: PartId, from: usize) {
    if let Some(
        Patch::TextGrew {
            message: last_message,
            block: last_block,
            ..
        }
        | Patch::Block {
            message: last_message,
            block: last_block,
        },
    ) = patches.last()
        && *last_block == block
        && *last_message == message
    {
        return;
    }
    patches.push(Patch::TextGrew { message, block, from });
}
