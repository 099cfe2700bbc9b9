//! The OpenPGP trust format: roots, certifications, keyrings.
