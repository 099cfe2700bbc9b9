//! Locked memory.
