"""What stands above a picture is short; the rest is behind "How to read this"."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PANELS = Path(__file__).parents[2] / "tam_viz" / "panels"
MOST = 45


def longest(node: ast.expr, names: Mapping[str, ast.expr]) -> str:
    """The longest text that an expression can come to; what is filled in counts as a word."""
    match node:
        case ast.Constant(value=value):
            text = str(value)
        case ast.JoinedStr(values=parts):
            text = "".join(longest(part, names) for part in parts)
        case ast.FormattedValue(value=value):
            text = longest(value, names)
        case ast.IfExp(body=body, orelse=orelse):
            ways = (longest(body, names), longest(orelse, names))
            text = max(ways, key=lambda way: len(way.split()))
        case ast.BinOp(left=left, right=right):
            text = longest(left, names) + longest(right, names)
        case ast.Name(id=name) if name in names:
            text = longest(names[name], names)
        case _:
            text = "word"
    return text


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Every text above a picture, with its line."""
    tree = ast.parse(source)
    names = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for given in node.keywords:
                if given.arg == "see":
                    yield node.lineno, longest(given.value, names)


@pytest.mark.parametrize("path", sorted(PANELS.rglob("*.py")), ids=lambda path: path.stem)
def test_what_stands_above_a_picture_is_short(path: Path) -> None:
    found = {f"line {line}": len(text.split()) for line, text in texts(path.read_text("utf-8"))}
    assert {line: count for line, count in found.items() if count > MOST} == {}


def test_texts_are_found_and_counted() -> None:
    source = 'x = "one two"\nf(see=f"{x} {y}" + ("a b c" if z else "d") + " e")'
    assert [len(text.split()) for _, text in texts(source)] == [6]
    assert sum(len([*texts(path.read_text("utf-8"))]) for path in PANELS.rglob("*.py")) > 40
