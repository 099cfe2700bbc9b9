//! openssl as the second opinion on keys and signatures.

use std::{fs, path::Path, process::Command};

use openpgp_card::{
    Error,
    ocard::{
        crypto::{CardUploadableKey, EccKey, EccType, PrivateKeyMaterial, RSAKey},
        data::{Fingerprint, KeyGenerationTime},
    },
};

/// SubjectPublicKeyInfo up to the key itself (RFC 8410 4; RFC 5480 2.1.1).
const ED25519: &[u8] = &[0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];
const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE,
    0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Object identifier of P-256, as algorithm attributes have it.
const OID_P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

/// Whether `signature` is the Ed25519 signature of `message` by `key`.
pub(crate) fn ed25519_verifies(folder: &Path, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    verifies(folder, &[ED25519, key].concat(), message, signature, &["-rawin"])
}

/// Whether `signature`, r and s of 32 bytes each, is the ECDSA signature of `digest` by the point `key`.
pub(crate) fn p256_verifies(folder: &Path, key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    let (r, s) = signature.split_at(32);
    let (r, s) = (integer(r), integer(s));
    let der = [&[0x30, u8::try_from(r.len() + s.len()).unwrap()], r.as_slice(), s.as_slice()].concat();
    verifies(folder, &[P256, key].concat(), digest, &der, &[])
}

/// Whether `signature` is the PKCS#1 1.5 signature of a SHA-256 `digest` by the key pair in `pem`.
pub(crate) fn rsa_verifies(folder: &Path, pem: &Path, digest: &[u8], signature: &[u8]) -> bool {
    let public = folder.join("rsa.public");
    run(&["pkey", "-in", text(pem), "-pubout", "-outform", "DER", "-out", text(&public)]);
    verifies(folder, &fs::read(public).unwrap(), digest, signature, &["-pkeyopt", "digest:sha256"])
}

fn verifies(folder: &Path, key: &[u8], message: &[u8], signature: &[u8], more: &[&str]) -> bool {
    let paths = ["key", "message", "signature"].map(|name| folder.join(format!("openssl.{name}")));
    for (path, bytes) in paths.iter().zip([key, message, signature]) {
        fs::write(path, bytes).unwrap();
    }
    let [key, message, signature] = paths.each_ref().map(|path| text(path));
    let fixed =
        ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-in", message, "-sigfile", signature];
    Command::new("openssl").args(fixed).args(more).output().unwrap().status.success()
}

/// A DER INTEGER.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let digits = &bytes[start..];
    let sign: &[u8] = if digits[0] >= 0x80 { &[0] } else { &[] };
    [&[0x02, u8::try_from(sign.len() + digits.len()).unwrap()], sign, digits].concat()
}

fn run(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The number after `label` in openssl's text form of a key, without leading zeros.
fn number(key: &str, label: &str) -> Vec<u8> {
    let lines = key.lines().skip_while(|line| !line.starts_with(label)).skip(1);
    let digits: String =
        lines.take_while(|line| line.starts_with(' ')).flat_map(|line| line.trim().split(':')).collect();
    let bytes = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
    bytes.skip_while(|byte| *byte == 0).collect()
}

/// `bytes` with zeros before it: numbers lose theirs, and opcard wants fields whole.
fn padded(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut whole = vec![0; length - bytes.len()];
    whole.extend_from_slice(bytes);
    whole
}

/// A key for import.
#[derive(Clone)]
pub(crate) enum Key {
    P256 { private: Vec<u8>, public: Vec<u8> },
    Rsa { n: Vec<u8>, p: Vec<u8>, q: Vec<u8>, dp: Vec<u8>, dq: Vec<u8>, qi: Vec<u8> },
}

impl Key {
    pub(crate) fn p256(folder: &Path) -> Self {
        let pem = folder.join("p256.pem");
        run(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", text(&pem)]);
        let key = run(&["pkey", "-in", text(&pem), "-noout", "-text"]);
        Self::P256 { private: padded(&number(&key, "priv:"), 32), public: number(&key, "pub:") }
    }

    /// An RSA-4096 key, left in the file `pem` too.
    pub(crate) fn rsa4096(pem: &Path) -> Self {
        run(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096", "-out", text(pem)]);
        let key = run(&["pkey", "-in", text(pem), "-noout", "-text"]);
        let half = |label| padded(&number(&key, label), 256);
        Self::Rsa {
            n: number(&key, "modulus:"),
            p: half("prime1:"),
            q: half("prime2:"),
            dp: half("exponent1:"),
            dq: half("exponent2:"),
            qi: half("coefficient:"),
        }
    }
}

impl CardUploadableKey for Key {
    fn private_key(&self) -> Result<PrivateKeyMaterial, Error> {
        Ok(match self {
            Self::P256 { .. } => PrivateKeyMaterial::E(Box::new(self.clone())),
            Self::Rsa { .. } => PrivateKeyMaterial::R(Box::new(self.clone())),
        })
    }

    fn timestamp(&self) -> KeyGenerationTime {
        1.into()
    }

    fn fingerprint(&self) -> Result<Fingerprint, Error> {
        Ok([7; 20].into())
    }
}

impl EccKey for Key {
    fn oid(&self) -> &[u8] {
        OID_P256
    }

    fn private(&self) -> &[u8] {
        match self {
            Self::P256 { private, .. } => private,
            Self::Rsa { .. } => panic!("an RSA key"),
        }
    }

    fn public(&self) -> &[u8] {
        match self {
            Self::P256 { public, .. } => public,
            Self::Rsa { .. } => panic!("an RSA key"),
        }
    }

    fn ecc_type(&self) -> EccType {
        EccType::ECDSA
    }
}

impl Key {
    fn rsa(&self, pick: impl Fn([&'_ Vec<u8>; 6]) -> &'_ Vec<u8>) -> &[u8] {
        match self {
            Self::P256 { .. } => panic!("a P-256 key"),
            Self::Rsa { n, p, q, dp, dq, qi } => pick([n, p, q, dp, dq, qi]),
        }
    }
}

impl RSAKey for Key {
    fn e(&self) -> &[u8] {
        &[0x01, 0x00, 0x01]
    }

    fn n(&self) -> &[u8] {
        self.rsa(|all| all[0])
    }

    fn p(&self) -> &[u8] {
        self.rsa(|all| all[1])
    }

    fn q(&self) -> &[u8] {
        self.rsa(|all| all[2])
    }

    fn dp1(&self) -> &[u8] {
        self.rsa(|all| all[3])
    }

    fn dq1(&self) -> &[u8] {
        self.rsa(|all| all[4])
    }

    fn pq(&self) -> &[u8] {
        self.rsa(|all| all[5])
    }
}
