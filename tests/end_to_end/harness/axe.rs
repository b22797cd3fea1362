//! The rules of accessibility, held against the page as the webview laid it out and coloured it.

use std::path::Path;

use serde_json::{Value, json};

use super::App;

/// Rules for pages that a person meets: WCAG 2.2 at level A and AA, and what is known to be good beyond that.
const CHECK: &str = r#"
    const [region, done] = arguments;
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    // Names and roles of this page must not fade in while they are looked at.
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))
      .then(() => axe.run(document, { runOnly: tags, rules: { region: { enabled: region } }, resultTypes: ["violations"] }))
      .then(
        ({ violations }) => done(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}: ${node.failureSummary}`))),
        (thrown) => done([`the check failed: ${thrown}`]),
      );
"#;

impl App {
    /// What of the page breaks a rule, each with the element and the reason. A popup stands beside the landmarks and holds the
    /// focus until it closes, so that it is in none of them.
    pub(crate) async fn broken_rules(&self, popup: bool) -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/node_modules/axe-core/axe.min.js");
        let rules = std::fs::read_to_string(path).expect("the interface's dependencies are installed");
        self.driver()
            .execute(&format!("if (!window.axe) {{ {rules} }}"), json!([]))
            .await
            .expect("the page takes the rules");
        let broken = self
            .driver()
            .execute_async(CHECK, json!([!popup]))
            .await
            .expect("the page can be checked");
        let Value::Array(broken) = broken else {
            return vec![format!("no list: {broken}")];
        };
        broken
            .iter()
            .map(|each| each.as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
