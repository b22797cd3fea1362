//! Why a step failed.

/// Why a step failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The name has no address.
    NameNotFound,
    /// This machine has no network.
    Offline,
    /// The address is one that is not connected to.
    AddressRefused,
    /// Nobody listens there.
    ConnectionRefused,
    /// The connection could not be made for another reason.
    NotConnected,
    /// Nothing came in time.
    TimedOut,
    /// The certificate is no longer valid, or not yet.
    CertificateExpired,
    /// The certificate is another name's.
    CertificateWrongName,
    /// Nobody this machine trusts has signed the certificate, or only itself.
    CertificateUnknownIssuer,
    /// No encryption was agreed on for another reason.
    NotSecure,
    /// The connection broke off.
    Broken,
    /// The key was not taken.
    KeyRefused,
    /// The key was taken and may not do this.
    Forbidden,
    /// The account has no credit.
    NoCredit,
    /// The plan's allowance is used up for now.
    QuotaSpent,
    /// Too many requests in a short time.
    RateLimited,
    /// Nothing the wire has is at this address.
    AddressWrong,
    /// There is no such model.
    ModelUnknown,
    /// The provider has trouble of its own.
    Overloaded,
    /// A web page came.
    NotAnApi,
    /// It wants the request to go elsewhere.
    Redirected,
    /// The request was refused for another reason.
    RequestRefused,
    /// What came is no answer of this wire.
    NotUnderstood,
    /// More came than is taken.
    AnswerTooLong,
    /// The answer ended without a word.
    EmptyAnswer,
    /// The answer broke off before its first word.
    StreamCut,
    /// The model did not begin to answer in time.
    TooSlow,
    /// Functions are not taken.
    ToolsNotSupported,
    /// Functions are taken, and not called.
    ToolsIgnored,
}

/// A cause in words for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) cause: Cause,
    pub(super) message: String,
    pub(super) advice: String,
}

impl Finding {
    pub(super) fn new(cause: Cause, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            advice: advice.into(),
        }
    }
}
