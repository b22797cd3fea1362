//! The address of a server, as a person writes it.

use std::time::Duration;

use cowork_outward::{Outward, Reach, SystemResolver};
use cowork_pairing::address::{BrokerAddress, looked_up, proxy_for};
use http_body_util::BodyExt as _;

use crate::engine::sentence;
use crate::error::{Result, WorkspaceError};
use crate::remote::host_of;
use crate::view::{PairingAddress, PairingReach};
use crate::workspace::Workspace;

/// How long a server may take to answer at all when a person types its address.
const ANSWERS_WITHIN: Duration = Duration::from_secs(8);
/// Bytes of such an answer that are read.
const ANSWER_BYTES: usize = 64 * 1024;

impl Workspace {
    /// Judges the address of a server, by its spelling and by where its name leads now, and looks whether anything answers.
    ///
    /// # Errors
    /// When no connection can be prepared at all.
    pub async fn check_pairing_address(&self, address: &str, past_proxy: bool) -> Result<PairingAddress> {
        let refused = |reason: String| Ok(PairingAddress::Refused { reason });
        let address = match BrokerAddress::judge(address) {
            Ok(address) => address,
            Err(error) => return refused(sentence(&error.to_string())),
        };
        let outward = self
            .inner
            .outward_of(past_proxy)
            .map_err(WorkspaceError::Internal)?;
        let behind_proxy = proxy_for(&address, &outward).is_some();
        // Behind a proxy the name is the proxy's to look up.
        if !behind_proxy && let Err(error) = looked_up(&address, &SystemResolver).await {
            return refused(sentence(&error.to_string()));
        }
        let (kept, host) = (address.as_str().to_owned(), host_of(address.as_str()));
        match asked(&outward, &address).await {
            Ok(known) => Ok(PairingAddress::Answers {
                address: kept,
                host,
                reach: match address.reach() {
                    Reach::Loopback => PairingReach::Loopback,
                    Reach::LocalNetwork | Reach::Public => PairingReach::Public,
                },
                secure: address.reach() != Reach::Loopback,
                behind_proxy,
                known,
            }),
            Err(reason) => Ok(PairingAddress::Silent {
                address: kept,
                host,
                behind_proxy,
                reason: sentence(&reason),
            }),
        }
    }
}

/// Asks an address for what it says of itself. Whether it is a server of ours; an error where nothing answers.
async fn asked(outward: &Outward, address: &BrokerAddress) -> Result<bool, String> {
    let body = http_body_util::Empty::new()
        .map_err(|never| match never {})
        .boxed();
    let request = http::Request::get(address.at("/api/server"))
        .body(body)
        .map_err(|error| error.to_string())?;
    let answered = outward
        .call(request, address.reach(), ANSWER_BYTES, ANSWERS_WITHIN)
        .await;
    let answer = answered.map_err(|error| error.to_string())?;
    let said: serde_json::Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    Ok(answer.status().is_success() && said.get("version").is_some_and(serde_json::Value::is_string))
}
