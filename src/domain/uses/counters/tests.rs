//! What is noted comes out once, in batches, and waits within a bound.

use std::sync::Arc;

use super::*;
use crate::directory::KnownClient;
use crate::model::client::{Client, ClientSecret, TOKEN_LIFETIME};
use crate::model::granted_scopes::GrantedScopes;
use crate::model::network::Networks;

fn client(name: &str) -> Authenticated {
    let id = ClientId::parse(name).unwrap();
    let secret = ClientSecret {
        id: format!("secret of {name}"),
        client_id: id.clone(),
        digest: String::new(),
        digest_key_id: String::new(),
        created_at: Timestamp::from_seconds(0),
        expires_at: None,
        quiet_for: None,
    };
    let client = Client {
        id,
        owner: None,
        name: name.to_owned(),
        description: String::new(),
        scope: ScopeSet::EMPTY,
        application_scopes: GrantedScopes::default(),
        audiences: vec![],
        default_audience: None,
        lifetime: TOKEN_LIFETIME,
        allowed_networks: Networks::default(),
        expires_at: None,
        provisions_users: false,
        disabled: None,
        generation: 1,
        created_at: Timestamp::from_seconds(0),
    };
    let secrets = vec![secret];
    Authenticated {
        client: Arc::new(KnownClient { client, secrets }),
        owner: None,
        secret: Some(0),
    }
}

fn peer(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn what_a_client_did_comes_out_once_and_no_sooner_than_ten_seconds_after_the_last_time() {
    let counters = UseCounters::default();
    let one = client("one");
    let at = |seconds: i64| Timestamp::from_seconds(86_370 + seconds);
    counters.issued(&one, true, peer(1), at(1));
    counters.called(&one, Some(Scope::KeysRead), peer(2), at(2));
    counters.issued(&one, false, peer(3), at(40));
    let taken = counters.take(Due::Now, SECOND);
    assert_eq!(taken.len(), 1);
    let [noted] = &taken[0][..] else {
        panic!("{taken:?}");
    };
    let day = at(0).day();
    let last = LastUse {
        at: at(30),
        from: peer(3),
    };
    let expected = Uses {
        first_at: at(1),
        last,
        secrets: [("secret of one".to_owned(), last)].into(),
        scopes: ScopeSet::of(&[Scope::OpenId, Scope::KeysRead]),
        days: [(day, 1), (day.plus(1), 1)].into(),
    };
    assert_eq!(noted.uses, expected);
    assert_eq!((noted.client.as_str(), noted.first_from), ("one", peer(1)));

    assert!(counters.take(Due::Now, 60 * SECOND).is_empty());
    counters.called(&one, None, peer(4), at(70));
    let taken = counters.take(Due::Now, 61 * SECOND);
    assert_eq!(taken[0][0].uses.secrets, [].into());
    counters.called(&one, None, peer(4), at(80));
    assert!(counters.take(Due::Now, 70 * SECOND).is_empty());
    assert_eq!(counters.take(Due::Now, 71 * SECOND).len(), 1);
    // A process that ends does not wait.
    counters.called(&one, None, peer(4), at(90));
    assert_eq!(counters.take(Due::All, 72 * SECOND).len(), 1);
}

#[test]
fn what_could_not_be_written_waits_and_adds_up() {
    let counters = UseCounters::default();
    let one = client("one");
    let at = Timestamp::from_seconds;
    counters.issued(&one, true, peer(1), at(10));
    let taken = counters.take(Due::Now, SECOND).remove(0);
    counters.issued(&one, false, peer(2), at(70));
    counters.give_back(taken);
    let noted = counters.take(Due::All, SECOND).remove(0).remove(0);
    assert_eq!(noted.uses.days, [(at(0).day(), 2)].into());
    assert_eq!((noted.uses.first_at, noted.first_from), (at(10), peer(1)));
    let last = LastUse {
        at: at(60),
        from: peer(2),
    };
    assert_eq!(noted.uses.last, last);
    assert_eq!(noted.uses.secrets["secret of one"], last);
    assert_eq!(noted.uses.scopes, ScopeSet::of(&[Scope::OpenId]));
}

#[test]
fn a_million_clients_stay_within_the_bound_and_what_is_written_makes_room() {
    let counters = UseCounters::default();
    let mut any = client("any");
    let mut note = |n: u32| {
        let known = Arc::get_mut(&mut any.client).unwrap();
        known.client.id = ClientId::parse(&format!("client-{n}")).unwrap();
        counters.issued(&any, false, peer(1), Timestamp::from_seconds(0));
    };
    (0..1_000_000).for_each(&mut note);
    let batches = counters.take(Due::Now, SECOND);
    let taken: usize = batches.iter().map(Vec::len).sum();
    assert!((CAPACITY * 9 / 10..=CAPACITY).contains(&taken), "{taken}");
    assert!(batches.iter().all(|batch| batch.len() <= BATCH));
    assert_eq!(counters.take_lost(), 1_000_000 - taken as u64);
    assert_eq!(counters.take_lost(), 0);

    let held = || -> usize {
        let shards = counters.shards.iter();
        shards.map(|shard| shard.lock().unwrap().len()).sum()
    };
    assert_eq!(held(), taken);
    counters.take(Due::Now, SECOND + WRITE_EVERY);
    assert_eq!(held(), 0);
    // Without such a crowd a client stays for a while.
    note(1);
    counters.take(Due::Now, 20 * SECOND);
    counters.take(Due::Now, 19 * SECOND + IDLE);
    assert_eq!(held(), 1);
    counters.take(Due::Now, 20 * SECOND + IDLE);
    assert_eq!(held(), 0);
}
