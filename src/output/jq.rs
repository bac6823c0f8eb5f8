//! `--jq`: results filtered inside the tool.

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::Value;

use super::{Error, Result};

/// Most characters of what jq says of a failure.
const MESSAGE: usize = 200;

/// A compiled expression.
pub struct Jq {
    filter: jaq_core::compile::Filter<jaq_core::Native<data::JustLut<Val>>>,
}

fn wrong(what: impl std::fmt::Display) -> Error {
    Error::Usage { flag: "--jq", message: what.to_string() }
}

impl Jq {
    /// Reads an expression.
    ///
    /// # Errors
    /// It cannot be understood: a usage error.
    pub fn new(expression: &str) -> Result<Self> {
        let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let modules = Loader::new(defs)
            .load(&arena, File { code: expression, path: () })
            .map_err(|_| wrong(format!("'{expression}' is not a jq expression")))?;
        let filter = Compiler::default().with_funs(funs).compile(modules).map_err(|errors| {
            let names: Vec<String> =
                errors.iter().flat_map(|(_, e)| e.iter().map(|(name, _)| (*name).to_owned())).collect();
            wrong(format!("'{expression}' uses what jq does not have: {}", names.join(", ")))
        })?;
        Ok(Self { filter })
    }

    /// What it makes of a value.
    ///
    /// # Errors
    /// It fails on this value.
    pub fn run(&self, value: &Value) -> Result<Vec<Value>> {
        // jq quotes the whole input in what it says.
        let failed = |what: String| match what.char_indices().nth(MESSAGE) {
            Some((end, _)) => Error::Jq(format!("{}…", &what[..end])),
            None => Error::Jq(what),
        };
        let text = serde_json::to_vec(value).map_err(|e| failed(e.to_string()))?;
        let input = read::parse_single(&text).map_err(|e| failed(e.to_string()))?;
        let ctx = Ctx::<data::JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        self.filter
            .id
            .run((ctx, input))
            .map(unwrap_valr)
            .map(|result| {
                let value = result.map_err(|e| failed(e.to_string()))?;
                // What jq has and JSON lacks (NaN, byte strings) is written as jq would.
                serde_json::from_str(&value.to_string()).map_err(|e| failed(e.to_string()))
            })
            .collect()
    }
}
