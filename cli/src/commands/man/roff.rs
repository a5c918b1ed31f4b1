//! Writes roff, the format of man pages.

/// A man page in the making.
#[derive(Debug, Default)]
pub(super) struct Roff {
    page: String,
}

impl Roff {
    /// Starts a page with its name and the version of its program.
    pub(super) fn new(name: &str, version: &str) -> Self {
        let title = escape(&name.to_uppercase());
        Self {
            page: format!(".TH {title} 1 \"\" \"{name} {version}\" \"User Commands\"\n"),
        }
    }

    pub(super) fn section(&mut self, title: &str) {
        self.line(&format!(".SH \"{}\"", escape(&title.to_uppercase())));
    }

    pub(super) fn subsection(&mut self, title: &str) {
        self.line(&format!(".SS \"{}\"", escape(title)));
    }

    /// Writes paragraphs of plain text, which are separated by empty lines.
    pub(super) fn paragraphs(&mut self, text: &str) {
        for paragraph in text.split("\n\n") {
            self.line(".PP");
            self.text(paragraph);
        }
    }

    /// Writes a line of roff that may be broken.
    pub(super) fn marked_paragraph(&mut self, marked: &str) {
        self.line(".PP");
        self.line(marked);
    }

    /// Writes an entry of a list: its name, as roff, and its description.
    pub(super) fn item(&mut self, marked_name: &str, description: &str) {
        self.line(".TP");
        self.line(marked_name);
        for (i, paragraph) in description.split("\n\n").enumerate() {
            if i > 0 {
                self.line(".IP");
            }
            self.text(paragraph);
        }
    }

    /// Starts a list inside the description of an item.
    pub(super) fn indent(&mut self) {
        self.line(".RS");
    }

    pub(super) fn outdent(&mut self) {
        self.line(".RE");
    }

    /// Writes lines as they are.
    pub(super) fn example<'a>(&mut self, lines: impl Iterator<Item = &'a str>) {
        self.line(".PP");
        self.line(".EX");
        for line in lines {
            self.line(&unlike_a_request(&escape(line)));
        }
        self.line(".EE");
    }

    pub(super) fn finish(self) -> String {
        self.page
    }

    /// Writes plain text; what is between backticks is bold.
    fn text(&mut self, text: &str) {
        for line in text.trim().lines() {
            let marked: String = line
                .split('`')
                .enumerate()
                .map(|(i, part)| match i % 2 {
                    0 => escape(part),
                    _ => bold(part),
                })
                .collect();
            self.line(&unlike_a_request(&marked));
        }
    }

    fn line(&mut self, line: &str) {
        self.page += line;
        self.page.push('\n');
    }
}

/// Returns plain text as roff, in bold.
pub(super) fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escape(text))
}

/// Returns plain text as roff, in italics.
pub(super) fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", escape(text))
}

/// Escapes the characters that roff would replace.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped += "\\e",
            '-' => escaped += "\\-",
            '\'' => escaped += "\\(aq",
            '"' => escaped += "\\(dq",
            '`' => escaped += "\\(ga",
            '^' => escaped += "\\(ha",
            '~' => escaped += "\\(ti",
            other => escaped.push(other),
        }
    }
    escaped
}

/// A line that starts with a dot would be a request.
fn unlike_a_request(line: &str) -> String {
    match line.starts_with('.') {
        true => format!("\\&{line}"),
        false => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_taken_for_roff() {
        let mut roff = Roff::default();
        roff.paragraphs("a `--b` c\\d 'e'\n.f");
        roff.item(&bold("-g"), "one\n\ntwo");
        roff.example(["  .h ~"].into_iter());
        let expected = ".PP\na \\fB\\-\\-b\\fR c\\ed \\(aqe\\(aq\n\\&.f\n\
                        .TP\n\\fB\\-g\\fR\none\n.IP\ntwo\n\
                        .PP\n.EX\n  .h \\(ti\n.EE\n";
        assert_eq!(roff.finish(), expected);
    }
}
