//! Who comes in, how, and for how long; and what every answer carries.

mod activation;
mod answers;
mod forgotten;
mod guessing;
mod keeping;
mod merged;
mod outlived;
mod people;
mod reach;
mod roles;
mod second;
mod sign_in;
mod single_sign_on;
mod slips;
mod standing;
