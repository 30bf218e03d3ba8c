//! One cookie: what a `Set-Cookie` header says, and which calls it goes with.

use cookie::Cookie;

use super::site::Site;

/// The longest name and value together that a client must keep (RFC 6265, section 6.1), and the longest that this one does.
const MAX_BYTES: usize = 4096;

pub(super) struct Kept {
    pub(super) name: String,
    pub(super) value: String,
    /// Seconds of Unix time; `None` for as long as the client lives.
    expires: Option<i64>,
    domain: String,
    is_host_only: bool,
    path: String,
    is_secure: bool,
    set_by: Site,
}

impl Kept {
    /// Reads what `site` answered to a call of `path`. `None` where it must not be kept: it is no cookie, is too long, or is for others.
    pub(super) fn read(header: &str, site: &Site, path: &str, now: i64) -> Option<Self> {
        let read = Cookie::parse(header).ok()?;
        if read.name().len() + read.value().len() > MAX_BYTES {
            return None;
        }
        let domain = match site.domain(read.domain()) {
            Some(domain) if !site.is_within(&domain) || domain != site.host && !site.is_trusted => return None,
            domain => domain,
        };
        let expires = match (read.max_age(), read.expires_datetime()) {
            (Some(age), _) => Some(now.saturating_add(age.whole_seconds())),
            (None, date) => date.map(|date| date.unix_timestamp()),
        };
        Some(Self {
            name: read.name().to_owned(),
            value: read.value().to_owned(),
            expires,
            is_host_only: domain.is_none(),
            domain: domain.unwrap_or_else(|| site.host.clone()),
            path: read.path().filter(|path| path.starts_with('/')).unwrap_or_else(|| folder(path)).to_owned(),
            is_secure: read.secure() == Some(true),
            set_by: site.clone(),
        })
    }

    /// Whether it takes the place of `other`.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.domain == other.domain && self.path == other.path
    }

    pub(super) fn is_over(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Whether it goes with a call to `site`, as far as the RFC is asked.
    pub(super) fn is_for(&self, site: &Site, path: &str) -> bool {
        let is_for_host = if self.is_host_only { self.domain == site.host } else { site.is_within(&self.domain) };
        is_for_host && self.is_for_path(path) && (!self.is_secure || site.is_private)
    }

    fn is_for_path(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
    }

    /// Whether to send it to `site` tells nobody anything new: that host set it, over no better a transport.
    pub(super) fn is_own(&self, site: &Site) -> bool {
        self.set_by.host == site.host && (!self.set_by.is_encrypted || site.is_encrypted)
    }

    pub(super) fn is_set_by(&self, host: &str) -> bool {
        self.set_by.host == host
    }

    /// What it adds to a call.
    pub(super) fn bytes(&self) -> usize {
        self.name.len() + self.value.len() + "=; ".len()
    }

    /// Longer paths are sent first.
    pub(super) fn path_length(&self) -> usize {
        self.path.len()
    }
}

/// The path of a cookie that says none: that of the call, without its last part.
fn folder(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(slash) => &path[..slash],
    }
}
