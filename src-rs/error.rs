//! The one error type of the crate: a stable code, a message for people, and where it happened.

use std::error::Error as StdError;
use std::fmt;

/// What went wrong, as a stable name. Part of the public API: `FlightSQLError.code` in TypeScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    // What a server answered: the gRPC status codes by their own names.
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
    // What happened on this side.
    /// The caller's own cancellation fired.
    CancelledByCaller,
    /// The server could not be reached.
    ConnectionFailed,
    /// TLS could not be agreed on, or a certificate was refused.
    Tls,
    /// The connection ended while a call was under way.
    ConnectionLost,
    /// The peer reset the HTTP/2 stream.
    StreamReset,
    /// The bytes are not gRPC, or end before the message does.
    Protocol,
    /// The bytes are gRPC, but not valid Arrow data.
    InvalidData,
    /// A message is larger than `maxMessageBytes`.
    MessageTooLarge,
    /// Streams of one result have different schemas.
    SchemaMismatch,
    /// A type that this operation cannot carry.
    UnsupportedType,
    /// The system refused memory.
    OutOfMemory,
    /// The client, reader or server is closed.
    Closed,
    /// A location would need credentials on a host that is not trusted, or a weaker transport.
    UntrustedLocation,
    /// An option is not usable.
    InvalidOption,
    /// A file could not be written.
    Io,
    /// A task of the core panicked. Always a defect of this package.
    Panic,
}

impl Code {
    /// The stable name that crosses to TypeScript.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELLED",
            Self::Unknown => "UNKNOWN",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::FailedPrecondition => "FAILED_PRECONDITION",
            Self::Aborted => "ABORTED",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Internal => "INTERNAL",
            Self::Unavailable => "UNAVAILABLE",
            Self::DataLoss => "DATA_LOSS",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::CancelledByCaller => "CANCELLED_BY_CALLER",
            Self::ConnectionFailed => "CONNECTION_FAILED",
            Self::Tls => "TLS_ERROR",
            Self::ConnectionLost => "CONNECTION_LOST",
            Self::StreamReset => "STREAM_RESET",
            Self::Protocol => "PROTOCOL_ERROR",
            Self::InvalidData => "INVALID_DATA",
            Self::MessageTooLarge => "MESSAGE_TOO_LARGE",
            Self::SchemaMismatch => "SCHEMA_MISMATCH",
            Self::UnsupportedType => "UNSUPPORTED_TYPE",
            Self::OutOfMemory => "OUT_OF_MEMORY",
            Self::Closed => "CLOSED",
            Self::UntrustedLocation => "UNTRUSTED_LOCATION",
            Self::InvalidOption => "INVALID_OPTION",
            Self::Io => "IO_ERROR",
            Self::Panic => "PANIC",
        }
    }

    /// Whether repeating the call may help and cannot do harm by itself.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Unavailable | Self::ConnectionFailed | Self::ConnectionLost | Self::StreamReset)
    }

    const fn of_grpc(code: tonic::Code) -> Self {
        match code {
            tonic::Code::Cancelled => Self::Cancelled,
            tonic::Code::InvalidArgument => Self::InvalidArgument,
            tonic::Code::DeadlineExceeded => Self::DeadlineExceeded,
            tonic::Code::NotFound => Self::NotFound,
            tonic::Code::AlreadyExists => Self::AlreadyExists,
            tonic::Code::PermissionDenied => Self::PermissionDenied,
            tonic::Code::ResourceExhausted => Self::ResourceExhausted,
            tonic::Code::FailedPrecondition => Self::FailedPrecondition,
            tonic::Code::Aborted => Self::Aborted,
            tonic::Code::OutOfRange => Self::OutOfRange,
            tonic::Code::Unimplemented => Self::Unimplemented,
            tonic::Code::Internal => Self::Internal,
            tonic::Code::Unavailable => Self::Unavailable,
            tonic::Code::DataLoss => Self::DataLoss,
            tonic::Code::Unauthenticated => Self::Unauthenticated,
            tonic::Code::Ok | tonic::Code::Unknown => Self::Unknown,
        }
    }
}

/// The endpoint of a FlightInfo that an error belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointRef {
    /// Its place in `FlightInfo.endpoint`, from 0.
    pub index: usize,
    /// The location that was being read; `None` is the connection that answered the query.
    pub location: Option<String>,
}

/// How much of a stream had arrived before it failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub batches: u64,
    pub rows: u64,
    /// Of an upload.
    pub acknowledged: Option<Acknowledged>,
}

/// How many rows of an upload the server has said that it took; `None` where it has not said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged(pub Option<u64>);

