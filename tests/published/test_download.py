"""`tam-viz download` from a catalogue of one file on a server of our own."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tam_viz.cli.app import app
from tam_viz.models.engine import load
from tam_viz.models.published import catalogue
from tam_viz.types import Offer, UserError


def test_weights_are_fetched_checked_and_imported(offered: Offer, tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("\n".join(f"something {i}" for i in range(16)))
    arguments = ["download", offered.id, "--into", str(tmp_path / "made"), "--labels", str(labels)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    card = load(tmp_path / "made" / offered.id, "cpu").card
    assert card.temporal == "tsm"
    assert card.input.frames == 4
    assert card.licence == "Apache-2.0"
    assert card.metric("published_top1") == 0.6272
    assert "as stated by mmaction2" in card.metrics[0].protocol
    assert card.classes[3] == "something 3"
    assert not list((tmp_path / "cache" / "downloads").iterdir())


def test_a_wrong_hash_leaves_nothing(
    offered: Offer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = dataclasses.replace(offered, sha256="00000000")
    monkeypatch.setattr(catalogue, "offers", lambda: {wrong.id: wrong})
    done = CliRunner().invoke(app, ["download", wrong.id, "--into", str(tmp_path / "made")])
    assert isinstance(done.exception, UserError)
    assert "not the file that was published" in str(done.exception)
    assert not list((tmp_path / "made").iterdir())
    assert not list((tmp_path / "cache" / "downloads").iterdir())


def test_what_cannot_be_imported_is_kept_to_try_again(offered: Offer, tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("only one\n")
    arguments = ["download", offered.id, "--into", str(tmp_path / "made"), "--labels", str(labels)]
    done = CliRunner().invoke(app, arguments)
    assert "names 1 classes and the network has 16" in str(done.exception)
    assert [p.name for p in (tmp_path / "cache" / "downloads").iterdir()] == ["tsm.pth"]
    assert not list((tmp_path / "made").iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "weights = 3",
        "[[weights]]\nid = 1",
        "[[weights]]\nid = 'x'\nnetwork = 'a'\ndata = 'a'\npublisher = 'a'\nlicence = 'a'\n"
        "frames = 8\nsampling = 'odd'\nprotocol = 'a'\ntop1 = 76",
    ],
)
def test_a_damaged_catalogue_gets_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="is not a catalogue of weights"):
        catalogue.offers(path)
