//! `--jq`: results filtered inside the tool.

use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data};
use jaq_json::{Num, Val, read};
use serde_json::Value;

use super::{Error, Result};
use appeal_i18n::{Message, message};

/// Maximum length of an error message of jq, in characters.
const MESSAGE: usize = 200;

/// Maximum nesting depth of a result.
const DEPTH: usize = 500;

/// jq functions that the library does not have, or implements differently: a filter must not end the process.
const MORE: &str = r#"
def @csv: if isarray then [.[]
    | if isstring then "\"" + (split("\"") | join("\"\"")) + "\""
      elif . == null then "" elif isnumber or isboolean then tojson
      else error("a row of @csv has no place for an \(type)") end] | join(",")
  else error("@csv wants an array") end;
def @tsv: if isarray then [.[]
    | if isstring then (split("\\") | join("\\\\")) | (split("\t") | join("\\t"))
        | (split("\n") | join("\\n")) | (split("\r") | join("\\r"))
      elif . == null then "" elif isnumber or isboolean then tojson
      else error("a row of @tsv has no place for an \(type)") end] | join("\t")
  else error("@tsv wants an array") end;
def halt_error($exit_code): error(if isstring then rtrimstr("\n") end);
def halt_error: halt_error(5);
def input_filename: null;
"#;

/// A compiled expression.
pub struct Jq {
    filter: jaq_core::compile::Filter<jaq_core::Native<data::JustLut<Val>>>,
}

fn wrong(message: Message) -> Error {
    Error::Usage { flag: "--jq", message }
}

impl Jq {
    /// Reads an expression.
    ///
    /// # Errors
    /// It is not valid: a usage error.
    pub fn new(expression: &str) -> Result<Self> {
        let more = load::parse(MORE, |parser| parser.defs()).unwrap_or_default();
        let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).chain(more);
        let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let modules =
            Loader::new(defs).load(&arena, File { code: expression, path: () }).map_err(|errors| {
                if errors.iter().any(|(_, error)| matches!(error, load::Error::Io(_))) {
                    return no_files(expression);
                }
                wrong(message!("value-jq", expression))
            })?;
        load::import(&modules, |_| Err(String::new())).map_err(|_| no_files(expression))?;
        let compiler = Compiler::default().with_funs(funs).with_global_vars(["$ENV"]);
        let filter = compiler.compile(modules).map_err(|errors| {
            let names: Vec<String> =
                errors.iter().flat_map(|(_, e)| e.iter().map(|(name, _)| (*name).to_owned())).collect();
            wrong(message!("value-jq-names", expression, names = names.join(", ")))
        })?;
        Ok(Self { filter })
    }

    /// Evaluates the expression on a value.
    ///
    /// # Errors
    /// It fails on this value.
    pub fn run(&self, value: &Value) -> Result<Vec<Value>> {
        // jq quotes the whole input in its error messages.
        let failed = |what: String| match what.char_indices().nth(MESSAGE) {
            Some((end, _)) => Error::Jq(format!("{}…", &what[..end])),
            None => Error::Jq(what),
        };
        let text = serde_json::to_vec(value).map_err(|e| failed(e.to_string()))?;
        let input = read::parse_single(&text).map_err(|e| failed(e.to_string()))?;
        let ctx = Ctx::<data::JustLut<Val>>::new(&self.filter.lut, Vars::new([environment()]));
        let mut results = Vec::new();
        for result in self.filter.id.run((ctx, input)) {
            match result {
                Ok(value) => {
                    let value = json(&value, DEPTH);
                    results.push(value.ok_or_else(|| failed("the result is nested too deeply".to_owned()))?);
                }
                Err(end) => match end.get_err().map_err(|end| end.get_halt()) {
                    Ok(error) => return Err(failed(error.to_string())),
                    // `halt` ends the results without an error.
                    Err(Ok(0)) => break,
                    Err(Ok(code)) => return Err(failed(format!("halt({code})"))),
                    Err(Err(_)) => return Err(failed("break".to_owned())),
                },
            }
        }
        Ok(results)
    }
}

