//! Which bytes are brought to a landing, and which stay h2's.

use proptest::prelude::*;

use super::*;

#[test]
fn frames_come_apart_wherever_the_socket_cuts_them() {
    let wire = [
        frame(4, 0, 0, &[0, 3, 0, 0, 0, 9]),
        frame(HEADERS, 4, 1, b"head"),
        data(1, b"to the landing"),
        frame(PING, 0, 0, b"12345678"),
        data(3, b"to h2"),
        frame(DATA, PADDED, 1, b"\x03, padded\0\0\0"),
        data(1, b""),
        frame(DATA, END_STREAM, 1, b", to its end"),
        data(1, b"after the end"),
    ]
    .concat();
    let expected = [
        frame(4, 0, 0, &[0, 3, 0, 0, 0, 9, 0, 5, 0, 16, 0, 0]),
        frame(HEADERS, 4, 1, b"head"),
        frame(PING, 0, 0, b"12345678"),
        data(3, b"to h2"),
        frame(DATA, END_STREAM, 1, b""),
        data(1, b"after the end"),
    ]
    .concat();
    for part in 1..=wire.len() {
        for (direct, room) in [(1, 64), (usize::MAX, 64), (5, 1), (1, 10)] {
            let (landings, kept) = landed(direct);
            let mut io = DirectIo::new(Script::of(&wire, part), landings);
            assert_eq!(read_all(&mut io, room).unwrap(), expected, "cut every {part} bytes, h2 has room for {room}");
            assert_eq!(kept.lock().unwrap().bytes, b"to the landing, padded, to its end");
        }
    }
}

#[test]
fn what_comes_before_a_stream_has_a_landing_is_h2s() {
    let landings = Arc::<Landings>::default();
    let (kept, shared) = landing(1);
    follow(&landings, 1);
    let first = data(1, b"first");
    let mut io = DirectIo::new(Script::of(&[first.clone(), data(1, b"second")].concat(), 100), Arc::clone(&landings));
    let mut memory = [0; 64];
    let mut out = ReadBuf::new(&mut memory);
    let mut poll = |io: &mut DirectIo<Script>| Pin::new(io).poll_read(&mut Context::from_waker(Waker::noop()), &mut out);
    assert!(poll(&mut io).is_ready());
    // The second frame was read already, and waits for the reader to have had a chance.
    assert!(poll(&mut io).is_pending());
    assert_eq!(out.filled(), first);
    assert!(!landings.land(1, 0, &shared), "h2 has bytes that were not taken from it");
    assert!(landings.land(1, 5, &shared));
    assert_eq!(read_all(&mut io, 64).unwrap(), b"");
    assert_eq!(kept.lock().unwrap().bytes, b"second");
}

#[test]
fn a_stream_that_nobody_asks_for_goes_to_h2_whole() {
    let landings = Arc::<Landings>::default();
    follow(&landings, 1);
    let wire = [data(1, b"one"), data(1, b"two"), data(1, b"three"), frame(HEADERS, 5, 1, b"end")].concat();
    let mut io = DirectIo::new(Script::of(&wire, 1000), Arc::clone(&landings));
    assert_eq!(read_all(&mut io, 64).unwrap(), wire);
    let (_, shared) = landing(1);
    assert!(!landings.land(1, 11, &shared), "it has ended");
}

#[test]
fn padding_before_the_landing_keeps_a_stream_with_h2() {
    let landings = Arc::<Landings>::default();
    let (_, shared) = landing(1);
    follow(&landings, 1);
    let wire = frame(DATA, PADDED, 1, b"\x01data\0");
    let mut io = DirectIo::new(Script::of(&wire, 1000), Arc::clone(&landings));
    assert_eq!(read_all(&mut io, 64).unwrap(), wire);
    assert!(!landings.land(1, 4, &shared));
}

#[test]
fn a_stream_that_was_forgotten_is_h2s_again_with_the_next_frame() {
    let (landings, kept) = landed(1);
    let frames = data(1, b"half-read");
    let mut io = DirectIo::new(Script::of(&frames[..12], 100), Arc::clone(&landings));
    assert_eq!(read_all(&mut io, 64).unwrap(), b"");
    landings.forget(1);
    let next = data(1, b"next");
    io.socket().reads.push_back([&frames[12..], &next].concat());
    assert_eq!(read_all(&mut io, 64).unwrap(), next);
    assert_eq!(kept.lock().unwrap().bytes, b"half-read", "a frame that has begun ends where it began");
}

#[test]
fn data_in_the_middle_of_headers_is_h2s_to_refuse() {
    let (landings, kept) = landed(1);
    let wire = [frame(HEADERS, 0, 1, b"to be continued"), data(1, b"instead")].concat();
    let mut io = DirectIo::new(Script::of(&wire, 1000), landings);
    assert_eq!(read_all(&mut io, 64).unwrap(), wire);
    assert!(kept.lock().unwrap().bytes.is_empty());
}

#[test]
fn a_reset_ends_the_following() {
    let (landings, kept) = landed(1);
    let reset = frame(RST_STREAM, 0, 1, &[0, 0, 0, 8]);
    let wire = [reset, data(1, b"late")].concat();
    let mut io = DirectIo::new(Script::of(&wire, 1000), landings);
    assert_eq!(read_all(&mut io, 64).unwrap(), wire);
    assert!(kept.lock().unwrap().bytes.is_empty());
}

