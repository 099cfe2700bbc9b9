//! PGM and PPM with one byte for each value (netpbm, P5 and P6).

use crate::error::Error;
use crate::picture::{Picture, count, grey};

/// The picture in such a file. What follows its dots is not looked at.
pub(crate) fn read(file: &[u8]) -> Result<Picture, Error> {
    let broken = |why: &str| Error::broken("PNM", &why);
    let mut rest = file.get(2..).ok_or(broken("it is cut short"))?;
    let mut numbers = [0; 3];
    for number in &mut numbers {
        *number = next_number(&mut rest).ok_or(broken("its head has no width, height and largest value"))?;
    }
    let [width, height, largest] = numbers;
    if largest != 255 {
        return Err(broken("its largest value is not 255"));
    }
    let dots = count(width, height)?;
    // One blank ends the head.
    let values = rest.get(1..).unwrap_or_default();
    let in_colour = file.starts_with(b"P6");
    let values = values.get(..if in_colour { 3 * dots } else { dots }).ok_or(broken("it is cut short"))?;
    let dots = match in_colour {
        true => values.chunks_exact(3).map(|dot| grey(dot[0], dot[1], dot[2])).collect(),
        false => values.to_vec(),
    };
    Ok(Picture { width, height, dots })
}

/// The next number of the head, after blanks and comments.
fn next_number(rest: &mut &[u8]) -> Option<usize> {
    loop {
        match rest.first()? {
            b'#' => *rest = rest.get(rest.iter().position(|byte| *byte == b'\n')?..)?,
            blank if blank.is_ascii_whitespace() => *rest = &rest[1..],
            _ => break,
        }
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, after) = rest.split_at(digits);
    *rest = after;
    std::str::from_utf8(number).ok()?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn grey_and_colours_are_read() {
        let grey = read(b"P5 # a comment\n2\t# another\n1 255\n\x00\xff trailing").unwrap();
        assert_eq!((grey.width, grey.height, grey.dots), (2, 1, vec![0, 255]));
        let colours = read(b"P6\n1 2\n255\n\xff\xff\xff\xff\x00\x00").unwrap();
        assert_eq!((colours.width, colours.height, colours.dots), (1, 2, vec![255, 76]));
    }

    #[test]
    fn what_is_cut_short_or_too_much_is_refused() {
        for file in
            ["P5", "P5\n", "P5\n2 2\n255\nabc", "P5 1 1 65535\nab", "P6 1 1 255\nab", "P5 # no end", "P5 -1 1 255\na"]
        {
            assert!(matches!(read(file.as_bytes()), Err(Error::Broken { .. })), "{file}");
        }
        let huge = read(b"P5 18446744073709551615 18446744073709551615 255\n");
        assert!(matches!(huge, Err(Error::Size { .. })));
    }
}
