//! The messages of Flight's session actions, as Flight.proto numbers them; arrow-flight does not have them.

use std::collections::BTreeMap;

use prost::{Enumeration, Message, Oneof};

#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct SessionOptionValue {
    /// Without one the option is to be erased.
    #[prost(oneof = "OptionValue", tags = "1, 2, 3, 4, 5")]
    pub(in super::super) value: Option<OptionValue>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(in super::super) enum OptionValue {
    #[prost(string, tag = "1")]
    String(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(sfixed64, tag = "3")]
    Int64(i64),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(message, tag = "5")]
    StringList(StringListValue),
}

#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct StringListValue {
    #[prost(string, repeated, tag = "1")]
    pub(in super::super) values: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct SetSessionOptionsRequest {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(in super::super) session_options: BTreeMap<String, SessionOptionValue>,
}

/// Holds the options that could not be set, and no others.
#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct SetSessionOptionsResult {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(in super::super) errors: BTreeMap<String, OptionError>,
}

#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct OptionError {
    #[prost(enumeration = "ErrorValue", tag = "1")]
    pub(in super::super) value: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
#[repr(i32)]
pub(in super::super) enum ErrorValue {
    Unspecified = 0,
    /// There can be no option of that name.
    InvalidName = 1,
    /// The option cannot have that value, or a value of that type.
    InvalidValue = 2,
    /// The option cannot be set.
    Error = 3,
}

#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct GetSessionOptionsRequest {}

#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct GetSessionOptionsResult {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(in super::super) session_options: BTreeMap<String, SessionOptionValue>,
}

#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct CloseSessionRequest {}

#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct CloseSessionResult {
    #[prost(enumeration = "CloseStatus", tag = "1")]
    pub(in super::super) status: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
#[repr(i32)]
pub(in super::super) enum CloseStatus {
    Unspecified = 0,
    Closed = 1,
    Closing = 2,
    NotCloseable = 3,
}
