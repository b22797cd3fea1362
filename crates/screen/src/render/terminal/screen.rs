//! The rows that can still change, and what sequences do to them.

use std::collections::VecDeque;

use unicode_width::UnicodeWidthChar;
use vte::{Params, Parser, Perform};

use super::Reduced;
use super::row::{COLUMNS, Row};
use super::style::Style;

/// Rows that a cursor can go back to. Progress displays draw a line for each of their jobs; more than a screen is high
/// none of them can.
const OPEN_ROWS: usize = 64;

/// Spaces that cursor moves may write into an output in all. A move of a few bytes can stand for a thousand of them, so
/// that without a bound an output could grow a hundredfold; tables need a few thousand.
const PADDING: usize = 256 * 1024;

/// Ends whatever sequence a line was left in.
const CANCEL: u8 = 0x18;

pub(super) fn reduce(printed: &str) -> Reduced {
    let mut parser = Parser::new();
    let mut screen = Screen {
        rows: VecDeque::from([Row::default()]),
        spare: Vec::new(),
        row: 0,
        column: 0,
        gone: 0,
        pen: Style::default(),
        saved: None,
        padding: PADDING,
        reduced: Reduced::default(),
    };
    screen.reduced.text.reserve(printed.len());
    let mut lines = printed.split('\n');
    if let Some(first) = lines.next() {
        screen.line(&mut parser, first);
    }
    for line in lines {
        screen.line_feed();
        screen.line(&mut parser, line);
    }
    screen.finish()
}

struct Screen {
    rows: VecDeque<Row>,
    /// Rows that were taken off, to be used again with their room.
    spare: Vec<Row>,
    /// Where the cursor is, within `rows`.
    row: usize,
    column: usize,
    /// Rows that are final.
    gone: usize,
    pen: Style,
    /// A saved place of the cursor, counted from the first row of all.
    saved: Option<(usize, usize)>,
    padding: usize,
    reduced: Reduced,
}

impl Screen {
    /// One line without its end. The parser stands between sequences before and after.
    fn line(&mut self, parser: &mut Parser, line: &str) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if self.column == 0 && self.rows[self.row].is_empty() && line.bytes().all(is_plain) {
            self.plain_line(line);
        } else {
            parser.advance(self, line.as_bytes());
            parser.advance(self, &[CANCEL]);
        }
    }

    /// What most lines are: printable ASCII into an empty row. Text with tabs has more columns than bytes, which for
    /// all but the last row of a long line does not matter.
    fn plain_line(&mut self, line: &str) {
        let style = self.pen;
        let mut rest = line;
        while rest.len() > COLUMNS && self.rows[self.row].is_empty() {
            let (head, tail) = rest.split_at(COLUMNS);
            self.rows[self.row].set_text(head, style);
            self.wrap();
            rest = tail;
        }
        if self.rows[self.row].is_empty() {
            // The column need not be counted: the line ends here.
            self.rows[self.row].set_text(rest, style);
        } else {
            for character in rest.chars() {
                match character {
                    '\t' => self.tab(),
                    other => self.print(other),
                }
            }
        }
    }

    /// Goes to the beginning of the next row, which may be there already.
    fn line_feed(&mut self) {
        self.column = 0;
        self.row += 1;
        if self.row < self.rows.len() {
            return;
        }
        let row = self.spare.pop().unwrap_or_default();
        self.rows.push_back(row);
        if self.rows.len() > OPEN_ROWS {
            self.close_first();
        }
    }

    fn wrap(&mut self) {
        self.rows[self.row].goes_on = true;
        self.line_feed();
    }

    /// Writes the first row down; there is one after it.
    fn close_first(&mut self) {
        let Some(mut row) = self.rows.pop_front() else {
            return;
        };
        row.write(&mut self.reduced);
        if row.goes_on {
            self.reduced.cuts.push(self.reduced.text.len());
        } else {
            self.reduced.push_line_end();
        }
        row.clear();
        self.spare.push(row);
        self.gone += 1;
        self.row -= 1;
    }

    fn finish(mut self) -> Reduced {
        self.row = self.rows.len();
        while self.rows.len() > 1 {
            self.close_first();
        }
        if let Some(mut last) = self.rows.pop_front() {
            last.write(&mut self.reduced);
        }
        self.reduced
    }

    fn current(&mut self) -> &mut Row {
        &mut self.rows[self.row]
    }

    /// Makes sure that the row is written up to the cursor, as far as the allowance goes.
    fn reach(&mut self) {
        let length = self.current().length();
        let missing = self.column.saturating_sub(length);
        let allowed = missing.min(self.padding);
        self.padding -= allowed;
        if missing > 0 {
            self.current().pad(length + allowed);
        }
        self.column = self.column.min(length + allowed);
    }

    fn put(&mut self, character: char, width: usize) {
        if self.column + width > COLUMNS {
            self.wrap();
        }
        self.reach();
        let (column, pen) = (self.column, self.pen);
        self.current().put(column, character, width, pen);
        self.column += width;
    }

    fn tab(&mut self) {
        if self.column >= COLUMNS {
            self.wrap();
        }
        let length = self.current().length();
        if self.column == length {
            let pen = self.pen;
            self.current().push_tab(pen);
            self.column = self.current().length();
        } else {
            // Over what is written it only moves.
            self.column = Row::next_stop(self.column);
        }
    }

    fn up(&mut self, count: usize) {
        self.row = self.row.saturating_sub(count);
    }

    fn down(&mut self, count: usize) {
        self.row = (self.row + count).min(self.rows.len() - 1);
    }

    fn go(&mut self, column: usize) {
        self.column = column.min(COLUMNS - 1);
    }

    /// There is no screen that could be cleared or gone about in: what follows begins below.
    fn begin_below(&mut self) {
        self.row = self.rows.len() - 1;
        if self.current().is_empty() {
            self.column = 0;
        } else {
            self.line_feed();
        }
    }

    fn erase_line(&mut self, how: u16) {
        let column = self.column;
        match how {
            0 => self.current().erase_after(column),
            1 => self.current().blank(0, column + 1),
            2 => self.current().erase_after(0),
            _ => {}
        }
    }

    fn erase_below(&mut self) {
        let column = self.column;
        self.current().erase_after(column);
        for row in self.rows.iter_mut().skip(self.row + 1) {
            row.clear();
        }
    }

    fn save(&mut self) {
        self.saved = Some((self.gone + self.row, self.column));
    }

    fn restore(&mut self) {
        if let Some((row, column)) = self.saved
            && let Some(row) = row.checked_sub(self.gone)
        {
            self.row = row.min(self.rows.len() - 1);
            self.column = column;
        }
    }
}