#[test]
fn large_frames_are_read_where_they_belong_and_small_ones_together() {
    let (landings, kept) = landed(64 << 10);
    let large: Vec<u8> = (0..1 << 20).map(|index: u32| (index % 251) as u8).collect();
    let wire = [data(1, &large), data(1, &large), data(1, b"small"), data(1, b"small")].concat();
    let mut io = DirectIo::new(Script::of(&wire, usize::MAX), Arc::clone(&landings));
    read_all(&mut io, 64).unwrap();
    let kept = kept.lock().unwrap();
    assert_eq!(kept.bytes, [&large[..], &large, b"smallsmall"].concat());
    // Of the first frame what came with its head was copied, of the second far less.
    assert!(kept.read_directly > (2 << 20) - (300 << 10), "{} bytes", kept.read_directly);
}

#[test]
fn what_is_waited_for_is_never_more_than_is_sure_to_come() {
    let (landings, _) = landed(64 << 10);
    let length = (1 << 20) - 700;
    let wire = [data(1, &vec![7; length]), frame(PING, 0, 0, b"12345678"), data(1, b"small")].concat();
    let mut io = DirectIo::new(Script::default(), landings);
    let mut low_water = |upto: usize, come: &mut usize| {
        io.socket().reads.push_back(wire[*come..upto].to_vec());
        *come = upto;
        read_all(&mut io, 64).unwrap();
        io.socket().low_water
    };
    let mut come = 0;
    assert_eq!(low_water(4, &mut come), 1, "within a head");
    assert_eq!(low_water(HEAD + 10, &mut come), 512 << 10, "most of a frame is to come");
    let end = HEAD + length;
    assert_eq!(low_water(end - (100 << 10), &mut come), 100 << 10, "a part of a frame is to come, for a read of its own");
    assert_eq!(low_water(end - 5000, &mut come), 1, "what is to come is read ahead");
    assert_eq!(low_water(end, &mut come), 1, "between frames");
    assert_eq!(low_water(wire.len() - 2, &mut come), 1, "within a small frame");
}

#[test]
fn padding_that_is_longer_than_its_frame_ends_the_connection() {
    for payload in [&b"\x03ab"[..], b"\xff", b"\x01"] {
        let (landings, _) = landed(1);
        let mut io = DirectIo::new(Script::of(&frame(DATA, PADDED, 1, payload), 100), landings);
        assert_eq!(read_all(&mut io, 64).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}

#[test]
fn a_frame_that_is_longer_than_was_agreed_is_h2s_to_refuse() {
    let (landings, kept) = landed(1);
    let wire = data(1, &vec![1; (1 << 20) + 1]);
    let mut io = DirectIo::new(Script::of(&wire, usize::MAX), landings);
    assert_eq!(read_all(&mut io, 1 << 16).unwrap(), wire);
    assert!(kept.lock().unwrap().bytes.is_empty());
}

#[test]
fn headers_that_go_on_are_not_interrupted() {
    let mut outbound = Outbound::default();
    assert!(!outbound.is_between_frames(), "the preface and the settings come first");
    took(&mut outbound, PREFACE);
    assert!(!outbound.is_between_frames());
    took(&mut outbound, &frame(4, 0, 0, &[]));
    assert!(outbound.is_between_frames());
    took(&mut outbound, &frame(HEADERS, 0, 1, b"a part"));
    assert!(!outbound.is_between_frames());
    took(&mut outbound, &frame(9, 0, 1, b"another"));
    assert!(!outbound.is_between_frames());
    took(&mut outbound, &frame(9, 4, 1, b"the last"));
    assert!(outbound.is_between_frames());
}

fn took(outbound: &mut Outbound, bytes: &[u8]) {
    assert_eq!(outbound.take(&[IoSlice::new(bytes)], usize::MAX, |_| ()), bytes.len());
}

#[test]
fn a_window_update_is_a_frame() {
    assert_eq!(window_update(5, 1 << 20), [0, 0, 4, 8, 0, 0, 0, 0, 5, 0, 16, 0, 0]);
}

proptest! {
    #[test]
    fn no_byte_is_lost_or_changes_its_stream(
        wire in prop::collection::vec((0..4_u32, prop::collection::vec(any::<u8>(), 0..40), any::<bool>()), 0..30),
        parts in prop::collection::vec(1..50_usize, 1..20),
        room in 1..100_usize,
        direct in 1..60_usize,
    ) {
        let landings = Arc::<Landings>::default();
        let kept: Vec<_> = [1, 3].map(|stream| {
            let (kept, shared) = landing(direct);
            follow(&landings, stream);
            assert!(landings.land(stream, 0, &shared));
            (stream, kept)
        }).into();
        let mut bytes = Vec::new();
        let mut passed = Vec::new();
        let mut landed = [Vec::new(), Vec::new()];
        for (stream, payload, is_padded) in &wire {
            let framed = if *is_padded {
                frame(DATA, PADDED, *stream, &[&[2], &payload[..], &[0, 0]].concat())
            } else {
                data(*stream, payload)
            };
            bytes.extend_from_slice(&framed);
            match stream {
                1 => landed[0].extend_from_slice(payload),
                3 => landed[1].extend_from_slice(payload),
                _ => passed.extend_from_slice(&framed),
            }
        }
        let mut script = Script::of(&[], 1);
        let mut rest = &bytes[..];
        for part in parts.iter().cycle() {
            if rest.is_empty() { break }
            let (first, others) = rest.split_at(rest.len().min(*part));
            script.reads.push_back(first.to_vec());
            rest = others;
        }
        let mut io = DirectIo::new(script, landings);
        prop_assert_eq!(read_all(&mut io, room).unwrap(), passed);
        for ((_, kept), expected) in kept.iter().zip(&landed) {
            prop_assert_eq!(&kept.lock().unwrap().bytes, expected);
        }
    }
}
