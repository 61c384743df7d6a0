//! Fields of a request checked one after the other, so that a form hears of everything that is wrong at once.

use serde_json::{Map, Value};

use crate::error::{Code, Problem};

/// Collects one sentence for each field that needs another value.
#[derive(Default)]
pub struct Form {
    wrong: Map<String, Value>,
}

impl Form {
    /// A form with nothing wrong yet.
    #[must_use]
    pub fn new() -> Form {
        Form::default()
    }

    /// Notes what is wrong with a field; the first sentence for a field stands.
    pub fn wrong(&mut self, field: &str, sentence: impl Into<String>) {
        self.wrong.entry(field).or_insert_with(|| sentence.into().into());
    }

    /// One line of text: trimmed, without control characters, of `min` to `max` characters.
    pub fn line(&mut self, field: &str, value: &str, min: usize, max: usize) -> String {
        let value = value.trim();
        let length = value.chars().count();
        if length < min && length == 0 {
            self.wrong(field, "This is needed.");
        } else if length < min {
            self.wrong(field, format!("At least {min} characters."));
        } else if length > max {
            self.wrong(field, format!("At most {max} characters; this has {length}."));
        } else if value.chars().any(char::is_control) {
            self.wrong(field, "One line of plain text, please.");
        }
        value.to_owned()
    }

    /// Text of several lines: trimmed, at most `max` characters.
    pub fn text(&mut self, field: &str, value: &str, max: usize) -> String {
        let value = value.trim();
        let length = value.chars().count();
        if length > max {
            self.wrong(field, format!("At most {max} characters; this has {length}."));
        } else if value.contains('\0') {
            self.wrong(field, "Plain text, please.");
        }
        value.to_owned()
    }

    /// The value of a fallible reading, or its sentence noted under the field.
    pub fn take<T>(&mut self, field: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|sentence| self.wrong(field, sentence)).ok()
    }

    /// What is wrong so far: field and sentence.
    pub fn sentences(&self) -> impl Iterator<Item = (&str, &str)> {
        self.wrong.iter().map(|(field, sentence)| (field.as_str(), sentence.as_str().unwrap_or_default()))
    }

    /// Nothing wrong, or the problem that names every field.
    ///
    /// # Errors
    /// 422 `invalid` with `fields`.
    pub fn done(self) -> Result<(), Problem> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        let detail = match self.wrong.iter().next() {
            Some((field, Value::String(sentence))) if self.wrong.len() == 1 => format!("{field}: {sentence}"),
            _ => "Some fields need another value.".to_owned(),
        };
        Err(Problem::new(Code::Invalid, detail).with("fields", Value::Object(self.wrong)))
    }
}

/// The pattern of `like … escape '\\'` that finds `part` anywhere, in lower case.
#[must_use]
pub fn like(part: &str) -> String {
    let escaped = part.to_lowercase().replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let mut form = Form::new();
        assert_eq!(form.line("name", "  Ada  ", 1, 10), "Ada");
        form.line("title", "", 1, 10);
        form.line("handle", "abcdefghijk", 1, 10);
        assert!(form.take("zone", Err::<(), _>("Not a zone.".into())).is_none());
        let problem = form.done().unwrap_err();
        assert_eq!(problem.fields["fields"].as_object().unwrap().len(), 3);
    }

    #[test]
    fn a_pattern_takes_its_text_literally() {
        assert_eq!(like(r"50%_\x"), r"%50\%\_\\x%");
    }
}
