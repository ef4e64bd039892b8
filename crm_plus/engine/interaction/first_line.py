"""The first line of what was said, for a list of entries."""

import re
from html.parser import HTMLParser

LENGTH = 140
BREAKING = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "table",
        "td",
        "tr",
        "ul",
    ]
)
# What is no text, and what is somebody else's: the quoted message below an answer, as the host marks it.
SILENT = frozenset(("head", "script", "style", "title"))
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
QUOTED = ("data-o-mail-quote", "data-o-mail-quote-container", "data-o-mail-quote-node")
BLANK = re.compile(r"[^\S\n]+")


def plain_text(html: str) -> str:
    """The lines of a text in HTML, without what it quotes.

    >>> plain_text("<p>Yes,&nbsp;<b>please</b>.</p><blockquote data-o-mail-quote='1'>Would you?</blockquote><p>Ada</p>")
    'Yes, please.\\nAda'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (BLANK.sub(" ", line).strip() for line in "".join(reader.found).split("\n"))
    return "\n".join(line for line in lines if line)


def first_line(text: str, length: int = LENGTH) -> str:
    """The first line that says something; what is longer ends with “…” after a whole word.

    >>> first_line("\\n  Too   expensive \\nCall again")
    'Too expensive'
    >>> first_line("one two three", 9)
    'one two…'
    """
    line = next((" ".join(line.split()) for line in text.splitlines() if line.strip()), "")
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip() + "…"


class _Reader(HTMLParser):
    """Collects text; ``silent`` are the tags that are open inside something that is not read."""

    def __init__(self):
        super().__init__()
        self.found, self.silent = [], []

    def handle_starttag(self, tag, attrs):
        if self.silent:
            if tag not in VOID:
                self.silent.append(tag)
        elif tag not in VOID and (tag in SILENT or any(name in QUOTED for name, _value in attrs)):
            self.silent.append(tag)
        if tag in BREAKING:
            self.found.append("\n")

    def handle_endtag(self, tag):
        if tag in self.silent:
            while self.silent.pop() != tag:
                pass
        if tag in BREAKING:
            self.found.append("\n")

    def handle_data(self, data):
        if not self.silent:
            self.found.append(data.replace("\n", " "))
