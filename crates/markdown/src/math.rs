//! Formulas: TeX to `MathML`, or the source where it cannot be read.
//!
//! What the converter writes is not taken as it is: it is built anew from a closed set of elements and attributes, and
//! goes through the sanitizer with the rest. A `style` in it becomes a class of a closed set, and lengths are bounded,
//! so that a formula cannot be laid over anything else.

mod marked;

use std::borrow::Cow;
use std::sync::LazyLock;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

pub(crate) use self::marked::{is_between_brackets, is_formula};
use crate::{escape, limits};

/// The elements a formula is made of. Neither links nor HTML are among them.
pub(crate) const ELEMENTS: [&str; 25] = [
    "math",
    "menclose",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtext",
    "mtd",
    "mtr",
    "munder",
    "munderover",
];

/// The attributes that any of them may have, `alttext` and `display` of `math` and the classes of `mtd` besides.
pub(crate) const ATTRIBUTES: [&str; 20] = [
    "accent",
    "accentunder",
    "depth",
    "displaystyle",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "notation",
    "rspace",
    "scriptlevel",
    "stretchy",
    "symmetric",
    "voffset",
    "width",
];

/// Commands that the converter does not have, by what stands in their place: a frame and a colour say nothing that the
/// formula does not say without them.
const COMMANDS: [(&str, &str); 3] = [("boxed", "{#1}"), ("textcolor", "{#2}"), ("colorbox", "{#2}")];

static CONVERTER: LazyLock<LatexToMathML> = LazyLock::new(|| {
    let macros = COMMANDS.map(|(name, meaning)| (name.to_owned(), meaning.to_owned()));
    let configuration = MathCoreConfig {
        macros: macros.into(),
        ..MathCoreConfig::default()
    };
    // A test reads a formula with each of the commands; without them most formulas can be read all the same.
    LatexToMathML::new(configuration).unwrap_or_default()
});

/// What a formula stands between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marks {
    Dollar,
    Dollars,
    Parentheses,
    Brackets,
}

impl Marks {
    /// The marks of a formula that is written so, marks and all.
    pub(crate) fn of(written: &str) -> Self {
        match written.as_bytes() {
            [b'\\', b'(', ..] => Self::Parentheses,
            [b'\\', b'[', ..] => Self::Brackets,
            [b'$', b'$', ..] => Self::Dollars,
            _ => Self::Dollar,
        }
    }

    /// Whether the formula stands by itself.
    pub(crate) fn display(self) -> bool {
        matches!(self, Self::Dollars | Self::Brackets)
    }

    fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Dollar => ("$", "$"),
            Self::Dollars => ("$$", "$$"),
            Self::Parentheses => (r"\(", r"\)"),
            Self::Brackets => (r"\[", r"\]"),
        }
    }
}

/// Appends a formula, `source` being what stands between its marks. `linked` tells that it stands in a link.
pub(crate) fn push(out: &mut String, source: &str, marks: Marks, linked: bool) {
    let display = marks.display();
    let Some(formula) = read(source, display) else {
        let (before, after) = marks.around();
        out.push_str("<code class=\"math-source\">");
        escape::push_code(out, &format!("{before}{source}{after}"));
        out.push_str("</code>");
        return;
    };
    // What may be wider than the text has a scroll box of its own, which a keyboard reaches.
    let boxed = display || source.len() > limits::MATH_INLINE_BYTES;
    if boxed {
        out.push_str(if display {
            "<span class=\"math-block\""
        } else {
            "<span class=\"math-wide\""
        });
        out.push_str(if linked { ">" } else { " tabindex=\"0\">" });
    }
    out.push_str(&formula);
    if boxed {
        out.push_str("</span>");
    }
}

/// The formula as `MathML`; none when it cannot be read, or not within the bounds.
fn read(source: &str, display: bool) -> Option<String> {
    // What reorders text stands in a source as a mark, and in no formula.
    let readable = source.len() <= limits::MATH_BYTES
        && !source.contains(escape::deceives)
        && deepest(source) <= limits::MATH_LEVELS;
    if !readable {
        return None;
    }
    // A number beside a formula stands in an environment that has numbers.
    let numbered = display && source.contains(r"\tag") && !source.contains(r"\begin");
    let wanted = if numbered {
        Cow::Owned(format!(r"\begin{{equation}}{source}\end{{equation}}"))
    } else {
        Cow::Borrowed(source)
    };
    let shape = if display {
        MathDisplay::Block
    } else {
        MathDisplay::Inline
    };
    let converted = CONVERTER.convert_with_local_state(&wanted, shape).ok()?;
    rebuild(&converted.mathml, source, display)
}

