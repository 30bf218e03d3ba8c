#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn lent<'a>(head: Bytes, pieces: &[&'a [u8]]) -> (Part, Loan<'a>) {
    // SAFETY: all of it happens on this thread, and every test ends its loan.
    unsafe { Part::lent(head, pieces) }
}

/// All that is left of a part, as h2 would write it, up to `most` bytes at a time.
fn written(part: &mut Part, most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while part.has_remaining() {
        let mut slices = [IoSlice::new(&[]); 4];
        let count = part.chunks_vectored(&mut slices);
        let chunk = slices[..count].iter().flat_map(|slice| slice.iter().copied()).take(most).collect::<Vec<u8>>();
        assert!(chunk.starts_with(&part.chunk()[..part.chunk().len().min(most)]));
        part.advance(chunk.len());
        out.extend(chunk);
    }
    out
}

#[test]
fn pieces_are_written_in_order_in_whatever_parts() {
    let pieces: [&[u8]; 6] = [b"ab", b"", b"c", b"defgh", b"i", b"jk"];
    for most in 1..=14 {
        let (mut part, loan) = lent(Bytes::from_static(b"HEAD"), &pieces);
        assert_eq!(part.remaining(), 15);
        assert_eq!(written(&mut part, most), b"HEADabcdefghijk");
        assert!(loan.end().is_none());
    }
}

#[test]
fn what_is_left_when_a_loan_ends_is_kept_and_the_lender_free() {
    for written_before in 0..=11 {
        let mut memory = *b"abcdefghijk";
        let (mut part, loan) = lent(Bytes::new(), &[&memory[..3], &memory[3..]]);
        part.advance(written_before);
        let rest = loan.end();
        memory.fill(b'#');
        assert_eq!(rest.is_some(), written_before < 11);
        assert_eq!(written(&mut part, 4), b"abcdefghijk"[written_before..]);
        drop(part);
        assert!(rest.is_none_or(|rest| rest.is_cancelled()));
    }
}

#[test]
fn a_part_that_h2_lets_go_of_is_over() {
    let (part, loan) = lent(Bytes::new(), &[b"abc"]);
    let rest = loan.end().unwrap();
    assert!(!rest.is_cancelled());
    drop(part);
    assert!(rest.is_cancelled());
}
