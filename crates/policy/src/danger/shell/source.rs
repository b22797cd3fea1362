//! Text that knows where it came from.

/// A text to read, with the place each of its characters has in the command that it is a part of: a script in an
/// argument is read by itself, and what it does is still marked where the person sees it.
#[derive(Clone, Debug, Default)]
pub(in crate::danger) struct Source {
    characters: Vec<char>,
    places: Vec<u32>,
}

impl Source {
    /// A whole command. What stands beyond four billion bytes has no place; nothing that long is read.
    pub(in crate::danger) fn whole(text: &str) -> Self {
        let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
        let (places, characters) = text.char_indices().map(|(at, one)| (place(at), one)).unzip();
        Self { characters, places }
    }

    pub(in crate::danger) fn push(&mut self, character: char, place: u32) {
        self.characters.push(character);
        self.places.push(place);
    }

    pub(in crate::danger) fn append(&mut self, text: &str, places: &[u32]) {
        self.characters.extend(text.chars());
        let last = places.last().copied().unwrap_or_else(|| self.after());
        self.places.extend(places);
        // Each character has one; what a word was given besides stands where its last one does.
        self.places.resize(self.characters.len(), last);
    }

    pub(in crate::danger) fn extend(&mut self, other: &Self) {
        self.characters.extend(&other.characters);
        self.places.extend(&other.places);
    }

    pub(in crate::danger) fn is_empty(&self) -> bool {
        self.characters.is_empty()
    }

    pub(in crate::danger) fn is_blank(&self) -> bool {
        self.characters.iter().all(|character| character.is_whitespace())
    }

    pub(super) fn len(&self) -> usize {
        self.characters.len()
    }

    pub(super) fn character(&self, at: usize) -> Option<char> {
        self.characters.get(at).copied()
    }

    /// Where a character stands, or where the text ends.
    pub(super) fn place(&self, at: usize) -> u32 {
        self.places.get(at).copied().unwrap_or_else(|| self.after())
    }

    /// The place behind a character.
    pub(super) fn behind(&self, at: usize) -> u32 {
        let length = self.character(at).map_or(0, char::len_utf8);
        self.place(at).saturating_add(u32::try_from(length).unwrap_or(0))
    }

    /// The place behind the last character.
    pub(in crate::danger) fn after(&self) -> u32 {
        match self.characters.len().checked_sub(1) {
            Some(last) => self.behind(last),
            None => 0,
        }
    }

    /// The place of the first character.
    pub(in crate::danger) fn begin(&self) -> u32 {
        self.place(0)
    }

    pub(in crate::danger) fn text(&self) -> String {
        self.characters.iter().collect()
    }
}
