//! Makes the shapes of the description say what the server does: in an answer a value that is not there is written as
//! null, never left out; and a page of a list names the shape of its rows instead of writing it out again.
//!
//! It changes only what is described. A field that an answer may leave out is marked `#[schema(nullable = false)]` where it
//! is declared: whatever may be null is always there.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

const PLACE: &str = "#/components/schemas/";

/// Corrects every shape in the document.
pub fn correct(whole: &mut Value) {
    if let Some(schemas) = whole["components"]["schemas"].as_object_mut() {
        name_rows(schemas);
    }
    let sent = reached(whole, |operation| vec![&operation["requestBody"]]);
    let answered = reached(whole, |operation| {
        let answers = operation["responses"].as_object().into_iter().flatten();
        answers.map(|(_, answer)| answer).collect()
    });
    let Some(schemas) = whole["components"]["schemas"].as_object_mut() else { return };
    for name in answered.difference(&sent) {
        if let Some(schema) = schemas.get_mut(name) {
            say_null(schema);
        }
    }
}

/// The names of the shapes that some part of the operations leads to.
fn reached<'a>(whole: &'a Value, part: impl Fn(&'a Value) -> Vec<&'a Value>) -> BTreeSet<String> {
    let methods = whole["paths"].as_object().into_iter().flatten().flat_map(|(_, path)| path.as_object());
    let mut open: Vec<&Value> = methods.flatten().flat_map(|(_, operation)| part(operation)).collect();
    let mut names = BTreeSet::new();
    while let Some(value) = open.pop() {
        if let Some(name) = value["$ref"].as_str().and_then(|reference| reference.strip_prefix(PLACE))
            && names.insert(name.to_owned())
        {
            open.push(&whole["components"]["schemas"][name]);
        }
        open.extend(value.as_object().into_iter().flatten().map(|(_, inner)| inner));
        open.extend(value.as_array().into_iter().flatten());
    }
    names
}

/// Whatever may be null is there, in this shape and in those written inside it.
fn say_null(schema: &mut Value) {
    if let Some(properties) = schema["properties"].as_object() {
        let told: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let there = |name: &str, property: &Value| told.contains(name) || nullable(property);
        let names: Vec<&String> =
            properties.iter().filter(|(name, property)| there(name, property)).map(|(name, _)| name).collect();
        schema["required"] = json!(names);
    }
    for part in ["allOf", "oneOf", "anyOf"] {
        schema[part].as_array_mut().into_iter().flatten().for_each(say_null);
    }
    tidy(schema);
}

fn nullable(property: &Value) -> bool {
    let null = |value: &Value| value == "null" || value["type"] == "null";
    property["type"].as_array().is_some_and(|types| types.iter().any(null))
        || property["oneOf"].as_array().is_some_and(|shapes| shapes.iter().any(null))
}

/// Looking a key up to change it leaves a null behind where there was none.
fn tidy(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
}

/// `Page_X` lists rows of the shape X by its name.
fn name_rows(schemas: &mut Map<String, Value>) {
    let rows: Vec<String> = schemas.keys().filter_map(|name| name.strip_prefix("Page_")).map(str::to_owned).collect();
    for row in rows.iter().filter(|row| schemas.contains_key(row.as_str())).cloned().collect::<Vec<String>>() {
        if let Some(items) = schemas.get_mut(&format!("Page_{row}")).map(|page| &mut page["properties"]["items"]) {
            items["items"] = json!({ "$ref": format!("{PLACE}{row}") });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_writes_null_and_a_body_may_leave_out() {
        let text = json!({ "type": ["string", "null"] });
        let shape = json!({ "type": "object", "required": ["id"],
            "properties": { "id": { "type": "string" }, "note": text, "links": { "type": "array" } } });
        let content = |name: &str| json!({ "content": { "application/json": { "schema": { "$ref": format!("{PLACE}{name}") } } } });
        let mut whole = json!({
            "paths": { "/a": { "post": { "requestBody": content("NewGoal"), "responses": { "200": content("Page_Goal") } } } },
            "components": { "schemas": { "NewGoal": shape, "Goal": shape,
                "Page_Goal": { "properties": { "items": { "type": "array", "items": shape }, "next": text }, "required": ["items"] } } } });
        correct(&mut whole);
        let schemas = &whole["components"]["schemas"];
        assert_eq!(schemas["Goal"]["required"], json!(["id", "note"]));
        assert_eq!(schemas["NewGoal"]["required"], json!(["id"]));
        assert_eq!(schemas["Page_Goal"]["required"], json!(["items", "next"]));
        assert_eq!(schemas["Page_Goal"]["properties"]["items"]["items"], json!({ "$ref": format!("{PLACE}Goal") }));
    }
}
