//! What every test stands on: a server of its own on a free port, with a database of its own and a
//! clock that is advanced, never slept on.

mod browser;
mod clock;
mod database;
mod folder;
mod full_line;
mod http;
mod outage;
mod process;
mod records;
mod settings;

pub use browser::{Browser, actions, form};
pub use clock::{Fault, TestClock, Thread};
pub use database::{TestDatabase, query_at};
pub use folder::{on_disk, quick};
pub use full_line::FullLine;
pub use http::{KeptConnection, Request, Response, basic, exchange, send};
pub use process::{Process, SERVE, cli, command, os_user, signal};
pub use settings::settings;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use mintmark::ambient::Clock;
use mintmark::app::App;
use mintmark::config::ServerSettings;
use mintmark::domain::clients::{self, NewClient};
use mintmark::domain::unseal::unseal;
use mintmark::domain::users::{self, NewUser};
use mintmark::domain::uses::Due;
use mintmark::domain::{Act, Authority, DomainError, password};
use mintmark::jobs::{self, Jobs};
use mintmark::model::audit::Actor;
use mintmark::model::client::{Client, TOKEN_LIFETIME};
use mintmark::model::granted_scopes::GrantedScopes;
use mintmark::model::ids::ClientId;
use mintmark::model::network::Networks;
use mintmark::model::public_url::PublicUrl;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::secret::Secret;
use mintmark::model::user::User;
use mintmark::server;
use mintmark::store::users::PasswordHash;
use mintmark::store::{AnyConnection, Database};
use serde_json::Value;

/// How many connections that read a server's pool has.
const CONNECTIONS: u32 = 4;

/// A client's id and secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: String,
}

/// A token endpoint's success.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access_token: String,
    pub id_token: Option<String>,
    pub answer: Value,
}

/// A running server.
pub struct TestApp {
    pub app: Arc<App>,
    pub address: SocketAddr,
    pub clock: Arc<TestClock>,
    pub keys_dir: PathBuf,
    pub first: Credentials,
    /// The first administrator's, until it is changed.
    pub first_password: String,
    jobs: Option<Jobs>,
    handle: actix_web::dev::ServerHandle,
    thread: Option<JoinHandle<()>>,
    // Last, so that the files outlive the server.
    pub database: TestDatabase,
    _folder: tempfile::TempDir,
}

impl TestApp {
    /// A server with the default settings.
    pub fn start() -> Self {
        Self::with(settings())
    }

    /// A server with these settings.
    pub fn with(settings: ServerSettings) -> Self {
        Self::on(TestDatabase::create(), quick(), settings)
    }

    /// A server behind a proxy on this machine that speaks TLS for it.
    pub fn behind_https(public_url: &str) -> Self {
        let mut settings = settings();
        settings.trusted_proxies = Networks::parse("127.0.0.0/8").unwrap();
        Self::at(Some(public_url), TestDatabase::create(), quick(), settings)
    }

    /// A server on a database, with a fresh folder for its keys.
    pub fn on(database: TestDatabase, folder: tempfile::TempDir, settings: ServerSettings) -> Self {
        Self::at(None, database, folder, settings)
    }

