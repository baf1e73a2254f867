//! The queue beside a place that takes what it is told to take.

use std::thread;
use std::time::Instant;

use super::*;

/// What a place was told, and what it got.
#[derive(Default)]
struct Told {
    written: Vec<u8>,
    /// How many bytes it has room for; any number, if nothing is said.
    room: Option<usize>,
    /// Whether a write waits.
    stands_still: bool,
    /// How many writes failed, and how many were begun.
    failures: usize,
    begun: usize,
    /// What somebody else wrote or cut.
    others: i64,
}

/// A place that can be full, stand still, and be written to by others.
#[derive(Clone, Default)]
struct Place(Arc<(Mutex<Told>, Condvar)>);

impl Place {
    fn tell(&self, tell: impl FnOnce(&mut Told)) {
        tell(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
    }

    fn wait(&self, is_so: impl Fn(&Told) -> bool) {
        let (told, changed) = &*self.0;
        let told = told.lock().unwrap();
        let time = Duration::from_secs(60);
        let waited = changed.wait_timeout_while(told, time, |told| !is_so(told));
        assert!(!waited.unwrap().1.timed_out(), "it never came so far");
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().unwrap().written.clone()).unwrap()
    }
}

impl Sink for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (told, changed) = &*self.0;
        let mut told = told.lock().unwrap();
        told.begun += 1;
        changed.notify_all();
        let mut told = changed.wait_while(told, |told| told.stands_still).unwrap();
        changed.notify_all();
        let count = told.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        if count == 0 {
            told.failures += 1;
            return Err(io::ErrorKind::StorageFull.into());
        }
        told.room = told.room.map(|room| room - count);
        told.written.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn length(&self) -> Option<u64> {
        let told = self.0.0.lock().unwrap();
        let written = i64::try_from(told.written.len()).unwrap();
        u64::try_from(written + told.others).ok()
    }
}

fn dropped_line(count: u64) -> String {
    format!("dropped {count}\n")
}

/// Runs `work` beside the thread that writes, which has ended afterwards.
fn beside_writer(work: impl FnOnce(&Queue, &Place)) -> String {
    let (queue, place) = (Queue::new(dropped_line), Place::default());
    thread::scope(|scope| {
        let (writing, mut sink) = (&queue, place.clone());
        scope.spawn(move || writing.write_to(&mut sink));
        work(&queue, &place);
        queue.close(Duration::from_secs(60));
    });
    place.text()
}

fn line(at: usize) -> String {
    format!("line {at:06}\n")
}

fn push(queue: &Queue, numbers: std::ops::Range<usize>) {
    for at in numbers {
        queue.push(line(at).as_bytes());
    }
}

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(line).collect()
}

fn has(count: usize) -> impl Fn(&Told) -> bool {
    move |told| told.written.len() == count * line(0).len()
}

#[test]
fn lines_are_written_in_their_order_and_the_last_ones_at_the_end() {
    let text = beside_writer(|queue, place| {
        push(queue, 0..5000);
        queue.flush(Duration::from_secs(60));
        assert_eq!(place.text(), lines(0..5000));
        push(queue, 5000..6000);
    });
    assert_eq!(text, lines(0..6000));
}

#[test]
fn what_is_too_much_is_dropped_and_counted_behind_what_was_taken() {
    let alarms = Arc::new(Alarms::default());
    let text = beside_writer(|queue, place| {
        queue.show_on(alarms.clone());
        for round in 0..3 {
            place.tell(|told| (told.begun, told.stands_still) = (0, true));
            push(queue, 0..1);
            place.wait(|told| told.begun > 0);
            assert!(!alarms.is_raised(Alarm::LogLines));
            push(queue, 1..MOST_LINES + 1);
            assert!(!alarms.is_raised(Alarm::LogLines));
            push(queue, 0..7 + round);
            assert!(alarms.is_raised(Alarm::LogLines));
            place.tell(|told| told.stands_still = false);
            let last = dropped_line(7 + round as u64);
            place.wait(|told| told.written.ends_with(last.as_bytes()));
            queue.flush(Duration::from_secs(60));
            push(queue, 0..1);
            queue.flush(Duration::from_secs(60));
            assert!(!alarms.is_raised(Alarm::LogLines));
        }
    });
    let round = |count| lines(0..MOST_LINES + 1) + &dropped_line(count) + &line(0);
    assert_eq!(text, round(7) + &round(8) + &round(9));
}

