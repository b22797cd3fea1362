//! What is shown once on the desktop, to be entered at the server.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cowork_pairing_protocol::extension::Enrolment;
use qrcodegen::{QrCode, QrCodeEcc};
use zeroize::Zeroizing;

use crate::address::BrokerAddress;
use crate::token::Token;

/// The longest label, in characters: a name for a machine, read in a list.
pub const LABEL_CHARACTERS: usize = 80;

/// The same thing in three forms: an address to open, its last part to paste, and a picture of the address.
pub struct Shown {
    /// The address to open in a browser. All that is secret stands behind the `#`, which no request carries.
    pub address: Zeroizing<String>,
    /// What is pasted at the server where the address cannot be opened.
    pub code: Zeroizing<String>,
    /// The address as a QR code, rows of modules, true where it is dark. A light border of four modules belongs around
    /// it. None when the address is too long for one.
    pub modules: Option<Vec<Vec<bool>>>,
}

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shown").finish_non_exhaustive()
    }
}

/// Puts an enrolment into words that can be shown.
#[must_use]
pub fn shown(broker: &BrokerAddress, pairing_id: &str, device_id: &str, token: &Token, label: &str) -> Shown {
    let mut enrolment = Enrolment {
        pairing_id: pairing_id.to_owned(),
        device_id: device_id.to_owned(),
        token: token.expose().to_owned(),
        label: label.chars().take(LABEL_CHARACTERS).collect(),
    };
    // A structure of texts can always be written as JSON.
    let json = Zeroizing::new(serde_json::to_vec(&enrolment).unwrap_or_default());
    zeroize::Zeroize::zeroize(&mut enrolment.token);
    let code = Zeroizing::new(URL_SAFE_NO_PAD.encode(json.as_slice()));
    let address = Zeroizing::new(format!("{}/#pair={}", broker.as_str(), code.as_str()));
    let modules = QrCode::encode_text(&address, QrCodeEcc::Medium).ok().map(|code| {
        (0..code.size())
            .map(|row| {
                (0..code.size())
                    .map(|column| code.get_module(column, row))
                    .collect()
            })
            .collect()
    });
    Shown {
        address,
        code,
        modules,
    }
}

#[cfg(test)]
mod tests {
    use super::{LABEL_CHARACTERS, shown};
    use crate::address::BrokerAddress;
    use crate::token::Token;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use cowork_pairing_protocol::extension::Enrolment;

    #[test]
    fn what_is_shown_holds_the_enrolment_behind_the_hash_alone() {
        let broker = BrokerAddress::judge("https://cloud.example.com/org/?x=1").unwrap();
        let token = Token::mint().unwrap();
        let shown = shown(&broker, "pairing_1", "device_1", &token, "Ada’s laptop");
        let (before, behind) = shown.address.split_once("#pair=").unwrap();
        assert_eq!(before, "https://cloud.example.com/org/");
        assert_eq!(behind, shown.code.as_str());
        let read: Enrolment = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(behind).unwrap()).unwrap();
        assert_eq!(read.token, token.expose());
        assert_eq!(
            (read.pairing_id.as_str(), read.label.as_str()),
            ("pairing_1", "Ada’s laptop")
        );
        assert!(!format!("{shown:?}{read:?}").contains(token.expose()));
    }

    #[test]
    fn the_picture_is_a_square_with_its_three_corners() {
        let broker = BrokerAddress::judge("https://cloud.example.com").unwrap();
        let label = "x".repeat(500);
        let shown = shown(&broker, "pairing_1", "device_1", &Token::mint().unwrap(), &label);
        let modules = shown.modules.unwrap();
        let size = modules.len();
        assert!(modules.iter().all(|row| row.len() == size), "it is a square");
        let dark_corner = |top: usize, left: usize| (0..7).all(|at| modules[top][left + at]);
        assert!(dark_corner(0, 0) && dark_corner(0, size - 7) && dark_corner(size - 7, 0));
        assert!(LABEL_CHARACTERS < label.len());
    }
}
