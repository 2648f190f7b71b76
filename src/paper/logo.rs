//! The agency's logo: read from PNG or JPEG once, laid on white and scaled down for print.

use lopdf::{Stream, dictionary};
use std::io::Cursor;
use zune_jpeg::{JpegDecoder, zune_core::bytestream::ZCursor};

/// Largest file in bytes, and largest side in pixels, that is accepted.
pub const MOST_BYTES: usize = 512 * 1024;
pub const MOST_PIXELS: usize = 2000;

/// The largest place, 96 by 44 pt, at 300 pixels per inch: more would only make every PDF heavier.
const PRINTED: (usize, usize) = (400, 183);

/// A logo ready to be put into certificates.
#[derive(Clone, Debug)]
pub struct Logo {
    pub(super) image: Stream,
    /// Width by height.
    pub(super) ratio: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    #[error("Berkas logo terlalu besar; paling besar 512 KB.")]
    TooHeavy,
    #[error("Ukuran logo terlalu besar; paling besar 2000 × 2000 piksel.")]
    TooLarge,
    #[error("Logo harus berupa gambar PNG atau JPEG.")]
    UnknownKind,
    #[error("Gambar logo rusak atau tidak dapat dibaca; simpan ulang sebagai PNG atau JPEG.")]
    Broken,
}

impl Logo {
    pub fn parse(bytes: &[u8]) -> Result<Self, LogoError> {
        if bytes.len() > MOST_BYTES {
            return Err(LogoError::TooHeavy);
        }
        let pixels = match bytes {
            [0x89, b'P', b'N', b'G', ..] => png(bytes)?,
            [0xff, 0xd8, 0xff, ..] => jpeg(bytes)?,
            _ => return Err(LogoError::UnknownKind),
        };
        pixels.printed().embedded()
    }
}

/// Rows of red, green and blue bytes.
struct Pixels {
    width: usize,
    height: usize,
    rgb: Vec<[u8; 3]>,
}

fn png(bytes: &[u8]) -> Result<Pixels, LogoError> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| LogoError::Broken)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    within_limits(width, height)?;
    let mut buffer = vec![0; reader.output_buffer_size().ok_or(LogoError::TooLarge)?];
    let frame = reader.next_frame(&mut buffer).map_err(|_| LogoError::Broken)?;
    let samples = frame.color_type.samples();
    let rgb = buffer.chunks_exact(samples).map(|sample| match *sample {
        [grey] => [grey; 3],
        [grey, alpha] => on_white([grey; 3], alpha),
        [r, g, b, alpha] => on_white([r, g, b], alpha),
        [r, g, b, ..] => [r, g, b],
        [] => [255; 3],
    });
    let rgb = rgb.take(width * height).collect();
    Ok(Pixels { width, height, rgb })
}

fn jpeg(bytes: &[u8]) -> Result<Pixels, LogoError> {
    let mut decoder = JpegDecoder::new(ZCursor::new(bytes));
    decoder.decode_headers().map_err(|_| LogoError::Broken)?;
    let (width, height) = decoder.dimensions().ok_or(LogoError::Broken)?;
    within_limits(width, height)?;
    let samples = decoder.decode().map_err(|_| LogoError::Broken)?;
    let rgb = match samples.len() / (width * height) {
        1 => samples.iter().map(|grey| [*grey; 3]).collect(),
        3 => samples.as_chunks().0.to_vec(),
        _ => return Err(LogoError::Broken),
    };
    Ok(Pixels { width, height, rgb })
}

const fn within_limits(width: usize, height: usize) -> Result<(), LogoError> {
    if width == 0 || height == 0 {
        Err(LogoError::Broken)
    } else if width > MOST_PIXELS || height > MOST_PIXELS {
        Err(LogoError::TooLarge)
    } else {
        Ok(())
    }
}

fn on_white(color: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u16::from(alpha);
    color.map(|part| {
        let mixed = (u16::from(part) * alpha + 255 * (255 - alpha)) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    })
}

impl Pixels {
    /// Not larger than needed on paper; each new pixel is the mean of those it stands for.
    fn printed(self) -> Self {
        let (most_wide, most_high) = PRINTED;
        if self.width <= most_wide && self.height <= most_high {
            return self;
        }
        let by_width = self.width * most_high > self.height * most_wide;
        let (width, height) = if by_width {
            (most_wide, (self.height * most_wide / self.width).max(1))
        } else {
            ((self.width * most_high / self.height).max(1), most_high)
        };
        let span = |step: usize, steps: usize, size: usize| {
            let from = step * size / steps;
            from..((step + 1) * size / steps).max(from + 1)
        };
        let spots = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let mean = |(x, y)| self.mean(span(x, width, self.width), &span(y, height, self.height));
        Self { width, height, rgb: spots.map(mean).collect() }
    }

    fn mean(&self, columns: std::ops::Range<usize>, rows: &std::ops::Range<usize>) -> [u8; 3] {
        let spots = rows.clone().flat_map(|y| columns.clone().map(move |x| y * self.width + x));
        let (mut sum, mut count) = ([0u32; 3], 0u32);
        for pixel in spots.filter_map(|spot| self.rgb.get(spot)) {
            count += 1;
            for (total, part) in sum.iter_mut().zip(pixel) {
                *total += u32::from(*part);
            }
        }
        sum.map(|total| u8::try_from(total / count.max(1)).unwrap_or(u8::MAX))
    }

    fn embedded(self) -> Result<Logo, LogoError> {
        let side = |value: usize| u16::try_from(value).map_err(|_| LogoError::TooLarge);
        let (width, height) = (side(self.width)?, side(self.height)?);
        let description = dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => i64::from(width), "Height" => i64::from(height),
            "ColorSpace" => "DeviceRGB", "BitsPerComponent" => 8,
        };
        let mut image = Stream::new(description, self.rgb.into_flattened());
        image.compress().map_err(|_| LogoError::Broken)?;
        Ok(Logo { image, ratio: f32::from(width) / f32::from(height) })
    }
}
