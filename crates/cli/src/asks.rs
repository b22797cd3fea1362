//! Permissions and questions, on the terminal.

use cowork_api::view::{PermissionCard, PermissionSubject, QuestionCard};
use cowork_workspace::PermissionReply;

use crate::terminal::Terminal;

/// Lines of a change that are shown: what fits on two screens. Who wants to see more of it says no.
const SHOWN_LINES: usize = 60;
/// Characters of a line that are shown: some lines of a terminal. A file without line breaks would fill the screen.
const SHOWN_CHARACTERS: usize = 400;

/// Asks for one permission; `diff` is the change it would make, as a unified diff. Where nobody can answer it is
/// refused, with that as the feedback.
pub(crate) fn permission(card: &PermissionCard, diff: Option<&str>) -> PermissionReply {
    let text = wording(card, diff);
    let always = !card.always.is_empty();
    loop {
        let Some(line) = Terminal::ask(&text) else {
            return PermissionReply::Reject {
                feedback: Some("Nobody is there to allow this.".to_owned()),
            };
        };
        match line.to_lowercase().as_str() {
            "" => {}
            "o" | "once" | "y" | "yes" => return PermissionReply::Once,
            "a" | "always" if always => return PermissionReply::Always,
            "n" | "no" => return PermissionReply::Reject { feedback: None },
            _ => return PermissionReply::Reject { feedback: Some(line) },
        }
    }
}

/// What a person is asked, up to the place where they write.
fn wording(card: &PermissionCard, diff: Option<&str>) -> String {
    let mut lines = vec![String::new(), title(card)];
    // What is named may be a link, and where it leads is what is read or changed.
    if let Some(place) = &card.leads_to {
        lines.push(format!("  It leads to {place}"));
    }
    if let Some(change) = &card.change {
        lines.push(format!(
            "  {} +{} −{}",
            change.path, change.additions, change.deletions
        ));
    }
    lines.extend(diff.into_iter().flat_map(shown));
    if card.destructive {
        lines.push("  This deletes, overwrites or cannot be read:".to_owned());
        lines.extend(card.dangers.iter().map(|danger| format!("    {}", danger.part)));
    }
    let always = !card.always.is_empty();
    if always {
        let rules: Vec<_> = card.always.iter().map(|rule| rule.pattern.as_str()).collect();
        lines.push(format!("  Always would allow: {}", rules.join(", ")));
    }
    let choices = if always {
        "Allow [o]nce, [a]lways until the end, [n]o, or write what to do instead: "
    } else {
        "Allow [o]nce, [n]o, or write what to do instead: "
    };
    lines.push(choices.to_owned());
    lines.join("\n")
}

/// A change as the terminal shows it: indented, and cut where it is longer than a person would read here.
fn shown(diff: &str) -> Vec<String> {
    // The file is named above; within a change no line begins with these words.
    let heading = |line: &&str| line.starts_with("Index: ") || line.starts_with("=====");
    let mut rest = diff.lines().filter(|line| !heading(line));
    let mut lines: Vec<_> = rest.by_ref().take(SHOWN_LINES).map(cut).collect();
    let more = rest.count();
    if more > 0 {
        lines.push(format!("  … {more} more lines"));
    }
    lines
}

fn cut(line: &str) -> String {
    let mut rest = line.chars();
    let beginning: String = rest.by_ref().take(SHOWN_CHARACTERS).collect();
    match rest.count() {
        0 => format!("  {beginning}"),
        more => format!("  {beginning} … {more} more characters"),
    }
}

fn title(card: &PermissionCard) -> String {
    let what = card
        .command
        .as_deref()
        .or(card.path.as_deref())
        .or(card.tool.as_deref());
    let what = what.map_or_else(|| card.patterns.join(", "), str::to_owned);
    let verb = match card.subject {
        PermissionSubject::Shell => "Run",
        PermissionSubject::Edit => "Change",
        PermissionSubject::Read => "Read",
        PermissionSubject::Fetch => "Fetch",
        PermissionSubject::WebSearch => "Search the web for",
        PermissionSubject::Task => "Start the sub-agent",
        PermissionSubject::ExternalFolder => "Reach outside the folder, to",
        PermissionSubject::RepeatedCall => "Repeat the same call:",
        PermissionSubject::Skill => "Load the skill",
        PermissionSubject::Tool => "Use the tool",
    };
    match &card.subagent {
        Some(subagent) => format!("{verb} {what}? (asked by the sub-agent {subagent:?})"),
        None => format!("{verb} {what}?"),
    }
}

