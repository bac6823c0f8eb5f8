//! The notes below a help text: prose that the terminal may wrap, and commands that can be pasted as they are printed.

/// Columns of a line of a command. A terminal has at least as many; the parser wraps the help at its width, and a
/// wrapped command would be another one.
const WIDTH: usize = 80;
/// Indentation of the lines that continue a command.
const CONTINUATION: &str = "    ";

/// Lays out notes: the lines of a paragraph are joined, and long commands are continued on the next line with a
/// backslash. Indented lines are commands or tables.
pub fn notes(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        match lines.last_mut() {
            Some(last) if last.ends_with(" \\") => {
                last.truncate(last.len() - 1);
                last.push_str(line.trim_start());
            }
            Some(last) if is_prose(last) && is_prose(line) => {
                last.push(' ');
                last.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.iter().flat_map(|line| command(line)).collect::<Vec<_>>().join("\n")
}

/// Returns whether the line is part of a paragraph.
pub fn is_prose(line: &str) -> bool {
    !line.is_empty() && !line.starts_with([' ', '-'])
}

/// Breaks a command that is too long between its words. Other lines stay as they are.
fn command(line: &str) -> Vec<String> {
    let indent = line.len() - line.trim_start().len();
    if indent == 0 || line.chars().count() <= WIDTH || !line.contains("appeal ") {
        return vec![line.to_owned()];
    }
    let (indent, line) = line.split_at(indent);
    let mut broken = Vec::new();
    let mut current = indent.to_owned();
    let mut is_empty = true;
    for word in words(line) {
        let needed = current.chars().count() + 1 + word.chars().count() + " \\".len();
        if !is_empty && needed > WIDTH {
            broken.push(format!("{current} \\"));
            current = format!("{indent}{CONTINUATION}");
            is_empty = true;
        }
        if !is_empty {
            current.push(' ');
        }
        current.push_str(word);
        is_empty = false;
    }
    broken.push(current);
    broken
}

/// Splits a command at the spaces outside quotes.
fn words(line: &str) -> Vec<&str> {
    let mut quote = None;
    line.split(|c: char| {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            _ => {}
        }
        c == ' ' && quote.is_none()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_paragraph_are_joined() {
        let text = "One.\nTwo.\n\nThree:\n  appeal list\n- a\n- b";
        assert_eq!(notes(text), "One. Two.\n\nThree:\n  appeal list\n- a\n- b");
    }

    #[test]
    fn a_long_command_is_continued_between_its_words() {
        let words =
            "appeal create --subject 'No heating at 12 Forest Street since 3 November' --category roads";
        let expected = "  appeal create --subject 'No heating at 12 Forest Street since 3 November' \\\n      \
                        --category roads";
        assert_eq!(notes(&format!("  {words}")), expected);
    }

    #[test]
    fn a_continued_command_is_broken_anew() {
        assert_eq!(notes("  appeal list \\\n      --all"), "  appeal list --all");
    }
}
