//! The only way out of a box to the network.
