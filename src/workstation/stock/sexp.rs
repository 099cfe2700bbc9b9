//! Canonical S-expressions (RFC 9804 6.1), as gpg-agent gives signatures: `(7:sig-val(5:ecdsa(1:r32:...)(1:s32:...)))`.

/// How deep lists may lie in each other: a signature has three.
const DEEPEST: u8 = 8;

/// An atom, or a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sexp<'a> {
    Atom(&'a [u8]),
    List(Vec<Sexp<'a>>),
}

impl<'a> Sexp<'a> {
    /// Reads one, and nothing behind it.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        match one(bytes, DEEPEST)? {
            (sexp, []) => Some(sexp),
            _ => None,
        }
    }

    /// The rest of a list that begins with this name.
    pub(super) fn named(&self, name: &str) -> Option<&[Self]> {
        match self {
            Self::List(items) => match items.split_first()? {
                (Self::Atom(head), rest) if *head == name.as_bytes() => Some(rest),
                _ => None,
            },
            Self::Atom(_) => None,
        }
    }

    /// The value of `(name value)` among these.
    pub(super) fn value(items: &[Self], name: &str) -> Option<&'a [u8]> {
        items.iter().find_map(|item| match item.named(name)? {
            [Self::Atom(value)] => Some(*value),
            _ => None,
        })
    }
}

fn one(bytes: &[u8], depth: u8) -> Option<(Sexp<'_>, &[u8])> {
    let Some(mut rest) = bytes.strip_prefix(b"(") else { return atom(bytes) };
    let (depth, mut items) = (depth.checked_sub(1)?, Vec::new());
    loop {
        if let Some(rest) = rest.strip_prefix(b")") {
            return Some((Sexp::List(items), rest));
        }
        let (item, after) = one(rest, depth)?;
        items.push(item);
        rest = after;
    }
}

fn atom(bytes: &[u8]) -> Option<(Sexp<'_>, &[u8])> {
    let colon = bytes.iter().take(6).position(|byte| *byte == b':')?;
    let (digits, rest) = bytes.split_at_checked(colon)?;
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let length: usize = std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()?;
    let (value, rest) = rest.get(1..)?.split_at_checked(length)?;
    Some((Sexp::Atom(value), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_read() {
        let sexp = Sexp::read(b"(7:sig-val(5:ecdsa(1:r3:)())(1:s2:\0\xff)))").unwrap();
        let [signature] = sexp.named("sig-val").unwrap() else { panic!("one") };
        let numbers = signature.named("ecdsa").unwrap();
        assert_eq!(Sexp::value(numbers, "r"), Some(&b")()"[..]));
        assert_eq!(Sexp::value(numbers, "s"), Some(&b"\0\xff"[..]));
        assert_eq!(Sexp::value(numbers, "t"), None);
        assert!(sexp.named("data").is_none());
    }

    #[test]
    fn what_is_none_is_refused() {
        let deep = [&b"("[..]; 100].concat();
        let bad: [&[u8]; 9] = [b"", b"(", b"(1:a", b"(1:a))", b"(2:a)", b"(a)", b"(:a)", b"(-1:a)", b"(99999:a)"];
        for bytes in bad.into_iter().chain([&deep[..]]) {
            assert!(Sexp::read(bytes).is_none(), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
