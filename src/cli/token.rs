//! `token`: asks a server for a token, as any client does (RFC 6749 section 4.4).

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clap::Args;
use serde_json::{Value, json};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use url::Url;
use zeroize::Zeroizing;

use super::CliError;
use super::input::read_secret;
use super::output::line;
use super::proxy::{ProxyVariables, is_loopback};
use crate::config::variable;

#[derive(Args)]
pub struct TokenArgs {
    /// The server's public URL
    #[arg(long, value_name = "URL")]
    server: String,
    /// The client's client_id
    #[arg(long, value_name = "ID")]
    client_id: String,
    #[command(flatten)]
    secret: SecretArgs,
    /// What the token may do, names with a space between; all that the client may, unless given
    #[arg(long)]
    scope: Option<String>,
    /// The uri of the application that the token is for; the console API unless given
    #[arg(long, value_name = "URI")]
    resource: Option<String>,
    /// Send the secret in plain HTTP to another host: only where nobody can listen
    #[arg(long)]
    plain_http: bool,
    /// Print what the tokens say instead of the access token
    #[arg(long)]
    decode: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct SecretArgs {
    /// Read the secret from standard input
    #[arg(long)]
    secret_stdin: bool,
    /// Read the secret from a file
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

pub fn run(args: &TokenArgs) -> Result<(), CliError> {
    let secret = read_secret(args.secret.secret_file.as_deref())?;
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = Zeroizing::new(format!(
        "{}:{}",
        encode(&args.client_id),
        encode(secret.expose())
    ));
    let authorization = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(args.scope.as_deref().map(|scope| ("scope", scope)));
    form.extend(args.resource.as_deref().map(|uri| ("resource", uri)));

    let url = token_url(args)?;
    let proxy = ProxyVariables::read(variable).proxy(&url)?;
    let failed = |e: ureq::Error| CliError::Other(format!("{url}: {e}"));
    let mut response = agent(proxy)
        .post(url.as_str())
        .header("authorization", authorization.as_str())
        .send_form(form)
        .map_err(failed)?;
    let body = response.body_mut().read_to_string().map_err(failed)?;
    let answer: Value = serde_json::from_str(&body).unwrap_or_default();
    let Some(access_token) = answer["access_token"].as_str() else {
        let status = response.status();
        let error = answer["error"].as_str().unwrap_or("no token in the answer");
        let description = answer["error_description"].as_str().unwrap_or_default();
        return Err(CliError::Other(format!("{status}: {error}: {description}")));
    };
    if !args.decode {
        return line(access_token);
    }
    let id_token = answer["id_token"].as_str();
    let decoded = json!({
        "access_token": decoded(access_token),
        "id_token": id_token.map(decoded),
    });
    line(&format!("{decoded:#}"))
}

/// Where to ask. A secret goes to another host in plain HTTP only when that was said.
fn token_url(args: &TokenArgs) -> Result<Url, CliError> {
    let other = |why: &str| Err(CliError::Other(format!("--server: {why}")));
    let is_http = ["https://", "http://"]
        .iter()
        .any(|scheme| args.server.starts_with(scheme));
    // Looked at before a path is put behind it, which could become the host.
    let is_url = Url::parse(&args.server).is_ok_and(|url| url.has_host());
    let text = format!("{}/console/sys/token", args.server.trim_end_matches('/'));
    let Some(url) = Url::parse(&text).ok().filter(|_| is_http && is_url) else {
        return other("must be https://HOST[:PORT] or http://HOST[:PORT]");
    };
    if url.scheme() == "http" && !args.plain_http && !is_loopback(&url) {
        return other(
            "plain HTTP would show the secret to whoever can listen on the way: ask by https://, \
             or say --plain-http where nobody can",
        );
    }
    Ok(url)
}

/// Without a proxy of our own choice the library would take one for HTTPS for plain HTTP and
/// loopback too.
fn agent(proxy: Option<ureq::Proxy>) -> ureq::Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    ureq::Agent::config_builder()
        .tls_config(tls)
        .proxy(proxy)
        .http_status_as_error(false)
        // A redirect would carry the secret to wherever it points.
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

/// The two readable parts of a token. Its signature is for whoever relies on it to check.
fn decoded(token: &str) -> Value {
    let part = |text: Option<&str>| -> Value {
        text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    };
    let mut parts = token.split('.');
    json!({"header": part(parts.next()), "claims": part(parts.next())})
}
