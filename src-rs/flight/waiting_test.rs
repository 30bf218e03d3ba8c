#![expect(clippy::unwrap_used, reason = "tests")]

use futures::FutureExt;

use super::*;

#[test]
fn whoever_waits_is_let_in_when_half_is_free() {
    let (entrance, mut waiting) = waiting();
    for _ in 0..8 {
        let room = entrance.free_room(MOST / 8 - UNIT).unwrap();
        assert!(entrance.give(Up::End, Some(room)));
    }
    assert!(entrance.free_room(0).is_none());
    let mut room = Box::pin(entrance.room(0));
    for _ in 0..4 {
        assert!(room.as_mut().now_or_never().is_none());
        drop(waiting.try_recv().unwrap());
    }
    let _taken = room.now_or_never().unwrap().unwrap();
    assert!(entrance.free_room(MOST / 2 - 2 * UNIT).is_some(), "what is not needed is free for others");
}

#[test]
fn a_message_beyond_all_room_waits_alone() {
    let (entrance, _waiting) = waiting();
    let all = entrance.free_room(1 << 30).unwrap();
    assert!(entrance.free_room(0).is_none());
    drop(all);
    assert!(entrance.free_room(1 << 30).is_some());
}

#[test]
fn nobody_waits_for_room_where_nothing_is_taken_any_more() {
    let (entrance, waiting) = waiting();
    let _all = entrance.free_room(MOST).unwrap();
    let mut room = Box::pin(entrance.room(1));
    assert!(room.as_mut().now_or_never().is_none());
    drop(waiting);
    assert!(room.now_or_never().unwrap().is_none());
    assert!(entrance.room(1).now_or_never().unwrap().is_none());
    assert!(!entrance.give(Up::End, None));
}
