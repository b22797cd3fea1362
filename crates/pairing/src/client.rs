//! A server, asked over the network.

use cowork_outward::Outward;

use crate::address::BrokerAddress;
use crate::token::Token;

/// Asks a server on behalf of one pairing.
pub struct Client {
    outward: Outward,
    address: BrokerAddress,
    pairing_id: String,
    device_id: String,
    token: Token,
}

impl Client {
    /// A client for a pairing. `outward` says whether a proxy is taken.
    #[must_use]
    pub fn new(
        outward: Outward,
        address: BrokerAddress,
        pairing_id: String,
        device_id: String,
        token: Token,
    ) -> Self {
        Self {
            outward,
            address,
            pairing_id,
            device_id,
            token,
        }
    }
}
