//! One line of a terminal, cell by cell.

use unicode_width::UnicodeWidthChar;

use super::Reduced;
use super::style::Style;

/// Columns of a row; what is longer goes on in a next one. More than any window is wide, and few enough that a line of
/// megabytes is laid out in pieces.
pub(super) const COLUMNS: usize = 1_000;

/// Marks without a width of their own that a row keeps beside its characters. What is more gets a cell.
const MARKS: usize = 200;

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// What stands in the cells a wide character or a tab takes beside its first.
const FILLER: char = '\0';

#[derive(Clone, Copy)]
struct Cell {
    character: char,
    style: Style,
}

const BLANK: Cell = Cell {
    character: ' ',
    style: Style::PLAIN,
};

/// A row. As long as nothing but plain text was written from its beginning, it is kept as that.
#[derive(Default)]
pub(super) struct Row {
    text: String,
    text_style: Style,
    cells: Vec<Cell>,
    /// Column and mark, as `é` may be written with.
    marks: Vec<(usize, char)>,
    /// It is full, and its line goes on in the next row.
    pub(super) goes_on: bool,
}

impl Row {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.marks.clear();
        self.goes_on = false;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.cells.is_empty()
    }

    /// Writes a whole line of printable ASCII and tabs into an empty row.
    pub(super) fn set_text(&mut self, text: &str, style: Style) {
        self.text.push_str(text);
        self.text_style = style;
    }

    /// Makes cells of the text, before one of them is reached.
    fn divide(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let style = self.text_style;
        for byte in std::mem::take(&mut self.text).bytes() {
            if byte == b'\t' {
                self.push_tab(style);
            } else {
                self.cells.push(Cell {
                    character: char::from(byte),
                    style,
                });
            }
        }
    }

    /// Columns that are written.
    pub(super) fn length(&mut self) -> usize {
        self.divide();
        self.cells.len()
    }

    /// Writes a character of one column if its place is the end of the row's cells. Whether it was.
    pub(super) fn append(&mut self, column: usize, character: char, style: Style) -> bool {
        let fits = self.text.is_empty() && self.cells.len() == column;
        if fits {
            self.cells.push(Cell { character, style });
        }
        fits
    }

    /// Writes a character of one or two columns; the cells before it are there.
    pub(super) fn put(&mut self, column: usize, character: char, width: usize, style: Style) {
        self.divide();
        for (place, character) in [character, FILLER].into_iter().take(width).enumerate() {
            let cell = Cell { character, style };
            match self.cells.get_mut(column + place) {
                Some(written) => {
                    *written = cell;
                    if !self.marks.is_empty() {
                        self.marks.retain(|(marked, _)| *marked != column + place);
                    }
                }
                None => self.cells.push(cell),
            }
        }
    }

    /// Adds a mark to the character that ends before a column. Whether there was room.
    pub(super) fn mark(&mut self, column: usize, mark: char) -> bool {
        self.divide();
        let marked = self.cells[..column.min(self.cells.len())]
            .iter()
            .rposition(|cell| cell.character != FILLER);
        let (Some(marked), true) = (marked, self.marks.len() < MARKS) else {
            return false;
        };
        self.marks.push((marked, mark));
        true
    }

    /// Writes spaces up to a column.
    pub(super) fn pad(&mut self, column: usize) {
        self.divide();
        if self.cells.len() < column {
            self.cells.resize(column, BLANK);
        }
    }

    /// The column of the next tab stop.
    pub(super) fn next_stop(column: usize) -> usize {
        (column / TAB + 1) * TAB
    }

    /// Writes a tab at the end of what is written.
    pub(super) fn push_tab(&mut self, style: Style) {
        self.divide();
        let stop = Self::next_stop(self.cells.len());
        self.cells.push(Cell {
            character: '\t',
            style,
        });
        let filler = Cell {
            character: FILLER,
            style,
        };
        self.cells.resize(stop, filler);
    }

    pub(super) fn erase_after(&mut self, column: usize) {
        self.divide();
        self.cells.truncate(column);
        self.marks.retain(|(marked, _)| *marked < column);
        self.goes_on = false;
    }

    /// Puts spaces from a column on, as many as are written there.
    pub(super) fn blank(&mut self, column: usize, count: usize) {
        self.divide();
        let end = column.saturating_add(count).min(self.cells.len());
        if let Some(cells) = self.cells.get_mut(column..end) {
            cells.fill(BLANK);
        }
        self.marks
            .retain(|(marked, _)| *marked < column || *marked >= end);
    }

    /// Takes cells out, so that what follows moves up.
    pub(super) fn delete(&mut self, column: usize, count: usize) {
        self.divide();
        let end = column.saturating_add(count).min(self.cells.len());
        if column < end {
            self.cells.drain(column..end);
            self.marks.retain(|(marked, _)| *marked < column);
            self.goes_on = false;
        }
    }

    /// Adds what is written to the text.
    pub(super) fn write(&mut self, reduced: &mut Reduced) {
        if !self.text.is_empty() {
            reduced.push(&self.text, self.text_style);
            return;
        }
        self.marks.sort_by_key(|(column, _)| *column);
        let mut marks = self.marks.iter().peekable();
        let mut column = 0;
        while let Some(cell) = self.cells.get(column) {
            // Nearly all cells are a character of their own.
            if let ' '..='~' = cell.character
                && marks.len() == 0
            {
                reduced.push_character(cell.character, cell.style);
                column += 1;
                continue;
            }
            let fillers = self.cells[column + 1..]
                .iter()
                .take(TAB)
                .take_while(|cell| cell.character == FILLER)
                .count();
            let is_tab = cell.character == '\t';
            // A tab or a wide character whose cells were written over in part leaves spaces behind.
            let (character, taken) = match cell.character {
                '\t' if column + 1 + fillers == Self::next_stop(column) => ('\t', fillers),
                '\t' | FILLER => (' ', 0),
                wide if fillers > 0 && wide.width() == Some(2) => (wide, 1),
                other => (other, 0),
            };
            reduced.push_character(character, cell.style);
            while let Some((_, mark)) = marks.next_if(|(marked, _)| *marked == column) {
                if !is_tab {
                    reduced.push_character(*mark, cell.style);
                }
            }
            column += 1 + taken;
        }
    }
}
