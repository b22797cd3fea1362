//! What the index is asked, so that no beginning of a word makes it walk along everything that begins so.
//!
//! FTS5 has lists for beginnings of three characters. Of any other it gathers every place of every word that begins so
//! before it gives the first: for a common one that is a good part of the index. So the words that begin so are looked
//! up first, which costs one look for each, and are asked for as words, which it walks along from the newest on. Where
//! they are too many, a wider question is asked and what it finds is read, until enough was read.

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::HitKind;
use super::query::{BEGINNING_KEPT, Query, Term, quoted};

/// Words that a beginning stands for, over all ranges of a search: to find each in each piece of the index takes as long
/// as to read some texts.
const WORDS: usize = 16;
/// The same where the beginning ends a phrase: each is two lists or more to walk along.
const PHRASES: usize = 8;

/// What one index is asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// In the index's own words; none for everything in it.
    pub(super) expression: Option<String>,
    /// What of the search it does not say by itself: what it finds has to be read for it.
    pub(super) unsure: Query,
    /// What is asked in its place when enough was read: it needs no reading and finds less.
    pub(super) narrower: Option<String>,
    /// Each wanted term in the index's own words; none where they are too many.
    pub(super) wanted: Vec<Option<String>>,
}

/// How a term is asked for.
enum Asked {
    /// In words that find it.
    Exactly(String),
    /// Nothing is it.
    Nothing,
    /// In words that find more, if there are any, and in words that find less.
    Nearly(Option<String>, Option<String>),
}

impl Plan {
    /// None when nothing can be found. `ranges` is how often the index will be asked.
    pub(super) fn new(
        connection: &Connection,
        query: &Query,
        facets: &[String],
        kind: HitKind,
        ranges: usize,
    ) -> rusqlite::Result<Option<Self>> {
        let mut words = Words::new(connection, kind, ranges)?;
        let mut plan = Self::default();
        let mut unwanted = Vec::new();
        let mut narrows = true;
        for term in &query.unwanted {
            match words.asked(term)? {
                Asked::Nothing => {}
                Asked::Exactly(asked) => unwanted.push((term, asked)),
                // Words that find more would leave out too much, and those that find less too little.
                Asked::Nearly(..) => {
                    plan.unsure.unwanted.push(term.clone());
                    narrows = false;
                }
            }
        }
        let facets: Vec<_> = facets.iter().map(|facet| format!("\"{facet}\"")).collect();
        let (mut more, mut less) = (Vec::new(), Vec::new());
        for term in &query.wanted {
            let (wider, narrower) = match words.asked(term)? {
                Asked::Nothing => return Ok(None),
                Asked::Exactly(asked) => (Some(asked.clone()), Some(asked)),
                Asked::Nearly(wider, narrower) => {
                    plan.unsure.wanted.push(term.clone());
                    (wider, narrower)
                }
            };
            narrows &= narrower.is_some();
            more.extend(wider.clone());
            less.extend(narrower);
            plan.wanted.push(wider);
        }
        let joined = |mut wanted: Vec<String>| {
            wanted.extend(facets.iter().cloned());
            if wanted.is_empty() {
                return None;
            }
            let mut expression = format!("({})", wanted.join(" AND "));
            if !unwanted.is_empty() {
                let unwanted: Vec<_> = unwanted.iter().map(|(_, asked)| asked.as_str()).collect();
                expression.extend([" NOT (", &unwanted.join(" OR "), ")"]);
            }
            Some(expression)
        };
        plan.expression = joined(more);
        if plan.expression.is_none() {
            // Nothing is there to leave it out of.
            let unwanted = unwanted.iter().map(|(term, _)| (*term).clone());
            plan.unsure.unwanted.extend(unwanted);
        }
        if plan.is_wider() && narrows {
            plan.narrower = joined(less);
        }
        Ok(Some(plan))
    }

    /// Whether it finds more than was asked for.
    pub(super) fn is_wider(&self) -> bool {
        self.unsure != Query::default()
    }
}

/// The words of one index.
struct Words<'a> {
    connection: &'a Connection,
    next: CachedStatement<'a>,
    ranges: usize,
}

