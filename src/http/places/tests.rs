//! Who has a place, who waits for one and who makes room.

use super::*;

fn places(places: usize, per_peer: usize) -> Arc<Places> {
    let limits = PlaceLimits {
        places,
        per_peer,
        waiting: 3,
    };
    Places::new(limits, Networks::parse("10.0.0.0/8").unwrap())
}

fn many(places: &Arc<Places>, count: usize, peer: [u8; 4]) -> Vec<Place> {
    (0..count).map(|_| places.open(peer.into())).collect()
}

fn are_in(of: &[Place]) -> usize {
    of.iter().filter(|place| place.is_in()).count()
}

#[test]
fn one_peer_has_so_many_and_the_rest_of_them_waits() {
    let places = places(10, 4);
    let mut one = many(&places, 6, [192, 0, 2, 1]);
    assert_eq!(are_in(&one), 4);
    let proxied = many(&places, 6, [10, 0, 0, 1]);
    assert_eq!(are_in(&proxied), 6, "a proxy is not capped");
    drop(proxied);
    assert_eq!(are_in(&one), 4);
    one.remove(0);
    assert_eq!(are_in(&one), 4, "one of those who waited");
    drop(one);
    let state = places.lock();
    assert_eq!((state.connections.len(), state.waiting), (0, 0));
    assert!(state.peers.is_empty() && state.sites.is_empty());
}

#[test]
fn whoever_has_most_makes_room_for_whoever_has_less() {
    let places = places(8, 100);
    let attack = many(&places, 8, [192, 0, 2, 1]);
    attack[0].is_answering(true);
    let honest = many(&places, 3, [198, 51, 100, 1]);
    let neighbour = places.open([192, 0, 2, 9].into());
    assert_eq!(are_in(&honest), 3);
    assert!(neighbour.is_in());
    let fourth = places.open([198, 51, 100, 1].into());
    assert!(fourth.is_in());
    let out: Vec<usize> = (0..8).filter(|n| !attack[*n].is_in()).collect();
    assert_eq!(out, [1, 2, 3, 4, 5], "the oldest that are idle");
    // Four of each site: nobody has more than they would have then.
    assert!(!places.open([198, 51, 100, 1].into()).is_in());
}

#[test]
fn those_who_wait_are_few_and_a_newcomer_gets_a_moment() {
    let places = places(1, 100);
    let first = places.open([192, 0, 2, 1].into());
    let mut waiting = many(&places, 5, [192, 0, 2, 1]);
    let context = Context::from_waker(std::task::Waker::noop());
    let gone = |place: &Place| place.poll_out(&context).is_ready();
    let out: Vec<bool> = waiting.iter().map(gone).collect();
    assert_eq!(out, [true, true, false, false, false]);
    waiting[4].is_answering(true);
    drop(first);
    assert!(waiting[4].is_in(), "who asked for something goes first");
    assert!(waiting[4].poll_in(&context).is_ready());
    waiting.truncate(4);
    assert!(waiting[2].is_in());
}

#[test]
fn behind_a_proxy_it_counts_for_whom_it_speaks() {
    let places = places(4, 100);
    let proxied = many(&places, 4, [10, 0, 0, 1]);
    for place in &proxied[..3] {
        place.is_for([192, 0, 2, 1].into());
    }
    proxied[3].is_for([198, 51, 100, 1].into());
    let honest = places.open([203, 0, 113, 1].into());
    assert!(honest.is_in());
    assert_eq!(are_in(&proxied[..3]), 2);
    assert!(proxied[3].is_in());
}
