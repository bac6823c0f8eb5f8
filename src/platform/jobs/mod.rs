//! Time-driven work.
