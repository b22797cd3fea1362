//! A server of tools without tools, so that the engine lets the hunter live that it started as one.

use std::io::{BufRead, Write};

use serde_json::{Value, json};

/// Answers until the other side has no more to say.
///
/// # Errors
/// When nothing can be read or written any more.
pub fn serve(input: impl BufRead, mut output: impl Write) -> std::io::Result<()> {
    for line in input.lines() {
        let request: Value = serde_json::from_str(&line?).unwrap_or_default();
        let Some(id) = request.get("id") else { continue };
        let result = match request["method"].as_str() {
            Some("initialize") => json!({
                "protocolVersion": request["params"]["protocolVersion"],
                "capabilities": { "tools": {} },
                "serverInfo": { "name": "hunter", "version": "1" },
            }),
            Some("tools/list") => json!({ "tools": [] }),
            _ => json!({}),
        };
        writeln!(
            output,
            "{}",
            json!({ "jsonrpc": "2.0", "id": id, "result": result })
        )?;
        output.flush()?;
    }
    Ok(())
}
