//! Runs a code block in a box of its own.
