//! Payloads that try to run, load, style or leave: none of it may survive, in any place markdown can put it.

use crate::reading;
use cowork_markdown::{Document, render};

const PAYLOADS: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example/a.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\n>alert(1)</script\n>",
    "<script/src=data:,alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>\">",
    "<img src=\"https://x.example/i.png\" onload=\"alert(1)\" style=\"x\">",
    "<img src=`javascript:alert(1)`>",
    "<img srcset=\"https://x.example/a 1x\">",
    "<img src=javascript:alert(1)>",
    "<image href=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href=\"javascript:alert(1)\">x</math>",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<iframe/onload=alert(1)>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<applet code=x></applet>",
    "<form action=javascript:alert(1)><input type=submit></form>",
    "<form><button formaction=javascript:alert(1)>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)></textarea>",
    "<keygen autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<video poster=javascript:alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<html onmouseover=alert(1)>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<base href=javascript:alert(1)//>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<link rel=import href=x>",
    "<style>@import 'https://x.example/a.css';</style>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<p style=\"background:url(https://x.example)\">x</p>",
    "<b style=position:fixed onclick=alert(1)>x</b>",
    "<b id=app class=dialog name=x>x</b>",
    "<p onclick=alert(1)>x</p>",
    "<div onclick=alert(1) style=x>x</div>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<details ontoggle=alert(1)>\n\nx\n\n</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\" javascript:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\"java&#10;script:alert(1)\">x</a>",
    "<a href=\"java&Tab;script:alert(1)\">x</a>",
    "<a href=\"&#106;avascript:alert(1)\">x</a>",
    "<a href=\"&#x6A;avascript&colon;alert(1)\">x</a>",
    "<a href=\"\u{1}javascript:alert(1)\">x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<a href=vbscript:msgbox(1)>x</a>",
    "<a href=//x.example target=_blank>x</a>",
    "<a href=file:///etc/passwd>x</a>",
    "<a href=https://x.example onmouseover=alert(1) target=_blank rel=opener>x</a>",
    "<a href=\"https://x.example\" href=javascript:alert(1)>x</a>",
    "<a\nhref\n=\njavascript:alert(1)>x</a>",
    "<a/href=javascript:alert(1)>x</a>",
    "<a name=x id=y>x</a>",
    "<table background=javascript:alert(1)><tr><td background=x onclick=y>x</td></tr></table>",
    "<table><form><td></form><img src=x onerror=alert(1)>",
    "<td onclick=alert(1)>x",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href=javascript:alert(1)?>",
    "<!DOCTYPE html [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>&b;",
    "<x onclick=alert(1)>x</x>",
    "<b <script>alert(1)</script>>x</b>",
    "<b/\"/onclick=alert(1)>x</b>",
    "<<b>script>alert(1)<</b>/script>",
    "<p>x</p onclick=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](java&#x0A;script:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](//x.example)",
    "[x](#anchor)",
    "[x](tauri://localhost)",
    "[x](https://x.example\"onmouseover=alert(1))",
    "[x](https://x.example \"t\\\" onmouseover=alert(1)\")",
    "[x](https://x.example '\"><script>alert(1)</script>')",
    "[x](<https://x.example\"><script>alert(1)</script>>)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[r]\n\n[r]: https://x.example \"\\\"><img src=x onerror=alert(1)>\"",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "![x](javascript:alert(1))",
    "![x](https://x.example/i.png\"onerror=alert(1))",
    "![\"><img src=x onerror=alert(1)>](https://x.example/i.png)",
    "![<script>alert(1)</script>](https://x.example/i.png)",
    "javascript://x.example/%0aalert(1)",
    "http://x.example/\"onmouseover=alert(1)",
    "http://x.example/'><script>alert(1)</script>",
    "www.x.example/\"><img/src/onerror=alert(1)>",
    "\"onclick=alert(1)\"@x.example",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "```\"><script>alert(1)</script>\nx\n```",
    "```js\u{202E}\n\u{2066}x\n```",
    "    <script>alert(1)</script>",
    "[^\"><script>]\n\n[^\"><script>]: <img src=x onerror=alert(1)>",
    "- [x] <img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script>alert(1)</script>",
    "\0<script\0>alert(1)</script>",
    "<b>\u{2028}<script>alert(1)</script>",
    "$<script>alert(1)</script>$",
    "$$<img src=x onerror=alert(1)>$$",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$\\text{</mtext></math><img src=x onerror=alert(1)>}$",
    "$$\\text{<style><img src=x onerror=alert(1)></style>}$$",
    "$$\\mbox{<svg onload=alert(1)>}$$",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\url{javascript:alert(1)}$",
    "$\\html{<script>alert(1)</script>}$",
    "$\\htmlClass{dialog}{x} \\htmlId{app}{x} \\htmlStyle{position:fixed}{x} \\htmlData{x=y}{x}$",
    "$\\class{dialog}{x} \\cssId{app}{x} \\style{position:fixed}{x}$",
    "$\\unicode{x3c}script\\unicode{x3e}$",
    "$\\includegraphics{https://x.example/i.png}$",
    "$\\require{html}\\def\\x{\\x\\x}\\x$",
    "$\\newcommand{\\x}{\\x\\x}\\x$",
    "$\\input{/etc/passwd} \\write18{id}$",
    "$\\color{red;background:url(https://x.example)}x$",
    "$\\color{#f00\"onmouseover=alert(1)}x$",
    "$\\textcolor{\"><script>alert(1)</script>}{x}$",
    "$\\hspace{-9999em}x\\hspace{99999em}$",
    "$\\rule{9999em}{9999em}$",
    "$\\raisebox{-999em}{x}\\kern-999em$",
    "$\\tag{<script>alert(1)</script>}$",
    "$$\\begin{equation}\\label{\"onmouseover=alert(1)}\\ref{x}x\\end{equation}$$",
    "$$\\begin{array}{c<script>}x\\end{array}$$",
    "$\"onmouseover=alert(1)$",
    "$x\"><img src=x onerror=alert(1)>$",
    "$\\textsc{<b onclick=alert(1)>x</b>}$",
    "<math display=\"$x$\"><mi>$<script>alert(1)</script>$</mi></math>",
    "[$x$](javascript:alert(1))",
    "![$<script>$](https://x.example/i.png)",
    "$\\mathrm{\u{202E}x}\0$",
];

