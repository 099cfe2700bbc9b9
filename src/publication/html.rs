//! HTML, written so that nothing from outside becomes markup.

use crate::model::shown::Shown;

/// Text for an element's inside or an attribute in double quotes: made plain first, then escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in Shown::new(text).as_str().chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A link to a file of the folder. Names that a bundle may hold, and those that keyrite makes, need no encoding.
pub(super) fn link(path: &str) -> String {
    format!("<a href=\"{0}\">{0}</a>", escaped(path))
}

/// Commands for a shell. Each is an element, so that one that is broken for a narrow screen is still seen to be one.
pub(super) fn commands(commands: &[String]) -> String {
    let each = commands.iter().map(|command| format!("<code>{}\n</code>", escaped(command)));
    format!("<pre>{}</pre>\n", each.collect::<String>())
}

/// Lines as they are, on a place of their own.
pub(super) fn lines(lines: &[String]) -> String {
    format!("<pre>{}</pre>\n", lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\n"))
}

/// A table with a caption, column heads and, in each row, its own head first. Cells are HTML already. The roles say what the style
/// sheet takes away from readers of the screen where it turns rows into blocks.
pub(super) fn table(caption: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = format!("<table role=\"table\">\n<caption>{}</caption>\n<thead><tr role=\"row\">", escaped(caption));
    for head in heads {
        out.push_str(&format!("<th scope=\"col\" role=\"columnheader\">{}</th>", escaped(head)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr role=\"row\">");
        for (at, (cell, head)) in row.iter().zip(heads).enumerate() {
            let (tag, scope) =
                if at == 0 { ("th", " scope=\"row\" role=\"rowheader\"") } else { ("td", " role=\"cell\"") };
            out.push_str(&format!("<{tag}{scope} data-head=\"{}\">{cell}</{tag}>", escaped(head)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert_eq!(
            escaped("<script>\"&'</script>\u{202e}\u{1b}"),
            "&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;\\u{202e}\\u{1b}"
        );
    }
}
