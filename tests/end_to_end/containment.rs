//! The page goes nowhere, loads nothing, and lends its bridge to nobody.

use serde_json::{Value, json};

use crate::harness::{App, Home};

/// Makes a frame, has a script in it try to run and to call every command, and calls every command from the frame's
/// own globals where the page can reach them. A blank frame beside it proves that what a frame says is heard.
const FRAME: &str = r"
const [make, names, done] = arguments;
const channels = (frame, names, heard) => {
  for (const [index, name] of names.entries()) {
    const [callback, error] = [2 * index + 1_000_001, 2 * index + 1_000_002];
    const headers = { 'Tauri-Callback': callback, 'Tauri-Error': error, 'Tauri-Invoke-Key': 'a guess' };
    for (const sent of [headers, {}]) {
      try {
        frame.fetch('ipc://localhost/' + name, { method: 'POST', body: '{}', headers: sent })
          .then((answer) => answer.headers.get('Tauri-Response') === 'ok' && heard('answered ' + name), () => {});
      } catch {}
    }
    const message = { cmd: name, callback, error, payload: {}, options: {} };
    for (const sent of [message, { ...message, __TAURI_INVOKE_KEY__: 'a guess' }]) {
      try { frame.webkit.messageHandlers.ipc.postMessage(JSON.stringify(sent)) } catch {}
    }
  }
};
const heard = [];
addEventListener('message', (event) => heard.push(event.data));
const call = `parent.postMessage('ran', '*');
  if (typeof window.__TAURI_INTERNALS__ === 'object') parent.postMessage('bridge', '*');
  (${channels})(window, ${JSON.stringify(names)}, (what) => parent.postMessage(what, '*'));`;
const page = '<script>' + call + '</scr' + 'ipt>';
const frame = document.createElement('iframe');
if (make === 'srcdoc') frame.srcdoc = page;
if (make === 'sandboxed') { frame.sandbox = 'allow-scripts'; frame.srcdoc = page; }
if (make === 'data') frame.src = 'data:text/html,' + encodeURIComponent(page);
if (make === 'blob') frame.src = URL.createObjectURL(new Blob([page], { type: 'text/html' }));
if (make === 'remote') frame.src = 'https://example.org/';
if (make === 'scheme') frame.src = 'artifact://localhost/';
const control = document.createElement('iframe');
document.body.append(frame, control);
control.contentWindow.parent.postMessage('the control', '*');
setTimeout(() => {
  let [reached, bridge] = [false, false];
  try {
    bridge = typeof frame.contentWindow.__TAURI_INTERNALS__ === 'object';
    reached = typeof frame.contentWindow.fetch === 'function';
    channels(frame.contentWindow, names, (what) => heard.push(what));
  } catch {}
  setTimeout(() => { frame.remove(); control.remove(); done({ heard, bridge, reached }); }, 1_000);
}, 800);
";

#[tokio::test]
async fn no_frame_of_any_kind_gets_the_bridge_runs_a_script_or_calls_a_command() {
    let home = Home::new();
    let folder = home.folder("framed");
    let app = App::start("frames", &home, &[&folder]).await;
    let before = app
        .invoke("start", Value::Null)
        .await
        .expect("the page itself calls commands");
    let names: Vec<_> = cowork_api::registry::commands()
        .into_iter()
        .map(|command| command.name)
        .collect();
    assert!(names.len() > 20, "the registry is read");
    for kind in ["blank", "srcdoc", "sandboxed", "data", "blob", "remote", "scheme"] {
        let outcome = app
            .driver()
            .execute_async(FRAME, json!([kind, names]))
            .await
            .expect("the page answers");
        assert_eq!(outcome["heard"], json!(["the control"]), "{kind}");
        assert_eq!(outcome["bridge"], json!(false), "{kind}");
        if kind == "blank" {
            assert_eq!(
                outcome["reached"],
                json!(true),
                "the raw channels of a frame were tried"
            );
        }
    }
    let after = app
        .invoke("start", Value::Null)
        .await
        .expect("the page itself still calls commands");
    for unchanged in ["settings", "folders", "sessions", "providers"] {
        assert_eq!(after[unchanged], before[unchanged], "{unchanged}");
    }
    app.close().await;
}

#[tokio::test]
async fn the_window_cannot_be_led_away_nor_opens_another() {
    let home = Home::new();
    let app = App::start("navigation", &home, &[]).await;
    let own = app.driver().url().await.expect("the window has an address");
    for target in [
        "https://example.org/",
        "artifact://localhost/",
        "file:///etc/passwd",
        "data:text/html,hi",
        "ipc://localhost/",
    ] {
        let script = "location.href = arguments[0]; return true";
        app.driver()
            .execute(script, json!([target]))
            .await
            .expect("the page runs it");
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        assert_eq!(
            app.driver().url().await.expect("the window has an address"),
            own,
            "{target}"
        );
    }
    let opened = app
        .driver()
        .execute("return window.open('https://example.org/') !== null", json!([]))
        .await
        .expect("the page runs it");
    assert_eq!(opened, Value::Bool(false), "a new window was opened");
    app.close().await;
}

#[tokio::test]
async fn the_content_policy_stops_eval_inline_code_and_requests() {
    let home = Home::new();
    let app = App::start("content-policy", &home, &[]).await;
    let script = r"
        const done = arguments[arguments.length - 1];
        const found = [];
        try { window['ev' + 'al']('found.push(1)'); found.push('eval') } catch {}
        try { new Function('return 1')(); found.push('function') } catch {}
        const inline = document.createElement('script'); inline.textContent = 'window.inlined = 1'; document.body.append(inline);
        if (window.inlined) found.push('inline script');
        const handler = document.createElement('button'); handler.setAttribute('onclick', 'window.clicked = 1'); document.body.append(handler); handler.click();
        if (window.clicked) found.push('inline handler');
        const styled = document.createElement('i'); document.body.append(styled); styled.setAttribute('style', 'position: fixed');
        if (getComputedStyle(styled).position === 'fixed') found.push('inline style');
        fetch('https://example.org/').then(() => found.push('fetch'), () => {}).finally(() => {
            const image = new Image();
            image.onload = () => { found.push('image'); done(found) };
            image.onerror = () => done(found);
            image.src = 'https://example.org/i.png';
        });
    ";
    let found = app
        .driver()
        .execute_async(script, json!([]))
        .await
        .expect("the page answers");
    assert_eq!(found, json!([]));
    app.close().await;
}

#[tokio::test]
async fn links_other_than_web_and_mail_are_refused() {
    let home = Home::new();
    let app = App::start("links", &home, &[]).await;
    for url in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "artifact://x",
        "data:text/html,x",
        "vbscript:x",
        "tauri://localhost",
    ] {
        let failure = app
            .invoke("link_open", json!({ "url": url }))
            .await
            .expect_err(url);
        assert_eq!(failure["code"], "notAllowed", "{url}");
    }
    app.close().await;
}
