//! Counts the rows of an upload as its bytes come, and keeps of them no more than the beginning of a message.

use arrow_ipc::root_as_message;
use tonic::Status;

use super::messages::{Header, PREFIX, header, length};

#[derive(Default)]
pub struct RowCounter {
    rows: i64,
    /// The beginning of the message that is being read, until its rows are known.
    beginning: Vec<u8>,
    /// What is still to come of a message whose rows are known.
    rest: usize,
}

impl RowCounter {
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Status> {
        while !bytes.is_empty() {
            let skipped = self.rest.min(bytes.len());
            self.rest -= skipped;
            bytes = &bytes[skipped..];
            if bytes.is_empty() {
                break;
            }
            bytes = self.begin(bytes)?;
        }
        Ok(())
    }

    /// The rows of all that came.
    pub fn finish(self) -> Result<i64, Status> {
        if self.rest > 0 || !self.beginning.is_empty() {
            return Err(Status::invalid_argument("the upload ends within a message"));
        }
        Ok(self.rows)
    }

    /// Takes what belongs to the beginning of a message; returns what is left.
    fn begin<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Status> {
        let before = self.beginning.len();
        // A header of more than this would be of many columns; then the next round takes more.
        let taken = bytes.len().min(1 << 10);
        self.beginning.extend_from_slice(&bytes[..taken]);
        let Some((prefix, there)) = self.beginning.split_first_chunk::<PREFIX>() else { return Ok(&bytes[taken..]) };
        let length = length(*prefix);
        let of_message = &there[..there.len().min(length)];
        match header(of_message)? {
            Header::Found(found) => self.rows += rows(found)?,
            Header::Absent => {}
            Header::Unknown if of_message.len() < length => return Ok(&bytes[taken..]),
            Header::Unknown => {}
        }
        let used = of_message.len() + PREFIX - before;
        self.rest = length - of_message.len();
        self.beginning.clear();
        Ok(&bytes[used..])
    }
}

fn rows(header: &[u8]) -> Result<i64, Status> {
    let message = root_as_message(header).map_err(|error| Status::invalid_argument(error.to_string()))?;
    Ok(message.header_as_record_batch().map_or(0, |batch| batch.length()))
}