impl<'a> Words<'a> {
    fn new(connection: &'a Connection, kind: HitKind, ranges: usize) -> rusqlite::Result<Self> {
        let next = connection.prepare_cached(match kind {
            HitKind::Title => "SELECT term FROM temp.title_words WHERE term >= ?1 LIMIT 1",
            HitKind::Prompt => "SELECT term FROM temp.prompt_words WHERE term >= ?1 LIMIT 1",
            HitKind::Answer => "SELECT term FROM temp.answer_words WHERE term >= ?1 LIMIT 1",
        })?;
        Ok(Self {
            connection,
            next,
            ranges: ranges.max(1),
        })
    }

    fn asked(&mut self, term: &Term) -> rusqlite::Result<Asked> {
        if !term.beginning {
            return Ok(Asked::Exactly(quoted(&term.words)));
        }
        let mut before = self.spelled(&term.words)?;
        let Some(beginning) = before.pop() else {
            return Ok(Asked::Nothing);
        };
        let begun = |beginning: &str| {
            let words: Vec<_> = before.iter().map(String::as_str).chain([beginning]).collect();
            quoted(&words)
        };
        let length = beginning.chars().count();
        if length == BEGINNING_KEPT {
            return Ok(Asked::Exactly(format!("{} *", begun(&beginning))));
        }
        let most = if before.is_empty() { WORDS } else { PHRASES } / self.ranges;
        let (words, all) = self.beginning_with(&beginning, most)?;
        let any: Vec<_> = words.iter().map(|word| begun(word)).collect();
        let any = (!any.is_empty()).then(|| format!("({})", any.join(" OR ")));
        if all {
            return Ok(any.map_or(Asked::Nothing, Asked::Exactly));
        }
        let wider = if length > BEGINNING_KEPT {
            let kept: String = beginning.chars().take(BEGINNING_KEPT).collect();
            Some(format!("{} *", begun(&kept)))
        } else {
            (!before.is_empty()).then(|| quoted(&before))
        };
        Ok(Asked::Nearly(wider, any))
    }

    /// Words as the index has them: of what is no letter of one to it, it makes two.
    fn spelled(&self, words: &[String]) -> rusqlite::Result<Vec<String>> {
        if words.iter().all(|word| word.is_ascii()) {
            return Ok(words.to_vec());
        }
        self.connection
            .prepare_cached("INSERT INTO temp.spelling (words) VALUES (?1)")?
            .execute([words.join(" ")])?;
        let spelled = self
            .connection
            .prepare_cached("SELECT term FROM temp.spelled ORDER BY offset")?
            .query_map([], |row| row.get(0))?
            .collect();
        self.connection
            .prepare_cached("DELETE FROM temp.spelling")?
            .execute([])?;
        spelled
    }

    /// The first words of the index that begin so, and whether that is all.
    fn beginning_with(&mut self, beginning: &str, most: usize) -> rusqlite::Result<(Vec<String>, bool)> {
        let mut words: Vec<String> = Vec::new();
        let mut from = beginning.to_owned();
        loop {
            let next: Option<String> = self.next.query_row([&from], |row| row.get(0)).optional()?;
            let Some(next) = next.filter(|next| next.starts_with(beginning)) else {
                return Ok((words, true));
            };
            if words.len() >= most {
                return Ok((words, false));
            }
            // The next word after this one: no word holds anything before a figure.
            from.clone_from(&next);
            from.push('0');
            words.push(next);
        }
    }
}

