//! Mintmark: an OAuth 2.0 token service for control panels and the services behind them.
//!
//! This page is the architecture document: what the parts are, how one request goes through them,
//! in which order to read the code, and what always holds. How to run and use the service stands
//! in `README.md`; the contract of the HTTP surface in `openapi/openapi.yaml`.
//!
//! # Bird's-eye view
//!
//! A program trades a client's id and secret at `POST /console/sys/token` for a token signed with
//! RS512. Whoever receives the token checks it offline, against the published key set. Mintmark's
//! own resources below `/console/api/v2` take it as a Bearer token. People sign in to the pages
//! below `/console/`.
//!
//! ```text
//!   token request   Bearer call        resources   pages      command line
//!         |              |                 |         |             |
//!   http ------------------------------------------------     cli -----
//!         |              |                 |         |             |
//!   domain: authenticate, token, bearer   domain: applications, clients, users, sessions
//!         |                                                |
//!   directory: what is used, in memory <-- change log -- store: SQLite or PostgreSQL
//!         |
//!   signing: RS512 by OpenSSL
//! ```
//!
//! Two things shape all the rest:
//!
//! - **The hot path decides from memory.** Issuing a token, checking one, `GET /me` and the key
//!   set read the [directory], sign in place and touch neither the database nor another thread.
//!   A signature costs nine tenths of a token; a hop to another thread would cost more than all
//!   the other work.
//! - **Memory follows the change log.** Every change writes, in its own transaction, which thing
//!   must be read again. The process that made the change applies the log before it answers;
//!   every other one reads it every 250 ms, on a connection that no request can take. So a disabled
//!   key is refused at once where it was disabled, and everywhere within a second.
//!
//! The flow is one way: `main` calls [cli], which starts the [server], which mounts [http], which
//! calls [domain], which uses the [directory], [signing] and the [store], and all of them speak in
//! terms of the [model]. `tests/tidy.rs` holds the directions.
//!
//! # One token request, followed end to end
//!
//! 1. `main` hands the process to [`cli::run`]. `serve` takes the address with [`server::bind`],
//!    opens the database, if it is there or a new installation may be made
//!    ([`domain::installation::Place::open`]), brings its schema up to date
//!    ([`store::Database::migrate`]), sets an empty one up
//!    ([`domain::first_start::first_start`]), opens what the master key closes
//!    ([`domain::unseal::unseal`]) and puts together what every request shares ([`app::App::new`]).
//!    Only then does [`server::run`] start the [`jobs::Jobs`] and begin to listen. Until here
//!    nobody is let in: whatever is wrong ends the process with a sentence that says what to do.
//! 2. A request arrives. [`http::mount`] has given every row of [`http::ROUTES`] to actix;
//!    `http::dispatch` gives the request its id, finds the peer's address, sets the deadline and
//!    catches a panic. It calls the row's handler, here `http::oauth::token`.
//! 3. The handler reads at most 4 KiB of body (`http::body`; what all bodies hold together is bounded
//!    by `http::bodies`), parses the form strictly from its bytes (`http::form`), and takes the
//!    credentials from the header or the form (`http::oauth::credentials`). What comes out is [`domain::authenticate::Presented`]: an id,
//!    a secret in one or two readings, a peer.
//! 4. [`domain::authenticate::Authentication::decide`] looks the client and its owner up in memory
//!    ([`directory::Directory::client`], [`directory::Directory::user`]), compares the secret's
//!    keyed digest in constant time ([`domain::secret::DigestKeys::recognise`]), and only after
//!    that asks whether the client may be used now and from there
//!    ([`domain::authenticate::is_usable`]). A right secret ends the question here.
//! 5. Before a refusal, and for a client that is not in memory, the answer is `MustRead`: the
//!    handler takes its one hop to a thread that may wait, where
//!    [`domain::authenticate::Authentication::read_and_decide`] reads the client through
//!    [`directory::Directory::read_client`]. So a secret that was made a moment ago by another
//!    process works, and an unknown client costs what a wrong secret costs. A failure is counted
//!    by the [`domain::guard::Guard`], which turns the 401 into a 429 when there are too many, and
//!    noted by [`domain::refusals::Refusals`] for the audit log.
//! 6. [`domain::token::Issuing::issue`] is an ordered list of checks: what the token is for
//!    (`resource`), what it may do (`scope`, cut by the owner's role as it is now), how long it
//!    lives. It builds the claims of [`domain::claims`] and has them signed with the active key of
//!    [`directory::Keyring`] by [`signing::sign`]: the access token first, then, when `openid` was
//!    granted, the id_token with the access token's [`signing::at_hash`].
//! 7. The handler notes the use in memory ([`domain::uses::UseCounters::issued`]) and writes the
//!    answer, `no-store`. `http::dispatch` adds the request id and writes the log line. Nothing was
//!    written to the database: what was noted is added to the client's one row by
//!    [`jobs::uses`], in batches.
//!
//! The token comes back as a Bearer token: [`domain::bearer::Checking::check`] reads the header
//! ([`signing::read_header`]), looks the `kid` up in memory, verifies the signature, reads the
//! claims strictly ([`signing::parse_claims`]), and then asks again what may have changed since:
//! client and owner alive, generation current, network allowed, scope cut to what both may do now.
//! The call is noted as a use too ([`domain::uses::UseCounters::called`]).
//!
//! # One change, followed end to end
//!
//! `client disable` on the command line, or a write through the API, runs
//! [`domain::clients::disable`] inside [`store::Database::write`]: one transaction that no other
//! writer shares, in no process. It raises the client's generation, and writes an entry of the
//! change log ([`store::changes::create`]) and an audit event ([`store::audit_events::create`])
//! beside the change: all three or none. Through the API, the token, its client and its owner
//! are looked at once more inside that transaction ([`domain::bearer::Checking::check_inside`]):
//! whoever lost a right while they waited does not exercise it. In a server, [`app::App::write`]
//! has the directory follow the log up to there before the answer is sent; the other processes'
//! jobs call [`directory::Directory::follow`] and forget the client. The next request reads it
//! afresh.
//!
//! # One page, followed end to end
//!
//! 1. `http::dispatch` finds a row of the table whose handler is a page. `http::pages::page` reads
//!    the cookies and looks the session up by its keyed digest ([`domain::sessions::find`]), with
//!    its user as they are now; without one it leads to the sign-in.
//! 2. An unsafe request must come from a page of ours and carry the token of this very session
//!    (`http::pages::form`). Then the row says who may be here: anybody who is signed in, or
//!    administrators.
//! 3. The handler does what a route of the API does: the same verbs, with the
//!    [`domain::Authority`] of the session. A write looks the session up once more inside its own
//!    transaction.
//! 4. What it answers is put together with `maud` (`http::pages::layout`, `parts`), from texts that
//!    exist in every language (`http::pages::text`). After an act it leads on to another page, which
//!    says once what was done.
//!
//! The administration (`http::pages::admin`) has a folder for each subject that has more than a few
//! pages: `applications` has a file for each form (registering, changing, connecting lists and users,
//! scopes, the end) around one page that shows the application; `audit` has the filter, which the page
//! and the CSV file read alike, and writes the file step by step, so that a log of any length takes the
//! memory of one step. Service clients are administered by the pages of access keys
//! (`http::pages::clients`), which know by their `Place` whose clients they are about.
//!
//! A sign-in waits in a line of its own for one of the few threads that hash passwords
//! ([`domain::hashers::Hashers`]), half as many as there are processors and two at most. The line is
//! fair ([`domain::hash_line`]): it weighs sites, addresses, logins and known accounts, so that neither
//! one who signs in a thousand times nor a thousand strangers hold up the rest. Each thread has the
//! hash computed while the others leave a processor free, and does it itself when that takes too long
//! ([`domain::spare_time`]); and the pages of a worker take turns, as its new connections do
//! (`http::turns`). So a thousand at once cost little memory and tokens little of their time. What is
//! wrong is not told: a login that nobody has is verified against a hash that is nobody's
//! ([`domain::sign_in`]). With a second factor ([`domain::second_factor`]) a right password begins a
//! session that opens no page before it is given a code.
//!
//! The pages are written in [maud](https://maud.lambda.xyz): templates are Rust, checked when it is
//! compiled, and every value is escaped unless the code says otherwise. A second language, and files
//! that must be found at run time, would buy nothing here.
//!
//! # Code map, in reading order
//!
//! | module | what it is | what it must not know |
//! | --- | --- | --- |
//! | [model] | nouns: values and their rules, ids, scopes and roles | input and output |
//! | [ambient] | the clock and the random generator: the only source of either | |
//! | [alarms] | what is wrong with this process now, by kind: shown by `/readyz?verbose`, told in the log | |
//! | [log] | lines on their way to standard error: a bounded queue and a thread of its own, so that nobody waits for whoever reads them | |
//! | [signing] | keys, digests, wrapping, JWS; the only code that touches RSA | database, users, requests |
//! | [store] | one file per table, the change log, migrations, backup; the only code that touches diesel. [`store::connection`] is the only file that knows SQLite from PostgreSQL | sealing, deciding |
//! | [directory] | the in-memory copy that the hot path reads, and how it follows the change log | HTTP |
//! | [domain] | verbs: what may be done, by whom, and what it leaves behind; synchronous. Begin with [`domain::authenticate`], [`domain::token`], [`domain::bearer`] | HTTP, SQL |
//! | [config] | every setting; the only reader of the environment | |
//! | [app] | what every request shares | HTTP |
//! | [jobs] | what runs by itself: following the log, writing refusals and uses, trimming the logs, clearing what ended long ago | |
//! | [http] | from a request's bytes to a verb, and back; the only code that is async. Begin with `routes`, `dispatch`, `oauth/token`, `api/bearer`, `pages/mod` | SQL, keys |
//! | [server] | from a bound listener to a running server: TLS, workers, limits, stop | routes |
//! | [cli] | one file for each group of commands | routes |
//!
//! Tests go through real HTTP or the real binary and lie in `tests/it`, a folder for each subject;
//! `tests/it/support` starts a server with a database and a clock of its own. What needs neither,
//! the rules of a value or the strictness of a parser, is tested beside it.
//!
//! # Invariants
//!
//! - No write is caused by a single token: neither issuing nor checking one changes a row. What is
//!   noted of them is written in batches, outside the change log: a client's row at most once in ten
//!   seconds, and refusals of known clients as one row per client, kind, peer and minute.
//! - The hot path makes no thread hop, except before a refusal and on a directory miss.
//! - Every change, its entry in the change log and its audit event are one transaction. The number
//!   of an entry is taken inside it, under a lock, so that numbers become visible in their order.
//! - The server's time never goes back. Nothing is deleted for good by one reading of a clock, nor when
//!   a process ends.
//! - After a gap in which the process may have been suspended, nothing is decided from memory before the
//!   change log was read again ([`directory::Directory::may_have_slept`]).
//! - An entry of the directory is kept only if the log did not move while it was read.
//! - A number of the log never stands for a history: the directory knows the entry that it stands on by
//!   its random mark too, and loads afresh where that one is not found, at another epoch, and after the
//!   log's connection was opened again (`src/directory/follow.rs` has the list of such places).
//! - Nothing is acknowledged that was committed to a file which no longer stands where it was opened
//!   (`src/store/open_files.rs`), and no file is made but when a process begins.
//! - A change in which the process was suspended is undone, and PostgreSQL gives its turn to others.
//! - A generation is one number that only rises: raising it takes the database's milliseconds, or
//!   one more than all that it covers. So none is given twice, also not after a backup was put back.
//!   A token carries the greater of its client's and its owner's, and is refused by any other:
//!   enabling again does not bring old tokens back.
//! - A token ends with its client and with the secret that it was issued for, at the latest.
//! - A right is read once more inside the transaction that uses it: by the API
//!   ([`domain::bearer::Checking::check_inside`]) and by the pages ([`domain::sessions::find_again`]).
//! - A change of role ends the person's sessions.
//! - An act asks the [`domain::Authority`] that it is done with, whichever front end calls it: nobody
//!   gives away, brings back or takes over a scope, an application, an end, a network or a lifetime
//!   that they lack ([`domain::clients`]).
//! - What a person can do in person counts among what whoever makes or becomes that person must have
//!   (`domain::becoming`). A client that ends, is bound to networks or has tokens of a short life does
//!   so only with the mark *provisions users*, which no client gives.
//! - An administrator is made, and acted on, only with every scope; the last who is active stays.
//! - Texts that people type are compared in one form: composed, of one width, without regard to case
//!   ([`model::text::fold`]); the database knows by which rules its columns were folded
//!   ([`domain::folding`]).
//! - Ids and application names are never given twice, and no uri, nor one that is nearly it, to a
//!   second application, not even after a deletion.
//! - The secret is checked before anything else about a client, a right one is never slowed, and
//!   every reason for `invalid_client` gives the same bytes.
//! - A private key is used by OpenSSL only, and outside the process only wrapped under the master
//!   key. A secret type has no `Display`, `Serialize` or `PartialEq`, and one method `expose`.
//! - A session's cookie is no use at the API, a Bearer token none on the pages. What is kept of a
//!   session opens nothing, and every use asks for its user as they are now.
//! - No page has an inline style or script, none can be framed, and no unsafe request is taken
//!   without the token of its own session.
//! - The server listens to nothing before everything that it needs is there and fits together.
//! - Nobody waits for whoever reads the log, or fails with it: a line is left in a bounded queue, and
//!   what finds no room there is counted ([log]).
//! - The public text of an error never holds its cause; the cause stands in the log line of the
//!   same request id.
//!
//! What is absent, on purpose:
//!
//! - No second query language: each query is written once, in diesel, for both databases, and the
//!   migrations are one folder.
//! - No URL is made from `Host`: every URL that the server states comes from the public URL
//!   ([`model::public_url::PublicUrl`]). A form's `Origin` is compared with it, where this machine
//!   has several names.
//! - No `unsafe`.
//! - No clock but [`ambient::Clock`], and no sleeping test.
//! - No decision by the calendar's clock alone: a server's time is what [`domain::timekeeper`] makes of
//!   it, and what is deleted for good by it stands in the table of [`domain::deletions`].
//! - No `async` but in [http] and [server].
//! - No algorithm to choose: RS512 is written, and nothing else is read.
//!
//! # Glossary
//!
//! - **client**: a registered program that asks for tokens; it has a `client_id`
//!   ([`model::client::Client`]).
//! - **access key**: a client that belongs to a user and acts for that user.
//! - **service client**: a client without an owner; it acts for itself.
//! - **client secret**: one secret of a client, at most two of which live at once, so that it can
//!   be rotated without an outage.
//! - **user**, **user list**: a person, and the list that the person belongs to; applications are
//!   connected to whole lists, and to single users by name.
//! - **space**: what applications and user lists are gathered in, with quotas
//!   ([`model::space::Space`]).
//! - **application**: a protected resource; its `uri` is the audience of the tokens meant for it.
//! - **scope**: what a token may do at the console API ([`model::scope::Scope`]); `openid` asks
//!   for an id_token as well.
//! - **role**: what bounds the scopes of a user's access keys ([`model::scope::Role`]).
//! - **public URL**: how the world reaches this server; `iss` of every token.
//! - **peer**: the address that a request comes from, behind trusted proxies the one that they saw.
//! - **signing key**, **`kid`**, **JWKS**: the private RSA key, its RFC 7638 thumbprint, the
//!   published set of public keys. One key is active and signs; the next one is published already.
//! - **master key**: 32 random bytes in `keys/master.key`, which only wrap other keys.
//! - **digest key**: random bytes, wrapped in the database; subkeys by label digest client secrets,
//!   sessions, and the tokens in forms.
//! - **session**: one browser in which somebody is signed in ([`model::session::Session`]).
//! - **second factor**, **recovery code**: codes that change with time (RFC 6238), made from a secret
//!   that is wrapped under the master key, each used once; and what helps in without them.
//! - **directory**: the in-memory copy of what the hot path decides from. It is *fresh* while the
//!   change log can be read, *stale* for a grace after that, then *lost*
//!   ([`directory::Freshness`]).
//! - **change log**: what the directory must forget and read again, in order
//!   ([`model::change::Change`]); its **head** is the one row that numbers it, its **epoch** names
//!   the history that the numbers belong to, and the **mark** of an entry tells it from one of another
//!   history that has its number ([`model::change::Position`]).
//! - **generation**: a number of a client or user, raised when everything issued so far must be
//!   refused.
//! - **authority**: what a Bearer token, a session or the command line amounts to now: over what it
//!   reaches, and with which scopes ([`domain::Authority`]).
//! - **act**: one change: with whose authority, when, and on which request ([`domain::Act`]).

pub mod alarms;
pub mod ambient;
pub mod app;
pub mod cli;
pub mod config;
pub mod directory;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod log;
pub mod model;
pub mod server;
pub mod signing;
pub mod store;
