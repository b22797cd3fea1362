//! The page goes nowhere, loads nothing, and lends its bridge to nobody.

use serde_json::{Value, json};

use crate::harness::{App, Home};

/// Tries to have a script run inside a frame, and says whether one did, whether the frame has the bridge, and
/// whether a command called from inside was answered.
const FRAME: &str = r"
const [make, done] = [arguments[0], arguments[arguments.length - 1]];
const frame = document.createElement('iframe');
const call = `parent.postMessage('ran', '*');
  try { parent.postMessage(typeof window.__TAURI_INTERNALS__ === 'object' ? 'bridge' : 'none', '*') } catch {}
  fetch('ipc://localhost/start', { method: 'POST', body: '{}' }).then(() => parent.postMessage('answered', '*'), () => {});
  try { window.webkit.messageHandlers.ipc.postMessage(JSON.stringify({ cmd: 'start', callback: 1, error: 2, payload: {}, options: {} })) } catch {}`;
const page = '<script>' + call + '</scr' + 'ipt>';
const heard = [];
addEventListener('message', (event) => heard.push(event.data));
if (make === 'srcdoc') frame.srcdoc = page;
if (make === 'sandboxed') { frame.sandbox = 'allow-scripts'; frame.srcdoc = page; }
if (make === 'data') frame.src = 'data:text/html,' + encodeURIComponent(page);
if (make === 'blob') frame.src = URL.createObjectURL(new Blob([page], { type: 'text/html' }));
if (make === 'remote') frame.src = 'https://example.org/';
if (make === 'scheme') frame.src = 'artifact://localhost/';
document.body.append(frame);
setTimeout(() => {
  let bridge = false;
  try { bridge = typeof frame.contentWindow.__TAURI_INTERNALS__ === 'object' } catch { bridge = false }
  frame.remove();
  done({ heard, bridge });
}, 800);
";

#[tokio::test]
async fn no_frame_of_any_kind_gets_the_bridge_or_runs_a_script() {
    let home = Home::new();
    let app = App::start("frames", &home, &[]).await;
    for kind in ["blank", "srcdoc", "sandboxed", "data", "blob", "remote", "scheme"] {
        let outcome = app
            .driver()
            .execute_async(FRAME, json!([kind]))
            .await
            .expect("the page answers");
        assert_eq!(outcome, json!({ "heard": [], "bridge": false }), "{kind}");
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
