#![expect(clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{ARENA, Arenas, GRAIN, PAGE};

/// Takes and gives back by turns; a block is filled with its number, and must still hold it when it goes.
fn exercise(arenas: &mut Arenas, steps: &[(usize, usize)]) {
    let mut blocks: BTreeMap<usize, (std::ptr::NonNull<u8>, usize, u8)> = BTreeMap::new();
    for (number, (grains, victim)) in steps.iter().enumerate() {
        let length = grains * GRAIN;
        let start = arenas.take(length).expect("there is memory").start;
        assert_eq!(start.as_ptr() as usize % GRAIN, 0);
        let begin = start.as_ptr() as usize;
        for (other, (_, size, _)) in &blocks {
            assert!(begin + length <= *other || other + size <= begin, "two blocks overlap");
        }
        let fill = number as u8;
        // SAFETY: the block was just taken.
        unsafe { start.as_ptr().write_bytes(fill, length) };
        blocks.insert(begin, (start, length, fill));
        if victim % 2 == 0 {
            let key = *blocks.keys().nth(victim / 2 % blocks.len()).expect("it is there");
            give_back(arenas, blocks.remove(&key).expect("it is there"));
        }
    }
    for block in blocks.into_values() {
        give_back(arenas, block);
    }
}

fn give_back(arenas: &mut Arenas, (start, length, fill): (std::ptr::NonNull<u8>, usize, u8)) {
    // SAFETY: the block is in use, and nobody else knows of it.
    unsafe {
        let bytes = std::slice::from_raw_parts(start.as_ptr(), length);
        assert!(bytes.iter().all(|byte| *byte == fill), "somebody else wrote into a block");
        arenas.give_back(start, length);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 64 }))]

    #[test]
    fn blocks_never_overlap_and_all_of_it_comes_back(
        steps in proptest::collection::vec((1_usize..600, any::<usize>()), 1..60),
        limit in prop_oneof![Just(0), Just(4 * PAGE), Just(usize::MAX)],
    ) {
        let mut arenas = Arenas::new();
        arenas.set_limit(limit);
        exercise(&mut arenas, &steps);
        prop_assert_eq!(arenas.used, 0);
        prop_assert!(arenas.idle() <= limit);
        for arena in arenas.arenas.values() {
            prop_assert_eq!(arena.free.iter().collect::<Vec<_>>(), vec![(&0, &arena.length)]);
        }
        arenas.set_limit(0);
        prop_assert_eq!(arenas.idle(), 0);
        prop_assert!(arenas.arenas.len() <= 1, "{} arenas stay", arenas.arenas.len());
    }
}

#[test]
fn what_comes_back_is_used_again_before_more_is_taken() {
    let mut arenas = Arenas::new();
    arenas.set_limit(usize::MAX);
    let first = arenas.take(PAGE).expect("there is memory").start;
    let second = arenas.take(PAGE).expect("there is memory").start;
    // SAFETY: it is in use, and nobody else knows of it.
    unsafe { arenas.give_back(first, PAGE) };
    assert_eq!(arenas.idle(), PAGE);
    assert_eq!(arenas.take(PAGE).map(|place| place.start), Some(first));
    assert_eq!(arenas.idle(), 0);
    assert_ne!(first, second);
}

#[test]
fn a_block_larger_than_an_arena_gets_one_of_its_own_which_goes_with_it() {
    let mut arenas = Arenas::new();
    let small = arenas.take(GRAIN).expect("there is memory").start;
    let large = arenas.take(ARENA + GRAIN).expect("there is memory").start;
    assert_eq!(arenas.arenas.len(), 2);
    // SAFETY: both are in use, and nobody else knows of them.
    unsafe {
        arenas.give_back(large, ARENA + GRAIN);
        assert_eq!(arenas.arenas.len(), 1);
        arenas.give_back(small, GRAIN);
    }
    assert_eq!(arenas.idle(), 0);
}

#[test]
fn a_length_that_no_system_has_is_refused() {
    let mut arenas = Arenas::new();
    assert!(arenas.take(1 << 62).is_none());
    assert_eq!(arenas.used, 0);
}

#[test]
fn only_pages_that_nobody_had_are_fresh() {
    let mut arenas = Arenas::new();
    arenas.set_limit(usize::MAX);
    let fresh = |arenas: &mut Arenas, length| {
        let place = arenas.take(length).expect("there is memory");
        (place.start, place.fresh.map(|fresh| fresh.pages))
    };
    let (first, pages) = fresh(&mut arenas, PAGE / 2);
    assert_eq!(pages, Some(0..PAGE as isize));
    let (_, pages) = fresh(&mut arenas, PAGE);
    assert_eq!(pages, Some(PAGE as isize / 2..3 * PAGE as isize / 2), "the half behind the first block is not fresh any more");
    // SAFETY: it is in use, and nobody else knows of it.
    unsafe { arenas.give_back(first, PAGE / 2) };
    assert_eq!(fresh(&mut arenas, PAGE / 2), (first, None));
}

#[test]
fn what_lay_idle_all_along_is_given_back_and_what_was_needed_stays() {
    let mut arenas = Arenas::new();
    arenas.set_limit(usize::MAX);
    let blocks: Vec<_> = (0..4).map(|_| arenas.take(PAGE).expect("there is memory").start).collect();
    for block in &blocks {
        // SAFETY: it is in use, and nobody else knows of it.
        unsafe { arenas.give_back(*block, PAGE) };
    }
    arenas.settle();
    assert_eq!(arenas.idle(), 4 * PAGE, "all of it was in use since the last time");
    let block = arenas.take(PAGE).expect("there is memory").start;
    // SAFETY: as above.
    unsafe { arenas.give_back(block, PAGE) };
    arenas.settle();
    assert_eq!(arenas.idle(), PAGE, "one page was needed, three were not");
    arenas.settle();
    assert_eq!(arenas.idle(), 0);
}