/// The places a payload can stand in.
fn placed(payload: &str) -> Vec<String> {
    let one_line = payload.replace('\n', " ");
    let indented = payload.replace('\n', "\n  ");
    vec![
        payload.to_owned(),
        format!("text {payload} text"),
        format!("- {indented}"),
        format!("> {}", payload.replace('\n', "\n> ")),
        format!("# {one_line}"),
        format!("| a |\n|---|\n| {one_line} |"),
        format!("| {one_line} |\n|---|\n| b |"),
        format!("**{payload}**"),
        format!("[{one_line}](https://safe.example)"),
        format!("a[^1]\n\n[^1]: {one_line}"),
        format!("<div>\n{payload}\n</div>"),
        format!("<b><i>{payload}"),
        format!("```html\n{payload}\n```"),
        format!("```{one_line}\nx\n```"),
    ]
}

#[test]
fn no_payload_survives_in_any_place() {
    assert!(PAYLOADS.len() >= 80);
    for payload in PAYLOADS {
        for source in placed(payload) {
            reading::assert_safe(&source, &render(&source));
        }
    }
}

#[test]
fn no_payload_shows_for_a_moment_while_it_streams() {
    for payload in PAYLOADS {
        for source in placed(payload) {
            let mut document = Document::new();
            for character in source.chars() {
                document.push(character.encode_utf8(&mut [0; 4]));
                reading::assert_safe(&source, document.blocks());
            }
        }
    }
}

#[test]
fn the_check_of_these_tests_sees_what_it_looks_for() {
    for bad in [
        "<script>",
        "<b onclick=x>",
        "<a href=javascript:x>",
        "<p style=x>",
        "<b id=x>",
        "<img src=x>",
    ] {
        let seen = reading::read(bad);
        let found = seen.iter().any(|seen| match seen {
            reading::Seen::Open(name, attributes) => name == "script" || !attributes.is_empty(),
            _ => false,
        });
        assert!(found, "{bad}");
    }
}
