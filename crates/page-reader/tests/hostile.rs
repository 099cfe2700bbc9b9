//! Files that somebody made to do harm: each is named, or ends at a limit; none takes more than two seconds of a processor and
//! 256 MB, and nothing raw reaches the terminal.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

#[path = "../../../tests/support/pdf.rs"]
mod pdf;

use std::io::Write as _;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::ZlibEncoder;

const INPUT: i32 = 3;
const ABORTED: i32 = -6;
const OUT_OF_TIME: i32 = -24;
/// Runs a program, and says at the end how it ended (a signal below zero), its processor seconds, and its largest size in KiB.
const MEASURE: &str = "
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print('\\n%d %.2f %d' % (code, used.ru_utime + used.ru_stime, used.ru_maxrss), file=sys.stderr)
";

/// How it ended and what it said. What it took is within the bounds.
fn judged(file: &[u8], page: &str) -> (i32, String) {
    let mut measure = Command::new("python3");
    measure.args(["-c", MEASURE, env!("CARGO_BIN_EXE_keyrite-page-reader"), "codes", "--page", page]);
    measure.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = measure.spawn().expect("python3");
    // It need not read all of it.
    let _ = child.stdin.take().unwrap().write_all(file);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let (said, measured) = said.trim_end().rsplit_once('\n').unwrap();
    let [code, seconds, size] = measured.split(' ').collect::<Vec<_>>()[..] else { panic!("{measured}") };
    println!("{} bytes: {measured} {said}", file.len());
    assert!(seconds.parse::<f64>().unwrap() < 2.5, "{seconds} s: {said}");
    assert!(size.parse::<u64>().unwrap() <= 256 * 1024, "{size} KiB: {said}");
    assert!(said.len() < 1000 && said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
    let code = code.parse().unwrap();
    assert!(code != 0 || output.stdout.len() >= 4, "no answer");
    (code, said.to_owned())
}

fn refused(file: &[u8], words: &str) {
    let (code, said) = judged(file, "1");
    assert!(code == INPUT && said.contains(words) && said.contains("\nhint: "), "{code}: {said}");
}

/// Whatever comes of it, it comes soon: nothing found, an error, or an end at a limit.
fn bounded(file: &[u8]) {
    let (code, said) = judged(file, "1");
    assert!([0, INPUT, ABORTED, OUT_OF_TIME].contains(&code), "{code}: {said}");
    assert!(code != INPUT || said.starts_with("error: ") && said.contains("\nhint: "), "{said}");
}

/// The same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A PNG of one kind of grey, as large as it says it is, or not.
fn png(width: u32, height: u32, rows: &[u8]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8], data: &[u8]| {
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let start = file.len();
        file.extend(kind);
        file.extend(data);
        let mut sum = flate2::Crc::new();
        sum.update(&file[start..]);
        file.extend(sum.sum().to_be_bytes());
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    chunk(b"IHDR", &head);
    chunk(b"IDAT", &deflated(rows));
    chunk(b"IEND", &[]);
    file
}

#[test]
fn what_is_no_page_is_refused() {
    refused(b"", "neither PDF, PNG");
    refused(b"KEYRITE SHARE SHEET\n", "neither PDF, PNG");
    refused(&noise(1 << 20), "neither PDF, PNG");
    refused(&vec![0; 33 << 20], "larger than 33554432 bytes");
    for beginning in [&b"%PDF-1.7\n"[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"P5 1000 1000 255\n"] {
        refused(&[beginning, &noise(1 << 20)[..if beginning[0] == b'P' { 1000 } else { 1 << 20 }]].concat(), "damaged");
    }
}

#[test]
fn pictures_that_are_larger_than_they_look() {
    refused(b"P5 4294967295 4294967295 255\n", "which is not the size of a page");
    refused(b"P6 99999 1 255\n", "which is not the size of a page");
    refused(&png(60_000, 60_000, &[0; 1000]), "60000 by 60000 dots");
    refused(&png(16_384, 2000, &[0; 1000]), "damaged");
    // As large as may be, out of some ten kilobytes.
    let bomb = png(6000, 6000, &vec![0; 6001 * 6000]);
    assert!(bomb.len() < 50_000);
    bounded(&bomb);
    let rest = png(100, 100, &vec![0; 64 << 20]);
    bounded(&rest);
    // SOF0 of 16384 by 16384, and nothing more.
    refused(b"\xff\xd8\xff\xc0\0\x0b\x08\x40\x00\x40\x00\x01\x01\x11\0", "");
}

#[test]
fn pages_without_end() {
    let catalog = "<< /Type /Catalog /Pages 2 0 R >>".to_owned();
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_owned();
    let kids: String = (3..103).map(|page| format!("{page} 0 R ")).collect();
    let many = |more: &str| format!("<< /Type /Pages /Kids [{kids} {more}] /Count 1 >>");
    let with = |pages: String| [vec![catalog.clone(), pages], vec![page.clone(); 101]].concat();
    refused(&pdf::pdf(&with(many("103 0 R"))), "the file has 101 pages; at most 100 are read");
    assert_eq!(judged(&pdf::pdf(&with(many(""))), "100").0, 0);
    // One page under twenty thousand numbers.
    let same = format!("<< /Type /Pages /Kids [{}] /Count 20000 >>", "3 0 R ".repeat(20_000));
    bounded(&pdf::pdf(&[catalog.clone(), same, page.clone()]));
    // What it says of itself is not believed.
    let lies = "<< /Type /Pages /Kids [3 0 R] /Count 3000000 >>".to_owned();
    bounded(&pdf::pdf(&[catalog.clone(), lies, page]));
    let round = "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1 >>".to_owned();
    bounded(&pdf::pdf(&[catalog.clone(), round.clone()]));
    let deep: Vec<String> = (3..30_000).map(|next| format!("<< /Type /Pages /Kids [{next} 0 R] /Count 1 >>")).collect();
    bounded(&pdf::pdf(&[vec![catalog], deep].concat()));
    bounded(&pdf::page(&"[".repeat(1 << 20)));
    bounded(&pdf::page(&"q ".repeat(1 << 19)));
}

#[test]
fn a_page_of_another_size() {
    for size in ["1000000 1000000", "3e38 3e38", "0 0", "-5 100", "595 99999", "0.0001 842"] {
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] >>"),
        ];
        bounded(&pdf::pdf(&objects));
    }
}

