//! Seats, the queue, and what happens when everybody comes at once.

mod crowd;
mod history;
mod roll;
mod rules;
