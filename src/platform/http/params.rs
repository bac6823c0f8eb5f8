//! Parameters common to many routes, as described in the OpenAPI document; the extractors parse them.
#![allow(dead_code, reason = "the fields are there to be described")]

/// The path of an appeal.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct Numbered {
    /// Number of the appeal
    number: String,
}

/// The header that makes a request safe to repeat.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct Keyed {
    /// Makes the request safe to repeat
    #[param(rename = "Idempotency-Key")]
    key: Option<String>,
}

/// The header by which the platform recognises a device.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct FromDevice {
    /// The secret of a device on which somebody signed in before
    #[param(rename = "Appeal-Device")]
    device: Option<String>,
}
