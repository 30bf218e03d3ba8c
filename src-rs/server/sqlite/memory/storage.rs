//! The bytes of one file in memory.

use std::sync::{PoisonError, RwLock};

/// Chunks never move, so that a file grows without being copied.
const CHUNK: usize = 64 * 1024;

#[derive(Default)]
pub(super) struct Storage(RwLock<Content>);

#[derive(Default)]
struct Content {
    chunks: Vec<Box<[u8]>>,
    len: usize,
}

/// The system refused memory.
#[derive(Debug)]
pub(super) struct OutOfMemory;

impl Storage {
    pub(super) fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len
    }

    /// Fills `target` from `offset` on, with zeros beyond the end of the file. Returns how much there was to read.
    pub(super) fn read(&self, target: &mut [u8], offset: usize) -> usize {
        let content = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let available = content.len.saturating_sub(offset).min(target.len());
        let (wanted, beyond) = target.split_at_mut(available);
        beyond.fill(0);
        let mut at = offset;
        for part in split_by_chunk(wanted, offset) {
            let start = at % CHUNK;
            if let Some(chunk) = content.chunks.get(at / CHUNK) {
                part.copy_from_slice(&chunk[start..start + part.len()]);
            }
            at += part.len();
        }
        available
    }

    /// Writes all of `source` at `offset`; a gap before it reads as zeros.
    pub(super) fn write(&self, source: &[u8], offset: usize) -> Result<(), OutOfMemory> {
        let mut content = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let end = offset.checked_add(source.len()).ok_or(OutOfMemory)?;
        content.grow_to(end)?;
        let mut at = offset;
        let mut rest = source;
        while !rest.is_empty() {
            let start = at % CHUNK;
            let (part, tail) = rest.split_at(rest.len().min(CHUNK - start));
            if let Some(chunk) = content.chunks.get_mut(at / CHUNK) {
                chunk[start..start + part.len()].copy_from_slice(part);
            }
            at += part.len();
            rest = tail;
        }
        content.len = content.len.max(end);
        Ok(())
    }

    /// Cuts the file down to `len` bytes and gives the memory behind it back.
    pub(super) fn truncate(&self, len: usize) {
        let mut content = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if len >= content.len {
            return;
        }
        content.len = len;
        content.chunks.truncate(len.div_ceil(CHUNK));
        // What is cut off must read as zeros when the file grows again.
        let start = len % CHUNK;
        if start > 0
            && let Some(last) = content.chunks.last_mut()
        {
            last[start..].fill(0);
        }
    }
}

impl Content {
    fn grow_to(&mut self, len: usize) -> Result<(), OutOfMemory> {
        while self.chunks.len() < len.div_ceil(CHUNK) {
            let mut chunk = Vec::new();
            chunk.try_reserve_exact(CHUNK).map_err(|_| OutOfMemory)?;
            chunk.resize(CHUNK, 0);
            self.chunks.try_reserve(1).map_err(|_| OutOfMemory)?;
            self.chunks.push(chunk.into_boxed_slice());
        }
        Ok(())
    }
}

/// The parts of `target` that lie in one chunk each, if it begins at `offset` of the file.
fn split_by_chunk(target: &mut [u8], offset: usize) -> impl Iterator<Item = &mut [u8]> {
    let first = (CHUNK - offset % CHUNK).min(target.len());
    let (head, tail) = target.split_at_mut(first);
    std::iter::once(head).chain(tail.chunks_mut(CHUNK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_written_across_chunks_and_zeros_beyond_the_end() {
        let storage = Storage::default();
        let written: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
        assert!(storage.write(&written, 1000).is_ok());
        assert_eq!(storage.len(), 201_000);
        let mut read = vec![9; 201_100];
        assert_eq!(storage.read(&mut read, 0), 201_000);
        assert!(read[..1000].iter().all(|b| *b == 0));
        assert_eq!(&read[1000..201_000], &written[..]);
        assert!(read[201_000..].iter().all(|b| *b == 0));
        let mut read = vec![9; 70_000];
        assert_eq!(storage.read(&mut read, 65_000), 70_000);
        assert_eq!(&read[..], &written[64_000..134_000]);
        assert_eq!(storage.read(&mut read, 300_000), 0);
    }

    #[test]
    fn what_was_cut_off_reads_as_zeros_when_the_file_grows_again() {
        let storage = Storage::default();
        assert!(storage.write(&[7; 1000], 0).is_ok());
        storage.truncate(10);
        assert!(storage.write(&[8], 999).is_ok());
        let mut read = vec![9; 1000];
        assert_eq!(storage.read(&mut read, 0), 1000);
        assert_eq!(&read[..10], &[7; 10]);
        assert!(read[10..999].iter().all(|b| *b == 0));
        assert_eq!(read[999], 8);
    }
}