/// An error with its place and its cause. Cheap to move: one pointer.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    message: String,
    grpc_code: Option<i32>,
    details: Vec<u8>,
    endpoint: Option<EndpointRef>,
    progress: Option<Progress>,
    column: Option<String>,
    hint: Option<String>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `code`; `message` starts lower-case, names what was wrong and what would be right.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            grpc_code: None,
            details: Vec::new(),
            endpoint: None,
            progress: None,
            column: None,
            hint: None,
            cause: None,
        }))
    }

    /// Not valid Arrow data.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidData, message)
    }

    /// Not valid gRPC or protobuf.
    pub fn protocol(message: impl Into<String>) -> Self {
        Self::new(Code::Protocol, message)
    }

    /// The caller cancelled.
    pub fn cancelled() -> Self {
        Self::new(Code::CancelledByCaller, "the call was cancelled by its caller")
    }

    /// A panic that was caught.
    pub fn of_panic(panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_else(|| "no message".into());
        Self::new(Code::Panic, format!("a task panicked: {text}; this is a defect of flightsql"))
    }

    /// Why a task has no outcome: it panicked, or its runtime ended.
    pub fn of_task(failed: tokio::task::JoinError) -> Self {
        failed.try_into_panic().map_or_else(|_| Self::cancelled(), |panic| Self::of_panic(panic.as_ref()))
    }

    /// What a server (or tonic on its behalf) answered.
    pub fn from_status(status: tonic::Status) -> Self {
        if let Some(error) = crate::transport::failure::of_status(&status) {
            return error;
        }
        Self::from_grpc(i32::from(status.code()), status.message().to_owned(), status.details().to_vec())
    }

    /// A status by its number, as read from trailers.
    pub fn from_grpc(code: i32, message: String, details: Vec<u8>) -> Self {
        let kind = Code::of_grpc(tonic::Code::from_i32(code));
        // Some servers say no more than the number.
        let message = if message.is_empty() { format!("the server answered {} without a message", kind.as_str()) } else { message };
        let mut error = Self::new(kind, message);
        error.0.grpc_code = Some(code);
        error.0.details = details;
        error
    }

    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Names the endpoint, unless a place nearer to the cause has named it already.
    #[must_use]
    pub fn at_endpoint(mut self, endpoint: &EndpointRef) -> Self {
        self.0.endpoint.get_or_insert_with(|| endpoint.clone());
        self
    }

    /// Says how far the stream had come, unless that is said already.
    #[must_use]
    pub fn after(mut self, progress: Progress) -> Self {
        self.0.progress.get_or_insert(progress);
        self
    }

    /// Names the column, unless a nested one has been named already.
    #[must_use]
    pub fn in_column(mut self, column: &str) -> Self {
        self.0.column.get_or_insert_with(|| column.to_owned());
        self
    }

    /// The same error for another who waits for it: causes become texts.
    pub fn replicate(&self) -> Self {
        let inner = &self.0;
        let cause = self.causes();
        Self(Box::new(Inner {
            code: inner.code,
            message: inner.message.clone(),
            grpc_code: inner.grpc_code,
            details: inner.details.clone(),
            endpoint: inner.endpoint.clone(),
            progress: inner.progress,
            column: inner.column.clone(),
            hint: inner.hint.clone(),
            cause: (!cause.is_empty()).then(|| cause.join(": ").into()),
        }))
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The message alone, without place and cause.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The gRPC status number, where a server sent one.
    pub fn grpc_code(&self) -> Option<i32> {
        self.0.grpc_code
    }

    /// `grpc-status-details-bin`, decoded from base64; empty where there is none.
    pub fn details(&self) -> &[u8] {
        &self.0.details
    }

    pub fn endpoint(&self) -> Option<&EndpointRef> {
        self.0.endpoint.as_ref()
    }

    pub fn progress(&self) -> Option<Progress> {
        self.0.progress
    }

    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    pub fn is_retryable(&self) -> bool {
        self.0.code.is_retryable()
    }

    /// The messages of the causes, nearest first.
    pub fn causes(&self) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        let mut next = self.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            // Wrappers often repeat what they wrap.
            if texts.last() != Some(&text) {
                texts.push(text);
            }
            next = cause.source();
        }
        texts
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.as_str(), self.0.message)?;
        if let Some(column) = &self.0.column {
            write!(f, " (column {column})")?;
        }
        if let Some(endpoint) = &self.0.endpoint {
            write!(f, " (endpoint {}", endpoint.index)?;
            if let Some(location) = &endpoint.location {
                write!(f, " at {location}")?;
            }
            f.write_str(")")?;
        }
        if let Some(progress) = self.0.progress {
            write!(f, " (after {} batches, {} rows)", progress.batches, progress.rows)?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}
