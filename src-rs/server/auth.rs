//! Who may call: a user with a password, the bearer of a token, or everybody.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use tonic::{Extensions, Status};

use super::keys::Keys;
use super::options::{Credentials, ServerOptions};

/// Go clients leave the padding out.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&ALPHABET, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

const PURPOSE: &str = "token";

/// Decides about calls by their credentials.
#[derive(Debug)]
pub(super) struct Authenticator {
    keys: Keys,
    basic: Option<Credentials>,
    token: Option<String>,
    lifetime: Duration,
}

/// Who calls, as far as one caller can be told from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// Nobody is asked.
    Anyone,
    /// The user that has the password, or a token that was given for it.
    User,
    /// Whoever has the server's own token.
    TokenBearer,
}

impl Caller {
    /// Who makes the call that has these extensions.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self::Anyone)
    }
}

/// A call may go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) caller: Caller,
    /// The client named a user and password, and is to be told this bearer token.
    pub(super) token: Option<String>,
}

impl Accepted {
    pub(super) fn plain(caller: Caller) -> Self {
        Self { caller, token: None }
    }
}

impl Authenticator {
    pub(super) fn new(options: &ServerOptions, keys: Keys) -> Self {
        Self { keys, basic: options.basic.clone(), token: options.token.clone(), lifetime: options.token_lifetime }
    }

    /// Whether anybody may call.
    pub(super) fn is_open(&self) -> bool {
        self.basic.is_none() && self.token.is_none()
    }

    /// Decides by the `authorization` header.
    pub(super) fn check_header(&self, header: &[u8]) -> Result<Accepted, Status> {
        let (scheme, credentials) = match header.iter().position(|byte| *byte == b' ') {
            Some(at) => (&header[..at], header[at + 1..].trim_ascii()),
            None => (header, &[][..]),
        };
        if scheme.eq_ignore_ascii_case(b"bearer") {
            return self.check_bearer(credentials).map(Accepted::plain);
        }
        if !scheme.eq_ignore_ascii_case(b"basic") {
            return Err(Status::unauthenticated("the authorization header must begin with Basic or Bearer"));
        }
        let malformed = || Status::unauthenticated("the basic credentials must be user:password in base64");
        let decoded = BASE64.decode(credentials).map_err(|_| malformed())?;
        let colon = decoded.iter().position(|byte| *byte == b':').ok_or_else(malformed)?;
        let token = self.check_password(&decoded[..colon], &decoded[colon + 1..])?;
        let caller = if self.is_open() { Caller::Anyone } else { Caller::User };
        Ok(Accepted { caller, token: Some(token) })
    }

    /// Decides by the token that the older handshake gave, which comes back in a header of its own.
    pub(super) fn check_bearer(&self, token: &[u8]) -> Result<Caller, Status> {
        if self.is_open() {
            return Ok(Caller::Anyone);
        }
        if let Some(expected) = &self.token
            && self.keys.are_equal(token, expected.as_bytes())
        {
            return Ok(Caller::TokenBearer);
        }
        self.check_given_token(token).map(|()| Caller::User)
    }

    /// Decides by user and password; the token is good for later calls.
    pub(super) fn check_password(&self, user: &[u8], password: &[u8]) -> Result<String, Status> {
        let is_known = match &self.basic {
            // Both are compared, so that the time does not tell which one was wrong.
            Some(expected) => {
                self.keys.are_equal(user, expected.user.as_bytes()) & self.keys.are_equal(password, expected.password.as_bytes())
            }
            None => self.is_open(),
        };
        match is_known {
            true => self.new_token(),
            false if self.basic.is_none() => Err(Status::unauthenticated("this server takes a bearer token, not a user and password")),
            false => Err(Status::unauthenticated("the user or the password is wrong")),
        }
    }

    /// A token that needs no memory: when it ends and randomness, signed.
    fn new_token(&self) -> Result<String, Status> {
        let random = self.keys.random().ok_or_else(|| Status::internal("the system gave no random bytes"))?;
        let ends = now().saturating_add(self.lifetime.as_secs());
        let mut content = ends.to_be_bytes().to_vec();
        content.extend_from_slice(&random);
        Ok(URL_SAFE_NO_PAD.encode(self.keys.sign(PURPOSE, &content)))
    }

    fn check_given_token(&self, token: &[u8]) -> Result<(), Status> {
        let unknown = || Status::unauthenticated("the bearer token is not one of this server");
        let signed = URL_SAFE_NO_PAD.decode(token).map_err(|_| unknown())?;
        let content = self.keys.open(PURPOSE, &signed).ok_or_else(unknown)?;
        let ends = content.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)).ok_or_else(unknown)?;
        match ends > now() {
            true => Ok(()),
            false => Err(Status::unauthenticated("the bearer token has expired; authenticate again")),
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
