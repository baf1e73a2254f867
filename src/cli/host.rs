//! Who is at the command line.

use rustix::process::getuid;

use crate::config::variable;

/// Where the machine's users stand. Names that only a directory service knows are not asked for: an
/// act must not wait for one.
const USERS: &str = "/etc/passwd";
/// How long a name may be.
const LONGEST: usize = 64;

/// The name of the real user id, which nobody chooses by a variable; `uid:` and the number where it
/// has none. Beside it, as a claim, whom sudo says that it works for.
pub fn user() -> String {
    let users = std::fs::read(USERS).unwrap_or_default();
    let id = getuid().as_raw();
    let name = name_of(&String::from_utf8_lossy(&users), id);
    let name = name.unwrap_or_else(|| format!("uid:{id}"));
    match variable("SUDO_USER").filter(|name| is_name(name)) {
        Some(claimed) => format!("{name} (sudo: {claimed})"),
        None => name,
    }
}

/// The first name that has this id (passwd(5)).
fn name_of(users: &str, id: u32) -> Option<String> {
    let mut found = users.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, _password, number) = (fields.next()?, fields.next()?, fields.next()?);
        (number.parse() == Ok(id) && is_name(name)).then(|| name.to_owned())
    });
    found.next()
}

/// Whether it can stand in the audit log as it is, and be told from what stands around it.
fn is_name(text: &str) -> bool {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+' | '$' | '\\');
    (1..=LONGEST).contains(&text.len()) && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_plain_name_of_an_id_is_taken() {
        let users = "root:x:0:0:root:/root:/bin/sh\n\ntoor:x:0:0::/:\nbroken\n(x):x:7:7::/:\n\
                     seven:x:7:7::/:\nanna:x:1000:1000:Anna,,,:/home/anna:/bin/sh";
        let names = [(0, "root"), (7, "seven"), (1000, "anna")];
        for (id, name) in names {
            assert_eq!(name_of(users, id).as_deref(), Some(name));
        }
        assert_eq!(name_of(users, 1), None);
        assert_eq!(name_of("", 0), None);
    }

    #[test]
    fn what_could_be_taken_for_more_is_no_name() {
        for name in [
            "anna",
            "a.b-c_d",
            "CORP\\anna",
            "anna@corp.example",
            "\u{436}",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a b", "a)", "a\nb", "a\u{1b}[0m", &"a".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
