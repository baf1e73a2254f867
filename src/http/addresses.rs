//! The addresses that a browser may be led to: those of our pages, whatever a form or a query names.

use std::sync::LazyLock;

use actix_web::dev::ResourceDef;
use actix_web::http::Method;

use super::routes::{Handler, ROUTES};

/// The pages that somebody who is signed in can ask for, and those that anybody can.
static PAGES: LazyLock<[Vec<ResourceDef>; 2]> = LazyLock::new(|| {
    let of = |is_kind: fn(&Handler) -> bool| {
        let pages = ROUTES
            .iter()
            .filter(|route| route.method == Method::GET && is_kind(&route.handler));
        pages.map(|route| ResourceDef::new(route.path)).collect()
    };
    [
        of(|handler| matches!(handler, Handler::Page(_))),
        of(|handler| matches!(handler, Handler::Open(_))),
    ]
});

/// How long an address may be that somebody is led to, in bytes.
const LONGEST_ADDRESS: usize = 2048;

/// Whether somebody who is signed in can be led to `address`: a page's path, perhaps with a query,
/// and nothing more.
pub fn is_page_address(address: &str) -> bool {
    is_address_of(&PAGES[0], address)
}

/// The same for a page that anybody may see.
pub fn is_open_address(address: &str) -> bool {
    is_address_of(&PAGES[1], address)
}

fn is_address_of(pages: &[ResourceDef], address: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'#');
    let path = address.split('?').next().unwrap_or_default();
    // A browser would take these out, and the part before them with it.
    let is_dots = |part: &str| matches!(&*part.to_lowercase().replace("%2e", "."), "." | "..");
    address.len() <= LONGEST_ADDRESS
        && address.bytes().all(is_plain)
        && !path.split('/').any(is_dots)
        && pages.iter().any(|page| page.is_match(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    /// What addresses are put together from: parts of ours, and whatever leads a browser elsewhere.
    const PIECES: [&str; 40] = [
        "/console/profile",
        "/console/admin/audit",
        "/console/profile/keys/",
        "/console/sign-in",
        "/edit",
        "?search=x&page=1",
        "?next=https://evil.example/",
        "https:",
        "http://",
        "//",
        "/",
        "\\",
        "\\\\",
        "evil.example",
        "@evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "#",
        "#/x",
        "?",
        "??",
        "..",
        "/..",
        "/../",
        "/./",
        "%2e%2e",
        "/%2E%2e/",
        "%2f",
        "%5c",
        "%",
        "%0d%0a",
        "\r\n",
        "\t",
        "\0",
        " ",
        ":",
        "@",
        "ы",
        "\u{2028}",
        ";",
    ];

    #[test]
    fn nobody_is_led_to_another_origin_or_to_what_is_no_page() {
        let base = Url::parse("https://auth.example.org:8443/console/sign-in").unwrap();
        let (mut state, mut taken) = (0x2545_f491_u64, 0);
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for _ in 0..200_000 {
            let parts = 1 + random(5);
            let address: String = (0..parts).map(|_| PIECES[random(PIECES.len())]).collect();
            if !is_page_address(&address) && !is_open_address(&address) {
                continue;
            }
            taken += 1;
            let led = base.join(&address).unwrap();
            assert_eq!(led.origin(), base.origin(), "{address:?}");
            let path = address.split('?').next().unwrap();
            assert_eq!(led.path(), path, "a browser changes {address:?}");
            assert_eq!(led.fragment(), None, "{address:?}");
        }
        assert!(taken > 1000, "only {taken} were taken");
    }

    #[test]
    fn a_page_is_asked_for_with_its_query() {
        for page in [
            "/console/profile",
            "/console/admin/audit?kind=user.created&page=2&search=%D0%B6+%25",
        ] {
            assert!(is_page_address(page), "{page}");
            assert!(!is_open_address(page), "{page}");
        }
        assert!(is_open_address("/console/sign-in?next=/console/profile"));
        let long = format!("/console/profile?{}", "x".repeat(LONGEST_ADDRESS));
        for other in [
            "/console/api/v2/me",
            "/console/sign-out",
            "/healthz",
            "",
            "?",
            "/console/profile/",
            &long,
        ] {
            assert!(!is_page_address(other), "{other}");
        }
    }
}