/// How deep the converter may have to go: it calls itself for groups, and for each command or script that has another
/// one as its argument. It is counted rather too high.
fn deepest(source: &str) -> usize {
    let ruled = rules_the_rest(source);
    let mut around = Vec::new();
    let (mut here, mut most, mut plain) = (0usize, 0usize, 0usize);
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        let was_plain = std::mem::take(&mut plain);
        match character {
            '\\' => {
                let letters = rest
                    .find(|letter: char| !letter.is_ascii_alphabetic())
                    .unwrap_or(rest.len());
                let word = &rest[..letters];
                match word {
                    "begin" | "left" => {
                        around.push(here);
                        here += 1;
                    }
                    "end" | "right" => here = around.pop().unwrap_or_default(),
                    "" if rest.starts_with('\\') && !ruled => here = innermost(&around),
                    _ => here += 1,
                }
                let symbol = rest.chars().next().map_or(0, char::len_utf8);
                rest = &rest[if letters > 0 { letters } else { symbol }..];
            }
            '{' | '[' => {
                around.push(here);
                here += 1;
            }
            '}' | ']' => here = around.pop().unwrap_or_default(),
            '^' | '_' => here += 1,
            '&' if !ruled => here = innermost(&around),
            character if character.is_whitespace() => plain = was_plain,
            // One character is an argument, and no command takes more than one that is not its last. What rules the
            // rest of its group goes on.
            _ => {
                plain = was_plain + 1;
                if plain > 1 && !ruled {
                    here = innermost(&around);
                }
            }
        }
        most = most.max(here);
    }
    most
}

/// How deep the innermost open group is.
fn innermost(around: &[usize]) -> usize {
    around.last().map_or(0, |outside| outside + 1)
}

/// Whether there is a command in it that rules all that follows it.
fn rules_the_rest(source: &str) -> bool {
    const RULING: [&str; 11] = [
        r"\color", "style", r"\rm", r"\bf", r"\it", r"\sf", r"\tt", "size", "large", "tiny", "Large",
    ];
    const INFIX: [&str; 5] = [r"\over", r"\choose", r"\atop", r"\brack", r"\above"];
    RULING.iter().chain(&INFIX).any(|word| source.contains(word))
}

/// Builds what the converter wrote anew, of what is allowed alone.
fn rebuild(mathml: &str, source: &str, display: bool) -> Option<String> {
    if mathml.len() > limits::MATH_OUTPUT_BYTES {
        return None;
    }
    let mut out = String::with_capacity(mathml.len() + source.len());
    let mut depth = 0usize;
    let mut rest = mathml;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let end = start + rest[start..].find('>')?;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            depth = depth.checked_sub(1)?;
            out.push_str("</");
            out.push_str(known(name)?);
            out.push('>');
            continue;
        }
        let (tag, alone) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let name = known(name)?;
        out.push('<');
        out.push_str(name);
        if name == "math" {
            out.push_str(if display { " display=\"block\"" } else { "" });
            out.push_str(" alttext=\"");
            escape::push_attribute(&mut out, source);
            out.push('"');
        } else {
            push_attributes(&mut out, name, attributes);
        }
        out.push('>');
        if alone {
            out.push_str("</");
            out.push_str(name);
            out.push('>');
        } else {
            depth += 1;
            if depth > limits::MATH_NESTING {
                return None;
            }
        }
    }
    out.push_str(rest);
    (depth == 0).then_some(out)
}

fn known(name: &str) -> Option<&'static str> {
    ELEMENTS.into_iter().find(|known| *known == name)
}

fn push_attributes(out: &mut String, element: &str, attributes: &str) {
    let mut rest = attributes;
    while let Some((name, after)) = rest.split_once("=\"") {
        let Some((value, after)) = after.split_once('"') else {
            return;
        };
        rest = after;
        let name = name.trim();
        if name == "style" && element == "mtd" {
            let class = class_of(value);
            if !class.is_empty() {
                out.push_str(" class=\"");
                out.push_str(class);
                out.push('"');
            }
        } else if ATTRIBUTES.contains(&name) && is_value(name, value) {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            out.push_str(value);
            out.push('"');
        }
    }
}

/// The class that aligns a cell as a style of the converter's does.
fn class_of(style: &str) -> &'static str {
    let left = style.contains("text-align: left");
    let right = style.contains("text-align: right");
    match (left, right) {
        (true, _) if style.contains("padding-left:1em") => "left apart",
        (true, _) => "left",
        (_, true) => "right",
        _ => "",
    }
}

