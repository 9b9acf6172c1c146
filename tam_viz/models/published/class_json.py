"""Class names in JSON: an object of names and numbers, or a list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tam_viz.models.published.class_lines import Numbered, NumberedName, unquoted

_INSIDE = ("id2label", "label2id", "classes", "class_names", "names", "labels", "categories")
_NUMBERS = ("id", "index", "idx", "number", "class_id", "label_id", "class_index")
_NAMES = ("name", "label", "class_name", "class", "display_name", "title")


def read_json(text: str) -> list[str] | Numbered:
    """The names of a JSON text, with their numbers where it has any.

    An object maps names to numbers or numbers to names, or holds such an object or a list under
    a name such as `id2label`, as `config.json` of transformers does.

    Raises:
        ValueError: It is no JSON, or none of these forms.
    """
    try:
        data = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.strip().endswith(("}", "]")) for line in lines):
            raise
        data = [json.loads(line, object_pairs_hook=_once) for line in lines]  # an object a line
    return _names(data)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, no key of which may be there twice."""
    keys = [key for key, _ in pairs]
    twice = (
        next((key for key in keys if keys.count(key) > 1), None)
        if len(set(keys)) < len(keys)
        else None
    )
    if twice is not None:
        raise ValueError(f"it names '{twice}' twice")
    return dict(pairs)


def _names(data: object) -> list[str] | Numbered:
    if isinstance(data, list):
        return _listed(data)
    if not isinstance(data, dict):
        raise ValueError("it is neither an object nor a list")  # noqa: TRY004  # of the file
    inside = next((key for key in _INSIDE if isinstance(data.get(key), (dict, list))), None)
    return _names(data[inside]) if inside is not None else _mapped(data)


def _mapped(data: Mapping[str, Any]) -> Numbered:
    """Names to numbers, or numbers to names; numbers may be strings."""
    by_name = all(_number(value) is not None for value in data.values())
    by_number = all(_number(key) is not None for key in data)
    if by_name and by_number:
        raise ValueError("its names and its numbers are both whole numbers")
    if by_name:
        return [NumberedName(_sure(value), _name(key), f"'{key}'") for key, value in data.items()]
    if by_number:
        return [
            NumberedName(_sure(key), _name(value), f"number {key}") for key, value in data.items()
        ]
    odd = next(f"'{k}': {json.dumps(v)[:60]}" for k, v in data.items() if _number(v) is None)
    raise ValueError(f"it holds {odd}, which is not a name with a whole number")


def _listed(data: Sequence[Any]) -> list[str] | Numbered:
    if all(isinstance(entry, str) for entry in data):
        return [_name(entry) for entry in data]
    names: Numbered = []
    for item, entry in enumerate(data):
        if isinstance(entry, dict):
            number = next((_number(entry[key]) for key in _NUMBERS if key in entry), None)
            name = next((entry[key] for key in _NAMES if isinstance(entry.get(key), str)), None)
        elif isinstance(entry, list) and len(entry) == 2:
            number, name = _number(entry[0]), entry[1]
            if number is None:
                number, name = _number(entry[1]), entry[0]
        else:
            number = name = None
        if number is None or name is None:
            raise ValueError(
                f"item {item} of its list, {json.dumps(entry)[:60]}, is not a name with its number"
            )
        names.append(NumberedName(number, _name(name), f"item {item}"))
    return names


def _number(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else None


def _sure(value: object) -> int:
    number = _number(value)
    if number is None:
        raise ValueError(f"{value!r} is no whole number")
    return number


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{json.dumps(value)[:60]} stands where a name should")
    return unquoted(value.strip())
