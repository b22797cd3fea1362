//! What secrets look like, as one alternation for one pass.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Names whose value is a secret. A name counts by how it ends: `max_tokens` and `token_count` are none.
const NAMES: &str = r"(?:pass(?:word|wd|phrase|code)|pwd|secret|token|credentials?|jwt|api[_. -]?key|(?:access|account|auth|client|consumer|deploy|encryption|license|master|private|secret|service|session|shared|signing|webhook)[_. -]?key)[0-9]{0,3}";

/// What stands between a name and its value: a closing quote of the name, then `=`, `:`, `=>` or `:=`.
const BETWEEN: &str = r#"\\{0,8}["'\]]?[ \t]*(?:=>|:=|[=:])[ \t]*(?:Some\()?"#;

/// Where a word begins: at its boundary, after an underscore, or after a line break written as an escape.
const BEGIN: &str = r"(?:(?-u:\b)|_|\\[nrt])";

/// Keys that are known by how they begin. Each takes the rest of its word along, so that no second key can hide
/// by standing right behind a first.
const KEYS: [&str; 24] = [
    r"sk-[A-Za-z0-9_-]{16,}",
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{8,}",
    r"AIza[A-Za-z0-9_-]{30,}",
    r"ya29\.[A-Za-z0-9_-]{16,}",
    r"xox[a-z]-[A-Za-z0-9-]{10,}",
    r"xapp-[A-Za-z0-9-]{10,}",
    r"gh[a-z]_[A-Za-z0-9]{20,}",
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"glpat-[A-Za-z0-9_.-]{16,}",
    r"A(?:KIA|SIA)[A-Z0-9]{16}[A-Za-z0-9]*",
    r"hf_[A-Za-z0-9]{20,}",
    r"npm_[A-Za-z0-9]{20,}",
    r"pypi-[A-Za-z0-9_-]{20,}",
    r"gsk_[A-Za-z0-9]{20,}",
    r"xai-[A-Za-z0-9]{20,}",
    r"pplx-[A-Za-z0-9]{20,}",
    r"nvapi-[A-Za-z0-9_-]{20,}",
    r"r8_[A-Za-z0-9]{20,}",
    r"ocp_[A-Za-z0-9_-]{20,}",
    r"whsec_[A-Za-z0-9+/=]{16,}",
    r"dop_v1_[a-f0-9]{20}[A-Za-z0-9]*",
    r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{20}[A-Za-z0-9]*",
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3}",
];

/// Query parameters that are secret in an address although their names mean nothing elsewhere.
const QUERY: &str =
    r"(?:key|sig|signature|code|auth|sas|x-(?:amz|goog)-(?:signature|credential|security-token))";

/// One alternative of [`PATTERN`], by the group that took part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The head of a private key block; the block follows.
    PrivateKey,
    /// A key as a whole.
    Key,
    /// What stands before an address's host.
    UserInformation,
    /// `Bearer` or `Basic`; the value is the group itself.
    Scheme,
    /// A query parameter's name; the value follows.
    Query,
    /// A header's name whose value is the rest of the line.
    Header,
    /// A command-line option's name; the value follows after a blank.
    Option,
    /// A name; the value follows.
    Name,
}

const SHAPES: [(Shape, &str); 8] = [
    (Shape::PrivateKey, "private"),
    (Shape::Key, "key"),
    (Shape::UserInformation, "user"),
    (Shape::Scheme, "scheme"),
    (Shape::Query, "query"),
    (Shape::Header, "header"),
    (Shape::Option, "option"),
    (Shape::Name, "name"),
];

/// All shapes. Nothing but runs of one class of characters is without a bound, so that no search can look far
/// ahead in vain.
pub(crate) static PATTERN: LazyLock<Result<Regex, regex::Error>> = LazyLock::new(|| {
    let keys = KEYS.join("|");
    Regex::new(&format!(
        r#"(?P<private>-----BEGIN (?:[A-Z0-9]{{1,16}} ){{0,4}}PRIVATE KEY(?: BLOCK)?-----)|{BEGIN}(?P<key>{keys})|://(?P<user>[^\s/?\#"'<>]+)@|{BEGIN}(?i:bearer|basic)[ \t]+(?P<scheme>[A-Za-z0-9._~+/=-]{{8,}})|(?P<query>[?&;](?i:{QUERY})=)|(?P<header>(?i:(?:proxy-)?authorization|(?:set-)?cookie){BETWEEN})|(?P<option>--[A-Za-z0-9_-]*?(?i:{NAMES})[ \t]+)|(?P<name>(?i:{NAMES}){BETWEEN})"#
    ))
});

/// Which shape matched and where its group lies.
pub(crate) fn shape(captures: &Captures<'_>) -> Option<(Shape, std::ops::Range<usize>)> {
    SHAPES
        .iter()
        .find_map(|(shape, group)| captures.name(group).map(|found| (*shape, found.range())))
}
