//! What a call on a route must carry so that it can succeed, and what must come before it.

/// A good body for each route that takes one. `{new}` is a name that nothing has; `{list}` and
/// `{user}` are of the things that are called for.
pub const BODIES: &[(&str, &str, &str)] = &[
    (
        "POST",
        "/applications",
        r#"{"publication-context": "{new}", "display-name": "New", "development-mode": false,
            "source": {"type": "repository", "image-id": "1eeb5447-c4f8-635e-b776-199d8903fded"}}"#,
    ),
    (
        "PATCH",
        "/applications/{id}",
        r#"{"display-name": "{new}"}"#,
    ),
    (
        "POST",
        "/applications/{id}/userlists",
        r#"{"user-lists": ["{list}"]}"#,
    ),
    (
        "DELETE",
        "/applications/{id}/userlists",
        r#"{"user-lists": ["{list}"]}"#,
    ),
    (
        "POST",
        "/applications/{id}/users",
        r#"{"user-list-id": "{list}", "user-id": "{user}", "presentation": "New"}"#,
    ),
    (
        "POST",
        "/applications/{id}/users/check-can-connect-user",
        r#"{"user-list-id": "{list}", "user-id": "{user}", "presentation": "New"}"#,
    ),
    (
        "PUT",
        "/applications/{id}/users/change-token-access",
        r#"{"user-list-id": "{list}", "user-id": "{user}", "enable-access": false}"#,
    ),
    (
        "PUT",
        "/applications/{id}/users/{list}/{user}",
        r#"{"is-admin": true}"#,
    ),
    (
        "POST",
        "/user-lists/{list}/users/{user}/access-tokens",
        r#"{"description": "{new}"}"#,
    ),
    (
        "PATCH",
        "/user-lists/{list}/users/{user}/access-tokens/{client}",
        r#"{"description": "{new}"}"#,
    ),
    (
        "POST",
        "/user-lists/{list}/users/{user}/access-tokens/{client}/rotate",
        r#"{"old-ends-in": 3600}"#,
    ),
    ("POST", "/clients", r#"{"name": "{new}"}"#),
    ("PATCH", "/clients/{client}", r#"{"name": "{new}"}"#),
    (
        "POST",
        "/clients/{client}/rotate",
        r#"{"old-ends-in": 3600}"#,
    ),
    ("POST", "/user-lists", r#"{"presentation": "{new}"}"#),
    (
        "POST",
        "/user-lists/{list}/users",
        r#"{"login": "{new}", "presentation": "New", "temporary-password": "correct horse battery"}"#,
    ),
    (
        "PUT",
        "/user-lists/{list}/users/{user}",
        r#"{"presentation": "{new}"}"#,
    ),
    (
        "POST",
        "/user-lists/{list}/users/{user}/reset-password",
        r#"{"temporary-password": "correct horse battery"}"#,
    ),
    ("POST", "/spaces", r#"{"name": "{new}"}"#),
];

/// What must be done first, so that a route finds something to do: method, path, body.
pub const BEFORE: &[(&str, &str, (&str, &str, &str))] = &[
    (
        "PUT",
        "/applications/{id}/status/start",
        ("PUT", "/applications/{id}/status/stop", ""),
    ),
    (
        "PUT",
        "/applications/{id}/status/restore",
        ("PUT", "/applications/{id}/status/suspend", ""),
    ),
    (
        "DELETE",
        "/user-lists/{list}/users/{user}/access-tokens/{client}/secrets/{secret}",
        (
            "POST",
            "/user-lists/{list}/users/{user}/access-tokens/{client}/rotate",
            r#"{"old-ends-in": 3600}"#,
        ),
    ),
    (
        "DELETE",
        "/clients/{client}/secrets/{secret}",
        (
            "POST",
            "/clients/{client}/rotate",
            r#"{"old-ends-in": 3600}"#,
        ),
    ),
];
