/// Size of the buffers used to read files, in bytes.
pub(super) const BUFFER: usize = 64 * 1024;
