//! The desktop's side of a pairing.
