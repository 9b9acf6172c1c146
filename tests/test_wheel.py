"""What a wheel carries, so that an installed program is whole."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from hatchling.builders.wheel import WheelBuilder

from tam_viz import shipped
from tam_viz.cli import serve
from tam_viz.models import cards
from tam_viz.ui import pages
from tam_viz.ui.tam.lesson import lessons
from tam_viz.video.library import GALLERY

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def carried() -> set[str]:
    """Paths of the files in a wheel."""
    builder = WheelBuilder(str(ROOT))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    hook = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]
    files = builder.recurse_forced_files({str(ROOT / a): b for a, b in hook["files"].items()})
    return {
        str(file.distribution_path).replace(os.sep, "/")
        for file in (*builder.recurse_included_files(), *files)
    }


def test_a_wheel_carries_the_pages_and_the_settings_of_the_server(carried: set[str]) -> None:
    inside = [page.file for page in pages.PAGES] + [".streamlit/config.toml"]
    assert {f"tam_viz/_shipped/{file}" for file in inside} <= carried


def test_a_wheel_carries_every_checkpoint(carried: set[str]) -> None:
    for folder in (*cards.available().values(), *cards.deeper().values()):
        for file in (cards.CARD, "model.safetensors"):
            path = (folder / file).relative_to(shipped.CHECKPOINTS).as_posix()
            assert f"tam_viz/_shipped/checkpoints/{path}" in carried
    assert "tam_viz/_shipped/checkpoints/catalogue.toml" in carried


def test_a_wheel_carries_the_gallery_the_lesson_and_the_controls(carried: set[str]) -> None:
    clips = {f"tam_viz/gallery/{clip.name}" for clip in GALLERY.iterdir()}
    assert len(clips) > 30
    assert clips <= carried
    package = ROOT / "tam_viz"
    texts = {
        f"tam_viz/{path.relative_to(package).as_posix()}"
        for kind in ("*.md", "*.toml", "*.js", "*.css", "*.html", "py.typed")
        for path in package.rglob(kind)
    }
    assert len(texts) > len(lessons())
    assert texts <= carried


def test_a_wheel_carries_no_tests_and_nothing_that_is_generated(carried: set[str]) -> None:
    assert not [path for path in carried if not path.startswith("tam_viz/")]
    assert not [path for path in carried if "__pycache__" in path]


def installed(tmp_path: Path) -> Path:
    """A folder with the package as a wheel lays it out, with two of its files."""
    (tmp_path / "tam_viz" / "_shipped" / "checkpoints").mkdir(parents=True)
    for name in ("__init__.py", "shipped.py"):
        text = (ROOT / "tam_viz" / name).read_text() if name == "shipped.py" else ""
        (tmp_path / "tam_viz" / name).write_text(text)
    return tmp_path


def test_an_installed_program_finds_its_files_and_keeps_new_ones_elsewhere(tmp_path: Path) -> None:
    home = installed(tmp_path)
    code = "from tam_viz import shipped as s; print(s.APP, s.CHECKPOINTS, s.new_checkpoints())"
    environment = os.environ | {"PYTHONPATH": str(home), "XDG_DATA_HOME": str(tmp_path / "data")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    inside = home / "tam_viz" / "_shipped"
    new = tmp_path / "data" / "tam_viz" / "checkpoints"
    assert done.stdout.split() == [str(inside / "app.py"), str(inside / "checkpoints"), str(new)]


def test_in_a_checkout_new_checkpoints_lie_beside_those_of_the_project() -> None:
    assert not shipped.INSTALLED
    assert shipped.ROOT == ROOT
    assert shipped.new_checkpoints() == cards.NEW == cards.OWN == ROOT / "checkpoints"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the server is a process of its own")
def test_the_command_app_starts_streamlit_with_the_options_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    monkeypatch.setattr(subprocess, "call", lambda _: 0)
    with pytest.raises(typer.Exit):
        serve.app(["--server.port=8502"])
    app = str(ROOT / "app.py")
    assert started == [
        [sys.executable, "-m", "streamlit", "run", app, "--server.port=8502"],
    ]
