//! The box that programs of an agent run in, and the wrapper that puts them there.
