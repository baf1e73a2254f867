//! Health, readiness and the served contract.
