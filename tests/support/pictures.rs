//! Pages as dots: codes drawn as a printer would, and what a scanner makes of them.
#![allow(dead_code, reason = "each test program needs some of this")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use keyrite::paper::code::Code;

/// Dots of an A4 page at 300 dpi.
const A4: (usize, usize) = (2480, 3508);
/// Dots to a square of the largest code: half a millimetre.
pub(crate) const SQUARE: usize = 6;
/// Squares that stay light around a code.
const QUIET: usize = 4;

/// A page in grey.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) dots: Vec<u8>,
}

impl Picture {
    pub(crate) fn white(width: usize, height: usize) -> Self {
        Self { width, height, dots: vec![255; width * height] }
    }

    /// An A4 page with up to six codes, two beside each other.
    pub(crate) fn page(codes: &[Code], square: usize) -> Self {
        let mut page = Self::white(A4.0, A4.1);
        for (at, code) in codes.iter().enumerate() {
            page.draw(code, square, 240 + at % 2 * 1100, 300 + at / 2 * 1000);
        }
        page
    }

    /// One code and the light around it.
    pub(crate) fn of(code: &Code, square: usize) -> Self {
        let side = (code.width() + 2 * QUIET) * square;
        let mut picture = Self::white(side, side);
        picture.draw(code, square, QUIET * square, QUIET * square);
        picture
    }

    fn draw(&mut self, code: &Code, square: usize, left: usize, top: usize) {
        for row in 0..code.width() * square {
            for column in 0..code.width() * square {
                if code.is_dark(row / square, column / square) {
                    self.dots[(top + row) * self.width + left + column] = 0;
                }
            }
        }
    }

    /// As a PGM file.
    pub(crate) fn pgm(&self) -> Vec<u8> {
        let mut file = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        file.extend(&self.dots);
        file
    }

    /// As a worn scanner gives it: askew, blurred, with noise. The same each time.
    pub(crate) fn worn(&self, degrees: f32, blur: f32, noise: f32) -> Self {
        self.turned(degrees).blurred(blur).noisy(noise)
    }

    /// Turned around its middle, each dot out of the four it falls between.
    fn turned(&self, degrees: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (middle_x, middle_y) = (self.width as f32 / 2.0, self.height as f32 / 2.0);
        let mut turned = Self::white(self.width, self.height);
        for y in 0..self.height {
            for x in 0..self.width {
                let (dx, dy) = (x as f32 - middle_x, y as f32 - middle_y);
                let (from_x, from_y) = (middle_x + dx * cos + dy * sin, middle_y - dx * sin + dy * cos);
                let (left, top) = (from_x.floor(), from_y.floor());
                if left < 0.0 || top < 0.0 || left as usize + 1 >= self.width || top as usize + 1 >= self.height {
                    continue;
                }
                let (right_part, lower_part) = (from_x - left, from_y - top);
                let at = top as usize * self.width + left as usize;
                let dot = |at: usize| f32::from(self.dots[at]);
                let upper = dot(at) * (1.0 - right_part) + dot(at + 1) * right_part;
                let lower = dot(at + self.width) * (1.0 - right_part) + dot(at + self.width + 1) * right_part;
                turned.dots[y * self.width + x] = (upper * (1.0 - lower_part) + lower * lower_part) as u8;
            }
        }
        turned
    }

    /// By a Gaussian of this sigma, first along rows, then along columns.
    fn blurred(&self, sigma: f32) -> Self {
        let weights: Vec<f32> = (-3..=3).map(|at| (-(at * at) as f32 / (2.0 * sigma * sigma)).exp()).collect();
        let sum: f32 = weights.iter().sum();
        let weights: Vec<f32> = weights.iter().map(|weight| weight / sum).collect();
        let along = |dots: &[u8], step: usize| {
            let mut blurred = dots.to_vec();
            let inside = blurred.iter_mut().enumerate().take(dots.len() - 3 * step).skip(3 * step);
            for (at, dot) in inside {
                let first = at - 3 * step;
                let parts = weights.iter().enumerate().map(|(by, weight)| f32::from(dots[first + by * step]) * weight);
                *dot = parts.sum::<f32>() as u8;
            }
            blurred
        };
        Self { dots: along(&along(&self.dots, 1), self.width), ..*self }
    }

    /// With Gaussian noise of this sigma, out of a table (Box and Muller, by Knuth's generator).
    fn noisy(mut self, sigma: f32) -> Self {
        let mut state = 25_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 24) as f32
        };
        let table: Vec<f32> = (0..1 << 16)
            .map(|_| {
                let (one, two) = (next().max(1e-9), next());
                sigma * (-2.0 * one.ln()).sqrt() * (std::f32::consts::TAU * two).cos()
            })
            .collect();
        for dot in &mut self.dots {
            *dot = (f32::from(*dot) + table[(next() * 65_536.0) as usize & 0xffff]) as u8;
        }
        self
    }
}

/// What docs/formats.md tells a stranger to type.
fn lines() -> String {
    let document = std::fs::read_to_string("docs/formats.md").unwrap();
    let (_, section) = document.split_once("\n## Codes on paper\n").unwrap();
    section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

/// Restores from pages in files as docs/formats.md says, by stock tools alone.
pub(crate) fn restored(pages: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    for (name, page) in pages {
        std::fs::write(folder.path().join(name), page).unwrap();
    }
    let output =
        Command::new("bash").args(["-e", "-o", "pipefail", "-c", &lines()]).current_dir(folder.path()).output();
    let output = output.expect("bash, zbarimg (zbar-tools)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(folder.path().join("restored")).unwrap()
}

/// What pdftoppm makes of a PDF, page by page: `-gray`, `-png`, `-jpeg`.
pub(crate) fn drawn(pdf: &[u8], form: &str) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("page");
    let mut draw = Command::new("pdftoppm");
    draw.args(["-r", "300", form, "-"]).arg(&prefix).stdin(Stdio::piped());
    let mut draw = draw.spawn().expect("pdftoppm (poppler-utils)");
    draw.stdin.take().unwrap().write_all(pdf).unwrap();
    assert!(draw.wait().unwrap().success());
    files(folder.path())
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.map(|path| (name(&path), std::fs::read(&path).unwrap())).collect();
    files.sort();
    files
}
