//! Long lists, a page at a time.

use serde::{Deserialize, Deserializer};

/// The page of a list that an address asks for with `hal`. Whatever is no
/// number of a page asks for the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted(u32);

impl Default for Wanted {
    fn default() -> Self {
        Self(1)
    }
}

impl From<u32> for Wanted {
    fn from(page: u32) -> Self {
        Self(page.max(1))
    }
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(typed: D) -> Result<Self, D::Error> {
        Ok(Self::read(String::deserialize(typed)?.trim()))
    }
}

impl Wanted {
    fn read(typed: &str) -> Self {
        let digits = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than any list has pages still mean a page after the last.
        Self(if digits { typed.parse().unwrap_or(u32::MAX).max(1) } else { 1 })
    }

    pub fn number(self) -> i64 {
        self.0.into()
    }

    /// The page to show of so many lines, and the number of pages. A page after
    /// the last leads to the last.
    pub fn of(self, lines: i64, size: i64) -> (i64, i64) {
        let pages = ((lines + size - 1) / size).max(1);
        (self.number().min(pages), pages)
    }
}

/// The query of a list in which nothing else can be chosen.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    pub hal: Wanted,
}

/// One page of a list, its number, and the number of pages.
pub fn paged<T>(all: Vec<T>, wanted: Wanted, size: usize) -> (Vec<T>, usize, usize) {
    let pages = all.len().div_ceil(size).max(1);
    let here = usize::try_from(wanted.0).unwrap_or(pages).min(pages);
    (all.into_iter().skip((here - 1) * size).take(size).collect(), here, pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_page_leads_to_the_first_and_what_is_too_far_to_the_last() {
        let page = |typed| paged(vec![1, 2, 3], Wanted::read(typed), 2);
        assert_eq!(page("2"), (vec![3], 2, 2));
        for first in ["", "1", "0", "-1", "abc", "1.5", "é"] {
            assert_eq!(page(first), (vec![1, 2], 1, 2), "{first:?}");
        }
        for far in ["9", "9223372036854775807", "99999999999999999999999"] {
            assert_eq!(page(far), (vec![3], 2, 2), "{far}");
            assert_eq!(Wanted::read(far).of(101, 50), (3, 3), "{far}");
        }
        assert_eq!(paged(Vec::<i32>::new(), Wanted::read("7"), 2), (vec![], 1, 1));
        assert_eq!(Wanted::default().of(0, 50), (1, 1));
    }
}
