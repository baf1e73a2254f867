//! From a bound listener to a running server: TLS, workers, limits, graceful stop.

mod tls;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, TlsAcceptorConfig};
use actix_service::{IntoServiceFactory, map_config};
use actix_tls::accept::max_concurrent_tls_connect;
use actix_web::http::KeepAlive;
use actix_web::rt::net::TcpStream;
use actix_web::rt::signal::unix::{SignalKind, signal};
use actix_web::{App as ActixApp, dev, web};
use futures_util::future::{LocalBoxFuture, select};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};

pub use tls::Tls;

use crate::app::App;
use crate::http;
use crate::jobs::{Jobs, check};

/// How long a client may take for its request's head, and for the TLS handshake.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long a connection may stay open without a request.
const IDLE_TIME: Duration = Duration::from_secs(30);
/// How long a stopping server waits for what runs, in seconds.
const STOP_TIME: u64 = 8;
/// How many files are open besides connections, generously: the database's, the workers' own.
const OTHER_FILES: u64 = 300;
/// How many connections may wait for a place, being answered about health alone: a sixteenth of the
/// others, so many at least and at most.
const WAITING: (usize, usize) = (24, 128);
/// How many were accepted just now, and no worker has looked at them yet.
const JUST_ACCEPTED: usize = 16;
/// How many connections wait to be accepted.
const BACKLOG: i32 = 1024;
/// How much of an answer the operating system takes before the client does, in bytes; Linux makes it
/// twice as much. Left to itself it takes megabytes, of which a client that reads slowly but steadily
/// would for minutes not be seen to take any.
const SEND_BUFFER: usize = 128 * 1024;

/// A socket that has its address but does not listen yet: whatever fails before, nobody was let in.
pub struct Bound {
    socket: Socket,
    pub address: SocketAddr,
}

/// Why the server cannot begin to listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("cannot listen on {0}: {1}: stop what listens there, or choose another --listen")]
    Bind(SocketAddr, io::Error),
    #[error("cannot read {0}: {1}")]
    TlsFile(PathBuf, io::Error),
    #[error("{0} holds no certificate in PEM: --tls-cert takes the server's own, then its chain")]
    Certificate(PathBuf),
    #[error(
        "{path} can be read by others (mode {mode:04o}): run `chmod o= {path}`, and consider that \
         somebody may have copied the key"
    )]
    ExposedKey { path: PathBuf, mode: u32 },
    #[error("{0} holds no private key in PEM that opens without a passphrase")]
    PrivateKey(PathBuf),
    #[error(
        "{certificate} and {key} do not belong together: --tls-key takes the key of the first certificate"
    )]
    TlsPair { certificate: PathBuf, key: PathBuf },
    #[error("cannot serve: {0}")]
    Io(#[from] io::Error),
}

/// Takes the address; port 0 takes any free one.
pub fn bind(address: SocketAddr) -> Result<Bound, ListenError> {
    let failed = |e| ListenError::Bind(address, e);
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )
    .map_err(failed)?;
    socket.set_reuse_address(true).map_err(failed)?;
    // Every connection has it from here.
    socket.set_send_buffer_size(SEND_BUFFER).map_err(failed)?;
    socket.bind(&address.into()).map_err(failed)?;
    let bound = socket.local_addr().map_err(failed)?;
    Ok(Bound {
        socket,
        address: bound.as_socket().unwrap_or(address),
    })
}

/// That the address can be taken here. Whether another process listens there is asked when it is
/// taken: settings are also looked at beside a running server.
pub fn check_address(address: SocketAddr) -> Result<(), ListenError> {
    match bind(address) {
        Err(ListenError::Bind(_, e)) if e.kind() == io::ErrorKind::AddrInUse => Ok(()),
        other => other.map(drop),
    }
}

/// Begins to listen. The server runs while the answered future is polled, until a signal or the
/// handle of it asks it to stop.
pub fn serve(app: &Arc<App>, bound: Bound, tls: Option<&Tls>) -> Result<dev::Server, ListenError> {
    // Before anybody can see that we listen.
    let stopped = stop_signal()?;
    let connections = allow_connections(app.settings.max_connections);
    let waiting = (connections / 16).clamp(WAITING.0, WAITING.1);
    let places = http::PlaceLimits {
        places: connections,
        per_peer: match app.settings.max_connections_per_peer {
            Some(most) => most,
            None => (connections / 2).max(1),
        },
        waiting,
    };
    let bodies = web::Data::from(http::Bodies::new(app.settings.bodies_in_flight));
    let places = http::Places::new(places, app.settings.trusted_proxies.clone());
    bound.socket.listen(BACKLOG)?;
    let listener: TcpListener = bound.socket.into();
    let data = web::Data::from(app.clone());
    let workers = match app.settings.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        chosen => chosen,
    };
    // Whoever has no place and may not wait for one is told so by a worker, which must have them first.
    let accepted = connections + waiting + JUST_ACCEPTED;
    // Else 256 handshakes that are begun and not gone on with keep everybody else out.
    max_concurrent_tls_connect(accepted);
    let server = dev::Server::build()
        .workers(workers)
        .max_concurrent_connections(accepted.div_ceil(workers))
        .shutdown_timeout(STOP_TIME)
        .shutdown_signal(stopped);
    let stopping = server.graceful_shutdown_signal();
    // HTTP/1.1 on whatever carries it: the two that there are have different types.
    macro_rules! http {
        () => {{
            let (data, stopping) = (data.clone(), stopping.clone());
            let app = ActixApp::new().app_data(data).app_data(bodies.clone());
            let app = app.configure(http::mount);
            let app = app.into_factory();
            HttpService::build()
                .client_request_timeout(HEAD_TIME)
                .client_disconnect_timeout(Duration::from_secs(1))
                .keep_alive(KeepAlive::Timeout(IDLE_TIME))
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .finish(map_config(app, |()| dev::AppConfig::default()))
        }};
    }
    let server = match tls {
        None => server.listen("http", listener, move || {
            watched(places.clone(), http!().tcp())
        })?,
        Some(tls) => {
            let acceptor = tls.acceptor();
            let handshake = || TlsAcceptorConfig::default().handshake_timeout(HEAD_TIME);
            server.listen("https", listener, move || {
                watched(
                    places.clone(),
                    http!().openssl_with_config(acceptor.clone(), handshake()),
                )
            })?
        }
    };
    Ok(server.run())
}

