#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn message(length: usize) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend_from_slice(&(length as u32).to_be_bytes());
    bytes.resize(PREFIX + length, 7);
    bytes
}

#[test]
fn messages_pass_in_whatever_parts_they_come() {
    let bytes = [message(0), message(3), message(100), message(0), message(1)].concat();
    for part in 1..=bytes.len() {
        let mut watch = Watch::new(100);
        bytes.chunks(part).for_each(|bytes| watch.pass(bytes).unwrap());
        let error = message(101).chunks(part).find_map(|bytes| watch.pass(bytes).err()).unwrap();
        assert_eq!(error.code(), Code::MessageTooLarge, "in parts of {part}");
    }
}

#[test]
fn what_is_no_prefix_is_refused() {
    for flags in [1, 2, 0xff] {
        let error = Watch::new(100).pass(&[flags, 0, 0, 0, 0]).unwrap_err();
        assert_eq!(error.code(), Code::Protocol);
    }
}
