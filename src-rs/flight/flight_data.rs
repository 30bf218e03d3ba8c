//! FlightData messages as they go up: gRPC's prefix and the fields in front of the body, which goes as it is.

use arrow_flight::FlightData;
use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};

use super::frames::DATA_BODY;
use crate::error::{Code, Error, Result};
use crate::transport::http2::Part;
use crate::transport::prefix::PREFIX;

/// The bytes of a message, whose body is not copied.
///
/// # Errors
/// `MESSAGE_TOO_LARGE` beyond what gRPC can say the length of.
pub(super) fn framed(mut message: FlightData) -> Result<Part> {
    let body = std::mem::take(&mut message.data_body);
    Ok(Part::new(head(&message, body.len())?, body))
}

/// The bytes in front of a body of so many bytes; `message` has none.
///
/// # Errors
/// As of [`framed`].
pub(super) fn head(message: &FlightData, body: usize) -> Result<Bytes> {
    let field = DATA_BODY as u32;
    let fields = message.encoded_len();
    let tail = if body == 0 { 0 } else { key_len(field) + encoded_len_varint(body as u64) };
    let length = u32::try_from(fields + tail + body)
        .map_err(|_| Error::new(Code::MessageTooLarge, format!("a message of {body} bytes cannot be sent: gRPC's limit is 4 GiB")))?;
    let mut bytes = BytesMut::with_capacity(PREFIX + fields + tail);
    bytes.put_u8(0);
    bytes.put_u32(length);
    bytes.put_slice(&message.encode_to_vec());
    if body > 0 {
        encode_key(field, WireType::LengthDelimited, &mut bytes);
        encode_varint(body as u64, &mut bytes);
    }
    Ok(bytes.freeze())
}

#[cfg(test)]
#[path = "flight_data_test.rs"]
mod tests;