/// Whether an attribute of a formula may have this value.
pub(crate) fn is_value(name: &str, value: &str) -> bool {
    match name {
        "accent" | "accentunder" | "displaystyle" | "largeop" | "movablelimits" | "stretchy"
        | "symmetric" => {
            matches!(value, "true" | "false")
        }
        "form" => matches!(value, "prefix" | "infix" | "postfix"),
        "mathvariant" => value == "normal",
        "notation" => value.split(' ').all(|word| {
            matches!(
                word,
                "updiagonalstrike" | "downdiagonalstrike" | "horizontalstrike"
            )
        }),
        "scriptlevel" => matches!(value, "0" | "1" | "2" | "3" | "+1" | "-1"),
        "depth" | "height" | "linethickness" | "lspace" | "maxsize" | "minsize" | "rspace" | "voffset"
        | "width" => is_length(value),
        _ => false,
    }
}

/// A length no further than [`limits::MATH_LENGTH_EMS`] in either direction.
fn is_length(value: &str) -> bool {
    let number = value.strip_suffix("em").unwrap_or(value);
    number.len() <= 16
        && number
            .parse::<f32>()
            .is_ok_and(|ems| ems.abs() <= limits::MATH_LENGTH_EMS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str, display: bool) -> String {
        let mut out = String::new();
        let marks = if display { Marks::Dollars } else { Marks::Dollar };
        push(&mut out, source, marks, false);
        out
    }

    #[test]
    fn marks_are_those_that_were_written() {
        for (written, marks) in [
            ("$x$", Marks::Dollar),
            ("$$x$$", Marks::Dollars),
            (r"\(x\)", Marks::Parentheses),
            (r"\[x\]", Marks::Brackets),
        ] {
            assert_eq!(Marks::of(written), marks, "{written}");
        }
    }

    #[test]
    fn commands_of_our_own_are_read() {
        for source in [
            r"\boxed{x}",
            r"\textcolor{red}{x}",
            r"\colorbox{red}{x}",
            r"x \tag{1}",
        ] {
            assert!(read(source, true).is_some(), "{source}");
        }
    }

    #[test]
    fn styles_become_classes_and_lengths_are_bounded() {
        let aligned = shown(r"\begin{aligned} a &= b \end{aligned}", true);
        assert!(aligned.contains("<mtd class=\"right\">"), "{aligned}");
        assert!(aligned.contains("<mtd class=\"left\">"), "{aligned}");
        assert!(!aligned.contains(" style=\""), "{aligned}");
        let far = shown(r"a\hspace{1000em}b\hspace{-1000em}c", true);
        assert!(!far.contains("width="), "{far}");
    }

    #[test]
    fn nothing_is_nested_beyond_what_the_converter_can_take() {
        /// What a thread of the runtime has.
        const SMALL_STACK: usize = 2 * 1024 * 1024;
        let openings = [
            ("{", "}"),
            ("^{", "}"),
            ("_", ""),
            ("\\frac{", "}{x}"),
            ("\\frac", ""),
            ("\\frac1", ""),
            ("\\sqrt{", "}"),
            ("\\sqrt[", "]{x}"),
            ("\\sqrt ", ""),
            ("\\hat ", ""),
            ("\\mathbf ", ""),
            ("\\not ", ""),
            ("\\left(", "\\right)"),
            ("\\left(", ""),
            ("\\begin{matrix}", "\\end{matrix}"),
            ("\\begin{matrix}", ""),
            ("\\text{", "}"),
            ("x\\color{red}", ""),
            ("x\\displaystyle ", ""),
            ("x\\rm ", ""),
            ("x\\large ", ""),
            ("\\substack{", "}"),
            ("\\overset{x}", ""),
            ("\\underbrace{", "}_x"),
            ("\\boxed", ""),
            ("\\boxed{", "}"),
            ("x^", ""),
            ("'", ""),
            ("\\mathrm{\\hat ", "}"),
            ("\\middle|", ""),
            ("\\operatorname{", "}"),
            ("\\stackrel{x}", ""),
            ("&", ""),
            ("\\\\", ""),
            ("\\limits", ""),
            ("x\\choose ", ""),
            ("x\\over ", ""),
            ("{x\\over ", "}"),
        ];
        let checked = std::thread::Builder::new()
            .stack_size(SMALL_STACK)
            .spawn(move || {
                for (open, close) in openings {
                    for times in [4, 12, 24, 40, 64, 100, 400, 1_000] {
                        let source = format!("{}x{}", open.repeat(times), close.repeat(times));
                        let _formula = shown(&source, true);
                        let _formula = shown(&open.repeat(times), false);
                    }
                }
            });
        checked
            .expect("a thread can be started")
            .join()
            .expect("no formula is more than a small stack can hold");
    }
}
