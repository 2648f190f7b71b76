//! Many random histories against one database, and the shortest that goes wrong.

use std::fmt::Debug;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// Tries `cases` values. The first that fails is made simpler while it goes on failing; the panic
/// names it and the seed, which `SEED` (64 hexadecimal digits) repeats.
pub async fn all<S, F>(cases: usize, strategy: S, mut holds: F)
where
    S: Strategy,
    S::Value: Debug + Clone,
    F: AsyncFnMut(S::Value) -> Result<(), String>,
{
    let seed = seed();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for case in 0..cases {
        let mut tree = strategy.new_tree(&mut runner).unwrap();
        let Err(mut problem) = holds(tree.current()).await else { continue };
        let mut shortest = tree.current();
        for _ in 0..200 {
            match holds(tree.current()).await {
                Err(still) => {
                    (problem, shortest) = (still, tree.current());
                    if !tree.simplify() {
                        break;
                    }
                }
                Ok(()) if tree.complicate() => {}
                Ok(()) => break,
            }
        }
        panic!("case {case} of seed {}: {problem}\n{shortest:#?}", hex(&seed));
    }
}

fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    match std::env::var("SEED") {
        Ok(digits) => {
            for (at, byte) in seed.iter_mut().enumerate() {
                *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
            }
        }
        Err(_) => getrandom::fill(&mut seed).unwrap(),
    }
    seed
}

fn hex(bytes: &[u8]) -> String {
    smartclass::assets::hex(bytes)
}
