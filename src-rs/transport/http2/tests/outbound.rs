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

/// Writes all of `wire` as h2 does, with whatever the socket takes.
fn write_all(io: &mut DirectIo<Script>, wire: &[u8]) {
    let mut context = Context::from_waker(Waker::noop());
    let mut sent = 0;
    while sent < wire.len() {
        let count = super::write(io, &wire[sent..]);
        assert!(count > 0, "nothing is taken");
        sent += count;
    }
    assert!(Pin::new(io).poll_flush(&mut context).is_ready());
}

/// A connection behind its preface and settings.
fn begun(landings: Arc<Landings>, takes: usize) -> DirectIo<Script> {
    let mut io = DirectIo::new(Script { takes, ..Script::default() }, landings);
    write_all(&mut io, &[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat());
    io
}

#[test]
fn every_stream_of_a_write_counts_as_written() {
    let landings = Arc::<Landings>::default();
    let mut io = begun(Arc::clone(&landings), usize::MAX);
    assert!(!landings.has_written(1));
    let wire = [frame(HEADERS, END_HEADERS, 7, b"h"), frame(DATA, END_STREAM, 7, b"d"), data(1, &[0; 100_000]), frame(PING, 1, 0, &[0; 8])];
    write_all(&mut io, &wire.concat());
    assert!(landings.has_written(7), "what comes last is of an older stream, and of none");
    assert!(!landings.has_written(9));
}

#[test]
fn windows_are_given_back_between_the_parts_of_one_frame_of_h2s() {
    let (landings, _) = landed(1);
    let mut io = begun(Arc::clone(&landings), 10_000);
    let wire = data(3, &[5; 100_000]);
    let first = super::write(&mut io, &wire);
    assert!(first > 0 && first < 16_384, "within the first part");
    assert!(landings.data(&FrameHead { length: 1 << 20, kind: DATA, flags: 0, stream: 1 }).is_ok());
    assert!(landings.give_back(1, 1 << 20));
    write_all(&mut io, &wire[first..]);
    let frames = super::written(&mut io);
    let kinds: Vec<u8> = frames.iter().map(|(head, _)| head.kind).collect();
    assert_eq!(kinds[..4], [SETTINGS, DATA, WINDOW_UPDATE, DATA], "behind the part under way");
    let sent: Vec<u8> = frames.iter().filter(|(head, _)| head.kind == DATA).flat_map(|(_, payload)| payload).copied().collect();
    assert_eq!(sent, [5; 100_000]);
}

#[test]
fn settings_that_are_too_long_to_be_looked_at_leave_frames_that_every_server_takes() {
    let mut outbound = Outbound::default();
    outbound.settings(&frame(SETTINGS, 0, 0, &max_frame(1 << 20)));
    outbound.settings_unseen();
    let wire = [PREFACE, &data(1, &[7; 20_000])].concat();
    let mut written = Vec::new();
    outbound.take(&[IoSlice::new(&wire)], usize::MAX, |piece| written.extend_from_slice(piece.bytes()));
    assert_eq!(written.len(), wire.len() + HEAD, "in two parts");
}
