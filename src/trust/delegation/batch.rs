//! Several reviews, read aloud as one text and confirmed by one hash.

use super::approved::Approved;
use super::error::Error;
use super::review::Review;
use crate::model::hash::Hash;

/// All reviews of one ceremony, in the order in which they are read.
pub struct Batch(Vec<Review>);

impl Batch {
    /// Takes them together.
    #[must_use]
    pub fn new(reviews: Vec<Review>) -> Self {
        Self(reviews)
    }

    /// The words of all of them, one after the other: what is read aloud, kept, and hashed.
    #[must_use]
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.0.iter().map(Review::text).collect();
        texts.join("\n")
    }

    /// The SHA-256 of the words.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.text().as_bytes())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The approvals of the people who confirmed `confirmed` (REVIEW-1).
    ///
    /// # Errors
    /// [`Error::ConfirmedAnother`] when that is not the hash of these words.
    pub fn approve(self, confirmed: Hash) -> Result<Vec<Approved>, Error> {
        let review = self.hash();
        if confirmed != review {
            return Err(Error::ConfirmedAnother { confirmed, review });
        }
        Ok(self.0.into_iter().map(|one| Approved::new(one.into_change(), review)).collect())
    }
}
