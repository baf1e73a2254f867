//! What a test's server is told.

use std::time::Duration;

use mintmark::config::ServerSettings;
use mintmark::domain::guard::GuardLimits;
use mintmark::domain::write_budget::WriteLimits;
use mintmark::model::network::Networks;

/// The settings of a test's server: the defaults, on one worker.
pub fn settings() -> ServerSettings {
    ServerSettings {
        trusted_proxies: Networks::default(),
        directory_capacity: 10_000,
        guard: GuardLimits {
            per_client: 10,
            per_peer: 100,
        },
        writes: WriteLimits {
            per_member: 30,
            per_caller: 12_000,
        },
        sign_in_places: 128,
        sign_ins_per_second: 20,
        outage_grace: Duration::from_secs(300),
        audit_kept: Duration::from_secs(365 * 86_400),
        accept_id_tokens: true,
        tls: false,
        workers: 1,
        max_connections: 10_000,
        max_connections_per_peer: None,
        bodies_in_flight: 64 << 20,
    }
}
