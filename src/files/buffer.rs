//! How files are read.

/// Size of the buffers that files are read through, in bytes.
pub(super) const BUFFER: usize = 64 * 1024;
