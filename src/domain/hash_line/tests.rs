//! Tests of the line: who is called, and who makes room.

use super::*;

/// Somebody's work; nobody waits for what is called `gone`.
#[derive(PartialEq, Eq, Debug)]
struct Work(String);

impl Waits for Work {
    fn is_awaited(&self) -> bool {
        self.0 != "gone"
    }
}

const NOW: Duration = Duration::from_secs(1000);

fn stranger(peer: [u8; 4], login: &str) -> Whom {
    let (peer, login) = (IpAddr::from(peer), login.to_owned());
    Whom::Stranger { peer, login }
}

fn known(account: &str) -> Whom {
    Whom::Known(account.to_owned())
}

/// Who had to go, or `None` if there is no room.
fn join(line: &mut Line<Work>, whom: &Whom, name: &str) -> Option<Vec<String>> {
    match line.join(whom, Work(name.to_owned()), NOW) {
        Joined::In => Some(Vec::new()),
        Joined::Instead(left) => Some(left.into_iter().map(|work| work.0).collect()),
        Joined::Full(_) => None,
    }
}

fn fill(line: &mut Line<Work>, whom: impl Fn(u8) -> Whom) {
    for number in 0..u8::try_from(line.places).unwrap() {
        let name = number.to_string();
        assert_eq!(join(line, &whom(number), &name), Some(Vec::new()));
    }
}

/// Serves one, and says who it was.
fn serve(line: &mut Line<Work>) -> Option<String> {
    let (ticket, work) = line.call(NOW)?;
    line.end(ticket, true, NOW);
    Some(work.0)
}

#[test]
fn whoever_waits_alone_gets_all_of_it_in_order() {
    let mut line = Line::new(3);
    fill(&mut line, |_| stranger([192, 0, 2, 1], "ivan"));
    assert_eq!(
        join(&mut line, &stranger([192, 0, 2, 1], "ivan"), "more"),
        None
    );
    let served: Vec<_> = std::iter::from_fn(|| serve(&mut line)).collect();
    assert_eq!(served, ["0", "1", "2"]);
}

#[test]
fn one_who_has_many_places_makes_room_for_one_who_has_none() {
    let attacker = [192, 0, 2, 1];
    for (whom, differs_in) in [
        (stranger([198, 51, 100, 1], "ivan"), "the site"),
        (stranger([192, 0, 2, 2], "ivan"), "the address"),
        (stranger(attacker, "olga"), "the login"),
        (known("ivan"), "being known"),
    ] {
        let mut line = Line::new(8);
        fill(&mut line, |_| stranger(attacker, "ivan"));
        let left = join(&mut line, &whom, "new");
        assert_eq!(left, Some(vec!["7".to_owned()]), "{differs_in}");
        let first_two = [serve(&mut line), serve(&mut line)];
        assert!(first_two.contains(&Some("new".to_owned())), "{differs_in}");
    }
}

#[test]
fn invented_logins_of_one_site_weigh_as_much_as_that_site() {
    let mut line = Line::new(16);
    fill(&mut line, |n| {
        stranger([192, 0, 2, n], &format!("nobody-{n}"))
    });
    assert_eq!(
        join(&mut line, &stranger([192, 0, 2, 99], "another"), "x"),
        None,
        "as many as all the others"
    );
    let honest = stranger([198, 51, 100, 1], "olga");
    assert!(join(&mut line, &honest, "honest").is_some());
    assert_eq!(serve(&mut line).unwrap(), "0");
    assert_eq!(serve(&mut line).unwrap(), "honest");
}

#[test]
fn a_site_that_was_served_makes_room_for_one_that_was_not() {
    let mut line = Line::new(4);
    let attack = |n: u8| stranger([10, 0, n, 1], "x");
    fill(&mut line, attack);
    while serve(&mut line).is_some() {}
    fill(&mut line, attack);
    assert!(join(&mut line, &stranger([10, 0, 9, 1], "y"), "new").is_some());
    assert_eq!(serve(&mut line).unwrap(), "new");
    // What was done counts less the longer ago it was, and is forgotten.
    let load = Load {
        done: 1.0,
        at: NOW,
        ..Load::default()
    };
    assert!((load.done(NOW + Duration::from_secs(60)) - 0.5).abs() < 1e-9);
    assert!(load.is_forgotten(NOW + Duration::from_secs(300)));
}

#[test]
fn the_known_and_strangers_have_half_each_as_soon_as_both_want_it() {
    let mut line = Line::new(8);
    fill(&mut line, |_| known("mallory"));
    for number in 0..4 {
        let honest = stranger([198, 51, 100, number], "olga");
        assert!(join(&mut line, &honest, "stranger").is_some(), "{number}");
    }
    assert_eq!(join(&mut line, &known("mallory"), "more"), None);
    assert!(join(&mut line, &known("olga"), "olga").is_some());
    let served: Vec<_> = std::iter::from_fn(|| serve(&mut line)).collect();
    let strangers = served.iter().filter(|name| *name == "stranger").count();
    assert!((3..=4).contains(&strangers), "{served:?}");
    assert_eq!(served[2], "olga", "mallory was served: {served:?}");
}

#[test]
fn what_nobody_waits_for_any_more_makes_room_first() {
    let mut line = Line::new(2);
    let one = stranger([192, 0, 2, 1], "ivan");
    for name in ["gone", "kept"] {
        assert_eq!(join(&mut line, &one, name), Some(Vec::new()));
    }
    assert_eq!(join(&mut line, &one, "new"), Some(vec!["gone".to_owned()]));
    assert_eq!(join(&mut line, &one, "more"), None);
}

#[test]
fn what_runs_keeps_its_place() {
    let mut line = Line::new(1);
    let one = stranger([192, 0, 2, 1], "ivan");
    join(&mut line, &one, "runs");
    let (ticket, _) = line.call(NOW).unwrap();
    assert_eq!(join(&mut line, &known("olga"), "new"), None);
    line.end(ticket, true, NOW);
    assert_eq!(join(&mut line, &known("olga"), "new"), Some(Vec::new()));
}

#[test]
fn names_that_are_remembered_are_bounded() {
    let mut line = Line::new(4);
    for number in 0..30_000 {
        let [_, a, b, c] = u32::to_be_bytes(number);
        let whom = stranger([10, a, b, c], &number.to_string());
        join(&mut line, &whom, "x");
        serve(&mut line);
    }
    assert!(line.loads.len() <= MOST_NAMES, "{}", line.loads.len());
}
