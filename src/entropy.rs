//! Randomness for keys and passphrases (custody rule 4). Floor 2, pure.
