//! Everything that crosses the bridge between the page and the app.

use serde_json::{Value, json};

use crate::harness::App;

/// The bridge's own functions cannot be replaced, so requests are taken at the `fetch` they go through, and answers
/// and updates at the callbacks they end in.
const RECORD: &str = r"
const record = (window.crossed = []);
const fetched = window.fetch;
window.fetch = function (address, options) {
  const url = String(address.url ?? address);
  if (url.startsWith('ipc:')) {
    const body = options?.body;
    const said = typeof body === 'string' ? body : body ? new TextDecoder().decode(body) : '';
    const headers = [...new Headers(options?.headers ?? {})].filter(([name]) => name !== 'tauri-invoke-key');
    record.push({ asked: decodeURIComponent(url.split('/').pop()), said, headers: JSON.stringify(headers) });
  }
  return fetched.apply(this, arguments);
};
const callbacks = window.__TAURI_INTERNALS__.callbacks;
const heard = (callback) => (data) => {
  let answered;
  try { answered = JSON.stringify(data instanceof ArrayBuffer ? new TextDecoder().decode(data) : data) } catch { answered = String(data) }
  record.push({ answered: answered ?? '' });
  return callback(data);
};
const set = callbacks.set;
for (const [id, callback] of [...callbacks]) set.call(callbacks, id, heard(callback));
callbacks.set = (id, callback) => set.call(callbacks, id, heard(callback));
return record.length === 0;
";

impl App {
    /// Keeps what crosses the bridge from now on.
    pub(super) async fn record_the_bridge(&self) {
        let begun = self
            .driver()
            .execute(RECORD, json!([]))
            .await
            .expect("the page can be listened to");
        assert_eq!(begun, json!(true));
    }

    /// What crossed the bridge since: requests (`asked`, `said`, `headers`), answers and updates (`answered`).
    pub(super) async fn take_the_record(&self) -> Vec<Value> {
        let mut messages = Vec::new();
        loop {
            // In parts: a driver's answer of many megabytes is slow.
            let part = self
                .driver()
                .execute("return window.crossed.splice(0, 200)", json!([]))
                .await
                .expect("the page can be read");
            match part.as_array() {
                Some(part) if !part.is_empty() => messages.extend(part.iter().cloned()),
                _ => return messages,
            }
        }
    }
}
