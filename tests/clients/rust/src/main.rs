//! The crate `oauth2` with nothing but id, secret and URL: prints its access token, once with the
//! credentials in the header, once with them in the body.

use std::env::var;

use oauth2::basic::BasicClient;
use oauth2::{AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, TokenResponse, TokenUrl};

/// Sends a request of the crate's by a client that answers every status and follows no redirect.
fn send(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let agent = ureq::Agent::config_builder();
    let agent = agent.http_status_as_error(false).max_redirects(0).proxy(None);
    let (head, mut body) = agent.build().new_agent().run(request)?.into_parts();
    Ok(HttpResponse::from_parts(head, body.read_to_vec()?))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for form in [AuthType::BasicAuth, AuthType::RequestBody] {
        let client = BasicClient::new(ClientId::new(var("RUST_ID")?))
            .set_client_secret(ClientSecret::new(var("RUST_SECRET")?))
            .set_token_uri(TokenUrl::new(var("MINTMARK_URL")? + "/console/sys/token")?)
            .set_auth_type(form);
        let answer = client.exchange_client_credentials().request(&send)?;
        println!("{}", answer.access_token().secret());
    }
    Ok(())
}