#[test]
fn drawings_that_never_end() {
    let (code, said) = judged(&pdf::endless(), "1");
    assert!([ABORTED, OUT_OF_TIME].contains(&code), "{code}: {said}");
    // A form that draws itself twice.
    let form = "<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /A 4 0 R >> >> /Length 10 >>\nstream\n/A Do /A Do\nendstream";
    bounded(&pdf::pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /A 4 0 R >> >> >>".to_owned(),
        form.to_owned(),
    ]));
}

#[test]
fn streams_that_become_a_thousand_times_as_large() {
    let once = deflated(&vec![b' '; 256 << 20]);
    let twice = deflated(&once);
    for (filters, data) in [("/FlateDecode", &once), ("[/FlateDecode /FlateDecode]", &twice)] {
        let stream = format!("<< /Length {} /Filter {filters} >>\nstream\n", data.len()).into_bytes();
        let stream = [&stream[..], data, b"\nendstream"].concat();
        bounded(&pdf::of_bytes(&[
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
            &stream,
        ]));
    }
    let image = "<< /Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Length 4 >>\nstream\nabcd\nendstream";
    bounded(&pdf::pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /XObject << /A 4 0 R >> >> >>".to_owned(),
        image.to_owned(),
        "<< /Length 30 >>\nstream\n595 0 0 842 0 0 cm /A Do      \nendstream".to_owned(),
    ]));
}

/// A page full of what looks like the corner of a code: each three of them may be one.
#[test]
fn a_page_of_corners() {
    const CORNER: [&[u8; 7]; 7] = [b"#######", b"#     #", b"# ### #", b"# ### #", b"# ### #", b"#     #", b"#######"];
    for dots in [2, 4] {
        let (side, step) = (2400, 9 * dots);
        let mut file = format!("P5 {side} {side} 255\n").into_bytes();
        file.extend((0..side * side).map(|at| {
            let (row, column) = (at / side % step / dots, at % side % step / dots);
            let is_dark = row < 7 && column < 7 && CORNER[row][column] == b'#';
            if is_dark { 0 } else { 255 }
        }));
        bounded(&file);
    }
    let mut file = b"P5 2400 3500 255\n".to_vec();
    file.extend(noise(2400 * 3500));
    bounded(&file);
}

/// Every tenth of a good file.
#[test]
fn what_is_cut_short() {
    let whole = [pdf::page("0 0 100 100 re f\n"), png(100, 100, &vec![0; 10_100])];
    for file in whole {
        let (code, said) = judged(&file, "1");
        assert_eq!(code, 0, "{said}");
        for tenth in 0..10 {
            bounded(&file[..file.len() * tenth / 10]);
        }
    }
    let (code, said) = judged(&pdf::page(""), "2");
    assert!(code == INPUT && said.contains("there is no page 2: the file has 1"), "{said}");
}
