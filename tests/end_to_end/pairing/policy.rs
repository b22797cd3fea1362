//! The page's content policy, in the browser that holds it.

use serde_json::{Value, json};

use crate::harness::{Chromium, Cloud};

/// Tries what somebody would who got a script of theirs into the page, and says what became of it.
const ATTEMPTS: &str = "
  const done = arguments[arguments.length - 1];
  const wanted = arguments[0];
  const refused = new Set();
  document.addEventListener('securitypolicyviolation', (event) => refused.add(event.effectiveDirective));
  const outcome = {};
  const attempt = (name, act) => {
    try { act(); outcome[name] = 'done'; } catch (error) { outcome[name] = error.name; }
  };
  const put = (name, fill) => { const element = document.createElement(name); fill(element); document.body.append(element); return element; };
  const run = 'window.ran = true';
  // What a driver runs may do more than a page; what that page runs a moment later may not.
  setTimeout(() => {
    attempt('a text as code', () => new Function(run)());
    attempt('a text as markup', () => document.body.insertAdjacentHTML('beforeend', `<img src=x onerror='${run}'>`));
    attempt('a script in the page', () => put('script', (script) => { script.textContent = run; }));
    attempt('a script of a text', () => put('script', (script) => { script.src = `data:text/javascript,${run}`; }));
    attempt('a handler in an attribute', () => put('button', (button) => { button.setAttribute('onclick', run); button.click(); }));
    attempt('a worker', () => new Worker(`data:text/javascript,${run}`));
    attempt('a policy of its own', () => trustedTypes.createPolicy('own', { createHTML: (text) => text }));
    attempt('the policy of the page once more', () => trustedTypes.createPolicy('safe-html', { createHTML: (text) => text }));
    put('style', (style) => { style.textContent = 'body { display: none }'; });
    put('img', (image) => { image.src = 'https://example.org/seen.png'; });
    put('iframe', (frame) => { frame.src = 'https://example.org/'; });
    put('form', (form) => { form.action = 'https://example.org/'; form.method = 'post'; }).submit();
    import('https://example.org/script.js').then(() => { outcome['a script from elsewhere'] = 'done'; }, (error) => { outcome['a script from elsewhere'] = error.name; });
    fetch('https://example.org/').then(() => { outcome.request = 'done'; }, (error) => { outcome.request = error.name; });
  }, 0);
  // What is refused is told a little later.
  let looks = 0;
  const look = setInterval(() => {
    looks += 1;
    if (looks < 200 && !(outcome.request && outcome['a script from elsewhere'] && wanted.every((directive) => refused.has(directive)))) return;
    clearInterval(look);
    done({ outcome, refused: [...refused], ran: window.ran === true, shown: getComputedStyle(document.body).display });
  }, 50);";

/// What an attempt comes to, each of them.
const OUTCOMES: [(&str, &str); 10] = [
    ("a text as code", "EvalError"),
    ("a text as markup", "TypeError"),
    ("a script in the page", "TypeError"),
    ("a script of a text", "TypeError"),
    ("a handler in an attribute", "TypeError"),
    ("a worker", "TypeError"),
    ("a policy of its own", "TypeError"),
    ("the policy of the page once more", "TypeError"),
    ("a script from elsewhere", "TypeError"),
    ("request", "TypeError"),
];

/// What has to be refused by the policy, and not by chance.
const DIRECTIVES: [&str; 8] = [
    "script-src-elem",
    "require-trusted-types-for",
    "trusted-types",
    "style-src-elem",
    "img-src",
    "frame-src",
    "form-action",
    "connect-src",
];

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_scripts_and_reaches_nothing_but_its_server() {
    let cloud = Cloud::start().await;
    let browser = Chromium::start("page-policy", 390, 844).await;
    browser
        .begin(&cloud, "Mara Voss", "mara@example.org", "Release desk")
        .await;
    for page in ["add", "people", "tokens", "audit", "account", "desktops"] {
        browser.go(&format!("{}/#/{page}", cloud.address())).await;
        browser.wait_for("main h1").await;
        let wider = "return document.documentElement.scrollWidth - innerWidth";
        let wider = browser.run(wider, json!([])).await;
        assert_eq!(wider, json!(0), "{page} is wider than the window");
    }
    assert_eq!(
        browser.complaints().await,
        Vec::<String>::new(),
        "the page itself does nothing that its policy refuses"
    );

    let seen = browser
        .driver()
        .execute_async(ATTEMPTS, json!([DIRECTIVES]))
        .await;
    let seen = seen.expect("the page can be asked");
    for (attempt, outcome) in OUTCOMES {
        assert_eq!(seen["outcome"][attempt], outcome, "{attempt}: {seen}");
    }
    let refused = seen["refused"].as_array().cloned().unwrap_or_default();
    for directive in DIRECTIVES {
        assert!(refused.contains(&Value::from(directive)), "{directive}: {seen}");
    }
    assert_eq!(
        (&seen["ran"], &seen["shown"]),
        (&json!(false), &json!("block")),
        "{seen}"
    );
    assert!(!browser.complaints().await.is_empty(), "the browser tells of it");
}
