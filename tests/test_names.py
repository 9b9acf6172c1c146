"""A name stands for one thing."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import tam_viz

PACKAGE = Path(__file__).resolve().parents[1] / "tam_viz"


def test_no_two_classes_have_the_same_name() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")]
    names = Counter(
        node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_every_public_name_is_where_the_package_looks_for_it() -> None:
    for name in tam_viz.__all__:
        assert getattr(tam_viz, name).__name__ == name
