//! The names of a table's constraints, which SQLite keeps nowhere but in the text that the table was made by.

/// The names that `CONSTRAINT` gave to keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ConstraintNames {
    pub(super) primary_key: Option<String>,
    /// One for each foreign key, in the order of their declaration.
    pub(super) foreign_keys: Vec<Option<String>>,
}

/// As much of a token as it takes to find constraints.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// A keyword, or a name without quotes.
    Word(String),
    /// A name or a text in quotes, without them.
    Quoted(String),
    Open,
    Close,
    Other,
}

impl ConstraintNames {
    /// Reads a `CREATE TABLE` that SQLite has accepted.
    ///
    /// `CONSTRAINT`, `PRIMARY`, `FOREIGN` and `REFERENCES` are no names in SQLite unless they are quoted, so where
    /// they stand between the columns of the table they begin a constraint.
    pub(super) fn of(sql: &str) -> Self {
        let mut names = Self::default();
        let mut depth = 0usize;
        // The name for the constraint that comes next, and the one of a FOREIGN KEY whose REFERENCES is still to come.
        let (mut pending, mut foreign) = (None, None);
        let mut tokens = Tokens { rest: sql };
        while let Some(token) = tokens.next() {
            match token {
                Token::Open => depth += 1,
                Token::Close => depth = depth.saturating_sub(1),
                Token::Word(word) if depth == 1 => {
                    let name = pending.take();
                    match word.to_ascii_uppercase().as_str() {
                        "CONSTRAINT" => pending = tokens.name(),
                        "PRIMARY" => names.primary_key = name,
                        "FOREIGN" => foreign = name,
                        "REFERENCES" => names.foreign_keys.push(foreign.take().or(name)),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        names
    }
}

struct Tokens<'a> {
    rest: &'a str,
}

impl Tokens<'_> {
    fn name(&mut self) -> Option<String> {
        match self.next()? {
            Token::Word(name) | Token::Quoted(name) => Some(name),
            _ => None,
        }
    }

    fn next(&mut self) -> Option<Token> {
        self.skip_blank();
        let first = self.rest.chars().next()?;
        Some(match first {
            '\'' | '"' | '`' => self.quoted(first, true),
            '[' => self.quoted(']', false),
            _ if is_in_word(first) => {
                let end = self.rest.find(|c| !is_in_word(c)).unwrap_or(self.rest.len());
                Token::Word(self.take(end).to_owned())
            }
            _ => {
                self.take(first.len_utf8());
                match first {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Other,
                }
            }
        })
    }

    /// Spaces and comments.
    fn skip_blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let end = match self.rest.get(..2) {
                Some("--") => self.rest.find('\n'),
                Some("/*") => self.rest.get(2..).and_then(|comment| comment.find("*/")).map(|end| end + 4),
                _ => return,
            };
            self.take(end.unwrap_or(self.rest.len()));
        }
    }

    /// What stands until the next `quote`; two of them, where they are `doubled`, are one within it.
    fn quoted(&mut self, quote: char, doubled: bool) -> Token {
        self.take(1);
        let mut content = String::new();
        loop {
            let end = self.rest.find(quote).unwrap_or(self.rest.len());
            content.push_str(self.take(end));
            self.take(quote.len_utf8());
            if !(doubled && self.rest.starts_with(quote)) {
                return Token::Quoted(content);
            }
            self.take(quote.len_utf8());
            content.push(quote);
        }
    }

    /// Goes on by `length` bytes, or to the end.
    fn take(&mut self, length: usize) -> &str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
}

fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> (Option<String>, Vec<Option<String>>) {
        let names = ConstraintNames::of(sql);
        (names.primary_key, names.foreign_keys)
    }

    #[test]
    fn a_name_belongs_to_the_constraint_behind_it_and_to_no_other() {
        let some = |name: &str| Some(name.to_owned());
        for (sql, expected) in [
            ("CREATE TABLE t(a INTEGER PRIMARY KEY)", (None, vec![])),
            ("CREATE TABLE t(a INTEGER constraint k primary key)", (some("k"), vec![])),
            ("CREATE TABLE t(a, b, CONSTRAINT \"a \"\"key\" PRIMARY KEY (a, b))", (some("a \"key"), vec![])),
            ("CREATE TABLE t(a CONSTRAINT [my key] REFERENCES p, b REFERENCES p(x))", (None, vec![some("my key"), None])),
            ("CREATE TABLE t(a CONSTRAINT n NOT NULL REFERENCES p)", (None, vec![None])),
            ("CREATE TABLE t(a CONSTRAINT n NOT NULL CONSTRAINT k REFERENCES p)", (None, vec![some("k")])),
            (
                "CREATE TABLE t(a, b, CONSTRAINT `k` FOREIGN KEY (a, b) REFERENCES p, FOREIGN KEY(b) REFERENCES q)",
                (None, vec![some("k"), None]),
            ),
            ("CREATE TABLE t(a, CONSTRAINT c CHECK (a > 0) PRIMARY KEY (a))", (None, vec![])),
            ("CREATE TABLE t(a DEFAULT 'CONSTRAINT x REFERENCES p', \"REFERENCES\" INT)", (None, vec![])),
            ("CREATE TABLE t(a -- CONSTRAINT x REFERENCES p\n, b /* REFERENCES (p */ CONSTRAINT ü REFERENCES p)", (None, vec![some("ü")])),
            ("CREATE TABLE \"CONSTRAINT x PRIMARY (\"(a CONSTRAINT 'k' PRIMARY KEY)", (some("k"), vec![])),
            ("CREATE TABLE t(a 'unclosed", (None, vec![])),
            ("CREATE TABLE t(a /* unclosed", (None, vec![])),
            ("", (None, vec![])),
        ] {
            assert_eq!(names(sql), expected, "{sql}");
        }
    }
}
