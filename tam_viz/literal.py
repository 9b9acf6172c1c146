"""Names that strangers gave, as each medium shows them letter for letter.

Files, folders, classes, checkpoints and findings are called what somebody called them. Markdown,
Plotly and terminals would take some of it for markup: emphasis, links, faces, formulas, colours.
"""

from __future__ import annotations

import re
import unicodedata

_MARKUP = re.compile(
    r"""
    [\\`*$~]                          # escapes, code, emphasis, formulas, struck out
    | (?<![^\W_])_ | _(?![^\W_])       # emphasis; within a word an underscore is a letter
    | <(?=[a-z/!?])                    # HTML and addresses
    | &(?=\#?\w+;)                     # letters by their names
    | (?<=\])[(\[]                     # links and pictures
    | :[\w+-]+(?:/\w+)?(?=\[)           # colours
    | :[\w+-]+(?:/\w+)?:                # faces and icons
    | ^\s*(?:[#>+-]|\d+(?=[.)]))        # headings, quotations, lists
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What Markdown, as Streamlit and GitHub read it, would not show as it is."""

_JOINED = re.compile(r"(?<!\S)(?=(?:<-|->|--|>=|<=|~=)(?!\S))|(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)")
"""Before what becomes an arrow or a dash where it stands alone, and within addresses."""

_JOINER = "\u2060"
"""Takes no room; keeps what stands beside it from being read together with it."""

_COMMAND = re.compile(r"`((?:tam-viz|python) [\w ./-]+)`")
_LONGEST = 90


def visible(text: str) -> str:
    """A name in which nothing is hidden and nothing turns round what stands beside it.

    Control characters become their pictures (␊), marks of direction and others that cannot be
    seen their numbers (⟨U+202E⟩), halves of pairs and bytes that are no text the sign for them.
    """
    return "".join(map(_visible, text)) if not text.isprintable() else text


def _visible(letter: str) -> str:
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    kind = unicodedata.category(letter)
    if kind == "Cs":
        return "\ufffd"
    joins = letter in "\u200c\u200d"  # parts of letters and faces in several scripts
    return f"⟨U+{code:04X}⟩" if kind in ("Cc", "Cf", "Zl", "Zp") and not joins else letter


def in_terminal(text: str) -> str:
    """A text for a terminal: lines and tabs stay, nothing in it steers the terminal."""
    return re.sub(r"[^\n\t]+", lambda found: visible(found[0]), text)


def in_markdown(text: str) -> str:
    """A text that Markdown shows as it is; one that it would show so anyway is not changed."""
    edges = re.sub(r"^ | $", "\u00a0", _escaped(text))
    return re.sub(r"^(?=\s)|(?<=\s)$", _JOINER, edges)


def _escaped(text: str) -> str:
    shown = _MARKUP.sub(_escape, _JOINED.sub(_JOINER, visible(text)))
    return re.sub(r"(?<= ) ", "\u00a0", shown)


def _escape(match: re.Match[str]) -> str:
    """A backslash before the sign; behind a number at the beginning, which takes none."""
    sign = match[0]
    if sign[-1].isdigit():
        return f"{sign}{_JOINER}"
    if sign[0] == ":":
        icon = sign.startswith((":material/", ":streamlit:"))
        return (f":{_JOINER}{sign[1:]}" if icon else sign).replace(":", r"\:")
    return f"{sign[:-1]}\\{sign[-1]}"


def sentence(text: str) -> str:
    """Like `in_markdown`, for a sentence of the program's own that holds names.

    Commands to type (`tam-viz evaluate all`) stay marked as such.
    """
    parts = _COMMAND.split(text)
    return "".join(f"`{part}`" if i % 2 else _escaped(part) for i, part in enumerate(parts))


def in_plot(text: str, longest: int = _LONGEST) -> str:
    """A text that Plotly shows as it is; a long one without its middle.

    Args:
        text: Any text.
        longest: Letters that there is room for.
    """
    shown = shortened(visible(text), longest)
    return re.sub(r"[&<>$%{}]", lambda found: f"&#{ord(found[0])};", shown)


def shortened(text: str, longest: int = _LONGEST) -> str:
    """A text of at most so many letters; of a longer one the middle is left out."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[: longest - 1 - half]}…{text[-half:]}"
