//! What is checked of parameters, as the documentation tells it.

use serde_json::{Value, json};

use super::{Check, Checks, Place, Rule};

impl Checks {
    /// The parameters of path and query as OpenAPI has them.
    pub(crate) fn documented(&self) -> Vec<Value> {
        self.checks.iter().filter_map(Check::documented).collect()
    }
}

impl Check {
    fn documented(&self) -> Option<Value> {
        let place = match self.place {
            Place::Path => "path",
            Place::Query => "query",
            // The body has a schema.
            Place::Body => return None,
        };
        let mut schema = json!({"type": "string"});
        for rule in self.rules {
            rule.document(&mut schema);
        }
        Some(json!({
            "name": self.name,
            "in": place,
            "required": self.needed,
            "schema": schema,
        }))
    }
}

impl Rule {
    fn document(self, schema: &mut Value) {
        match self {
            Rule::Text => {}
            Rule::NotEmpty => schema["minLength"] = json!(1),
            Rule::Length(least, most) => {
                schema["minLength"] = json!(least);
                schema["maxLength"] = json!(most);
            }
            Rule::NamePart(_) => schema["maxLength"] = json!(100),
            Rule::Integer(least) => {
                *schema = json!({"type": "integer"});
                if least > i64::MIN {
                    schema["minimum"] = json!(least);
                }
            }
            Rule::Numeric => {}
            Rule::FourDigits => schema["pattern"] = json!("^[0-9]{4}$"),
            Rule::Quota => {
                *schema = json!({"type": "integer", "minimum": 0, "maximum": 100_000});
            }
            Rule::OneOf(words, _) => schema["enum"] = json!(words),
            Rule::Moment => {
                schema["description"] = json!("A date, or a date and time with or without offset");
            }
            Rule::Truth(_) => {
                schema["enum"] = json!(["1", "0", "true", "false", "yes", "no"]);
            }
            Rule::CveId => schema["pattern"] = json!("^CVE-[0-9]{4}-[0-9]{4,19}$"),
            Rule::Username => schema["pattern"] = json!("^[A-Za-z0-9\\-_@.]{3,128}$"),
            Rule::Roles(words, _) => {
                *schema = json!({"type": "array", "items": {"type": "string", "enum": words}});
            }
        }
    }
}
