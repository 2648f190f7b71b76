//! Long lists, a page at a time.

use serde::{Deserialize, Deserializer};

/// The number of a page as an address has it; whatever is none is the first.
pub fn number<'de, D: Deserializer<'de>, N: From<u16>>(from: D) -> Result<N, D::Error> {
    let typed = String::deserialize(from)?;
    Ok(typed.parse().unwrap_or(1).max(1).into())
}

/// One page of a list, its number, and the number of pages. A page that is not
/// there leads to the first.
pub fn paged<T>(all: Vec<T>, wanted: usize, size: usize) -> (Vec<T>, usize, usize) {
    let pages = all.len().div_ceil(size).max(1);
    let here = if (1..=pages).contains(&wanted) { wanted } else { 1 };
    (all.into_iter().skip((here - 1) * size).take(size).collect(), here, pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_there_leads_to_the_first() {
        assert_eq!(paged(vec![1, 2, 3], 2, 2), (vec![3], 2, 2));
        assert_eq!(paged(vec![1, 2, 3], 9, 2), (vec![1, 2], 1, 2));
        assert_eq!(paged(Vec::<i32>::new(), 0, 2), (vec![], 1, 1));
    }
}
