//! Brings the events of a journal to the server.
