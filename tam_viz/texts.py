"""Texts that people bring: UTF-8 with or without a byte order mark, UTF-16 and UTF-32 with one."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tam_viz.types import UserError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Of these a text needs none; some of them would turn round what is shown beside a name."""


_PART, _LONGEST = 1 << 16, 1 << 20


def read_text(path: Path, limit_bytes: int, what: str) -> str:
    """The text of a file.

    Args:
        path: The file.
        limit_bytes: Largest size that is read.
        what: What the file should be, for the sentence.

    Raises:
        UserError: It is too large, cannot be read, or is no text in an encoding of Unicode.
    """
    try:
        if path.stat().st_size > limit_bytes:
            raise UserError(f"'{path.name}' is too large for {what}.")
    except OSError as error:
        raise _unreadable(path, error) from error
    return "".join(text_parts(path, what))


def text_lines(path: Path, what: str) -> Iterator[str]:
    r"""The lines of a text of any size, each with `\n` at its end, of which few are held.

    Args:
        path: The file.
        what: What the file should be, for the sentence.

    Raises:
        UserError: It cannot be read, is no text in an encoding of Unicode, or has a line that is
            too long for one.
    """
    ends, rest, line = io.IncrementalNewlineDecoder(None, translate=True), "", 1
    for part in text_parts(path, what):
        *whole, rest = (rest + ends.decode(part)).split("\n")
        line += len(whole)
        if len(rest) > _LONGEST:
            raise UserError(
                f"Line {line} of '{path.name}' has more than {_LONGEST:,} letters; expected {what}."
            )
        yield from (f"{text}\n" for text in whole)
    if rest:
        yield f"{rest}\n"


def text_parts(path: Path, what: str) -> Iterator[str]:
    """The text of a file of any size, in parts; else like `text_lines`."""
    line, decoder = 1, None
    try:
        with path.open("rb") as file:
            for data in chain(iter(lambda: file.read(_PART), b""), [b""]):
                encoding = _encoding(data) if decoder is None else encoding
                decoder = decoder or codecs.getincrementaldecoder(encoding)()
                try:
                    text = decoder.decode(data, final=not data)
                except UnicodeDecodeError as error:
                    line += error.object[: error.start].count(b"\n")
                    raise _undecodable(path, line, encoding) from error
                _require_plain(text, path, line, what)
                line += text.count("\n")
                yield text
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"'{path.name}' cannot be read ({error.strerror or error}).")


def _encoding(data: bytes) -> str:
    return next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")


def _undecodable(path: Path, line: int, encoding: str) -> UserError:
    return UserError(
        f"Line {line} of '{path.name}' is not {encoding.removesuffix('-sig').upper()}; save "
        f"the file as UTF-8 (in Excel: 'CSV UTF-8')."
    )


def _require_plain(text: str, path: Path, line: int, what: str) -> None:
    """Refuses control characters in a text that begins on a line of its file."""
    if odd := _CONTROL.search(text):
        raise UserError(
            f"Line {line + text.count(chr(10), 0, odd.start())} of '{path.name}' holds the control "
            f"character U+{ord(odd[0]):04X}; expected {what}, as plain text."
        )
