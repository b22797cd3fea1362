//! How well a path fits what a person types of it.

/// Characters of a query that are looked at. Who typed so many has named one file.
const QUERY: usize = 128;

/// A path that fits: how well, and which of its characters were typed, counted in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) score: i32,
    pub(crate) places: Vec<u32>,
}

/// How well `path` fits `query`: all of its characters in their order, without regard to capitals. What stands at the
/// beginning of a name or a word, and what stands together, fits better; so does the name over its folders.
pub(crate) fn fit(query: &[char], path: &str) -> Option<Fit> {
    let characters: Vec<char> = path.chars().collect();
    let name = characters
        .iter()
        .rposition(|character| *character == '/')
        .map_or(0, |slash| slash + 1);
    // The name alone first: that is what people type.
    let within_name = places(query, &characters, name);
    let places = within_name.or_else(|| places(query, &characters, 0))?;
    let mut score = 0;
    let mut before: Option<usize> = None;
    for &place in &places {
        score += 1;
        if place >= name {
            score += 6;
        }
        if place == name {
            score += 12;
        } else if begins_word(&characters, place) {
            score += 6;
        }
        if before.is_some_and(|before| before + 1 == place) {
            score += 8;
        }
        before = Some(place);
    }
    let length = i32::try_from(characters.len()).unwrap_or(i32::MAX / 8);
    // Of two that fit alike the shorter one.
    let score = score * 8 - length;
    let places = places
        .into_iter()
        .filter_map(|place| u32::try_from(place).ok())
        .collect();
    Some(Fit { score, places })
}

/// The characters of a query that count.
pub(crate) fn query(text: &str) -> Vec<char> {
    text.chars()
        .filter(|character| !character.is_whitespace())
        .flat_map(char::to_lowercase)
        .take(QUERY)
        .collect()
}

/// Where the characters of the query stand, from `start` on: together where that is so, else as early as they come.
fn places(query: &[char], characters: &[char], start: usize) -> Option<Vec<usize>> {
    let folded: Vec<char> = characters
        .iter()
        .map(|character| character.to_lowercase().next().unwrap_or(*character))
        .collect();
    if query.is_empty() {
        return Some(Vec::new());
    }
    let tail = folded.get(start..)?;
    let together = tail
        .windows(query.len())
        .enumerate()
        .filter(|(_, window)| *window == query)
        .map(|(place, _)| place + start)
        // The beginning of a word before the middle of one.
        .min_by_key(|place| (!begins_word(characters, *place), *place));
    if let Some(place) = together {
        return Some((place..place + query.len()).collect());
    }
    let mut wanted = query.iter();
    let mut next = wanted.next();
    let mut found = Vec::with_capacity(query.len());
    for (place, character) in folded.iter().enumerate().skip(start) {
        if next == Some(character) {
            found.push(place);
            next = wanted.next();
            if next.is_none() {
                return Some(found);
            }
        }
    }
    None
}

fn begins_word(characters: &[char], place: usize) -> bool {
    let Some(before) = place.checked_sub(1).and_then(|before| characters.get(before)) else {
        return true;
    };
    let this = characters.get(place);
    !before.is_alphanumeric() || (before.is_lowercase() && this.is_some_and(|this| this.is_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(typed: &str, paths: &[&'a str]) -> Vec<&'a str> {
        let query = query(typed);
        let mut fits: Vec<_> = paths
            .iter()
            .filter_map(|path| Some((fit(&query, path)?.score, *path)))
            .collect();
        fits.sort_by_key(|(score, _)| -score);
        fits.into_iter().map(|(_, path)| path).collect()
    }

    #[test]
    fn a_name_comes_before_folders_and_beginnings_before_middles() {
        assert_eq!(
            best(
                "retry",
                &["src/retry/mod.rs", "src/net/retry.rs", "docs/entry.md"]
            )[0],
            "src/net/retry.rs"
        );
        assert_eq!(
            best("mr", &["src/memory.rs", "src/MyRoom.ts"])[0],
            "src/MyRoom.ts"
        );
        assert_eq!(best("srcmain", &["src/main.rs", "other.rs"]), ["src/main.rs"]);
        assert_eq!(best("a", &["b/a.rs", "a.rs"])[0], "a.rs");
    }

    #[test]
    fn what_was_typed_is_told_by_its_places() {
        let found = fit(&query("RS"), "Ärger/x.rs").unwrap();
        assert_eq!(found.places, [8, 9]);
        assert_eq!(fit(&query("zz"), "src/main.rs"), None);
        assert_eq!(fit(&query(""), "a").unwrap().places, Vec::<u32>::new());
    }
}
