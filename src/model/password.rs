//! Passwords: what one that a person chooses must be.
//!
//! Length is what counts (NIST SP 800-63B, OWASP ASVS 5); the rest refuses what guessing begins with:
//! what many others chose, the login, rows of keys, and little besides.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::model::text::{check_text, composed, fold};

/// The shortest password that a person may choose, in characters.
pub const SHORTEST_PASSWORD: usize = 12;
/// The longest password that is hashed, in bytes.
pub const LONGEST_PASSWORD: usize = 512;
/// For how long a password is good that somebody else set, in seconds.
pub const TEMPORARY_TIME: i64 = 7 * 24 * 3600;

/// How much besides what is easily guessed makes a password of it, in characters.
const ENOUGH: usize = 4;
/// How many digits, and how many other signs, people put behind a word.
const DIGITS_BEHIND: usize = 4;
const SIGNS_BEHIND: usize = 3;
/// How long a row is a row.
const ROW: usize = 4;
/// A unit of this length that is repeated adds nothing.
const LONGEST_UNIT: usize = 8;
/// How many different characters there are at least.
const DIFFERENT: usize = 5;
/// The product's own name.
const PRODUCT: &str = "mintmark";

/// The most common passwords of 5 to 11 letters, and all of 12 characters or more among some 45,000,
/// from the lists of zxcvbn (MIT) and Django (BSD-3-Clause), with some in Russian.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt")
        .split_whitespace()
        .collect()
});

/// Keys that lie in a row, and what people make of rows.
const ROWS: [&str; 13] = [
    "1234567890-=",
    "!@#$%^&*()_+",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю.",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "йфяцычувскамепинртгоь",
];

/// Why a password is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordRuleError {
    #[error("a password has 12 characters at least")]
    TooShort,
    #[error("a password has 512 bytes at most")]
    TooLong,
    #[error("a password has no control characters")]
    Control,
    #[error("a password is not made of digits alone")]
    Digits,
    #[error("a password is not the login with little else")]
    Login,
    #[error("a password is not the name of this product with little else")]
    Product,
    #[error("a password is not one that many people have, nor such a word with little else")]
    Common,
    #[error("a password is not a row of keys, letters or digits with little else")]
    Row,
    #[error("a password is not a few characters that are repeated")]
    Repeated,
}

use PasswordRuleError as E;

/// Checks a new password of whoever has this login; the empty one is nobody's.
pub fn check_password(password: &str, login: &str) -> Result<(), PasswordRuleError> {
    if password.len() > LONGEST_PASSWORD {
        return Err(E::TooLong);
    }
    let password = composed(password);
    if password.chars().count() < SHORTEST_PASSWORD {
        return Err(E::TooShort);
    }
    check_text(&password, LONGEST_PASSWORD).map_err(|_| E::Control)?;
    match Guess::begin(&fold(&password), &fold(login.trim())).weakness() {
        Some(weakness) => Err(weakness),
        None => Ok(()),
    }
}

/// A password, folded, and which of its characters are guessed easily, by what.
struct Guess {
    signs: Vec<char>,
    /// The same with digits and signs read as the letters that they stand for.
    letters: Vec<char>,
    guessed: Vec<Option<PasswordRuleError>>,
    login: String,
}

impl Guess {
    fn begin(password: &str, login: &str) -> Self {
        let signs: Vec<char> = password.chars().collect();
        let letters = signs.iter().map(|sign| match sign {
            '@' | '4' => 'a',
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '$' | '5' => 's',
            '7' => 't',
            other => *other,
        });
        Self {
            letters: letters.collect(),
            guessed: vec![None; signs.len()],
            signs,
            login: login.to_owned(),
        }
    }

