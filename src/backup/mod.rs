//! Floor 2: sealing, shares, restoring. Pure: bytes and randomness in, bytes out.