/// Makes ready what a plan looks into. It is the connection's own, and nothing of it is in the file.
pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "PRAGMA temp_store = memory; \
         CREATE VIRTUAL TABLE temp.title_words USING fts5vocab(main, title_index, instance); \
         CREATE VIRTUAL TABLE temp.prompt_words USING fts5vocab(main, prompt_index, instance); \
         CREATE VIRTUAL TABLE temp.answer_words USING fts5vocab(main, answer_index, instance); \
         CREATE VIRTUAL TABLE temp.spelling USING fts5(words, tokenize='unicode61 remove_diacritics 2'); \
         CREATE VIRTUAL TABLE temp.spelled USING fts5vocab(temp, spelling, instance);",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::query::FACET;
    use super::*;

    fn index(texts: impl IntoIterator<Item = String>) -> Connection {
        let index = Connection::open_in_memory().unwrap();
        for (table, column) in [
            ("title_index", "title"),
            ("prompt_index", "prompt"),
            ("answer_index", "answer"),
        ] {
            index
                .execute_batch(&format!(
                    "CREATE VIRTUAL TABLE {table} USING fts5({column}, facet, content='', contentless_delete=1, \
                     prefix='3', tokenize='unicode61 remove_diacritics 2')"
                ))
                .unwrap();
        }
        prepare(&index).unwrap();
        for text in texts {
            index
                .execute("INSERT INTO answer_index (answer) VALUES (?1)", [text])
                .unwrap();
        }
        index
    }

    fn plan(index: &Connection, typed: &str, ranges: usize) -> Option<Plan> {
        Plan::new(index, &Query::parse(typed), &[], HitKind::Answer, ranges).unwrap()
    }

    fn found(index: &Connection, expression: &str) -> u32 {
        index
            .query_row(
                "SELECT count(*) FROM answer_index WHERE answer_index MATCH ?1",
                [expression],
                |row| row.get(0),
            )
            .unwrap()
    }

    #[test]
    fn a_beginning_is_asked_for_as_the_words_there_are() {
        let index = index(
            [
                "test tests testing tea",
                "ein Test",
                "key test",
                "key proxy",
                "жук жир",
            ]
            .map(String::from),
        );
        for (typed, expected, finds) in [
            ("test", "((\"test\" OR \"testing\" OR \"tests\"))", 3),
            ("tes", "(\"tes\" *)", 3),
            ("te", "(\"te\")", 0),
            ("key-prox", "((\"key proxy\"))", 1),
            ("key-pro", "(\"key pro\" *)", 1),
            (
                "key -test*",
                "(\"key\") NOT ((\"test\" OR \"testing\" OR \"tests\"))",
                1,
            ),
            ("key -nowhere*", "(\"key\")", 2),
            ("ж", "((\"жир\" OR \"жук\"))", 1),
        ] {
            let plan = plan(&index, typed, 1).unwrap();
            assert!(!plan.is_wider(), "{typed:?}");
            let expression = plan.expression.unwrap();
            assert_eq!(expression, expected, "{typed:?}");
            assert_eq!(found(&index, &expression), finds, "{typed:?}");
        }
        assert_eq!(plan(&index, "nowhere", 1), None);
    }

    #[test]
    fn where_too_many_words_begin_so_a_wider_question_is_asked() {
        let index =
            index((0..=WORDS).map(|number| format!("test{number:04} жук{number:04} key end{number:04}")));
        let wider = |typed: &str, ranges: usize| {
            let plan = plan(&index, typed, ranges).unwrap();
            assert!(plan.is_wider(), "{typed:?}");
            (
                plan.expression,
                plan.narrower.map(|narrower| found(&index, &narrower)),
            )
        };
        let words = u32::try_from(WORDS).unwrap();
        let phrases = u32::try_from(PHRASES).unwrap();
        assert_eq!(wider("test", 1), (Some("(\"tes\" *)".to_owned()), Some(words)));
        assert_eq!(
            wider("test", 4),
            (Some("(\"tes\" *)".to_owned()), Some(words / 4))
        );
        assert_eq!(wider("ж", 1), (None, Some(words)));
        assert_eq!(wider("key ж", 1), (Some("(\"key\")".to_owned()), Some(words)));
        assert_eq!(
            wider("key-end0", 1),
            (Some("(\"key end\" *)".to_owned()), Some(phrases))
        );
        assert_eq!(wider("key -test*", 1), (Some("(\"key\")".to_owned()), None));
    }

    #[test]
    fn a_word_is_begun_as_the_index_spells_it() {
        let index = index(["हिन्दी में".to_owned()]);
        let plan = plan(&index, "हिन्", 1).unwrap();
        assert_eq!(found(&index, &plan.expression.unwrap()), 1);
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_is_an_error(typed in prop_oneof![
            "\\PC{0,60}",
            "[-\"*:^(){}+ abé\u{0}\u{e000}\n]{0,40}",
            "((-|\"|\\*|AND|OR|NOT|NEAR|[a-z]{1,3}) ?){0,30}",
        ]) {
            let index = index(["abab abba éa".to_owned()]);
            let query = Query::parse(&typed);
            let plan = Plan::new(&index, &query, &[format!("{FACET}f1")], HitKind::Answer, 1)
                .map_err(|error| TestCaseError::fail(format!("{typed:?}: {error}")))?;
            for expression in plan.iter().flat_map(|plan| plan.expression.iter().chain(&plan.narrower)) {
                prop_assert_eq!(found(&index, expression), 0);
            }
        }
    }
}
