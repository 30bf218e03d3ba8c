//! The secret that one server signs its tickets and tokens with, new at every start.

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::error::{Code, Error, Result};

/// Bytes of a signature.
pub(super) const SIGNATURE: usize = 32;

#[derive(Debug, Clone)]
pub(super) struct Keys {
    key: hmac::Key,
    random: SystemRandom,
}

impl Keys {
    /// A key from the system's randomness.
    pub(super) fn generate() -> Result<Self> {
        let random = SystemRandom::new();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random)
            .map_err(|_| Error::new(Code::Io, "the system gave no random bytes for the server's key"))?;
        Ok(Self { key, random })
    }

    /// Random bytes, `None` if the system has none.
    pub(super) fn random(&self) -> Option<[u8; 16]> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes).ok().map(|()| bytes)
    }

    /// `content` behind its signature. `purpose` keeps what is signed for one thing from passing for another.
    pub(super) fn sign(&self, purpose: &str, content: &[u8]) -> Vec<u8> {
        let mut signed = self.signature(purpose, content).as_ref().to_vec();
        signed.extend_from_slice(content);
        signed
    }

    /// The content of what [`sign`](Self::sign) made, `None` for anything else.
    pub(super) fn open<'a>(&self, purpose: &str, signed: &'a [u8]) -> Option<&'a [u8]> {
        let (signature, content) = signed.split_at_checked(SIGNATURE)?;
        let expected = self.signature(purpose, content);
        self.are_equal(signature, expected.as_ref()).then_some(content)
    }

    /// Compares in a time that tells nothing about where two secrets differ, nor how long they are.
    pub(super) fn are_equal(&self, given: &[u8], expected: &[u8]) -> bool {
        hmac::verify(&self.key, given, hmac::sign(&self.key, expected).as_ref()).is_ok()
    }

    fn signature(&self, purpose: &str, content: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(content);
        context.sign()
    }
}