fn no_files(expression: &str) -> Error {
    wrong(message!("value-jq-files", expression))
}

/// The variables of the environment, for `$ENV`.
fn environment() -> Val {
    let text = |text: std::ffi::OsString| Val::utf8_str(text.to_string_lossy().into_owned().into_bytes());
    Val::obj(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
}

/// A result as JSON. Values that JSON cannot represent are written as in jq: NaN as null, infinity as the largest
/// number. `None` if it is nested too deeply.
fn json(value: &Val, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(match value {
        Val::Null => Value::Null,
        Val::Bool(is) => Value::Bool(*is),
        Val::Num(Num::Float(number)) if number.is_nan() => Value::Null,
        Val::Num(Num::Float(number)) if number.is_infinite() => Value::from(f64::MAX.copysign(*number)),
        Val::Num(number) => serde_json::from_str(&number.to_string()).unwrap_or_default(),
        Val::BStr(bytes) | Val::TStr(bytes) => Value::String(text(bytes)),
        Val::Arr(items) => Value::Array(items.iter().map(|item| json(item, depth)).collect::<Option<_>>()?),
        Val::Obj(fields) => {
            let field = |(name, value): (&Val, &Val)| {
                let name = match name {
                    Val::BStr(bytes) | Val::TStr(bytes) => text(bytes),
                    other => other.to_string(),
                };
                Some((name, json(value, depth)?))
            };
            Value::Object(fields.iter().map(field).collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(expression: &str) -> Result<Vec<Value>> {
        Jq::new(expression)?.run(&serde_json::json!({ "a": [1, "x\"\t,", null, true], "s": "<&'я" }))
    }

    #[test]
    fn what_jq_has_is_there() {
        for (expression, expected) in [
            (".a | @csv", serde_json::json!(["1,\"x\"\"\t,\",,true"])),
            (".a | @tsv", serde_json::json!(["1\tx\"\\t,\t\ttrue"])),
            ("[] | @csv", serde_json::json!([""])),
            (r#"["","a\\b\n"] | @tsv"#, serde_json::json!(["\ta\\\\b\\n"])),
            (r#"[""] | @csv"#, serde_json::json!(["\"\""])),
            (r#"@csv "row: \([1,2])""#, serde_json::json!(["row: 1,2"])),
            (".s | @html", serde_json::json!(["&lt;&amp;&apos;я"])),
            (".s | @base64 | @base64d", serde_json::json!(["<&'я"])),
            ("\"a b\" | @uri, @sh, @json, @text", serde_json::json!(["a%20b", "'a b'", "\"a b\"", "a b"])),
            ("nan, [infinite, -infinite]", serde_json::json!([null, [f64::MAX, f64::MIN]])),
            ("$ENV | type", serde_json::json!(["object"])),
            ("input_filename", serde_json::json!([null])),
            ("1, halt, 2", serde_json::json!([1])),
        ] {
            assert_eq!(Value::Array(run(expression).unwrap()), expected, "{expression}");
        }
    }

    #[test]
    fn no_expression_ends_the_process() {
        for (expression, words) in [
            (r#"import "/etc/passwd" as $x; $x"#, "not available here"),
            (r#"import "a" as a; a::f"#, "not available here"),
            (r#"include "a"; ."#, "not available here"),
            ("inputs", "not available here: inputs"),
            (r#""over" | halt_error"#, "over"),
            ("{a: 1} | halt_error(1)", r#"{"a":1}"#),
            ("halt(3)", "halt(3)"),
            ("[[1]] | @csv", "array"),
            ("reduce range(2000) as $i (0; [.])", "deeply"),
        ] {
            let error = run(expression).unwrap_err().to_string();
            assert!(error.contains(words), "{expression}: {error}");
        }
    }
}
