//! A line of passwords in which every place is taken.

use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex};

use mintmark::domain::hash_line::Whom;
use mintmark::domain::hashers::Work;

use super::TestApp;

/// While this is there, nobody finds a place.
pub struct FullLine(Arc<Until>);

#[derive(Default)]
struct Until {
    is_over: Mutex<bool>,
    over: Condvar,
}

struct Stuck(Arc<Until>);

impl Work for Stuck {
    fn is_awaited(&self) -> bool {
        !*self.0.is_over.lock().unwrap()
    }

    fn run(self: Box<Self>) {
        let mut is_over = self.0.is_over.lock().unwrap();
        while !*is_over {
            is_over = self.0.over.wait(is_over).unwrap();
        }
    }

    fn push_out(self: Box<Self>) {}
}

impl FullLine {
    /// Takes all of them, each for somebody else, half of them for somebody known: none has more than
    /// whoever comes.
    pub fn of(app: &TestApp) -> Self {
        let until = Arc::<Until>::default();
        for number in 0..u8::try_from(app.app.settings.sign_in_places).unwrap() {
            let whom = match number % 2 {
                0 => Whom::Known(format!("filler-{number}")),
                _ => Whom::Stranger {
                    peer: IpAddr::from([198, 18, number, 1]),
                    login: format!("filler-{number}"),
                },
            };
            let stuck = Box::new(Stuck(until.clone()));
            app.app.hashers.submit(&whom, stuck).unwrap();
        }
        Self(until)
    }
}

impl Drop for FullLine {
    fn drop(&mut self) {
        *self.0.is_over.lock().unwrap() = true;
        self.0.over.notify_all();
    }
}
