//! Watches connections: one on which no request is being answered is closed after a while.
//!
//! actix bounds the time of a connection's first head and of the rest between two requests. It
//! waits without a bound for a later head that was begun, for what is missing of a body that
//! nobody reads, and for a client that does not read its answer.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use actix_web::rt::time::{Instant, sleep_until};
use futures_util::future::{Either, select};

/// One connection.
struct Connection {
    /// How many requests are being answered on it.
    answering: Cell<usize>,
    /// When it was opened, or the last of them was answered.
    quiet_since: Cell<Instant>,
}

thread_local! {
    /// Those of this worker, by the address of the other end.
    static OPEN: RefCell<HashMap<SocketAddr, Rc<Connection>>> = RefCell::default();
}

/// Serves the connection with `client` until it ends, or no request was being answered on it for
/// `limit`. Then, nothing is answered: the connection is to be dropped.
pub async fn watch<T>(
    client: SocketAddr,
    limit: Duration,
    serving: impl Future<Output = T>,
) -> Option<T> {
    let connection = Rc::new(Connection {
        answering: Cell::new(0),
        quiet_since: Cell::new(Instant::now()),
    });
    OPEN.with_borrow_mut(|open| open.insert(client, connection.clone()));
    let _entry = Entry(client);
    let too_long = async {
        while let Some(until) = connection.patience(limit) {
            sleep_until(until).await;
        }
    };
    match select(pin!(serving), pin!(too_long)).await {
        Either::Left((served, _)) => Some(served),
        Either::Right(_) => None,
    }
}

impl Connection {
    /// Until when it need not be looked at again; nothing when it was quiet for `limit`.
    fn patience(&self, limit: Duration) -> Option<Instant> {
        let now = Instant::now();
        let since = match self.answering.get() {
            0 => self.quiet_since.get(),
            _ => now,
        };
        Some(since + limit).filter(|until| *until > now)
    }
}

/// The entry in [`OPEN`], which goes when this does.
struct Entry(SocketAddr);

impl Drop for Entry {
    fn drop(&mut self) {
        OPEN.with_borrow_mut(|open| open.remove(&self.0));
    }
}

/// A request that is being answered, until this is dropped.
pub struct Answering(Option<Rc<Connection>>);

impl Answering {
    /// Notes that a request of `client` begins to be answered.
    pub fn begin(client: Option<SocketAddr>) -> Self {
        let find = |client| OPEN.with_borrow(|open| open.get(&client).cloned());
        let connection = client.and_then(find);
        if let Some(connection) = &connection {
            connection.answering.update(|count| count + 1);
        }
        Self(connection)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(connection) = &self.0 {
            connection.answering.update(|count| count - 1);
            connection.quiet_since.set(Instant::now());
        }
    }
}
