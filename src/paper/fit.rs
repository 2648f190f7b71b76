//! Breaking names and themes into balanced lines at the largest size that fits.

use super::faces::Face;

/// A type size in pt, and how many lines it may take.
pub type Step = (f32, usize);

/// The steps of a name; 1 to 120 characters always fit by the last one.
pub const NAME: [Step; 9] = [
    (34.0, 1),
    (32.0, 1),
    (28.0, 1),
    (24.0, 1),
    (24.0, 2),
    (20.0, 2),
    (17.0, 2),
    (13.0, 3),
    (11.0, 4),
];
/// The steps of a theme; one that needs more is refused when its class is published.
pub const THEME: [Step; 4] = [(21.0, 1), (18.0, 2), (15.0, 2), (13.0, 3)];
/// The steps of the agency, beside the logo, and of the signer.
pub const AGENCY: [Step; 4] = [(14.0, 1), (12.5, 1), (12.5, 2), (10.5, 2)];
pub const SIGNER: [Step; 5] = [(12.0, 1), (11.0, 1), (11.5, 2), (10.0, 2), (9.0, 2)];

#[derive(Debug, PartialEq)]
pub struct Block {
    pub size: f32,
    pub lines: Vec<String>,
    /// False when the last step was too small and the text had to be cut off.
    pub whole: bool,
}

impl Block {
    /// From the first baseline to the last in pt, with lines `leading` times the size apart.
    pub fn depth(&self, leading: f32) -> f32 {
        self.lines.iter().skip(1).map(|_| self.size * leading).sum()
    }
}

/// The first step by which the text fits a width in pt. Past the last step the text ends in "…".
pub fn block(face: Face, text: &str, width: f32, steps: &[Step]) -> Block {
    let words = Words::of(face, text);
    for &(size, most) in steps {
        let lines = words.lines(width / size * 1000.0);
        if lines.len() <= most {
            return Block {
                size,
                lines: words.balanced(width / size * 1000.0, lines),
                whole: true,
            };
        }
    }
    let &(size, most) = steps.last().unwrap_or(&(11.0, 1));
    let mut lines = words.lines(width / size * 1000.0);
    let rest = lines.split_off(most.saturating_sub(1)).join(" ");
    lines.push(cut(face, &rest, size, width));
    Block { size, lines, whole: false }
}

/// One line within a width in pt: set smaller by at most a quarter, then cut off with "…".
pub fn line(face: Face, text: &str, size: f32, width: f32) -> (f32, String) {
    let natural = face.width(text, size);
    if natural <= width {
        return (size, text.to_owned());
    }
    let smaller = (size * width / natural * 0.999).max(size * 0.75);
    (smaller, cut(face, text, smaller, width))
}

fn cut(face: Face, text: &str, size: f32, width: f32) -> String {
    if face.width(text, size) <= width {
        return text.to_owned();
    }
    let mut room = width - face.width("…", size);
    let kept = text.chars().take_while(|letter| {
        room -= face.advance(*letter) * size / 1000.0;
        room >= 0.0
    });
    format!("{}…", kept.collect::<String>().trim_end())
}

/// Words with the advances of their letters, in thousandths of the type size.
struct Words {
    words: Vec<Vec<(char, f32)>>,
    space: f32,
}

impl Words {
    fn of(face: Face, text: &str) -> Self {
        let measured =
            |word: &str| word.chars().map(|letter| (letter, face.advance(letter))).collect();
        Self { words: text.split_whitespace().map(measured).collect(), space: face.advance(' ') }
    }

    /// Fills line after line. A word wider than the whole line is cut where the line ends.
    fn lines(&self, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let (mut line, mut used) = (String::new(), 0.0);
        for word in &self.words {
            let wide: f32 = word.iter().map(|(_, advance)| advance).sum();
            if used > 0.0 && used + self.space + wide <= width {
                line.push(' ');
                used += self.space;
            } else if used > 0.0 {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            for &(letter, advance) in word {
                if used > 0.0 && used + advance > width {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(letter);
                used += advance;
            }
        }
        lines.push(line);
        lines
    }

    /// Narrows the measure as long as the number of lines holds and no other word is cut.
    fn balanced(&self, width: f32, lines: Vec<String>) -> Vec<String> {
        let widest = self.words.iter().map(|word| word.iter().map(|(_, advance)| advance).sum());
        let (mut narrow, mut wide) =
            (widest.filter(|word| *word <= width).fold(0.0, f32::max), width);
        let mut best = lines;
        for _ in 0..12 {
            let middle = narrow.midpoint(wide);
            let tried = self.lines(middle);
            if tried.len() > best.len() {
                narrow = middle;
            } else {
                (wide, best) = (middle, tried);
            }
        }
        best
    }
}