    fn weakness(mut self) -> Option<PasswordRuleError> {
        let mut plain = self
            .signs
            .iter()
            .filter(|sign| sign.is_alphanumeric())
            .peekable();
        if plain.peek().is_some() && plain.all(|sign| sign.is_numeric()) {
            return Some(E::Digits);
        }
        let login = self.login.clone();
        let parts = login.split(|c: char| !c.is_alphanumeric());
        for name in [login.as_str()].into_iter().chain(parts) {
            if name.chars().count() >= 3 {
                self.find(name, E::Login);
            }
        }
        self.find(PRODUCT, E::Product);
        if let Some(word) = self.longest_common() {
            self.find(&word, E::Common);
        }
        self.find_rows();
        let is_repeated = self.is_repeated();
        match self.rest() < ENOUGH {
            // What was found first is what the password is made of.
            true => self
                .guessed
                .iter()
                .flatten()
                .next()
                .copied()
                .or(is_repeated),
            false => is_repeated,
        }
    }

    /// Notes every place where `word` stands, as it is or with signs for letters.
    fn find(&mut self, word: &str, as_what: PasswordRuleError) {
        let word: Vec<char> = word.chars().collect();
        for at in 0..(self.signs.len() + 1).saturating_sub(word.len()) {
            let range = at..at + word.len();
            let stands = self.signs[range.clone()] == word || self.letters[range.clone()] == word;
            if stands && self.guessed[range.clone()].iter().all(Option::is_none) {
                self.guessed[range].fill(Some(as_what));
            }
        }
    }

    /// The longest common password in what is not guessed yet. Only one: several words in a row are
    /// what a good password is made of.
    fn longest_common(&self) -> Option<String> {
        let length = self.signs.len();
        (5..=length).rev().find_map(|long| {
            (0..=length - long).find_map(|at| {
                let range = at..at + long;
                if self.guessed[range.clone()].iter().any(Option::is_some) {
                    return None;
                }
                let read = [&self.signs, &self.letters]
                    .map(|of| of[range.clone()].iter().collect::<String>());
                read.into_iter().find(|text| COMMON.contains(text.as_str()))
            })
        })
    }

    /// Notes rows: of keys, and of characters that follow each other, forward or backward, or are the
    /// same.
    fn find_rows(&mut self) {
        let mut at = 0;
        while at < self.signs.len() {
            let long = self.row_from(at);
            if long >= ROW {
                for guessed in &mut self.guessed[at..at + long] {
                    guessed.get_or_insert(E::Row);
                }
            }
            at += long.max(1);
        }
    }

    /// How long the longest row is that begins here.
    fn row_from(&self, at: usize) -> usize {
        let here = &self.signs[at..];
        let stepping = [-1_i64, 0, 1].into_iter().map(|step| {
            let follows =
                |pair: &&[char]| i64::from(pair[1] as u32) - i64::from(pair[0] as u32) == step;
            1 + here.windows(2).take_while(follows).count()
        });
        let along = ROWS.iter().flat_map(|row| {
            let forward: Vec<char> = row.chars().collect();
            let backward: Vec<char> = row.chars().rev().collect();
            [forward, backward].map(|row| {
                let starts = (0..row.len()).map(|start| {
                    let pairs = row[start..].iter().zip(here);
                    pairs.take_while(|(key, sign)| key == sign).count()
                });
                starts.max().unwrap_or(0)
            })
        });
        stepping.chain(along).max().unwrap_or(0)
    }

    /// Whether it is a few characters over and over.
    fn is_repeated(&self) -> Option<PasswordRuleError> {
        let different: HashSet<&char> = self.signs.iter().collect();
        let length = self.signs.len();
        let has_unit =
            |unit: usize| (unit..length).all(|at| self.signs[at] == self.signs[at - unit]);
        let is_repeated =
            different.len() < DIFFERENT || (1..=LONGEST_UNIT.min(length / 2)).any(has_unit);
        is_repeated.then_some(E::Repeated)
    }

