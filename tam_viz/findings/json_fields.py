"""JSON from strangers: every field is asked for with what it must be."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

T = TypeVar("T")


class MalformedError(ValueError):
    """A field is not what it must be; the message names it."""


@dataclass(frozen=True)
class Fields:
    """A JSON object.

    Attributes:
        data: Its fields.
        where: What to call it in a message.
    """

    data: Mapping[str, object]
    where: str

    def text(self, name: str, longest: int = 200) -> str:
        """Text that is safe to show: one line, without links, pictures or tags.

        Raises:
            MalformedError: It is no text, or a longer one.
        """
        return self._text(self.data.get(name), name, longest)

    def exact(self, name: str, longest: int) -> str:
        """Text as it was written, lines and all: never to be shown as markup.

        Raises:
            MalformedError: It is no text, a longer one, or cannot be written as UTF-8.
        """
        value = self.data.get(name)
        if not isinstance(value, str) or len(value) > longest:
            return self._wrong(name, f"a text of up to {longest} characters")
        try:
            value.encode()
        except UnicodeEncodeError:
            return self._wrong(name, "a text that can be written as UTF-8")
        return value

    def mixed(self, name: str, most: int, longest: int) -> list[float | str | None]:
        """A list of up to `most` numbers, texts and gaps; texts as of `text`.

        Raises:
            MalformedError: It is none.
        """
        return [
            value
            if value is None
            else self._text(value, name, longest)
            if isinstance(value, str)
            else self._number(value, name)
            for value in self._list(name, most)
        ]

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`.

        Raises:
            MalformedError: It is none.
        """
        return self._whole(self.data.get(name), name, low, high)

    def number(self, name: str) -> float:
        """A finite number.

        Raises:
            MalformedError: It is none.
        """
        return self._number(self.data.get(name), name)

    def flag(self, name: str) -> bool:
        """True or false.

        Raises:
            MalformedError: It is neither.
        """
        value = self.data.get(name)
        return value if isinstance(value, bool) else self._wrong(name, "true or false")

    def choice(self, name: str, choices: Sequence[T]) -> T:
        """One of `choices`.

        Raises:
            MalformedError: It is none of them.
        """
        value = self.data.get(name)
        for known in choices:
            if type(value) is type(known) and value == known:
                return known
        return self._wrong(name, f"one of {', '.join(map(str, choices))}")

    def texts(self, name: str, most: int, longest: int = 200) -> tuple[str, ...]:
        """A list of up to `most` texts.

        Raises:
            MalformedError: It is none.
        """
        return tuple(self._text(item, name, longest) for item in self._list(name, most))

    def wholes(self, name: str, count: int, low: int, high: int) -> tuple[int, ...]:
        """A list of `count` whole numbers.

        Raises:
            MalformedError: It is none.
        """
        items = self._list(name, count)
        if len(items) != count:
            self._wrong(name, f"{count} numbers")
        return tuple(self._whole(item, name, low, high) for item in items)

    def numbers(self, name: str, count: int) -> tuple[float, ...]:
        """A list of `count` finite numbers.

        Raises:
            MalformedError: It is none.
        """
        items = self._list(name, count)
        if len(items) != count:
            self._wrong(name, f"{count} numbers")
        return tuple(self._number(item, name) for item in items)

    def record(self, name: str) -> Fields:
        """An object.

        Raises:
            MalformedError: It is none.
        """
        return self._object(self.data.get(name), name)

    def records(self, name: str, most: int) -> list[Fields]:
        """A list of up to `most` objects.

        Raises:
            MalformedError: It is none.
        """
        return [self._object(item, f"{name} {i}") for i, item in enumerate(self._list(name, most))]

    def maybe(self, name: str, read: Callable[[str], T]) -> T | None:
        """What `read` makes of a field, or None where there is nothing."""
        return None if self.data.get(name) is None else read(name)

    def _object(self, value: object, name: str) -> Fields:
        if isinstance(value, dict):
            return Fields(value, f"{self.where}, {name}")
        return self._wrong(name, "an object")

    def _list(self, name: str, most: int) -> list[object]:
        value = self.data.get(name)
        if isinstance(value, list) and len(value) <= most:
            return value
        return self._wrong(name, f"a list of up to {most}")

    def _text(self, value: object, name: str, longest: int) -> str:
        if isinstance(value, str) and len(value) <= longest:
            line = "".join(c if c.isprintable() else " " for c in value)
            return line.replace("](", "] (").replace("<", "‹")
        return self._wrong(name, f"a text of up to {longest} characters")

    def _whole(self, value: object, name: str, low: int, high: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        return self._wrong(name, f"a whole number from {low} to {high}")

    def _number(self, value: object, name: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = float(value) if abs(value) < 1e300 else math.inf
            if math.isfinite(number):
                return number
        return self._wrong(name, "a finite number")

    def _wrong(self, name: str, expected: str) -> NoReturn:
        raise MalformedError(f"{name} of {self.where} must be {expected}")


def parse(text: bytes, where: str) -> Fields:
    """A JSON object.

    Args:
        text: UTF-8.
        where: What to call it in a message.

    Raises:
        MalformedError: It is not valid JSON, nests too deeply, or is no object.
    """
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"{where} is not JSON ({type(error).__name__})") from error
    if not isinstance(data, dict):
        raise MalformedError(f"{where} is no JSON object")
    return Fields(data, where)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
