//! Every bound of the crate in one place, each with its reason.
//!
//! Sizes are bytes of markdown source unless a name says otherwise.

/// From this size on an open block is examined for a cut. A list longer than this is shown in parts, so that a
/// delta costs an item and not the list; the price of a delta in a 1 KB and in a 100 KB list is then the same.
pub(crate) const CUT_BYTES: usize = 2 * 1024;

/// An open block up to this size is rendered again with every delta. Beyond it, new text is appended unformatted and
/// the block is rendered again each time it has grown by [`GROWTH_SHARE`], which keeps the whole linear.
pub(crate) const LIVE_BYTES: usize = 4 * 1024;

/// A large open block is looked at again when it has grown by one part in this many.
pub(crate) const GROWTH_SHARE: usize = 8;

/// A single block larger than this (which is not a fence or a table: those grow in pieces) is shown as plain text.
/// No person writes such a paragraph; a document tree for it would cost hundreds of bytes a tag.
pub(crate) const RICH_BYTES: usize = 128 * 1024;

/// Plain text of an oversized block travels in pieces of this size, so that a delta never repeats more.
pub(crate) const PLAIN_PIECE_BYTES: usize = 4 * 1024;

/// Lines of code or table rows that make one closed piece: large enough that a 10,000-line fence is a few hundred
/// pieces, small enough that the open piece is cheap to send again.
pub(crate) const PIECE_LINES: usize = 32;

/// A piece of code is closed early at this size, and a longer line is cut at it: lines may be megabytes.
pub(crate) const PIECE_BYTES: usize = 8 * 1024;

/// Highlighting stops after so many lines; the regular expressions of a grammar cost about 20 µs a line.
pub(crate) const HIGHLIGHT_LINES: usize = 5_000;

/// A longer line is not highlighted: grammars backtrack, and lines this long are minified.
pub(crate) const HIGHLIGHT_LINE_CHARS: usize = 2_000;

/// A line that is still being typed is highlighted up to this size only, because it is parsed again per delta.
pub(crate) const HIGHLIGHT_OPEN_LINE_BYTES: usize = 512;

/// Elements deeper than this are flattened to their text: HTML parsers and webviews recurse, people do not nest.
pub(crate) const NESTING: usize = 32;

/// A table with more columns shows each row as one cell of plain text. Every short row is padded to the header's
/// width, so two bytes of source would otherwise become a thousand cells.
pub(crate) const TABLE_COLUMNS: usize = 64;

/// Cells a table may have, counting those its short rows are filled up with; the parser gives up at 262,144.
pub(crate) const FILLED_CELLS: usize = 200_000;

/// Further rows of a table show as one cell of plain text.
pub(crate) const TABLE_ROWS: usize = 5_000;

/// A longer table row shows as one cell of plain text.
pub(crate) const TABLE_ROW_BYTES: usize = 16 * 1024;

/// Cells of the tables inside one list or quote; further cells run together as text.
pub(crate) const NESTED_CELLS: usize = 1_024;

/// Characters of a URL; a longer one is not a link. Browsers stop near here, and a reference definition is repeated
/// wherever it is used.
pub(crate) const URL_BYTES: usize = 2_048;

/// Source bytes of the footnotes gathered at the end of the message. Further definitions show where they stand: the
/// gathered block moves (is sent again) with each new block after it, which must stay cheap.
pub(crate) const GATHERED_FOOTNOTE_BYTES: usize = 16 * 1024;

/// Source bytes that late definitions may render again per byte of message, plus a flat allowance. Past it the
/// rendering waits for the end of the message, where each block is rendered once.
pub(crate) const LATE_SHARE: usize = 4;
/// See [`LATE_SHARE`].
pub(crate) const LATE_ALLOWANCE: usize = 64 * 1024;

/// A raw HTML tag longer than this is text: finding the end of an unclosed quote must not be quadratic.
pub(crate) const RAW_TAG_BYTES: usize = 1_024;

/// Nested code blocks of the open block whose highlighting is remembered between deltas.
pub(crate) const REMEMBERED_CODE_BLOCKS: usize = 16;

/// A longer formula shows as its source. The longest a person reads are below a kilobyte; each costs its conversion with
/// every delta of its block.
pub(crate) const MATH_BYTES: usize = 4 * 1024;

/// Levels of a formula's source, counted rather too high: the converter calls itself for each.
pub(crate) const MATH_LEVELS: usize = 64;

/// Elements of a formula in one another; a webview recurses over them.
pub(crate) const MATH_NESTING: usize = 40;

/// Bytes of `MathML` of one formula.
pub(crate) const MATH_OUTPUT_BYTES: usize = 128 * 1024;

/// A formula in a line that is longer than this may be wider than the text, and has a scroll box.
pub(crate) const MATH_INLINE_BYTES: usize = 60;

/// Ems that a formula may push anything to either side: two quads and a little, as much as formulas use.
pub(crate) const MATH_LENGTH_EMS: f32 = 8.0;

/// How often a text is read to tell prices from formulas; in one that needs more, no dollar begins a formula.
pub(crate) const MATH_PASSES: usize = 8;
