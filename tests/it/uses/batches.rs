//! How often and in which portions rows are written, and what waits while they cannot be.

use mintmark::ambient::Clock;
use mintmark::domain::authenticate::Authenticated;
use mintmark::domain::uses::{self, Due};
use mintmark::jobs;
use mintmark::jobs::Jobs;
use mintmark::model::ids::ClientId;

use super::{GRANT, Row, flush, get_from, row, secrets, start, token_from};
use crate::support::{Credentials, TestApp, TestDatabase};

const ROWS: &str = "SELECT CAST(count(*) AS TEXT) AS text FROM client_uses";

/// Lets the database count every row of the table that is written.
fn count_writes(app: &TestApp) {
    app.database
        .execute("CREATE TABLE written (client_id TEXT NOT NULL)");
    let insert = "INSERT INTO written VALUES (NEW.client_id)";
    match TestDatabase::is_postgresql() {
        true => app.database.execute(&format!(
            "CREATE FUNCTION note() RETURNS trigger AS $$ BEGIN {insert}; RETURN NULL; END $$ \
             LANGUAGE plpgsql; \
             CREATE TRIGGER noting AFTER INSERT OR UPDATE ON client_uses \
             FOR EACH ROW EXECUTE FUNCTION note()"
        )),
        false => app.database.execute(&format!(
            "CREATE TRIGGER made AFTER INSERT ON client_uses BEGIN {insert}; END; \
             CREATE TRIGGER changed AFTER UPDATE ON client_uses BEGIN {insert}; END"
        )),
    }
}

fn writes(app: &TestApp, client: &Credentials) -> usize {
    let query = format!(
        "SELECT client_id AS text FROM written WHERE client_id = '{}'",
        client.client_id
    );
    app.database.query(&query).len()
}

#[test]
fn a_key_has_its_row_written_once_in_ten_seconds_however_much_it_is_used() {
    let app = start();
    count_writes(&app);
    let busy = app.create_key("admin", "openid");
    let quiet = app.create_service("users:read");
    let issued = app.token(&busy).access_token;
    app.token(&quiet);
    for second in 0..60 {
        app.token(&busy);
        app.get("/console/api/v2/me", &issued);
        flush(&app);
        assert_eq!(writes(&app, &busy), 1 + second / 10, "{second}");
        app.advance(1);
    }
    assert_eq!(writes(&app, &quiet), 1);
    // The last round of a process that ends writes what is left, and nothing where nothing is.
    drop(Jobs::start(&app.app));
    assert_eq!((writes(&app, &busy), writes(&app, &quiet)), (7, 1));
    let id = ClientId::parse(&busy.client_id).unwrap();
    let uses = app.app.read(|c| uses::of(c, &id)).unwrap().unwrap();
    assert_eq!(uses.days.values().sum::<i64>(), 61);
}

#[test]
fn the_job_writes_by_itself_within_seconds() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    app.token(&key);
    crate::storage::until("the row is there", || row(&app, &key).is_some());
}

#[test]
fn what_is_used_while_the_database_is_away_is_written_when_it_is_back() {
    let app = start();
    let key = app.create_key("admin", "applications:read");
    let secret = secrets(&app, &key).remove(0);
    let began = app.clock.now();
    let issued = app.token(&key).access_token;
    app.without_database(|| {
        for last in 1..=5 {
            let peer = format!("192.0.2.{last}");
            assert_eq!(token_from(&app, &peer, &key, GRANT).status, 200);
        }
        assert_eq!(
            get_from(&app, "192.0.2.6", "/console/api/v2/me", &issued).status,
            200
        );
        assert!(jobs::uses::write(&app.app, Due::Now).is_err());
        assert_eq!(token_from(&app, "192.0.2.7", &key, GRANT).status, 200);
    });
    assert_eq!(row(&app, &key), None);
    app.advance(10);
    flush(&app);
    let expected = Row {
        first_at: began,
        last: (began, "192.0.2.7"),
        secrets: &[(&secret, began, "192.0.2.7")],
        scopes: "",
        days: &[(began, 7)],
    };
    assert_eq!(row(&app, &key), Some(expected.text()));
}

#[test]
fn many_rows_are_written_in_portions_each_a_transaction_of_its_own() {
    let app = start();
    let clients: Vec<Credentials> = (0..600).map(|_| app.create_service("users:read")).collect();
    for client in &clients {
        let id = ClientId::parse(&client.client_id).unwrap();
        let (client, owner) = app.app.directory.read_client(&id).unwrap().unwrap();
        let authenticated = Authenticated {
            client,
            owner,
            secret: Some(0),
        };
        let peer = "192.0.2.1".parse().unwrap();
        app.app
            .uses
            .issued(&authenticated, false, peer, app.clock.now());
    }
    // One row cannot be written: with it go the others of its portion, and those that come after.
    let rotten = &clients[300].client_id;
    app.database.execute(&format!(
        "INSERT INTO client_uses VALUES ('{rotten}', 0, 0, 'nowhere', '', '', '')"
    ));
    assert!(jobs::uses::write(&app.app, Due::Now).is_err());
    let written: usize = app.database.query(ROWS)[0].parse().unwrap();
    assert!([1, 251, 501].contains(&written), "{written}");
    app.database.execute(&format!(
        "DELETE FROM client_uses WHERE client_id = '{rotten}'"
    ));
    app.advance(10);
    flush(&app);
    assert_eq!(app.database.query(ROWS), ["600"]);
    let days = "SELECT DISTINCT days AS text FROM client_uses";
    let today = app.clock.now().day();
    assert_eq!(app.database.query(days), [format!("{{\"{today}\":1}}")]);
}
