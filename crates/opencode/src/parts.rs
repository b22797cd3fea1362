//! What goes with a prompt, in the engine's form.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cowork_engine::{EngineError, FileContent, MessageId, PromptPart};
use serde_json::{Value, json};
use url::Url;

use crate::message_id;
use crate::wire;

/// The parts of a prompt beside its text.
pub(crate) fn to_wire(message: &MessageId, parts: &[PromptPart]) -> Result<Vec<Value>, EngineError> {
    parts
        .iter()
        .enumerate()
        .map(|(place, part)| {
            let id = message_id::part_of(message, place);
            Ok(match part {
                PromptPart::Agent { name } => json!({ "id": id, "type": "agent", "name": name }),
                PromptPart::File {
                    name,
                    media_type,
                    content,
                } => json!({
                    "id": id, "type": "file", "mime": media_type, "filename": name,
                    "url": address(media_type, content)?,
                }),
            })
        })
        .collect()
}

fn address(media_type: &str, content: &FileContent) -> Result<String, EngineError> {
    match content {
        FileContent::Data(bytes) => Ok(format!("data:{media_type};base64,{}", STANDARD.encode(bytes))),
        FileContent::At(path) => {
            Url::from_file_path(path)
                .map(String::from)
                .map_err(|()| EngineError::Refused {
                    status: 0,
                    message: "a file that goes with a prompt has no whole path".to_owned(),
                })
        }
    }
}

/// The files among the parts of a message. What the engine's address cannot be read of is left out.
pub(crate) fn from_wire(parts: Vec<wire::PartInfo>) -> Vec<PromptPart> {
    let files = parts.into_iter().filter(|part| part.kind == "file");
    files
        .filter_map(|part| {
            let content = content(&part.url)?;
            let of_path = |path: &PathBuf| Some(path.file_name()?.to_string_lossy().into_owned());
            let named = part.filename.filter(|name| !name.is_empty());
            let name = named.or_else(|| match &content {
                FileContent::At(path) => of_path(path),
                FileContent::Data(_) => None,
            });
            Some(PromptPart::File {
                name: name.unwrap_or_else(|| "file".to_owned()),
                media_type: part.mime,
                content,
            })
        })
        .collect()
}

fn content(address: &str) -> Option<FileContent> {
    if let Some(data) = address.strip_prefix("data:") {
        let (head, body) = data.split_once(',')?;
        // All that this product sends; a person's own engine may hold others, which are not brought back.
        let bytes = head.ends_with(";base64").then(|| STANDARD.decode(body).ok())??;
        return Some(FileContent::Data(bytes));
    }
    // Without a path the reader of addresses makes one of the root.
    let address = Some(address).filter(|address| address.starts_with("file:///"))?;
    let url = Url::parse(address).ok()?;
    url.to_file_path().ok().map(FileContent::At)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_with_a_prompt_comes_back_as_it_was() {
        let file = |name: &str, media_type: &str, content| PromptPart::File {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            content,
        };
        let sent = vec![
            file("a b.png", "image/png", FileContent::Data(vec![1, 2, 250])),
            file(
                "c d.rs",
                "text/plain",
                FileContent::At(PathBuf::from("/w/c d.rs")),
            ),
            PromptPart::Agent {
                name: "general".to_owned(),
            },
        ];
        let wire = to_wire(&MessageId::from("msg_1"), &sent).unwrap();
        assert_eq!(wire[0]["id"], "prt_100", "behind the text, whose id is prt_1");
        assert_eq!(wire[1]["url"], "file:///w/c%20d.rs");
        let read = wire.into_iter().map(|mut part| {
            part["messageID"] = "msg_1".into();
            serde_json::from_value(part).unwrap()
        });
        assert_eq!(from_wire(read.collect()), sent[..2]);
    }

    #[test]
    fn addresses_of_other_kinds_are_left_out() {
        for address in [
            "https://a.example/",
            "data:text/plain,a",
            "data:;base64,é",
            "file:",
            "",
        ] {
            assert_eq!(content(address), None, "{address}");
        }
    }
}
