//! Hashes 1 GiB with SHA-256 and with SHA-512, then signs and verifies 1,000 times with Ed25519, all through
//! sequoia-openpgp. One line a measure: name, CPU seconds, rate. CPU time, not wall time: it stays the same on a busy machine.

use std::fs;

use sequoia_openpgp::Result;
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, SecretParts};
use sequoia_openpgp::types::{Curve, HashAlgorithm};

const BLOCK: usize = 1 << 20;
const BLOCKS: usize = 1 << 10;
const SIGNATURES: u32 = 1000;

fn main() -> Result<()> {
    for algorithm in [HashAlgorithm::SHA256, HashAlgorithm::SHA512] {
        let (seconds, digest) = timed(|| hash(algorithm))?;
        let rate = (BLOCK * BLOCKS) as f64 / 1e6 / seconds;
        println!("{algorithm:<10} {seconds:8.3} s {rate:10.0} MB/s   {}", hex(&digest));
    }
    let key: Key<SecretParts, PrimaryRole> = Key4::generate_ecc(true, Curve::Ed25519)?.into();
    let digest = hash_of(HashAlgorithm::SHA512, b"a message")?;
    let mut pair = key.clone().into_keypair()?;
    let (seconds, signature) = timed(|| {
        let mut last = pair.sign(HashAlgorithm::SHA512, &digest)?;
        for _ in 1..SIGNATURES {
            last = pair.sign(HashAlgorithm::SHA512, &digest)?;
        }
        Ok(last)
    })?;
    println!("{:<10} {seconds:8.3} s {:10.0} a second", "signing", f64::from(SIGNATURES) / seconds);
    let (seconds, ()) = timed(|| {
        for _ in 0..SIGNATURES {
            key.verify(&signature, HashAlgorithm::SHA512, &digest)?;
        }
        Ok(())
    })?;
    println!("{:<10} {seconds:8.3} s {:10.0} a second", "verifying", f64::from(SIGNATURES) / seconds);
    Ok(())
}

fn hash(algorithm: HashAlgorithm) -> Result<Vec<u8>> {
    let block = vec![0x5a; BLOCK];
    let mut context = algorithm.context()?.for_digest();
    for _ in 0..BLOCKS {
        context.update(&block);
    }
    context.into_digest()
}

fn hash_of(algorithm: HashAlgorithm, text: &[u8]) -> Result<Vec<u8>> {
    let mut context = algorithm.context()?.for_digest();
    context.update(text);
    context.into_digest()
}

/// CPU seconds of this thread, from the scheduler's own account (Documentation/scheduler/sched-stats.rst).
fn cpu_seconds() -> Result<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().unwrap_or("0").parse::<u64>()? as f64 / 1e9)
}

fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    let begun = cpu_seconds()?;
    let result = work()?;
    Ok((cpu_seconds()? - begun, result))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
