"""What is wrong with a published page, one fault a line: tags, headings, tables, links, colours, anything from elsewhere."""

import html.parser
import os
import re
import sys

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.faults, self.heading, self.ids, self.links = [], [], 0, set(), []
        self.counts = {}

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag in ("script", "img", "link", "iframe", "object", "form", "svg"):
            self.faults.append(f"a {tag} has no business here")
        if any(name.startswith("on") or name in ("style", "src") for name in attributes):
            self.faults.append(f"{tag} has {sorted(attributes)}")
        if tag == "html" and attributes.get("lang") != "en":
            self.faults.append("no language is named")
        if tag == "th" and attributes.get("scope") not in ("col", "row"):
            self.faults.append("a th without scope")
        if re.fullmatch("h[1-6]", tag):
            level = int(tag[1])
            if level > self.heading + 1:
                self.faults.append(f"{tag} after h{self.heading}")
            self.heading = level
        if "id" in attributes:
            if attributes["id"] in self.ids:
                self.faults.append(f"two of id {attributes['id']}")
            self.ids.add(attributes["id"])
        for name in ("href", "aria-labelledby"):
            if name in attributes:
                self.links.append(attributes[name] if name == "href" else "#" + attributes[name])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"line {self.getpos()[0]}: {(self.open or ['nothing'])[-1]} is not closed, and {tag} is")
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(style):
    """Each block of colours, light and dark, by name."""
    for block in re.findall(r":root\s*{([^}]*)}", style):
        found = dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{3,6})", block))
        yield {name: c if len(c) == 7 else "#" + "".join(2 * d for d in c[1:]) for name, c in found.items()}


def main(path):
    text = open(path, encoding="utf-8").read()
    page = Page()
    page.feed(text)
    page.close()
    faults = page.faults + [f"{tag} is not closed" for tag in page.open]
    for tag, count in {"h1": 1, "main": 1, "header": 1, "footer": 1, "nav": 1, "title": 1}.items():
        if page.counts.get(tag) != count:
            faults.append(f"{page.counts.get(tag, 0)} of {tag}")
    if page.counts.get("table", 0) != page.counts.get("caption", 0):
        faults.append("a table without caption")
    for link in page.links:
        if link.startswith("#"):
            if link[1:] not in page.ids:
                faults.append(f"{link} leads nowhere")
        elif re.match(r"[a-z]+:|/", link):
            faults.append(f"{link} leads elsewhere")
        elif not os.path.isfile(os.path.join(os.path.dirname(path), link)):
            faults.append(f"{link} leads nowhere")
    style = text.split("<style>")[1].split("</style>")[0]
    if re.search(r"url\(|@import|@font-face", style):
        faults.append("the style sheet loads something")
    blocks = list(colours(style))
    if len(blocks) != 3:
        faults.append("not light, dark and print")
    for block in blocks:
        for front, back in [("ink", "paper"), ("quiet", "paper"), ("link", "paper"), ("ink", "box"), ("mark-ink", "mark-paper")]:
            if contrast(block[front], block[back]) < 4.5:
                faults.append(f"contrast of {front} on {back}")
    print("\n".join(faults), end="\n" if faults else "")


main(sys.argv[1])
