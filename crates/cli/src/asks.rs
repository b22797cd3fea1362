//! Permissions and questions, on the terminal.

use cowork_api::view::{PermissionCard, PermissionSubject, QuestionCard};
use cowork_workspace::PermissionReply;

use crate::terminal::Terminal;

/// Asks for one permission. Where nobody can answer it is refused, with that as the feedback.
pub(crate) fn permission(card: &PermissionCard) -> PermissionReply {
    let mut text = format!("\n{}\n", title(card));
    if let Some(change) = &card.change {
        text.push_str(&format!(
            "  {} +{} −{}\n",
            change.path, change.additions, change.deletions
        ));
    }
    if card.destructive {
        text.push_str("  This deletes or overwrites.\n");
    }
    let always = !card.always.is_empty();
    text.push_str(if always {
        "Allow [o]nce, [a]lways until the end, [n]o, or write what to do instead: "
    } else {
        "Allow [o]nce, [n]o, or write what to do instead: "
    });
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
        let mut text = format!("\n{}\n", question.text);
        for (number, choice) in question.choices.iter().enumerate() {
            text.push_str(&format!(
                "  {}. {} – {}\n",
                number + 1,
                choice.label,
                choice.description
            ));
        }
        text.push_str(match (question.multiple, question.custom) {
            (true, true) => "Numbers with commas between, or your own words: ",
            (true, false) => "Numbers with commas between: ",
            (false, true) => "A number, or your own words: ",
            (false, false) => "A number: ",
        });
        let answer = loop {
            let line = Terminal::ask(&text)?;
            let answer = chosen(&line, card_labels(question), question.multiple, question.custom);
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
fn chosen(line: &str, labels: Vec<&str>, multiple: bool, custom: bool) -> Vec<String> {
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
    use super::chosen;

    #[test]
    fn a_line_chooses_by_number_or_in_own_words() {
        let labels = || vec!["Red", "Blue"];
        assert_eq!(chosen("2", labels(), false, true), ["Blue"]);
        assert_eq!(chosen("1, 2", labels(), true, true), ["Red", "Blue"]);
        assert_eq!(chosen("green", labels(), false, true), ["green"]);
        assert!(chosen("3", labels(), false, false).is_empty());
        assert!(chosen("", labels(), false, true).is_empty());
    }
}
