//! `token`: asks a server for a token, as any client does (RFC 6749 section 4.4).

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clap::Args;
use serde_json::{Value, json};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use zeroize::Zeroizing;

use super::CliError;
use super::input::read_secret;
use super::output::line;

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

    if !args.server.starts_with("https://") && !args.server.starts_with("http://") {
        let why = "--server: must be https://HOST[:PORT] or http://HOST[:PORT]";
        return Err(CliError::Other(why.to_owned()));
    }
    let url = format!("{}/console/sys/token", args.server.trim_end_matches('/'));
    let failed = |e: ureq::Error| CliError::Other(format!("{url}: {e}"));
    let mut response = agent()
        .post(&url)
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

fn agent() -> ureq::Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    ureq::Agent::config_builder()
        .tls_config(tls)
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
