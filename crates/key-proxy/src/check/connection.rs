//! What a failed connection means.

use std::io::{self, ErrorKind};
use std::net::UdpSocket;

use cowork_outward::OutwardError;
use cowork_policy::UrlRefusal;

use super::cause::{Cause, Finding};

/// What the failure of a connection means, for `name`.
pub(super) fn finding(error: &OutwardError, name: &str) -> Finding {
    judged(error, name, has_route())
}

fn judged(error: &OutwardError, name: &str, has_route: bool) -> Finding {
    match error {
        OutwardError::NameNotFound { name: host } | OutwardError::Refused(UrlRefusal::Unresolved(host)) => {
            not_found(host, has_route)
        }
        OutwardError::Refused(refusal) => Finding::new(
            Cause::AddressRefused,
            format!("The address of {name} is not connected to: {refusal}."),
            "Check the address; if it is right, the network may be sending the name to a wrong place.",
        ),
        OutwardError::LeadsElsewhere { .. } => Finding::new(
            Cause::AddressRefused,
            format!("The address of {name} leads into another network than it should: {error}."),
            "Check the address. In a company's network or a VPN ask whether it redirects this name; a server in \
             your own network has to be added as such.",
        ),
        OutwardError::NotEncrypted { .. } => Finding::new(
            Cause::AddressRefused,
            format!(
                "The address of {name} begins with http, which would send the key readable for everybody."
            ),
            "Change the address so that it begins with https.",
        ),
        OutwardError::NotConnected { at, cause } => not_connected(at, cause, name),
        OutwardError::NotSecure { name: host, cause } => not_secure(host, cause),
        OutwardError::TimedOut { what, seconds } => Finding::new(
            Cause::TimedOut,
            format!("{name} did not answer: {what} took longer than {seconds} s."),
            "Check the network connection; a firewall or a VPN may swallow the request. Else try again later.",
        ),
        OutwardError::TooLong { limit, .. } => Finding::new(
            Cause::AnswerTooLong,
            format!("{name} sent more than {limit} bytes."),
            "Check the address: an answer of a model's service is shorter.",
        ),
        OutwardError::Broken { cause, .. } => Finding::new(
            Cause::Broken,
            format!("The connection to {name} broke off ({cause})."),
            "Try again. If it happens each time, check that the address names the right port and whether it \
             should begin with http or https.",
        ),
    }
}

fn not_found(host: &str, has_route: bool) -> Finding {
    if has_route {
        Finding::new(
            Cause::NameNotFound,
            format!("The name {host} could not be found."),
            "Check its spelling. In a company's network check whether a VPN is needed.",
        )
    } else {
        offline()
    }
}

fn offline() -> Finding {
    Finding::new(
        Cause::Offline,
        "This computer has no connection to a network.",
        "Connect it to the network, then test again.",
    )
}

fn not_connected(at: &str, cause: &str, name: &str) -> Finding {
    match kind(cause) {
        Some(ErrorKind::ConnectionRefused) => Finding::new(
            Cause::ConnectionRefused,
            format!("Nothing listens at {at}."),
            format!("Check the port, and that {name} is running."),
        ),
        Some(ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown) => {
            if has_route() {
                Finding::new(
                    Cause::NotConnected,
                    format!("There is no way to {at} from this computer."),
                    "Check the address, and whether a VPN is needed.",
                )
            } else {
                offline()
            }
        }
        Some(ErrorKind::TimedOut) => Finding::new(
            Cause::TimedOut,
            format!("Nothing answered at {at}."),
            "Check the address; a firewall or a VPN may swallow the request.",
        ),
        _ => Finding::new(
            Cause::NotConnected,
            format!("{at} could not be connected to ({cause})."),
            "Check the network connection, and the system's proxy where one is set.",
        ),
    }
}

/// The kind of an error of the operating system, by the number in its text: the words are in the system's language.
fn kind(text: &str) -> Option<ErrorKind> {
    let number = text.rsplit_once("(os error ")?.1.split_once(')')?.0;
    Some(io::Error::from_raw_os_error(number.parse().ok()?).kind())
}

