//! Watches connections: one on which no request is being answered is closed after a while.
//!
//! actix bounds the time of a connection's first head and of the rest between two requests. It
//! waits without a bound for a later head that was begun, for what is missing of a body that
//! nobody reads, and for a client that does not read its answer. A client that reads a long answer
//! slowly is another matter: as long as it takes more, it is waited for.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::RequestHead;
use actix_web::http::{ConnectionType, Version};
use actix_web::rt::time::{Instant, sleep_until};
use actix_web::web::Bytes;
use futures_util::future::{Either, select};

use super::places;
use super::turns::{Of, Place};

/// How long a request waits for its connection to have a place.
const PLACE_TIME: Duration = Duration::from_millis(4500);

/// One connection.
struct Connection {
    /// Its place among all.
    place: places::Place,
    /// How many requests are being answered on it.
    answering: Cell<usize>,
    /// Whether none was answered yet.
    is_new: Cell<bool>,
    /// Whether an answer, or its request, said that it is the last.
    is_ending: Cell<bool>,
    /// When it was opened, the last of them was answered, or more was taken of an answer.
    quiet_since: Cell<Instant>,
}

thread_local! {
    /// The one that this worker is at work for.
    static AT_WORK: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

/// Serves a connection until it ends, no request was being answered on it for `limit`, or it has to
/// make room. Then, nothing is answered: the connection is to be dropped.
pub async fn watch<T>(
    limit: Duration,
    place: places::Place,
    serving: impl Future<Output = T>,
) -> Option<T> {
    let connection = Rc::new(Connection {
        place,
        answering: Cell::new(0),
        is_new: Cell::new(true),
        is_ending: Cell::new(false),
        quiet_since: Cell::new(Instant::now()),
    });
    let mut serving = pin!(serving);
    let mut place = Place::new(Of::NewConnections);
    // Its requests are answered in its own task, so that they find it without a name.
    let serving = poll_fn(|context| {
        if connection.is_new.get() && !place.take_turn(context) {
            return Poll::Pending;
        }
        let _turn = Turn::of(connection.clone());
        serving.as_mut().poll(context)
    });
    let too_long = async {
        while let Some(until) = connection.patience(limit) {
            sleep_until(until).await;
        }
    };
    let pushed_out = poll_fn(|context| connection.place.poll_out(context));
    let (too_long, pushed_out) = (pin!(too_long), pin!(pushed_out));
    match select(pin!(serving), select(too_long, pushed_out)).await {
        Either::Left((served, _)) => Some(served),
        Either::Right(_) => None,
    }
}

/// While this lives, the worker is at work for one connection.
struct Turn;

impl Turn {
    fn of(connection: Rc<Connection>) -> Self {
        AT_WORK.set(Some(connection));
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        AT_WORK.set(None);
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

/// A request that is being answered, until this is dropped.
pub struct Answering(Option<Rc<Connection>>);

impl Answering {
    /// Notes that a request of the connection at hand begins to be answered. Behind the last one none
    /// is: actix hands over what came in the same piece all the same, and it may be part of a body
    /// that nobody read (RFC 9112 section 9.6). It waits here until the connection is dropped, for
    /// want of anybody who would read an answer.
    pub async fn begin(request: &RequestHead) -> Self {
        let connection = AT_WORK.with_borrow(Clone::clone);
        if let Some(connection) = &connection {
            if connection.is_ending.get() {
                pending::<()>().await;
            }
            connection.answering.update(|count| count + 1);
            connection.place.is_answering(true);
            if request.connection_type() == ConnectionType::Close {
                connection.is_ending.set(true);
            }
        }
        Self(connection)
    }

    /// Notes for whom it is answered.
    pub fn is_for(&self, peer: IpAddr) {
        if let Some(connection) = &self.0 {
            connection.place.is_for(peer);
        }
    }

    /// Whether its connection has a place.
    pub fn has_place(&self) -> bool {
        let place = self.0.as_ref().map(|connection| &connection.place);
        place.is_none_or(places::Place::is_in)
    }

    /// Waits for a place, but not for ever; answers whether there is one.
    pub async fn wait_for_place(&self) -> bool {
        if self.has_place() {
            return true;
        }
        let Some(connection) = &self.0 else {
            return true;
        };
        let waiting = poll_fn(|context| connection.place.poll_in(context));
        actix_web::rt::time::timeout(PLACE_TIME, waiting)
            .await
            .is_ok()
    }
}

impl Answering {
    /// The same response, of which it is noted whenever the client takes more.
    pub fn noted(&self, mut response: HttpResponse) -> HttpResponse {
        let Some(connection) = self.0.clone() else {
            return response;
        };
        // actix sets it when it writes the answer. Until then it is that of another answer, whose head is
        // used again: after one to HTTP/1.0 every answer would look as if it were the last.
        response.head_mut().version = Version::HTTP_11;
        if response.head().connection_type() == ConnectionType::Close {
            connection.is_ending.set(true);
        }
        let size = response.body().size();
        match size {
            BodySize::None => response,
            // It leaves at once.
            BodySize::Sized(length) if length <= PIECE as u64 => response,
            _ => response.map_body(|_, whole| {
                BoxBody::new(Noted {
                    size,
                    whole,
                    rest: Bytes::new(),
                    connection,
                })
            }),
        }
    }
}

/// How much of a body is handed on at once, at most. actix asks for more when less than that waits to
/// be sent.
const PIECE: usize = 32 * 1024;

/// A body that is handed on in pieces: who asks for the next one has sent what was before.
struct Noted {
    size: BodySize,
    whole: BoxBody,
    /// What was taken from it and not handed on.
    rest: Bytes,
    connection: Rc<Connection>,
}

impl MessageBody for Noted {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        this.connection.quiet_since.set(Instant::now());
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.whole).poll_next(context)) {
                Some(Ok(more)) => this.rest = more,
                end => return Poll::Ready(end),
            }
        }
        let length = this.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(this.rest.split_to(length))))
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(connection) = &self.0 {
            connection.answering.update(|count| count - 1);
            connection
                .place
                .is_answering(connection.answering.get() > 0);
            connection.is_new.set(false);
            connection.quiet_since.set(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::Networks;
    use futures_util::FutureExt;
    use futures_util::future::join;

    const MOMENT: Duration = Duration::from_millis(1);

    fn place() -> places::Place {
        let limits = places::PlaceLimits {
            places: 1,
            per_peer: 1,
            waiting: 1,
        };
        places::Places::new(limits, Networks::default()).open(IpAddr::from([127, 0, 0, 1]))
    }

    #[actix_web::test]
    async fn requests_of_two_connections_on_one_worker_are_told_apart() {
        let answers = async {
            let _answering = Answering::begin(&RequestHead::default()).await;
            pending::<()>().await;
        };
        let is_ended = Cell::new(false);
        let quiet = watch(MOMENT, place(), pending::<()>()).map(|_| is_ended.set(true));
        let both = join(quiet, watch(MOMENT, place(), answers));
        let waited = actix_web::rt::time::timeout(50 * MOMENT, both).await;
        assert!(waited.is_err(), "it was ended while it answered");
        assert!(is_ended.get(), "it was quiet for too long");
        let answering = Answering::begin(&RequestHead::default()).await;
        assert!(answering.0.is_none(), "nobody is at work any more");
    }
}
