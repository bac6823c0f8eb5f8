//! The stock data of a new platform.
