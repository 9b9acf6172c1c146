"""The tables of the documents that come from the files of results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmarks.sides import RESULTS, markdown

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "engine": "docs/speed.md",
    "run_many": "docs/speed.md",
    "sweep": "docs/speed.md",
    "views": "docs/speed.md",
    "references": "docs/speed.md",
    "memory": "docs/speed.md",
    "analyze": "docs/speed.md",
    "first_page": "docs/speed.md",
    "pages": "docs/speed.md",
    "pages_real": "docs/speed.md",
    "aggregation": "docs/speed.md",
    "reading": "docs/reading.md",
    "scan_rate": "docs/scale.md",
    "scan_questions": "docs/scale.md",
}
"""Benchmarks, and the page on which each one's tables stand between marks of its name."""


PROGRAMS = {
    "scan_rate": ("benchmarks.scan", "scanning"),
    "scan_questions": ("benchmarks.scan", "opening"),
}
"""Programs, with their arguments, of benchmarks that are not a program of their own name."""


def program(name: str) -> tuple[str, ...]:
    """The module of a benchmark, and its arguments."""
    return PROGRAMS.get(name, (f"benchmarks.{name}",))


def measured() -> list[str]:
    """Benchmarks that have a file of results."""
    return [name for name in PAGES if (RESULTS / f"{name}.json").is_file()]


def tables(name: str) -> str:
    """The text between the marks: the tables of a benchmark and its machine."""
    result: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    parts = [markdown(table["columns"], table["rows"]) for table in result["tables"]]
    on = result["machine"]
    parts.append(
        f"{on['cores']} cores of {on['processor']}, "
        f"{on['threads']} {'thread' if on['threads'] == 1 else 'threads'}"
        f"{'' if on['gpu'] is None else ', ' + on['gpu']}; torch {on['torch']}; "
        f"load of the machine {on['load']}; {on['date']}."
    )
    return "\n\n".join(parts)


def between(name: str) -> str:
    """The present text between the marks; empty if the page has none."""
    text = (ROOT / PAGES[name]).read_text(encoding="utf-8")
    result = re.search(_pattern(name), text, re.DOTALL)
    return result[2].strip("\n") if result else ""


def write(name: str) -> None:
    """Puts the tables of a benchmark between its marks."""
    path = ROOT / PAGES[name]
    text = path.read_text(encoding="utf-8")
    new = re.sub(_pattern(name), lambda m: f"{m[1]}{tables(name)}\n{m[3]}", text, flags=re.DOTALL)
    path.write_text(new, encoding="utf-8")


def _pattern(name: str) -> str:
    return rf"(<!-- {name}: .*? -->\n)(.*?)(<!-- end of {name} -->)"
