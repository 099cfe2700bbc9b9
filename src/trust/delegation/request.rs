//! A request: untrusted bytes, then the checked type.

use super::error::Error;
use super::policy::Policy;
use crate::format::request::RequestFile;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::name::RequestId;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::{Cleartext, SignerCertificate, UntrustedCertificate, verify_text_signature};

/// A clearsigned request that nobody checked yet.
pub struct UntrustedRequest {
    sha256: Hash,
    message: Cleartext,
    text: RequestFile,
}

impl UntrustedRequest {
    /// Takes the clearsigned message apart; `file` is what errors call it.
    ///
    /// # Errors
    /// [`Error::NotSigned`] when it is no clearsigned message, [`Error::Text`] when what is signed is no request.
    pub fn parse(file: &str, message: &[u8]) -> Result<Self, Error> {
        let sha256 = Hash::of(message);
        let message = Cleartext::split(message).map_err(Error::NotSigned)?;
        let text = RequestFile::parse(file, message.text()).map_err(Error::Text)?;
        Ok(Self { sha256, message, text })
    }

    /// What it claims to be, for naming it in a report. Escape it before showing it.
    #[must_use]
    pub fn claims(&self) -> &RequestFile {
        &self.text
    }

    /// Checks the certificate (REQUEST-2), the signature by the very certificate inside (REQUEST-1), and the policy
    /// (REQUEST-4).
    ///
    /// # Errors
    /// The first that fails.
    pub fn verify(self, policy: &Policy, now: Timestamp) -> Result<Request, Error> {
        let certificate = UntrustedCertificate::parse(self.text.certificate.as_bytes())
            .and_then(|certificate| certificate.judge(now))
            .map_err(Error::Certificate)?;
        let signed_by = verify_text_signature(&certificate, &self.message, now).map_err(Error::NotSigned)?;
        certificate.must_have(&self.text.user_id).map_err(Error::Certificate)?;
        policy.check(&self.text, now)?;
        policy.check_keys(&certificate)?;
        let Self { sha256, text, .. } = self;
        let (root_key, policy_uri) = (policy.root_key, policy.policy_uri.clone());
        Ok(Request { sha256, signed_by, certificate, text, root_key, policy_uri })
    }
}

/// A request that its own key signed, from a good certificate, inside the policy.
pub struct Request {
    sha256: Hash,
    signed_by: Fingerprint,
    certificate: SignerCertificate,
    text: RequestFile,
    root_key: Fingerprint,
    policy_uri: Option<String>,
}

impl Request {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &RequestId {
        &self.text.id
    }

    /// The SHA-256 of the clearsigned file.
    #[must_use]
    pub fn sha256(&self) -> Hash {
        self.sha256
    }

    /// What it says. The user ID and the scope are plain; the rest equals the policy.
    #[must_use]
    pub fn text(&self) -> &RequestFile {
        &self.text
    }

    /// The signer's certificate.
    #[must_use]
    pub fn certificate(&self) -> &SignerCertificate {
        &self.certificate
    }

    /// The primary key or subkey that signed the request.
    #[must_use]
    pub fn signed_by(&self) -> Fingerprint {
        self.signed_by
    }

    /// The root's key in the policy that it was held against.
    #[must_use]
    pub fn root_key(&self) -> Fingerprint {
        self.root_key
    }

    /// Where that policy can be read.
    #[must_use]
    pub fn policy_uri(&self) -> Option<&str> {
        self.policy_uri.as_deref()
    }
}
