//! QR codes (ISO/IEC 18004), drawn into the page as SVG.

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// How wide the white border is, in modules.
const BORDER: i32 = 4;

/// A picture of `text`; nothing when it is too long for one. `name` is what it shows, in words.
pub fn picture(text: &str, name: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
        return html! {};
    };
    let side = code.size() + 2 * BORDER;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{},{}h1v1h-1z", x + BORDER, y + BORDER));
        }
    }
    // White in dark mode too: not every camera reads it the other way round.
    html! {
        svg.qr role="img" aria-label=(name) viewBox={ "0 0 " (side) " " (side) }
            shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#ffffff" {}
            path d=(path) fill="#000000" {}
        }
    }
}
