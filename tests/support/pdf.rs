//! PDFs written by hand.
#![allow(dead_code, reason = "each test program needs some of this")]

/// A PDF of one A4 page with this content.
pub(crate) fn page(content: &str) -> Vec<u8> {
    pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}endstream", content.len()),
    ])
}

/// One that draws the same large shape again and again, until no memory is left to draw it in.
pub(crate) fn endless() -> Vec<u8> {
    page(&"0 0 m 590 10 l 10 830 l 580 840 l f*\n".repeat(60_000))
}

/// A PDF of these objects; the first is the catalog.
pub(crate) fn pdf(objects: &[String]) -> Vec<u8> {
    let objects: Vec<&[u8]> = objects.iter().map(String::as_bytes).collect();
    of_bytes(&objects)
}

/// The same of objects that are no text.
pub(crate) fn of_bytes(objects: &[&[u8]]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(file.len());
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(*object);
        file.extend(b"\nendobj\n");
    }
    let xref = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let trailer = format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", objects.len() + 1);
    file.extend(trailer.bytes());
    file
}