#[test]
fn no_line_is_too_long_to_be_counted() {
    let long = "x".repeat(MOST_BYTES / 2) + "\n";
    let text = beside_writer(|queue, place| {
        place.tell(|told| told.stands_still = true);
        push(queue, 0..1);
        place.wait(|told| told.begun > 0);
        queue.push(long.as_bytes());
        queue.push(long.as_bytes());
        place.tell(|told| told.stands_still = false);
        place.wait(|told| told.written.ends_with(dropped_line(1).as_bytes()));
        queue.push(&vec![b'x'; MOST_BYTES + 1]);
    });
    assert_eq!(text, line(0) + &long + &dropped_line(1) + &dropped_line(1));
}

#[test]
fn what_cannot_be_written_waits_and_no_line_is_torn() {
    let alarms = Arc::new(Alarms::default());
    let text = beside_writer(|queue, place| {
        queue.show_on(alarms.clone());
        // In the middle of the third line, and at the end of another.
        for room in [2 * line(0).len() + 4, 5 * line(0).len() - 4] {
            place.tell(|told| (told.room, told.failures) = (Some(room), 0));
            push(queue, 0..10);
            place.wait(|told| told.failures == 2);
            assert!(alarms.is_raised(Alarm::LogLines));
            // Whoever waits for it does not wait for nothing.
            queue.flush(Duration::from_secs(600));
            place.tell(|told| told.room = None);
            place.wait(|told| told.written.ends_with(line(9).as_bytes()));
        }
        place.wait(has(20));
    });
    assert_eq!(text, lines(0..10) + &lines(0..10));
    assert!(!alarms.is_raised(Alarm::LogLines));
}

#[test]
fn a_line_is_begun_anew_where_something_else_stands_behind_its_beginning() {
    let length = i64::try_from(line(0).len()).unwrap();
    for (others, between) in [(5, "\n"), (-4, "\n"), (-length - 4, "")] {
        let text = beside_writer(|queue, place| {
            let room = line(0).len() + 4;
            place.tell(|told| told.room = Some(room));
            push(queue, 0..3);
            place.wait(|told| told.failures == 1);
            place.tell(|told| (told.others, told.room) = (others, None));
            place.wait(|told| told.written.ends_with(line(2).as_bytes()));
        });
        assert_eq!(text, line(0) + "line" + between + &lines(1..3));
    }
}

#[test]
fn the_end_waits_for_nobody() {
    let (queue, place) = (Arc::new(Queue::new(dropped_line)), Place::default());
    let (writing, mut sink) = (queue.clone(), place.clone());
    let writer = thread::spawn(move || writing.write_to(&mut sink));
    place.tell(|told| told.stands_still = true);
    push(&queue, 0..10);
    let began = Instant::now();
    queue.flush(Duration::from_millis(20));
    // It is known that waiting is in vain.
    queue.flush(Duration::from_secs(600));
    queue.close(Duration::from_millis(20));
    assert!(began.elapsed() < Duration::from_secs(60));
    place.tell(|told| (told.stands_still, told.room) = (false, Some(0)));
    // What fails is not tried for ever either.
    writer.join().unwrap();
    assert_eq!(place.text(), "");
}

#[test]
fn pieces_end_behind_lines() {
    let batch = lines(0..1000);
    let (mut at, mut pieces) = (0, 0);
    while at < batch.len() {
        let end = end_of_piece(batch.as_bytes(), at);
        assert!(end - at <= WHOLE && batch[..end].ends_with('\n'));
        (at, pieces) = (end, pieces + 1);
    }
    assert_eq!((at, pieces), (batch.len(), batch.len().div_ceil(WHOLE)));
    let long = "x".repeat(9000) + "\n" + &lines(0..1000);
    assert_eq!(end_of_piece(long.as_bytes(), 0), 9001);
    assert_eq!(start_of_line(long.as_bytes(), 9000), 0);
    assert_eq!(start_of_line(long.as_bytes(), 9001), 9001);
}
