//! The drawn part that every certificate shares: the woven band, the frame, the rules and the mark.
//!
//! Coordinates are pt from the top left, as in the design; `point` turns them over for PDF.

use printpdf::{
    Color, Line, LinePoint, Op, PaintMode, Point, Polygon, PolygonRing, Pt, Rgb, WindingOrder,
};

/// A4 landscape, in pt.
pub const PAGE_WIDTH: f32 = 841.89;
pub const PAGE_HEIGHT: f32 = 595.28;

const DEEP: u32 = 0x43_10_2f;
const ROSE: u32 = 0xb0_6a_8d;
const BRIGHT: u32 = 0xd9_ab_52;
const PLUM: u32 = 0x5b_16_40;
const GOLD: u32 = 0xb9_88_29;
const GREY: u32 = 0xcf_c5_c0;

/// Edges of the band, and the height of one of its nine rows, in pt.
const LEFT: f32 = 24.0;
const RIGHT: f32 = 156.0;
const TOP: f32 = 24.0;
const BOTTOM: f32 = 571.28;
const ROW: f32 = (BOTTOM - TOP) / 9.0;
/// Middle lines of the three columns of flowers.
const COLUMNS: [f32; 3] = [57.0, 90.0, 123.0];

type Spot = (f32, f32);

const PETAL: [Spot; 4] = [(0.0, -10.5), (3.0, -6.0), (0.0, -1.8), (-3.0, -6.0)];
const LEAF: [Spot; 4] = [(1.8, -1.8), (2.9, -5.0), (7.2, -7.2), (5.0, -2.9)];

/// Everything below the text, in the order in which it is painted.
pub fn ornament() -> Vec<Op> {
    let frame = [(174.0, TOP), (817.89, TOP), (817.89, BOTTOM), (174.0, BOTTOM)];
    let mut ops = stroke(GREY, 0.75, &[frame.to_vec()]);
    ops.extend(fill(DEEP, vec![rectangle(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP)]));
    ops.extend(stroke(ROSE, 2.4, &lattice()));
    ops.extend(stroke(DEEP, 1.0, &lattice()));
    ops.extend(fill(ROSE, border()));
    ops.extend(flowers());
    ops.extend(knots());
    ops.extend(fill(BRIGHT, vec![rectangle(RIGHT, TOP, 3.0, BOTTOM - TOP)]));
    ops.extend(fill(DEEP, teeth()));
    ops.extend(fill(PLUM, turned(&PETAL, (770.0, 72.0), 1.18)));
    ops.extend(fill(GOLD, turned(&LEAF, (770.0, 72.0), 1.18)));
    ops.extend(stroke(GOLD, 1.0, &[vec![(204.0, 376.0), (783.0, 376.0)]]));
    ops.extend(stroke(GREY, 0.75, &[vec![(204.0, 418.0), (783.0, 418.0)]]));
    ops
}

/// Height of the border between two rows, counted from the top edge, and of a row's middle.
fn border_of(row: u8) -> f32 {
    TOP + f32::from(row) * ROW
}

fn middle_of(row: u8) -> f32 {
    border_of(row) + ROW / 2.0
}

/// Crossing threads of slope ROW : 66 through the edges of the rows, their ends 1.4 pt inside.
fn lattice() -> Vec<Vec<Spot>> {
    let inset = 1.4;
    let slope = ROW / 66.0;
    (0..10u8)
        .flat_map(|thread| {
            let start = border_of(thread) - ROW;
            let at = |y: f32| LEFT + (y - start) / slope;
            let first = at(TOP + inset).max(LEFT + inset);
            let last = at(BOTTOM - inset).min(RIGHT - inset);
            let down = [first, last].map(|x| (x, start + (x - LEFT) * slope));
            let up = down.map(|(x, y)| (LEFT + RIGHT - x, y));
            [down.to_vec(), up.to_vec()]
        })
        .collect()
}

/// Half lozenges along the four edges of the band.
fn border() -> Vec<Vec<Spot>> {
    let sides = (0..9u8).map(middle_of).flat_map(|y| {
        let half = |x: f32, depth: f32| vec![(x, y - 11.0), (x + depth, y), (x, y + 11.0)];
        [half(LEFT, 11.94), half(RIGHT, -11.94)]
    });
    let ends = [57.0, 123.0].into_iter().flat_map(|x| {
        let half = |y: f32, depth: f32| vec![(x - 11.0, y), (x, y + depth), (x + 11.0, y)];
        [half(TOP, 11.0), half(BOTTOM, -11.0)]
    });
    sides.chain(ends).collect()
}

