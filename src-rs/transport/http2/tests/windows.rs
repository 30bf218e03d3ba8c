//! What is given back of windows, and where its frames fit in.

use super::*;

#[test]
fn windows_are_given_back_between_frames_only() {
    let (landings, _) = landed(1);
    let wire: Vec<u8> = (0..3).flat_map(|_| data(1, &vec![7; 1 << 20])).collect();
    let mut io = DirectIo::new(Script::of(&wire, 100_000), landings);
    let ours = [settings(), frame(PING, 1, 0, b"12345678")].concat();
    // h2 writes its first frames but for the last byte.
    let cut = ours.len() - 1;
    assert_eq!(write(&mut io, &ours[..cut]), cut);
    read_all(&mut io, 64).unwrap();
    assert_eq!(io.socket().written, ours[..cut], "nothing in the middle of a frame");
    assert_eq!(write(&mut io, &ours[cut..]), 1);
    io.socket().takes = 1;
    let _ = Pin::new(&mut io).poll_flush(&mut Context::from_waker(Waker::noop()));
    let sent = written(&mut io);
    assert_eq!((given(&sent, 1), given(&sent, 0)), (3 << 20, 3 << 20), "{sent:?}");
}

#[test]
fn a_window_update_that_is_written_in_part_goes_before_h2s_next_frame() {
    let (landings, _) = landed(1);
    let mut io = DirectIo::new(Script::of(&data(1, &vec![7; 1 << 20]), usize::MAX), landings);
    write(&mut io, &settings());
    io.socket().takes = 0;
    read_all(&mut io, 64).unwrap();
    let ping = frame(PING, 1, 0, b"12345678");
    assert_eq!(write(&mut io, &ping), 0, "h2 waits");
    io.socket().takes = 5;
    for byte in 0..ping.len() {
        io.socket().takes = 1 + byte % 3;
        let mut rest = &ping[byte..=byte];
        while !rest.is_empty() {
            rest = &rest[write(&mut io, rest)..];
        }
    }
    let sent = written(&mut io);
    assert_eq!((given(&sent, 1), given(&sent, 0)), (1 << 20, 1 << 20));
    assert_eq!(sent.last().unwrap().0.kind, PING);
}

#[test]
fn a_window_update_goes_behind_frames_that_wait_to_be_written_together() {
    let (landings, _) = landed(1);
    let mut io = DirectIo::new(Script::of(&data(1, &vec![7; 1 << 20]), usize::MAX), landings);
    write(&mut io, &settings());
    io.socket().takes = 0;
    let upload = data(3, &[7; 16_384]);
    assert_eq!(write(&mut io, &upload), upload.len());
    read_all(&mut io, 64).unwrap();
    io.socket().takes = 1_000;
    read_all(&mut io, 64).unwrap();
    let sent = written(&mut io);
    let data_at = sent.iter().position(|(head, _)| head.kind == DATA);
    assert_eq!(data_at, Some(1), "behind the settings");
    assert_eq!((given(&sent, 1), given(&sent, 0)), (1 << 20, 1 << 20));
}

#[test]
fn a_stream_whose_messages_nobody_takes_keeps_its_window() {
    let (landings, kept) = landed(1);
    kept.lock().unwrap().is_stopped = true;
    let wire: Vec<u8> = (0..STREAM_WINDOW >> 20).flat_map(|_| data(1, &vec![7; 1 << 20])).collect();
    let mut io = DirectIo::new(Script::of(&wire, usize::MAX), Arc::clone(&landings));
    write(&mut io, &settings());
    read_all(&mut io, 64).unwrap();
    let sent = written(&mut io);
    assert_eq!((given(&sent, 1), given(&sent, 0)), (0, u64::from(STREAM_WINDOW)), "the connection has its window for the others");
    // One byte more than the server may send.
    io.socket().reads.push_back(data(1, b"x"));
    assert_eq!(read_all(&mut io, 64).unwrap_err().to_string(), "the server sent more than the flow-control window of a stream");
    // What was taken is given back; half a MiB more is not worth a frame.
    assert!(landings.give_back(1, 3 << 20));
    assert!(!landings.give_back(1, (3 << 20) + (512 << 10)));
}

#[test]
fn padding_counts_against_the_window_and_is_given_back() {
    let (landings, _) = landed(1);
    let mut payload = vec![100; 1 << 20];
    payload[(1 << 20) - 100..].fill(0);
    let mut io = DirectIo::new(Script::of(&frame(DATA, PADDED, 1, &payload), 70_000), landings);
    write(&mut io, &settings());
    read_all(&mut io, 64).unwrap();
    let sent = written(&mut io);
    assert_eq!((given(&sent, 1), given(&sent, 0)), (1 << 20, 1 << 20));
}