fn not_secure(host: &str, cause: &str) -> Finding {
    let lowered = cause.to_ascii_lowercase();
    let said = |words: &[&str]| words.iter().any(|word| lowered.contains(word));
    if said(&["expired", "notvalidyet", "not valid yet"]) {
        Finding::new(
            Cause::CertificateExpired,
            format!("The certificate of {host} is not valid today."),
            "Check this computer's date and time. If they are right, whoever runs the server has to renew it.",
        )
    } else if said(&["notvalidforname", "not valid for name"]) {
        Finding::new(
            Cause::CertificateWrongName,
            format!("The certificate shown for {host} belongs to another name."),
            "Check the address. If it is right, something between here and there answers in its place, such as a \
             network's login page.",
        )
    } else if said(&[
        "unknownissuer",
        "causedasendentity",
        "self-signed",
        "self signed",
        "unknown issuer",
        "badsignature",
    ]) {
        Finding::new(
            Cause::CertificateUnknownIssuer,
            format!("The certificate of {host} is self-signed, or signed by nobody this computer trusts."),
            "A company's proxy or a server of your own may use its own certificates: install its certificate \
             authority in the system, or name its file in the environment variable SSL_CERT_FILE and start the \
             app again.",
        )
    } else if said(&["invalidcontenttype", "corrupt message"]) {
        Finding::new(
            Cause::NotSecure,
            format!("{host} does not speak https at this port."),
            "Check the port. A server on this computer or in your network may want an address with http.",
        )
    } else {
        Finding::new(
            Cause::NotSecure,
            format!("No safe connection to {host} could be agreed on ({cause})."),
            "Check the address and the port. A filtering proxy on the way may be the reason.",
        )
    }
}

/// Whether this machine knows a way to the internet. Nothing is sent: connecting a datagram socket only looks the
/// way up. The addresses are for documentation (RFC 5737, RFC 3849) and belong to nobody.
fn has_route() -> bool {
    let leads = |from: &str, to: &str| {
        UdpSocket::bind(from)
            .and_then(|socket| socket.connect(to))
            .is_ok()
    };
    leads("0.0.0.0:0", "192.0.2.1:9") || leads("[::]:0", "[2001:db8::1]:9")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_found_means_offline_where_there_is_no_network() {
        let error = OutwardError::NameNotFound {
            name: "api.example.com".to_owned(),
        };
        assert_eq!(judged(&error, "Example", true).cause, Cause::NameNotFound);
        assert_eq!(judged(&error, "Example", false).cause, Cause::Offline);
    }

    #[test]
    fn a_certificate_s_fault_is_told_by_what_the_verifier_says() {
        for (cause, expected) in [
            ("invalid peer certificate: Expired", Cause::CertificateExpired),
            (
                "invalid peer certificate: certificate expired: verification time 5 (UNIX)",
                Cause::CertificateExpired,
            ),
            ("invalid peer certificate: NotValidYet", Cause::CertificateExpired),
            (
                "invalid peer certificate: certificate not valid for name \"a\"",
                Cause::CertificateWrongName,
            ),
            (
                "invalid peer certificate: UnknownIssuer",
                Cause::CertificateUnknownIssuer,
            ),
            (
                "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
                Cause::CertificateUnknownIssuer,
            ),
            // An authority of the same name with another key.
            (
                "invalid peer certificate: BadSignature",
                Cause::CertificateUnknownIssuer,
            ),
            (
                "received corrupt message of type InvalidContentType",
                Cause::NotSecure,
            ),
            ("received fatal alert: HandshakeFailure", Cause::NotSecure),
        ] {
            let error = OutwardError::NotSecure {
                name: "a".to_owned(),
                cause: cause.to_owned(),
            };
            assert_eq!(judged(&error, "A", true).cause, expected, "{cause}");
        }
    }
}
