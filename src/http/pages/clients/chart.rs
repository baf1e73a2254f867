//! Tokens issued per day, as a small drawing with the same told in words.

use maud::{Markup, html};

use crate::http::pages::text::Text;
use crate::model::timestamp::Day;

/// The drawing's size, in its own units.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 120;
/// What is left below the bars for their line.
const BELOW: i64 = 2;

/// A bar for each day, today last.
pub fn chart(text: &Text, days: &[(Day, i64)]) -> Markup {
    let says = &text.clients.one;
    let all: i64 = days.iter().map(|(_, count)| count).sum();
    let most = days.iter().max_by_key(|(_, count)| *count);
    let Some((day, most)) = most.filter(|_| all > 0) else {
        return html! { p.muted { (says.chart_nothing) } };
    };
    let sentence = (says.chart_text)(all, *most, &day.to_string());
    let step = WIDTH / i64::try_from(days.len()).unwrap_or(WIDTH).max(1);
    let bars = (0_i64..).zip(days).filter(|(_, (_, count))| *count > 0);
    let first = days.first().map(|(day, _)| day.to_string());
    let last = days.last().map(|(day, _)| day.to_string());
    html! {
        figure.chart {
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(sentence) {
                line x1="0" x2=(WIDTH) y1=(HEIGHT - BELOW) y2=(HEIGHT - BELOW) {}
                @for (at, (day, count)) in bars {
                    @let height = (count * (HEIGHT - BELOW - 4) / most).max(2);
                    rect x=(at * step) y=(HEIGHT - BELOW - height) width=(step - 2) height=(height) {
                        title { (day) ": " (count) }
                    }
                }
            }
            p.axis {
                span { (first.unwrap_or_default()) }
                span { (last.unwrap_or_default()) }
            }
            figcaption { (sentence) }
        }
    }
}
