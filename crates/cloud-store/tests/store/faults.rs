//! What was said to be kept is there, whoever is killed.