/// Asks one set of questions; none when nobody can answer.
pub(crate) fn questions(card: &QuestionCard) -> Option<Vec<Vec<String>>> {
    let mut answers = Vec::new();
    for question in &card.questions {
        let mut lines = vec![String::new(), question.text.clone()];
        for (number, choice) in question.choices.iter().enumerate() {
            lines.push(format!(
                "  {}. {} – {}",
                number + 1,
                choice.label,
                choice.description
            ));
        }
        let invitation = match (question.multiple, question.custom) {
            (true, true) => "Numbers with commas between, or your own words: ",
            (true, false) => "Numbers with commas between: ",
            (false, true) => "A number, or your own words: ",
            (false, false) => "A number: ",
        };
        lines.push(invitation.to_owned());
        let text = lines.join("\n");
        let answer = loop {
            let line = Terminal::ask(&text)?;
            let answer = chosen(&line, &card_labels(question), question.multiple, question.custom);
            if !answer.is_empty() {
                break answer;
            }
        };
        answers.push(answer);
    }
    Some(answers)
}

fn card_labels(question: &cowork_api::view::QuestionItem) -> Vec<&str> {
    question
        .choices
        .iter()
        .map(|choice| choice.label.as_str())
        .collect()
}

/// What a line chooses; empty when it chooses nothing.
fn chosen(line: &str, labels: &[&str], multiple: bool, custom: bool) -> Vec<String> {
    let label = |word: &str| {
        let number = word.trim().parse::<usize>().ok()?;
        labels
            .get(number.checked_sub(1)?)
            .map(|label| (*label).to_owned())
    };
    let words: Vec<_> = if multiple {
        line.split(',').collect()
    } else {
        vec![line]
    };
    match words.iter().map(|word| label(word)).collect::<Option<Vec<_>>>() {
        Some(chosen) => chosen,
        None if custom && !line.is_empty() => vec![line.to_owned()],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use cowork_api::view::{AskReason, PermissionCard, PermissionSubject};

    use super::{SHOWN_CHARACTERS, SHOWN_LINES, chosen, shown, wording};

    #[test]
    fn it_is_said_where_a_path_leads_that_is_asked_for() {
        let mut card = PermissionCard {
            id: "per_1".to_owned(),
            session: "ses_1".to_owned(),
            subagent: None,
            place: None,
            subject: PermissionSubject::Edit,
            tool: None,
            command: None,
            path: Some("notes.md".to_owned()),
            leads_to: Some("/home/ada/.bashrc".to_owned()),
            change: None,
            patterns: vec!["notes.md".to_owned()],
            agent: "build".to_owned(),
            runs: Vec::new(),
            dangers: Vec::new(),
            permission: "edit".to_owned(),
            always: Vec::new(),
            reason: AskReason::AsksFirst,
            rule: None,
            destructive: false,
            overruled: false,
        };
        let asked = wording(&card, None);
        assert!(
            asked.contains("Change notes.md?\n  It leads to /home/ada/.bashrc\n"),
            "{asked}"
        );
        card.leads_to = None;
        assert!(!wording(&card, None).contains("leads to"));
    }

    #[test]
    fn a_change_is_shown_to_its_bounds_and_says_what_is_left_out() {
        let diff = "Index: a.txt\n=====\n--- a.txt\n+++ a.txt\n@@ -1 +1 @@\n-old <b>\n+new &amp;\n";
        assert_eq!(
            shown(diff),
            [
                "  --- a.txt",
                "  +++ a.txt",
                "  @@ -1 +1 @@",
                "  -old <b>",
                "  +new &amp;"
            ]
        );
        let long = shown(&"+line\n".repeat(SHOWN_LINES + 7));
        assert_eq!(long.len(), SHOWN_LINES + 1);
        assert_eq!(long[SHOWN_LINES], "  … 7 more lines");
        let wide = shown(&"é".repeat(SHOWN_CHARACTERS + 3));
        assert!(wide[0].ends_with("é … 3 more characters"), "{wide:?}");
    }

    #[test]
    fn a_line_chooses_by_number_or_in_own_words() {
        let labels = ["Red", "Blue"];
        assert_eq!(chosen("2", &labels, false, true), ["Blue"]);
        assert_eq!(chosen("1, 2", &labels, true, true), ["Red", "Blue"]);
        assert_eq!(chosen("green", &labels, false, true), ["green"]);
        assert!(chosen("3", &labels, false, false).is_empty());
        assert!(chosen("", &labels, false, true).is_empty());
    }
}
