//! A W3C `WebDriver` client of the few calls these tests need.

use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

/// The name under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Has the page draw something new at each frame: a dot in the corner that nobody can see. The driver takes its picture
/// after the next frame that is drawn, and without layers WebKit draws none while nothing changes.
const STIR: &str = "
  const dot = document.createElement('div');
  dot.id = 'stirred';
  const looks = { position: 'fixed', right: 0, bottom: 0, height: '1px', background: 'currentColor', opacity: 0.01 };
  Object.assign(dot.style, looks, { zIndex: 9999, pointerEvents: 'none' });
  document.body.append(dot);
  let wide = false;
  const step = () => {
    wide = !wide;
    dot.style.width = wide ? '2px' : '1px';
    if (dot.isConnected) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
  return true;
";

/// A session with a window.
pub(crate) struct WebDriver {
    client: reqwest::Client,
    session: String,
}

impl WebDriver {
    /// Starts `binary` in WebKit's webview, under the driver that listens at `driver`.
    pub(crate) async fn start(driver: &str, binary: &str, arguments: &[String]) -> anyhow::Result<Self> {
        let options = json!({ "binary": binary, "args": arguments });
        Self::begin(driver, json!({ "webkitgtk:browserOptions": options })).await
    }

    /// Starts a session with what the driver that listens at `driver` is to give.
    pub(crate) async fn begin(driver: &str, wanted: Value) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_mins(1))
            .no_proxy()
            .build()?;
        let capabilities = json!({ "capabilities": { "alwaysMatch": wanted } });
        let answer = call(client.post(format!("{driver}/session")).json(&capabilities)).await?;
        let id = answer["sessionId"]
            .as_str()
            .ok_or_else(|| anyhow::anyhow!("no session in {answer}"))?;
        Ok(Self {
            session: format!("{driver}/session/{id}"),
            client,
        })
    }

    /// Runs a function body in the page with `arguments`, and gives what it returns.
    pub(crate) async fn execute(&self, script: &str, arguments: Value) -> anyhow::Result<Value> {
        let body = json!({ "script": script, "args": arguments });
        call(
            self.client
                .post(format!("{}/execute/sync", self.session))
                .json(&body),
        )
        .await
    }

    /// Runs a function body that calls its last argument when it is done.
    pub(crate) async fn execute_async(&self, script: &str, arguments: Value) -> anyhow::Result<Value> {
        let body = json!({ "script": script, "args": arguments });
        call(
            self.client
                .post(format!("{}/execute/async", self.session))
                .json(&body),
        )
        .await
    }

    /// The first element a selector finds.
    pub(crate) async fn find(&self, selector: &str) -> anyhow::Result<String> {
        let body = json!({ "using": "css selector", "value": selector });
        let found = call(self.client.post(format!("{}/element", self.session)).json(&body)).await?;
        found[ELEMENT]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| anyhow::anyhow!("no element in {found}"))
    }

    /// Clicks as a person does, at the element's middle.
    pub(crate) async fn click(&self, selector: &str) -> anyhow::Result<()> {
        let element = self.find(selector).await?;
        call(
            self.client
                .post(format!("{}/element/{element}/click", self.session))
                .json(&json!({})),
        )
        .await?;
        Ok(())
    }

    /// Types into an element.
    pub(crate) async fn keys(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        let element = self.find(selector).await?;
        let body = json!({ "text": text });
        call(
            self.client
                .post(format!("{}/element/{element}/value", self.session))
                .json(&body),
        )
        .await?;
        Ok(())
    }

    /// Holds down keys together, wherever the focus is.
    pub(crate) async fn chord(&self, keys: &[&str]) -> anyhow::Result<()> {
        let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys
            .iter()
            .rev()
            .map(|key| json!({ "type": "keyUp", "value": key }));
        let actions: Vec<_> = down.chain(up).collect();
        let body = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        call(self.client.post(format!("{}/actions", self.session)).json(&body)).await?;
        Ok(())
    }

    /// Sets the window's size in CSS pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let body = json!({ "width": width, "height": height });
        call(
            self.client
                .post(format!("{}/window/rect", self.session))
                .json(&body),
        )
        .await?;
        Ok(())
    }

    /// A picture of the page.
    pub(crate) async fn screenshot(&self) -> anyhow::Result<Vec<u8>> {
        self.execute(STIR, json!([])).await?;
        let picture = call(self.client.get(format!("{}/screenshot", self.session))).await;
        self.execute(
            "document.getElementById('stirred')?.remove(); return true",
            json!([]),
        )
        .await?;
        let picture = picture?;
        let text = picture.as_str().unwrap_or_default();
        Ok(base64::engine::general_purpose::STANDARD.decode(text)?)
    }

    /// Goes to an address.
    pub(crate) async fn go(&self, address: &str) -> anyhow::Result<()> {
        let body = json!({ "url": address });
        call(self.client.post(format!("{}/url", self.session)).json(&body)).await?;
        Ok(())
    }

    /// What the page was told to remember, those that no script can read included.
    pub(crate) async fn cookies(&self) -> anyhow::Result<Value> {
        call(self.client.get(format!("{}/cookie", self.session))).await
    }

    /// What the browser wrote into its log since it was asked last. Chromium alone tells.
    pub(crate) async fn log(&self) -> anyhow::Result<Value> {
        let body = json!({ "type": "browser" });
        call(self.client.post(format!("{}/se/log", self.session)).json(&body)).await
    }

    /// The page's address.
    pub(crate) async fn url(&self) -> anyhow::Result<String> {
        let url = call(self.client.get(format!("{}/url", self.session))).await?;
        Ok(url.as_str().unwrap_or_default().to_owned())
    }
}

async fn call(request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
    let answer: Value = request.send().await?.json().await?;
    let value = answer["value"].clone();
    match value.get("error").and_then(Value::as_str) {
        Some(error) => anyhow::bail!("{error}: {}", value["message"].as_str().unwrap_or_default()),
        None => Ok(value),
    }
}
