//! What to do next, in the words of somebody who has only gpg.

use super::error::Error;

const EXPORT: &str = "export it anew: gpg --armor --export-options export-minimal --export YOUR-FINGERPRINT";
const RESIGN: &str = "sign the request again: gpg --clearsign REQUEST.toml";

/// The hint for `error`.
pub(super) fn of(error: &Error) -> Option<String> {
    about_certificate(error).or_else(|| about_signature(error)).map(str::to_owned)
}

fn about_certificate(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::BoundBySha1 { .. } => {
            "renew its self-signatures with a current hash: gpg --cert-digest-algo SHA512 --quick-set-expire FINGERPRINT 1y, once more with '*' for its subkeys, then export it"
        }
        Error::CertificateCount { .. } => "export one key by its full fingerprint",
        Error::Expired { .. } => {
            "extend it: gpg --quick-set-expire FINGERPRINT 1y, then export it and make a new request"
        }
        Error::ForeignPacket { tag: 17, .. } => {
            "leave photographs out: gpg --armor --export-options export-minimal,no-export-attributes --export FINGERPRINT"
        }
        Error::Armor { .. }
        | Error::Doubled { .. }
        | Error::ForeignPacket { .. }
        | Error::Malformed(_)
        | Error::Packet { .. }
        | Error::TooLarge { .. }
        | Error::Unbound => EXPORT,
        Error::NoEncryptionKey => {
            "add an encryption subkey: gpg --quick-add-key FINGERPRINT cv25519 encr 1y, then export the key"
        }
        Error::NoSigningKey => {
            "add a signing subkey: gpg --quick-add-key FINGERPRINT ed25519 sign 1y, then export the key"
        }
        Error::NotYet { .. } => "check the clock of the machine that made it, and the date of the ceremony",
        Error::Revoked => "a revoked key is never certified: make a new one and a new request",
        Error::SecretKey => {
            "treat that key as compromised if the file was passed on; send what gpg --armor --export prints"
        }
        Error::Stripped { .. } => {
            "set the same expiry on the whole key, which renews every user ID: gpg --quick-set-expire FINGERPRINT 1y"
        }
        Error::UserId { .. } => "write the user ID exactly as gpg --list-keys shows it",
        Error::UserIdNotPlain(_) => "add a plain user ID: gpg --quick-add-uid FINGERPRINT 'Name <address>'",
        Error::Version { .. } => "make a v4 key; gpg --quick-gen-key makes one",
        Error::Weak { .. } => "make a new key: gpg --quick-gen-key 'Name <address>' ed25519 sign 1y",
        _ => return None,
    })
}

fn about_signature(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::AnotherKey { .. } => {
            "sign with the key that the certificate holds: gpg --local-user FINGERPRINT --clearsign"
        }
        Error::BadSignature | Error::Cleartext { .. } | Error::SignatureCount { .. } => RESIGN,
        Error::SignatureKind { .. } => "sign again with gpg --digest-algo SHA512 --clearsign",
        Error::Certification { .. } | Error::CertificationCount { .. } => {
            "do not release this certificate; keep it with the minutes and certify anew"
        }
        Error::Known(_) => "restore the register from a copy and compare the fingerprint with the minutes",
        Error::Records(_) => {
            "take it from another copy; what is compared is the fingerprint of the records key in the minutes"
        }
        Error::Library(_) => "this is a defect of keyrite: keep the input and report it",
        Error::Memory(_) => "raise the limit for locked memory: ulimit -l unlimited",
        Error::Signing(_) => "look at the card: inserted, unlocked, and not used by another program",
        Error::Structure { .. } => "do not use this key; nothing was released",
        Error::Throwaway(_) => "no card was asked; this is a defect of keyrite or of its OpenPGP library: report it",
        Error::Text { .. } => "remove what the message names; nothing was signed",
        Error::WrongSigner { .. } => "insert the card whose fingerprint is expected",
        _ => return None,
    })
}
