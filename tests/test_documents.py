"""What the README and its neighbours promise of themselves."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import documents
from tam_viz.analysis.bench.results import Bench, read
from tam_viz.experiments.bench.results_tables import budget_table, main_table, seed_table
from tam_viz.models import cards
from tam_viz.models.published import families
from tam_viz.types import OPERATIONS
from tam_viz.video.decode import Limits
from tam_viz.video.pool import FILES

ROOT = Path(__file__).resolve().parents[1]


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == [], page


def test_the_readme_names_every_operation_of_an_edit() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {name for operations in OPERATIONS.values() for name in operations}
    assert [name for name in sorted(names) if f"`{name}`" not in readme] == []


def test_hooks_before_a_commit_run_what_ci_runs() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    commands = [line.split() for line in (ROOT / ".ci" / "run").read_text().splitlines()[-4:]]
    assert [command[0] for command in commands] == ["ruff", "ruff", "mypy", "lint-imports"]
    for command in commands:
        entry = " ".join(word for word in command if word != ".")
        assert f"entry: {entry}" in hooks


def test_one_version_is_named_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    released = re.search(r"^## \[(\d\S*)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released is not None
    cited = (ROOT / "CITATION.cff").read_text()
    assert released[1] == project["version"]
    assert f"\nversion: {released[1]}\n" in cited
    assert f"\ndate-released: {released[2]}\n" in cited


def test_the_readme_and_its_page_list_every_family_of_published_weights() -> None:
    called = [name for _, names in families.ROWS for name in names]
    assert len(called) >= 6
    for page in ("README.md", "docs/published.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert [name for name in called if name not in text] == [], page
    assert families.names() == "TANet, TSM, TSN, I3D, SlowOnly and torchvision's video networks"


@pytest.mark.parametrize("name", documents.measured())
def test_the_tables_of_a_document_are_those_that_were_measured(name: str) -> None:
    assert documents.between(name) == documents.tables(name), "run python docs/make.py tables"


@pytest.mark.parametrize("table", [main_table, seed_table, budget_table])
def test_the_page_on_the_bench_has_the_measured_tables(table: Callable[[Bench], str]) -> None:
    measured = table(read(cards.OWN / cards.RESULTS))
    assert measured in (ROOT / "docs" / "bench.md").read_text(encoding="utf-8")


def test_the_page_on_reading_knows_how_long_a_decoding_process_lives() -> None:
    text = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")
    limits = Limits()
    assert f"after {FILES} files" in text
    assert f"limited to {limits.seconds:.0f} s and {limits.memory_bytes >> 30} GiB" in text


def test_every_table_has_a_place_in_its_document() -> None:
    for name, page in documents.PAGES.items():
        text = (ROOT / page).read_text(encoding="utf-8")
        assert f"<!-- {name}: " in text
        assert f"<!-- end of {name} -->" in text
        module = documents.program(name)[0].replace(".", "/")
        assert (ROOT / f"{module}.py").is_file()
