//! What the pinned engine says of its providers, as it is kept in this repository.

use std::io::Read as _;

use serde::{Deserialize, Serialize};

/// The file, compressed: about 8,000 models of 225 providers in 0.1 MB. `scripts/catalogue` writes it, and a test
/// against the engine holds that it is what the engine says.
const COMMITTED: &[u8] = include_bytes!("../catalogue.json.deflate");
/// Most bytes the file unpacks to; it has 0.8 MB.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Everything the engine says, sorted by id so that two equal engines make two equal files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineFacts {
    /// The version of the engine that said it.
    pub engine: String,
    /// Its providers, by id.
    pub providers: Vec<EngineProvider>,
}

/// One provider, as the engine knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineProvider {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The environment variables the engine would look for its key and its peculiarities in.
    pub env: Vec<String>,
    /// Where its documentation is; empty when the engine does not say.
    pub docs: String,
    /// The pairs of package and address its models are spoken to with, sorted. An address may be empty, which leaves it
    /// to the package, and may hold variables as `${NAME}`.
    pub apis: Vec<(String, String)>,
    /// Its models that answer in text, by id.
    pub models: Vec<EngineModel>,
}

/// One model, as the engine knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ModelRow", into = "ModelRow")]
pub struct EngineModel {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Tokens its context holds; 0 when unknown.
    pub context: u64,
    /// Tokens it writes at most in one answer; 0 when unknown.
    pub output: u64,
    /// Whether it calls tools.
    pub tool_call: bool,
    /// Whether it reasons before it answers.
    pub reasoning: bool,
    /// Whether it reads files that are no text.
    pub attachment: bool,
    /// The names of the ways it can be asked to work.
    pub variants: Vec<String>,
    /// Its place in [`EngineProvider::apis`].
    pub api: usize,
}

/// Names would be most of the file.
type ModelRow = (String, String, u64, u64, u8, Vec<String>, usize);

impl From<ModelRow> for EngineModel {
    fn from((id, name, context, output, can, variants, api): ModelRow) -> Self {
        Self {
            id,
            name,
            context,
            output,
            tool_call: can & 1 != 0,
            reasoning: can & 2 != 0,
            attachment: can & 4 != 0,
            variants,
            api,
        }
    }
}

impl From<EngineModel> for ModelRow {
    fn from(model: EngineModel) -> Self {
        let can =
            u8::from(model.tool_call) | u8::from(model.reasoning) << 1 | u8::from(model.attachment) << 2;
        (
            model.id,
            model.name,
            model.context,
            model.output,
            can,
            model.variants,
            model.api,
        )
    }
}

impl EngineFacts {
    /// What is committed. Empty if the file could not be read, which a test excludes.
    #[must_use]
    pub fn committed() -> Self {
        Self::unpack(COMMITTED).unwrap_or_default()
    }

    /// Reads what [`Self::pack`] wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn unpack(bytes: &[u8]) -> std::io::Result<Self> {
        let mut text = Vec::new();
        flate2::read::DeflateDecoder::new(bytes)
            .take(LARGEST)
            .read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// The file's content.
    ///
    /// # Errors
    /// None that memory does not cause.
    pub fn pack(&self) -> std::io::Result<Vec<u8>> {
        let mut packed = flate2::read::DeflateEncoder::new(
            std::io::Cursor::new(serde_json::to_vec(self)?),
            flate2::Compression::best(),
        );
        let mut bytes = Vec::new();
        packed.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
