//! Formulas become `MathML`, prices stay prices, and what cannot be read is shown as it was written.

use crate::reading;
use cowork_markdown::render;

fn html(source: &str) -> String {
    let blocks = render(source);
    reading::assert_safe(source, &blocks);
    blocks
        .iter()
        .flat_map(|block| &block.pieces)
        .map(cowork_markdown::SafeHtml::as_str)
        .collect()
}

#[test]
fn a_formula_in_a_line_and_one_by_itself_are_mathml_and_hold_their_source() {
    assert_eq!(
        html("So $x^2$ it is."),
        "<p>So <math alttext=\"x^2\"><msup><mi>x</mi><mn>2</mn></msup></math> it is.</p>"
    );
    let block = html("$$\n\\frac{a}{b}\n$$");
    assert!(
        block.starts_with("<p><span class=\"math-block\" tabindex=\"0\"><math display=\"block\" alttext=\"\n\\frac{a}{b}\n\">")
            || block.contains("alttext=\"\n\\frac{a}{b}\n\"") && block.contains("display=\"block\""),
        "{block}"
    );
    assert!(block.contains("<mfrac><mi>a</mi><mi>b</mi></mfrac>"), "{block}");
}

#[test]
fn what_models_write_is_read() {
    let formulas = [
        r"\frac{-b \pm \sqrt{b^2-4ac}}{2a}",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        r"\begin{aligned} a &= b \\ &= c \end{aligned}",
        r"\begin{align*} a &= b \\ &= c \end{align*}",
        r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\sum_{n=1}^\infty \frac{1}{n^2} = \frac{\pi^2}{6}",
        r"\int_0^1 f(x)\,dx \tag{1}",
        r"\mathbb{R} \mathcal{L} \mathbf{v} \operatorname{argmax}_\theta",
        r"\hat{y} \vec{v} \bar x \dot x \overline{AB} \underbrace{a+b}_{n}",
        r"\boxed{x = 1}",
        r"\left( \frac{1}{2} \right] \lVert x \rVert \binom{n}{k}",
        r"\mathrm{d}x \pmod{n} \lim_{x \to 0} \sin x",
        r"P(A \mid B) = \frac{P(B \mid A) P(A)}{P(B)}",
        r"\nabla \times \mathbf{E} = -\frac{\partial \mathbf{B}}{\partial t}",
        r"O(n \log n) \subseteq \Theta(n^2) \implies \forall x \in \emptyset",
    ];
    for formula in formulas {
        for source in [format!("${formula}$"), format!("$$\n{formula}\n$$")] {
            let shown = html(&source);
            let display_only = formula.contains("align*") || formula.contains(r"\tag");
            if source.starts_with("$$") || !display_only {
                assert!(shown.contains("<math"), "{source}: {shown}");
            }
        }
    }
}

#[test]
fn money_and_variables_of_a_shell_stay_what_they_are() {
    let same = [
        "It costs $5 and $10.",
        "Between $5-$10 a day, or US$5 and CA$10.",
        "From $1,000/month to $2,000/month.",
        "Set $HOME and $PATH, or $HOME/bin:$PATH.",
        "A $ alone, $$ too, and 5$.",
        "It was $20 (about €18) or ($25).",
        "Use $name, then \"$value\".",
    ];
    for source in same {
        assert_eq!(
            reading::text_of(&render(source)).trim(),
            source,
            "{}",
            html(source)
        );
        assert!(!html(source).contains("<math"), "{source}");
    }
    assert_eq!(
        html("**$5** to **$10**"),
        "<p><strong>$5</strong> to <strong>$10</strong></p>"
    );
    assert_eq!(html("`$a$` and\n\n    $b$"), "<p><code>$a$</code> and</p>$b$\n");
}

#[test]
fn what_cannot_be_read_is_shown_as_it_was_written() {
    assert_eq!(
        html(r"Then $\foo{x}$."),
        "<p>Then <code class=\"math-source\">$\\foo{x}$</code>.</p>"
    );
    assert!(html(r"$$\frac{1$$").contains("$$\\frac{1$$"));
    let long = format!("${}$", "x+".repeat(3_000));
    assert!(html(&long).contains("math-source"));
    let deep = format!("${}x{}$", "\\sqrt{".repeat(300), "}".repeat(300));
    assert!(html(&deep).contains("math-source"));
}

#[test]
fn a_formula_that_is_being_written_is_shown_as_text_until_it_ends() {
    let mut document = cowork_markdown::Document::new();
    document.push("So $x");
    assert_eq!(document.blocks()[0].pieces[0].as_str(), "<p>So $x</p>");
    document.push("^2$");
    assert!(document.blocks()[0].pieces[0].as_str().contains("<msup>"));
}

#[test]
fn a_long_formula_in_a_line_has_a_scroll_box() {
    let long = format!("So ${}z$.", "a + b + ".repeat(12));
    assert!(html(&long).contains("<span class=\"math-wide\" tabindex=\"0\"><math"));
}

