//! What becomes of the frames that h2 writes, and what h2 is told of the server.

use super::*;

const CONTINUATION: u8 = 9;
const SETTINGS: u8 = 4;
const END_HEADERS: u8 = 4;

/// The setting that says how large a frame may be.
fn max_frame(size: u32) -> Vec<u8> {
    [&[0, 5][..], &size.to_be_bytes()].concat()
}

/// What follows the preface of a connection whose server has said `settings`, in frames.
fn cut(settings: &[u8], wire: &[u8]) -> Vec<(FrameHead, Vec<u8>)> {
    let mut outbound = Outbound::default();
    outbound.settings(&frame(SETTINGS, 0, 0, settings));
    let wire = [PREFACE, wire].concat();
    let mut written = Vec::new();
    assert_eq!(outbound.take(&[IoSlice::new(&wire)], usize::MAX, |piece| written.extend_from_slice(piece.bytes())), wire.len());
    let mut io = DirectIo::new(Script { written, ..Script::default() }, Arc::default());
    super::written(&mut io)
}

fn heads(frames: &[(FrameHead, Vec<u8>)]) -> Vec<(u8, u8, usize)> {
    frames.iter().map(|(head, _)| (head.kind, head.flags, head.length)).collect()
}

#[test]
fn the_last_part_of_data_ends_the_stream_and_no_other_does() {
    let payload: Vec<u8> = (0..40_000_u32).map(|at| (at % 251) as u8).collect();
    let frames = cut(&[], &frame(DATA, END_STREAM, 1, &payload));
    assert_eq!(heads(&frames), [(DATA, 0, 16_384), (DATA, 0, 16_384), (DATA, END_STREAM, 7_232)]);
    assert!(frames.iter().all(|(head, _)| head.stream == 1));
    assert_eq!(frames.iter().flat_map(|(_, payload)| payload).copied().collect::<Vec<u8>>(), payload);
}

#[test]
fn headers_are_continued() {
    let frames = cut(&[], &frame(HEADERS, END_STREAM | END_HEADERS, 1, &[1; 33_000]));
    assert_eq!(heads(&frames), [(HEADERS, END_STREAM, 16_384), (CONTINUATION, 0, 16_384), (CONTINUATION, END_HEADERS, 232)]);
    let open = [frame(HEADERS, 0, 1, &[1; 20_000]), frame(CONTINUATION, END_HEADERS, 1, &[1; 20_000])].concat();
    let expected = [(HEADERS, 0, 16_384), (CONTINUATION, 0, 3_616), (CONTINUATION, 0, 16_384), (CONTINUATION, END_HEADERS, 3_616)];
    assert_eq!(heads(&cut(&[], &open)), expected);
}

#[test]
fn a_server_gets_frames_of_the_size_that_it_takes() {
    let wire = data(1, &[7; 100_000]);
    assert_eq!(cut(&max_frame(1 << 20), &wire).len(), 1);
    assert_eq!(heads(&cut(&max_frame(65_536), &wire)), [(DATA, 0, 65_536), (DATA, 0, 34_464)]);
    let twice = [max_frame(1 << 20), max_frame(65_536)].concat();
    assert_eq!(cut(&twice, &wire).len(), 2, "the last value counts");
}

#[test]
fn h2_is_told_of_larger_frames_behind_what_the_server_says() {
    let told = |settings: &[u8]| Outbound::default().settings(&frame(SETTINGS, 0, 0, settings));
    let window = [0, 4, 0, 1, 0, 0];
    assert_eq!(told(&window), frame(SETTINGS, 0, 0, &[&window[..], &max_frame(1 << 20)].concat()));
    assert_eq!(told(&max_frame(1 << 22)), frame(SETTINGS, 0, 0, &max_frame(1 << 22).repeat(2)), "never of smaller ones");
}

#[test]
fn settings_that_are_wrong_are_h2s_to_refuse() {
    for settings in [frame(SETTINGS, 0, 0, &max_frame(100)), frame(SETTINGS, 0, 0, &[0; 7]), frame(SETTINGS, 0, 1, &[])] {
        assert_eq!(Outbound::default().settings(&settings), settings);
    }
}
