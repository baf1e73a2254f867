//! Codes that change every 30 seconds (TOTP, RFC 6238), as every authenticator app makes them.

use totp_rs::{Builder, Secret, Totp};
use url::Url;

use crate::ambient::fill_random;
use crate::model::secret::SecretBytes;

/// As many bytes as HMAC-SHA-1 gives (RFC 4226 section 4, R6).
const SECRET_BYTES: usize = 20;
/// Whose codes they are, as an app shows it.
const ISSUER: &str = "Mintmark";
/// How many digits a code has.
pub const DIGITS: usize = 6;
/// How long one step of time is, in seconds.
pub const STEP: i64 = 30;
/// How many steps too early or too late a code may be.
const SKEW: u16 = 1;

/// A new secret for codes.
pub fn generate() -> SecretBytes {
    let mut bytes = vec![0; SECRET_BYTES];
    fill_random(&mut bytes);
    SecretBytes::new(bytes)
}

/// The secret as people and apps write it: Base32 without padding (RFC 4648 section 6).
pub fn to_base32(secret: &SecretBytes) -> String {
    Secret::from(secret.expose()).to_base32()
}

/// The secret as an address that apps read out of a QR code (the "Key Uri Format"), for the account
/// with this name.
pub fn address(secret: &SecretBytes, account: &str) -> String {
    // Both names are escaped as parts of a path, where a space is `%20`.
    let mut address = Url::parse("otpauth://totp/").expect("it is a URL");
    if let Ok(mut path) = address.path_segments_mut() {
        path.pop().push(&format!("{ISSUER}:{account}"));
    }
    let secret = to_base32(secret);
    format!(
        "{address}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits={DIGITS}&period={STEP}"
    )
}

/// The step of time, near `seconds` since the epoch, whose code this is. The caller sees to it that
/// a step is used once.
pub fn matched_step(secret: &SecretBytes, code: &str, seconds: i64) -> Option<i64> {
    let seconds = u64::try_from(seconds).ok()?;
    if code.len() != DIGITS || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let step = codes(secret).check(code, seconds)?;
    i64::try_from(step).ok()
}

fn codes(secret: &SecretBytes) -> Totp {
    // SHA-1, six digits and 30 seconds are what every app takes.
    Builder::new()
        .with_secret(secret.expose())
        .with_digits(DIGITS as u8)
        .with_step_duration(STEP as u64)
        .with_skew(SKEW)
        .build_noncompliant()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_one_that_rfc_6238_gives_within_one_step() {
        // Appendix B has eight digits; the last six are ours.
        let secret = SecretBytes::new(b"12345678901234567890".to_vec());
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let step = seconds / STEP;
            for (at, matched) in [
                (seconds, Some(step)),
                (step * STEP - STEP, Some(step)),
                (step * STEP + 2 * STEP - 1, Some(step)),
                (step * STEP + 2 * STEP, None),
                (step * STEP - STEP - 1, None),
            ] {
                assert_eq!(matched_step(&secret, code, at), matched, "{code} at {at}");
            }
        }
        for wrong in ["", "28708", "2870822", "28708x", " 287082", "２87082"] {
            assert_eq!(matched_step(&secret, wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_written_in_base32() {
        let secret = SecretBytes::new(b"12345678901234567890".to_vec());
        assert_eq!(to_base32(&secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(to_base32(&generate()).len(), 32);
    }

    #[test]
    fn an_address_names_the_account_whatever_it_is_called() {
        let secret = SecretBytes::new(b"12345678901234567890".to_vec());
        let rest = "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Mintmark&algorithm=SHA1\
            &digits=6&period=30";
        for (account, written) in [
            ("ivan@example.org", "ivan@example.org"),
            ("a/b?c#d%e", "a%2Fb%3Fc%23d%25e"),
            ("иван", "%D0%B8%D0%B2%D0%B0%D0%BD"),
        ] {
            let expected = format!("otpauth://totp/Mintmark:{written}{rest}");
            assert_eq!(address(&secret, account), expected);
        }
    }
}