    /// How much is left that is not guessed easily.
    fn rest(&self) -> usize {
        let (mut letters, mut digits, mut others) = (0_usize, 0_usize, 0_usize);
        for (sign, guessed) in self.signs.iter().zip(&self.guessed) {
            match guessed {
                Some(_) => {}
                None if sign.is_numeric() => digits += 1,
                None if sign.is_alphabetic() => letters += 1,
                None => others += 1,
            }
        }
        letters + digits.saturating_sub(DIGITS_BEHIND) + others.saturating_sub(SIGNS_BEHIND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_bounds() {
        assert_eq!(check_password("correct horse", ""), Ok(()));
        assert_eq!(check_password("short", ""), Err(E::TooShort));
        assert_eq!(check_password(&"x".repeat(513), ""), Err(E::TooLong));
        assert_eq!(check_password("correct\nhorse", ""), Err(E::Control));
        // Twelve characters are counted as they are read.
        assert_eq!(check_password(&"и\u{306}".repeat(6), ""), Err(E::TooShort));
    }

    #[test]
    fn what_guessing_begins_with_is_refused_with_the_reason() {
        for (password, why) in [
            ("123456789012", E::Digits),
            ("791612345678", E::Digits),
            ("2026-11-30 12:00", E::Digits),
            ("password1234", E::Common),
            ("Password2026!", E::Common),
            ("P@ssw0rd!2026", E::Common),
            ("password password", E::Common),
            ("passwordqwerty", E::Common),
            ("administrator1", E::Common),
            ("пароль123456", E::Common),
            ("1234567890qw", E::Common),
            ("ivan.petrov1", E::Login),
            ("Ivan.Petrovivan.petrov", E::Login),
            ("petrov!petrov", E::Login),
            ("ivan2026petrov", E::Login),
            ("mintmarkmintmark", E::Product),
            ("Mintmark-2026!", E::Product),
            ("qwertyuiop[]", E::Common),
            ("йцукенгшщзхъ", E::Common),
            ("zyxwvutsrqpo", E::Row),
            ("fedcba987654", E::Row),
            ("aaaaaaaaaaaa", E::Row),
            ("abababababab", E::Repeated),
            ("x7!x7!x7!x7!", E::Repeated),
            ("kq7vzkq7vzkq7vz", E::Repeated),
        ] {
            let found = check_password(password, "Ivan.Petrov").unwrap_err();
            // A row that many people chose is in the list as well.
            let is_alike = [why, found]
                .iter()
                .all(|e| matches!(e, E::Common | E::Row | E::Repeated));
            assert!(found == why || is_alike, "{password}: {found:?}");
        }
    }

    #[test]
    fn what_nobody_guesses_is_taken() {
        for good in [
            "correct horse battery",
            "another horse battery",
            "correct horse battery 42",
            "правильная лошадь батарея",
            "dragon monkey football",
            "mintmark owes me tea",
            "ivan drinks no coffee",
            "T7#kq9!vLx2p",
            "ivan-T7#kq9vWz",
            "ZIQYnDcU0sKjI9Z6tO4z",
            "92 pigeons, 4 cats",
        ] {
            assert_eq!(check_password(good, "ivan"), Ok(()), "{good}");
        }
    }

    #[test]
    fn nothing_that_is_made_at_random_is_refused() {
        for _ in 0..2000 {
            let made = made();
            assert_eq!(check_password(&made, "admin"), Ok(()), "{made}");
        }
    }

    /// Twenty characters of base62, from a generator that needs nothing from outside.
    fn made() -> String {
        use std::cell::Cell;
        thread_local!(static STATE: Cell<u64> = const { Cell::new(0x9e37_79b9_7f4a_7c15) });
        let alphabet: Vec<char> = ('0'..='9').chain('A'..='Z').chain('a'..='z').collect();
        let next = || {
            let state = STATE
                .get()
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            STATE.set(state);
            alphabet[(state >> 33) as usize % alphabet.len()]
        };
        (0..20).map(|_| next()).collect()
    }
}
