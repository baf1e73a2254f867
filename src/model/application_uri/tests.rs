//! What can be the uri of an application, and which are alike.

use super::ApplicationUriError as E;
use super::*;

const OURS: &str = "https://auth.example.org";

fn checked(uri: &str) -> Result<(), E> {
    check(uri, OURS, "https://auth.example.org/applications/crm")
}

#[test]
fn any_absolute_uri_can_be_an_applications() {
    for uri in [
        "https://crm.example.org/api",
        "https://crm.example.org",
        "https://CRM.example.org:443/",
        "http://mcp:8000/mcp",
        "http://10.0.0.1/",
        "https://[2001:db8::1]:8443/a?b=c",
        "urn:example:crm",
        "URN:example:crm",
        "ftp://127.0.0.1/",
        "com.example.crm:/api",
        "api://3f0c/crm%20a",
        "https://auth.example.org/mcp",
        "https://auth.example.org/consoles",
        "https://auth.example.org:8443/console",
        "https://auth.example.org/applications/crm",
    ] {
        assert_eq!(checked(uri), Ok(()), "{uri}");
    }
    let longest = format!("urn:example:{}", "x".repeat(500));
    assert_eq!(checked(&longest), Ok(()));
    assert_eq!(checked(&format!("{longest}x")), Err(E::NotAUri));
}

#[test]
fn what_a_parser_repairs_is_none() {
    for uri in [
        "",
        "crm",
        "/crm",
        ":",
        "1urn:x",
        "https:crm.example.org",
        "https:/crm.example.org",
        "https:///crm",
        "https://",
        " https://crm.example.org/",
        "https://crm.example.org/ x",
        "https://crm.example.org/\n",
        "https:\\\\crm.example.org",
        "https://crm.example.org/\"",
        "https://ключ.example.org/",
        "https://crm.example.org/#x",
        "urn:example:crm#",
        "https://crm.example.org/a/../b",
        "https://crm.example.org/./a",
        "http://127.1/",
        "http://0x7f.0.0.1/",
        "https://crm.example.org:/",
        "https://crm.example.org:0443/",
        "https://crm.example.org/%",
        "https://crm.example.org/%4",
        "https://crm.example.org/%zz",
        "https://crm.example.org/%61",
        "https://crm.example.org/%7Ea",
        "https://%61.example/",
        "https://crm.example.org/[a]",
        "https://crm.example.org/?[a]",
        "https://a:70000/",
        "foo://h/%2e%2e/x",
    ] {
        assert_eq!(checked(uri), Err(E::NotAUri), "{uri:?}");
    }
    for uri in [
        "https://a:b@crm.example.org/",
        "https://a@crm.example.org/",
        "foo://a@h/",
        "https://@h/",
    ] {
        assert_eq!(checked(uri), Err(E::HoldsCredentials), "{uri}");
    }
}

#[test]
fn an_address_of_this_server_is_none() {
    for uri in [
        "https://auth.example.org",
        "https://auth.example.org/",
        "https://auth.example.org//",
        "https://auth.example.org?x",
        "https://auth.example.org/?x",
        "HTTPS://auth.example.org",
        "https://AUTH.example.org:443/?x",
        "https://auth.example.org./",
        "http://auth.example.org/console/api/v2",
        "http://auth.example.org:443/console",
        "http://auth.example.org:80/console",
        "foo://auth.example.org/console",
        "wss://auth.example.org/api",
        "https://auth.example.org/console/api/v2",
        "https://auth.example.org/console/api/v2/",
        "https://auth.example.org/CONSOLE/x?y",
        "https://auth.example.org//console",
        "https://auth.example.org/console;a=b",
        "https://auth.example.org/console%2Fapi",
        "https://auth.example.org/.well-known/x",
        "https://auth.example.org/api/v3/onepanel",
        "https://auth.example.org/json-api/x",
        "https://auth.example.org/execute/x",
        "https://auth.example.org/cpsess123/x",
        "https://auth.example.org/docs",
        "https://auth.example.org/healthz",
        "https://auth.example.org/readyz",
        "https://auth.example.org/applications",
        "https://auth.example.org/applications/",
        "https://auth.example.org/applications/other",
        "https://auth.example.org/applications/crm/",
        "https://auth.example.org/applications/crm/x",
        "https://auth.example.org/Applications/crm",
        "http://auth.example.org/applications/crm",
    ] {
        assert_eq!(checked(uri), Err(E::Reserved), "{uri}");
    }
    let here = "http://127.0.0.1:9090";
    for (uri, is_ours) in [
        ("http://127.0.0.1:9090/console", true),
        ("http://localhost:9090/console", true),
        ("https://[::1]:9090/console", true),
        ("http://LOCALHOST.:9090/", true),
        ("http://127.0.0.1/console", false),
        ("http://127.0.0.1:8080/console", false),
    ] {
        assert_eq!(check(uri, here, "").is_err(), is_ours, "{uri}");
    }
}

#[test]
fn near_twins_are_told_and_found() {
    let twins = [
        ("https://crm.example.org/a", "HTTPS://crm.example.org/a"),
        ("https://crm.example.org/a", "https://CRM.example.org/a/"),
        ("https://crm.example.org/a", "https://crm.example.org:443/a"),
        ("https://crm.example.org/a", "https://crm.example.org./a"),
        ("https://crm.example.org", "https://crm.example.org/"),
        (
            "https://crm.example.org?b",
            "https://CRM.example.org:443/?b",
        ),
        (
            "https://crm.example.org/a?b",
            "https://crm.example.org/a/?b",
        ),
        ("http://mcp:8000/mcp", "http://MCP:8000/mcp/"),
        (
            "https://crm.example.org/%2Fa",
            "https://crm.example.org/%2fa",
        ),
        ("urn:example:a", "URN:example:a"),
        ("foo://H/x", "foo://h/x"),
    ];
    for (one, other) in twins {
        for (one, other) in [(one, other), (other, one)] {
            assert!(are_alike(one, other), "{one} {other}");
            let spellings = lowercase_spellings(one);
            assert!(
                spellings.contains(&other.to_ascii_lowercase()),
                "{one} {other}"
            );
        }
    }
    for (one, other) in [
        ("https://crm.example.org/a", "https://crm.example.org/A"),
        ("https://crm.example.org/a", "http://crm.example.org/a"),
        (
            "https://crm.example.org/a",
            "https://crm.example.org:8443/a",
        ),
        ("https://crm.example.org/a?b", "https://crm.example.org/a?B"),
        ("urn:example:a", "urn:example:A"),
    ] {
        assert!(!are_alike(one, other), "{one} {other}");
    }
}