/// Raises the limit of open files, which is often 1,024, as far as so many connections need and the
/// operating system allows. Answers how many connections it is enough for: where files run out, the
/// database is the next to fail.
fn allow_connections(wanted: usize) -> usize {
    let needed = u64::try_from(wanted).unwrap_or(u64::MAX);
    let needed = needed.saturating_add(OTHER_FILES);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(now) = current.filter(|now| *now < needed) else {
        return wanted;
    };
    let raised = Rlimit {
        current: Some(maximum.map_or(needed, |most| most.min(needed))),
        maximum,
    };
    let open_files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised.current.unwrap_or(needed),
        Err(_) => now,
    };
    if open_files >= needed {
        return wanted;
    }
    let enough_for = open_files.saturating_sub(OTHER_FILES).max(open_files / 2);
    let enough_for = usize::try_from(enough_for).unwrap_or(usize::MAX);
    tracing::warn!(
        open_files,
        max_connections = enough_for,
        "the limit of open files is too low for --max-connections: raise it (ulimit -Hn, \
         LimitNOFILE=), or lower --max-connections"
    );
    enough_for
}

/// The same connections, each with a place among all, and dropped when nothing is answered on it, and of
/// no answer more taken, for too long.
fn watched<F>(
    places: Arc<http::Places>,
    factory: F,
) -> impl dev::ServiceFactory<TcpStream, Config = (), Response = (), InitError = F::InitError>
where
    F: dev::ServiceFactory<TcpStream, Config = (), Response = ()>,
    F::Service: 'static,
    F::Future: 'static,
{
    dev::fn_factory(move || {
        let (places, made) = (places.clone(), factory.new_service(()));
        async move { made.await.map(|serving| Watched { places, serving }) }
    })
}

struct Watched<S> {
    places: Arc<http::Places>,
    serving: S,
}

impl<S> dev::Service<TcpStream> for Watched<S>
where
    S: dev::Service<TcpStream, Response = ()>,
    S::Future: 'static,
{
    type Response = ();
    type Error = S::Error;
    type Future = LocalBoxFuture<'static, Result<(), S::Error>>;

    dev::forward_ready!(serving);

    fn call(&self, stream: TcpStream) -> Self::Future {
        let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let peer = stream.peer_addr().map_or(nowhere, |address| address.ip());
        let place = self.places.open(peer);
        let serving = self.serving.call(stream);
        Box::pin(async move {
            let served = http::watch(IDLE_TIME + HEAD_TIME, place, serving);
            served.await.unwrap_or(Ok(()))
        })
    }
}

/// Catches signals from now on, and ends when one asks the process to stop: SIGTERM, as a
/// supervisor sends it, or SIGINT, as a terminal does. Left to itself, actix would cut off what
/// runs at a SIGINT.
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        select(pin!(terminate.recv()), pin!(interrupt.recv())).await;
        tracing::info!("stopping: what runs is finished first");
    })
}

/// From now on a file that may not grow any more (RLIMIT_FSIZE) is an error of whoever writes to it,
/// not a signal that ends the process.
pub fn outlive_file_limits() -> Result<(), ListenError> {
    let runtime = actix_web::rt::Runtime::new()?;
    let too_large = SignalKind::from_raw(Signal::XFSZ.as_raw());
    // It stays caught when nobody listens for it.
    runtime.block_on(async { signal(too_large).map(drop) })?;
    Ok(())
}

/// Serves until a signal asks to stop, then lets the jobs finish.
pub fn run(app: &Arc<App>, bound: Bound, tls: Option<Tls>) -> Result<(), ListenError> {
    let jobs = Jobs::start(app);
    check::start(app);
    let served = actix_web::rt::System::new().block_on(async {
        // Before anybody can send one: left to itself it ends the process without a word.
        let hangups = signal(SignalKind::hangup())?;
        let server = serve(app, bound, tls.as_ref())?;
        actix_web::rt::spawn(tls::attend(tls, hangups, app.clock.clone()));
        server.await.map_err(ListenError::Io)
    });
    drop(jobs);
    served
}