/// Printable ASCII and tabs.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t')
}

/// What reorders or ends lines where no program printed an end, or carries text that cannot be seen: shown as a sign
/// of its own, so that output cannot read as something else. Joiners and variation selectors stay, or emoji and some
/// scripts would come apart.
fn hides(character: char) -> bool {
    matches!(
        character,
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

impl Perform for Screen {
    fn print(&mut self, character: char) {
        // Nearly all of what is printed, at the end of its row.
        if let ' '..='~' = character
            && self.column < COLUMNS
            && self.rows[self.row].append(self.column, character, self.pen)
        {
            self.column += 1;
            return;
        }
        let character = if hides(character) {
            char::REPLACEMENT_CHARACTER
        } else {
            character
        };
        match character.width() {
            // Control characters have none.
            None => {}
            Some(0) => {
                let column = self.column;
                if !self.current().mark(column, character) {
                    self.put(character, 1);
                }
            }
            Some(width) => self.put(character, width.min(2)),
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            0x08 => self.column = self.column.saturating_sub(1),
            b'\t' => self.tab(),
            // Vertical tab and form feed; a line feed is a line's end before it comes here.
            0x0b | 0x0c => self.line_feed(),
            b'\r' => self.column = 0,
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, parameters: &Params, intermediates: &[u8], _ignore: bool, action: char) {
        // Sequences with a mark of their own are modes and queries.
        if !intermediates.is_empty() {
            return;
        }
        if action == 'm' {
            self.pen.apply(parameters);
            return;
        }
        let first = parameters
            .iter()
            .next()
            .and_then(|parameter| parameter.first().copied())
            .unwrap_or(0);
        let count = usize::from(first.max(1));
        match action {
            'A' => self.up(count),
            'B' | 'e' => self.down(count),
            'C' | 'a' => self.go(self.column.saturating_add(count)),
            'D' => self.column = self.column.saturating_sub(count),
            'E' => {
                self.down(count);
                self.column = 0;
            }
            'F' => {
                self.up(count);
                self.column = 0;
            }
            'G' | '`' => self.go(count - 1),
            'H' | 'f' => self.begin_below(),
            'J' if first == 0 => self.erase_below(),
            'J' if first != 1 => self.begin_below(),
            'K' => self.erase_line(first),
            'P' => {
                let column = self.column;
                self.current().delete(column, count);
            }
            'X' => {
                let column = self.column;
                self.current().blank(column, count);
            }
            's' => self.save(),
            'u' => self.restore(),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _ignore: bool, byte: u8) {
        if !intermediates.is_empty() {
            return;
        }
        match byte {
            b'7' => self.save(),
            b'8' => self.restore(),
            b'D' => self.down(1),
            b'E' => self.line_feed(),
            b'M' => self.up(1),
            b'c' => {
                self.pen = Style::default();
                self.begin_below();
            }
            _ => {}
        }
    }
}
