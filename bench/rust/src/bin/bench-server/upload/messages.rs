//! gRPC's frames, and the first fields of the message in one.

use tonic::Status;

/// Before each message: whether it is compressed, and its length.
pub const PREFIX: usize = 5;

/// The field of FlightData that holds the Arrow message without its body.
const DATA_HEADER: u64 = 2;

/// The length of the message that a frame begins with.
pub fn length(frame: [u8; PREFIX]) -> usize {
    let [_, length @ ..] = frame;
    u32::from_be_bytes(length) as usize
}

/// The first message, if all of it is there.
pub fn whole(bytes: &[u8]) -> Option<&[u8]> {
    let (prefix, rest) = bytes.split_first_chunk::<PREFIX>()?;
    rest.get(..length(*prefix))
}

/// What the beginning of a FlightData message tells of its Arrow header.
pub enum Header<'a> {
    Found(&'a [u8]),
    /// More of the message is needed to know.
    Unknown,
    /// The message has none, or has it behind its body, where no client writes it.
    Absent,
}

/// Looks for the Arrow header in what there is of a message.
pub fn header(mut message: &[u8]) -> Result<Header<'_>, Status> {
    loop {
        let Some(key) = varint(&mut message) else { return Ok(Header::Unknown) };
        if key & 7 != 2 {
            return Err(Status::invalid_argument("a FlightData message has a field of an unknown kind"));
        }
        let Some(length) = varint(&mut message) else { return Ok(Header::Unknown) };
        if key >> 3 > DATA_HEADER {
            return Ok(Header::Absent);
        }
        let Some((field, rest)) = message.split_at_checked(length as usize) else { return Ok(Header::Unknown) };
        if key >> 3 == DATA_HEADER {
            return Ok(Header::Found(field));
        }
        message = rest;
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            *bytes = &bytes[at + 1..];
            return Some(value);
        }
    }
    None
}