#[test]
fn a_formula_between_brackets_is_one_as_between_dollars() {
    let same = [
        (r"So \(x^2\) it is.", "So $x^2$ it is."),
        (r"So \( x^2 \) it is.", "So $ x^2 $ it is."),
        (r"**\(\frac{a}{b}\)**", r"**$\frac{a}{b}$**"),
        (r"\(a\)\(b\), \(n+1\)", "$a$$b$, $n+1$"),
        (r"\(a_1, a_2\) and \(b_1*c*d\)", "$a_1, a_2$ and $b_1*c*d$"),
        (r"- \(\sqrt{x}\)", r"- $\sqrt{x}$"),
        ("| a |\n|---|\n| \\(x_i\\) |", "| a |\n|---|\n| $x_i$ |"),
        ("\\[\n\\frac{a}{b}\n\\]", "$$\n\\frac{a}{b}\n$$"),
        (
            "\\[\n\\begin{aligned} a &= b \\\\[2pt] &= c \\end{aligned}\n\\]",
            "$$\n\\begin{aligned} a &= b \\\\[2pt] &= c \\end{aligned}\n$$",
        ),
        (
            "> \\[\n> x = \\left\\{ y \\right.\n> \\]",
            "> $$\n> x = \\left\\{ y \\right.\n> $$",
        ),
        (
            r"\(\begin{pmatrix} a & b \\ c & d \end{pmatrix}\)",
            r"$\begin{pmatrix} a & b \\ c & d \end{pmatrix}$",
        ),
    ];
    for (brackets, dollars) in same {
        let shown = html(brackets);
        assert!(shown.contains("<math"), "{brackets}: {shown}");
        // With spaces before a dollar there is none.
        if !dollars.contains("$ x") && !dollars.contains("$$b") {
            assert_eq!(shown, html(dollars), "{brackets}");
        }
    }
    assert_eq!(html(r"\(a\)\(b\), \(n+1\)").matches("<math").count(), 3);
    assert_eq!(
        html(r"It costs $5 and $10, so \(x = 5\).")
            .matches("<math")
            .count(),
        1
    );
    assert!(html(r"It costs $5 and $10, so \(x = 5\).").contains("$5 and $10"));
}

#[test]
fn what_is_only_escaped_stays_text() {
    let same = [
        (r"\[x\] done, \[ \] open", "[x] done, [ ] open"),
        (r"as \[1\] and \[2-3\] say", "as [1] and [2-3] say"),
        (r"call f\(x\) and print\(x\)", "call f(x) and print(x)"),
        (
            r"\[a link\]\(https://example.org/a_b\)",
            "[a link](https://example.org/a_b)",
        ),
        (
            r"\(see the note above\), \(optional\)",
            "(see the note above), (optional)",
        ),
        (r"\[^1\] and \(\)", "[^1] and ()"),
        (r"\[see \*this\*\]", "[see *this*]"),
        (r"\\(x^2\\)", r"\(x^2\)"),
        (r"\(x^2 and no end", "(x^2 and no end"),
        ("\\(x^2\n\nand y\\)", "(x^2and y)"),
        (r"\(x^2\] and \[y^2\)", "(x^2] and [y^2)"),
    ];
    for (source, text) in same {
        assert!(!html(source).contains("<math"), "{source}: {}", html(source));
        assert_eq!(
            reading::text_of(&render(source)).replace('\n', ""),
            text,
            "{source}"
        );
    }
    assert_eq!(
        html("`\\(x^2\\)` and\n\n    \\[y^2\\]"),
        "<p><code>\\(x^2\\)</code> and</p>\\[y^2\\]\n"
    );
    assert!(!html("```tex\n\\(x^2\\)\n```").contains("<math"));
    assert!(!html(r"[a](https://example.org/\(x^2\))").contains("<math"));
}

#[test]
fn what_cannot_be_read_between_brackets_keeps_them() {
    assert_eq!(
        html(r"Then \(\foo{x}\)."),
        "<p>Then <code class=\"math-source\">\\(\\foo{x}\\)</code>.</p>"
    );
    assert!(html(r"\[\frac{1\]").contains(r"[\frac{1]") || html(r"\[\frac{1\]").contains("math-source"));
    let long = format!(r"\({}\)", "x+".repeat(3_000));
    assert!(html(&long).contains("math-source"));
}

#[test]
fn a_formula_between_brackets_that_is_being_written_is_text_until_it_ends() {
    let mut document = cowork_markdown::Document::new();
    document.push("So \\(x");
    assert_eq!(document.blocks()[0].pieces[0].as_str(), "<p>So (x</p>");
    document.push("^2\\");
    assert!(!document.blocks()[0].pieces[0].as_str().contains("<math"));
    document.push(")");
    assert!(document.blocks()[0].pieces[0].as_str().contains("<msup>"));
}