    fn at(
        public_url: Option<&str>,
        database: TestDatabase,
        folder: tempfile::TempDir,
        settings: ServerSettings,
    ) -> Self {
        mintmark::signing::install_provider();
        let keys_dir = folder.path().join("keys");
        let clock = Arc::new(TestClock::new());
        let opened = Arc::new(Database::open(&database.url(), CONNECTIONS).unwrap());
        opened.migrate().unwrap();
        let act = act_at(&*clock);
        let first = database.set_up(&opened, &keys_dir, &act);
        let first_password = first.password.expose().to_owned();
        let first = Credentials {
            client_id: first.client_id,
            client_secret: first.client_secret.expose().to_owned(),
        };
        let unsealed = unseal(&opened, &keys_dir).unwrap();
        let bound = server::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = bound.address;
        let own = format!("http://{address}");
        let public_url = PublicUrl::parse(public_url.unwrap_or(&own)).unwrap();
        let app = App::new(
            settings,
            public_url,
            opened,
            unsealed,
            &keys_dir,
            clock.clone(),
        );
        let app = Arc::new(app.unwrap());
        let (tell, told) = mpsc::channel();
        let served = app.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let running = server::serve(&served, bound, None).unwrap();
                tell.send(running.handle()).unwrap();
                running.await.unwrap();
            });
        });
        records::write_routes();
        Self {
            jobs: Some(Jobs::start(&app)),
            handle: told.recv().unwrap(),
            thread: Some(thread),
            app,
            address,
            clock,
            keys_dir,
            first,
            first_password,
            database,
            _folder: folder,
        }
    }

    /// The URL of a path here.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What ends the names of the cookies here.
    pub fn cookie_suffix(&self) -> String {
        match self.app.public_url.is_https() {
            true => String::new(),
            false => format!("_{}", self.app.public_url.port()),
        }
    }

    /// Moves the clock on. The change log counts as followed at the new time.
    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.app.directory.follow().unwrap();
    }

    /// Writes the refusals that were noted, as the job does every second.
    pub fn flush(&self) {
        let now = self.clock.now();
        self.app.refusals.flush(&self.app.database, now).unwrap();
    }

    /// Writes what clients did, as the job does every 10 s.
    pub fn flush_uses(&self) {
        jobs::uses::write(&self.app, Due::Now).unwrap();
    }

    /// Ends what runs by itself, with its last round: what a test drives by hand nobody else does.
    pub fn end_jobs(&mut self) {
        drop(self.jobs.take());
    }

    /// Who acts, when a test prepares something.
    pub fn act(&self) -> Act {
        act_at(&*self.clock)
    }

    /// Changes something in one transaction, as the server itself would.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Act) -> Result<T, DomainError>,
    ) -> T {
        let act = self.act();
        self.app.write(|c| work(c, &act)).unwrap()
    }

    /// Makes a user who may sign in.
    pub fn create_user(&self, login: &str, role: Role) -> User {
        // To hash it costs more than all the rest.
        static HASH: LazyLock<PasswordHash> = LazyLock::new(|| {
            let password = Secret::new("correct horse battery".to_owned());
            password::hash(&password, false).unwrap()
        });
        let new = NewUser {
            login: login.to_owned(),
            presentation: None,
            email: None,
            phone: None,
            role,
            user_list: None,
        };
        self.write(|c, act| users::create(c, act, new, &HASH))
    }

    /// Makes an access key of an existing user.
    pub fn create_key(&self, login: &str, scope: &str) -> Credentials {
        self.create_client(Some(login), scope, |_| {})
    }

    /// Makes a service client.
    pub fn create_service(&self, scope: &str) -> Credentials {
        self.create_client(None, scope, |_| {})
    }

    /// Makes a client, adjusted by `adjust` before.
    pub fn create_client(
        &self,
        owner: Option<&str>,
        scope: &str,
        adjust: impl FnOnce(&mut NewClient),
    ) -> Credentials {
        let (client, secret) = self.write(|c, act| {
            let owner = match owner {
                Some(login) => Some(users::find_by_login(c, login)?.id),
                None => None,
            };
            let mut new = NewClient {
                owner,
                name: "test".to_owned(),
                description: String::new(),
                scope: ScopeSet::parse(scope).unwrap(),
                application_scopes: GrantedScopes::default(),
                audiences: Vec::new(),
                default_audience: None,
                lifetime: TOKEN_LIFETIME,
                allowed_networks: Networks::default(),
                expires_at: None,
                provisions_users: false,
            };
            adjust(&mut new);
            clients::create(c, act, &self.app.digest_keys, new)
        });
        Credentials {
            client_id: client.id.to_string(),
            client_secret: secret.expose().to_owned(),
        }
    }

    /// A client as it stands in the database.
    pub fn client(&self, credentials: &Credentials) -> Client {
        let id = ClientId::parse(&credentials.client_id).unwrap();
        let authority = self.act().authority;
        let found = self.app.read(|c| clients::find(c, &authority, &id));
        found.unwrap()
    }

    /// Sends a request and reads the answer; both go into the records for the contract check.
    pub fn send(&self, request: Request) -> Response {
        let response = send(self.address, &request);
        self.record(&request, &response);
        response
    }

    /// Puts an exchange that a test made by hand into the records for the contract check. Whatever it
    /// was, nothing that is kept of a password stands in the answer.
    pub fn record(&self, request: &Request, response: &Response) {
        let shown = String::from_utf8_lossy(&response.body);
        assert!(!shown.contains("$argon2"), "{} {shown}", request.path);
        records::write(request, response);
    }

    /// As [`Self::send`], for a request whose handler the clock will make panic on this thread.
    pub fn send_to_panic(&self, on: Thread, message: &str, request: Request) -> Response {
        self.clock.fail(on, Fault::Panic(message.to_owned()));
        let mut response = send(self.address, &request);
        assert!(!self.clock.is_armed(), "nothing panicked");
        // Only such an answer may be 500, says the contract check.
        let mark = ("x-test-panic".to_owned(), "1".to_owned());
        response.headers.push(mark);
        self.record(&request, &response);
        response
    }

    /// `GET` with a Bearer token.
    pub fn get(&self, path: &str, token: &str) -> Response {
        self.send(Request::new("GET", path).bearer(token))
    }

    /// `POST /console/sys/token` with Basic credentials and this form.
    pub fn post_token(&self, credentials: &Credentials, form: &str) -> Response {
        let basic = basic(&credentials.client_id, &credentials.client_secret);
        self.send(Request::token(form).header("authorization", &basic))
    }

    /// Tokens for all that the client may do.
    ///
    /// # Panics
    /// When there are none.
    pub fn token(&self, credentials: &Credentials) -> Tokens {
        self.token_for(credentials, "grant_type=client_credentials")
    }

    /// Tokens for what `form` asks for.
    ///
    /// # Panics
    /// When there are none.
    pub fn token_for(&self, credentials: &Credentials, form: &str) -> Tokens {
        let response = self.post_token(credentials, form);
        assert_eq!(response.status, 200, "{}", response.text());
        let answer = response.json();
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        Tokens {
            access_token: text("access_token").unwrap(),
            id_token: text("id_token"),
            answer,
        }
    }
}

/// The server of somebody who prepares something.
fn act_at(clock: &dyn Clock) -> Act {
    Act {
        authority: Authority::unlimited(Actor::CommandLine("test".to_owned())),
        now: clock.now(),
        request_id: None,
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.jobs.take());
        let stopping = self.handle.stop(false);
        // The command is sent when the future is made; the thread ends when the server has.
        drop(stopping);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whether the heavy counts are asked for.
pub fn is_full() -> bool {
    std::env::var("MINTMARK_TEST_FULL").is_ok_and(|value| value == "1")
}

/// `quick`, or `full` when the heavy counts are asked for.
pub fn count(quick: usize, full: usize) -> usize {
    if is_full() { full } else { quick }
}
