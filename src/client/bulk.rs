//! Filing many appeals in one request.

use bytes::Bytes;
use reqwest::Method;
use serde_json::value::RawValue;

use super::retry::{Call, Payload};
use super::{Client, Error, Result};
use appeal_api::{BulkLine, BulkResult, IDEMPOTENCY_KEY, JSON_LINES, NewAppeal};

/// Builds the line of an appeal. Its bytes are the same every time it is sent.
///
/// # Errors
/// The appeal cannot be written as JSON.
pub fn line(key: &str, appeal: &NewAppeal) -> Result<BulkLine> {
    let appeal = RawValue::from_string(
        serde_json::to_string(appeal).map_err(|error| Error::Protocol(error.to_string()))?,
    );
    let appeal = appeal.map_err(|error| Error::Protocol(error.to_string()))?;
    Ok(BulkLine { key: key.to_owned(), appeal })
}

impl Client {
    /// Files many appeals (`POST /v1/appeals/batch`); returns the results in the same order, or `None` if the platform
    /// does not support the request.
    ///
    /// # Errors
    /// As for any request; the result of every line is then unknown.
    pub async fn create_many(&self, lines: &[BulkLine]) -> Result<Option<Vec<BulkResult>>> {
        let mut body = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut body, line).map_err(|error| Error::Protocol(error.to_string()))?;
            body.push(b'\n');
        }
        // The lines have their own keys; this one only marks the request as safe to repeat.
        let call = Call::new(Method::POST, "/v1/appeals/batch")
            .header("content-type", JSON_LINES)?
            .header(IDEMPOTENCY_KEY, &super::fresh_key())?
            .payload(Payload::Bytes(Bytes::from(body)));
        let results: Vec<BulkResult> = match self.json(&call).await.0 {
            Ok(results) => results,
            Err(Error::Problem(problem)) if matches!(problem.status, 404 | 405 | 501) => return Ok(None),
            Err(error) => return Err(error),
        };
        let same = results.len() == lines.len()
            && results.iter().zip(lines).all(|(result, line)| result.key.as_ref() == Some(&line.key));
        if same { Ok(Some(results)) } else { Err(Error::Protocol("lines of a batch are missing".to_owned())) }
    }
}