/// Nine large flowers in the middle, sixteen small ones beside them with the colours swapped.
fn flowers() -> Vec<Op> {
    let [left, centre, right] = COLUMNS;
    let large: Vec<Spot> = (0..9).map(|row| (centre, middle_of(row))).collect();
    let small: Vec<Spot> =
        (1..9).flat_map(|row| [left, right].map(|x| (x, border_of(row)))).collect();
    let all = |shape: &[Spot; 4], spots: &[Spot], scale: f32| {
        spots.iter().flat_map(|spot| turned(shape, *spot, scale)).collect::<Vec<_>>()
    };
    let mut bright = all(&PETAL, &large, 1.86);
    bright.extend(all(&LEAF, &small, 1.34));
    let mut rose = all(&LEAF, &large, 1.86);
    rose.extend(all(&PETAL, &small, 1.34));
    [fill(BRIGHT, bright), fill(ROSE, rose)].concat()
}

/// Small lozenges with a hole where the threads meet.
fn knots() -> Vec<Op> {
    let [left, centre, right] = COLUMNS;
    let inner = (1..9).map(|row| (centre, border_of(row)));
    let outer = (0..9).flat_map(|row| [left, right].map(|x| (x, middle_of(row))));
    let spots: Vec<Spot> = inner.chain(outer).collect();
    let lozenges = |r: f32| {
        let one = |(x, y): &Spot| vec![(x - r, *y), (*x, y - r), (x + r, *y), (*x, y + r)];
        spots.iter().map(one).collect::<Vec<_>>()
    };
    [fill(BRIGHT, lozenges(4.2)), fill(DEEP, lozenges(1.7))].concat()
}

/// The 54 teeth of the selvage.
fn teeth() -> Vec<Vec<Spot>> {
    let pitch = (BOTTOM - TOP) / 54.0;
    (0..54u8)
        .map(|tooth| TOP + f32::from(tooth) * pitch)
        .map(|y| vec![(159.0, y), (166.0, y + pitch / 2.0), (159.0, y + pitch)])
        .collect()
}

/// A petal or leaf, scaled, and turned around a centre to the four sides.
fn turned(shape: &[Spot; 4], (x, y): Spot, scale: f32) -> Vec<Vec<Spot>> {
    let turns: [fn(Spot) -> Spot; 4] =
        [|(a, b)| (a, b), |(a, b)| (-b, a), |(a, b)| (-a, -b), |(a, b)| (b, -a)];
    let place = |(a, b): Spot| (x + a * scale, y + b * scale);
    turns.iter().map(|turn| shape.iter().map(|spot| place(turn(*spot))).collect()).collect()
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Vec<Spot> {
    vec![(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
}

fn fill(color: u32, shapes: Vec<Vec<Spot>>) -> Vec<Op> {
    let rings = shapes.into_iter().map(|shape| PolygonRing { points: points(&shape) }).collect();
    let polygon = Polygon { rings, mode: PaintMode::Fill, winding_order: WindingOrder::NonZero };
    vec![Op::SetFillColor { col: rgb(color) }, Op::DrawPolygon { polygon }]
}

/// Lines of a width in pt.
fn stroke(color: u32, width: f32, lines: &[Vec<Spot>]) -> Vec<Op> {
    let mut ops =
        vec![Op::SetOutlineColor { col: rgb(color) }, Op::SetOutlineThickness { pt: Pt(width) }];
    ops.extend(
        lines
            .iter()
            .map(|line| Op::DrawLine { line: Line { points: points(line), is_closed: false } }),
    );
    ops
}

/// Turned over, and rounded to hundredths, which keeps the stream short.
fn points(spots: &[Spot]) -> Vec<LinePoint> {
    let round = |value: f32| Pt((value * 100.0).round() / 100.0);
    let point = |(x, y): &Spot| Point { x: round(*x), y: round(PAGE_HEIGHT - y) };
    spots.iter().map(|spot| LinePoint { p: point(spot), bezier: false }).collect()
}

fn rgb(color: u32) -> Color {
    let [_, r, g, b] = color.to_be_bytes();
    let part = |value: u8| (f32::from(value) / 255.0 * 1000.0).round() / 1000.0;
    Color::Rgb(Rgb::new(part(r), part(g), part(b), None))
}
