//! Limits: deadlines, sizes, stopping, panics, rubbish.
