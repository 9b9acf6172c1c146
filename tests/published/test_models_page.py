"""The page of the models: what is here, what can be fetched, weights of one's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from tam_viz.experiments.importing import import_weights
from tam_viz.models import cards
from tam_viz.models.engine import LoadedModel
from tam_viz.models.published import catalogue
from tam_viz.types import Offer
from tests.published import names

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder where the page puts checkpoints."""
    monkeypatch.setenv("TAM_VIZ_CHECKPOINTS", str(tmp_path / "made"))
    st.cache_data.clear()
    yield tmp_path / "made"
    st.cache_data.clear()


def open_page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    return app.switch_page("pages/9_Models.py").run()


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [button for button in app.button if button.label == label]
    return button.click().run()


def test_what_is_here_is_listed() -> None:
    app = open_page()
    assert not app.exception
    here = app.dataframe[0].value
    assert set(here["id"]) >= {"tanet-motionpairs", "tdn-motionpairs"}
    assert set(here["measured by"]) == {"tam_viz"}
    offered = app.dataframe[1].value
    assert {"id", "top-1 (%)", "protocol", "licence"} <= set(offered.columns)


def test_what_only_a_browser_fetches_is_told_with_its_address() -> None:
    app = open_page()
    app.selectbox(key="offer").set_value("tanet-r50-8f-k400").run()
    assert any("Only a browser can fetch it" in markdown.value for markdown in app.markdown)
    assert any("github.com/liu-zhy" in markdown.value for markdown in app.markdown)
    assert "Fetch and import" not in [button.label for button in app.button]


def test_data_choose_the_weights() -> None:
    app = open_page()
    app.selectbox(key="data").set_value("Something-Something V1").run()
    assert not app.exception
    assert all(name.endswith("sthv1") for name in app.selectbox(key="offer").options)
    assert any("not proven" in markdown.value for markdown in app.markdown)


def test_published_weights_are_fetched_and_imported(offered: Offer, made: Path) -> None:
    app = press(open_page(), "Fetch and import")
    assert not app.exception
    assert app.success[0].value.startswith(f"{offered.id} is installed")
    assert cards.read_card(made / offered.id).metric("published_top1") == 0.6272
    app.run()
    assert offered.id in set(app.dataframe[0].value["id"])
    again = press(app, "Fetch and import")
    assert "already" in again.error[0].value


def test_a_fetch_that_fails_is_a_sentence(
    offered: Offer, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = dataclasses.replace(offered, address=offered.address.replace("tsm.pth", "gone.pth"))
    monkeypatch.setattr(catalogue, "offers", lambda: {gone.id: gone})
    app = press(open_page(), "Fetch and import")
    assert not app.exception
    assert "answers 404" in app.error[0].value
    assert not made.exists()


@pytest.mark.audits
def test_a_file_of_ones_own_is_imported(
    made: Path, tmp_path: Path, tiny_model: Callable[..., LoadedModel]
) -> None:
    state = names.under(names.authors_tanet, tiny_model().net.state_dict())
    torch.save({"state_dict": state}, tmp_path / "w.pth")
    app = open_page()
    app.file_uploader(key="weights").upload("w.pth", (tmp_path / "w.pth").read_bytes())
    rows = "\n".join(f"thing {i:02}" for i in range(16)[::-1])
    app.file_uploader(key="own_labels").upload("labels.csv", rows.encode())
    app.radio(key="own_order").set_value(app.radio(key="own_order").options[1])
    app.text_input(key="name").set_value("my-own")
    press(app, "Import")
    assert not app.exception
    assert app.success[0].value.startswith("my-own is installed")
    card = cards.read_card(made / "my-own")
    assert card.temporal == "tam"
    assert card.classes[0] == "thing 00"
    assert "sorted" in card.origin
    assert "imported from 'w.pth'" in card.origin
    assert any("Reversing the frames moves its logits" in info.value for info in app.info)
    (link,) = [link for link in app.get("page_link") if link.proto.label == "Use my-own"]
    assert "model=my-own" in link.proto.query_string
    assert app.text_input(key="name-1").value == ""  # the form is empty again
    assert "my-own" in app.selectbox(key="audited").options
    app.selectbox(key="audited").set_value("my-own").run()
    assert not app.exception
    assert any("Reversing the frames" in markdown.value for markdown in app.markdown)


@pytest.mark.audits
def test_a_network_that_cannot_tell_order_is_told_loudly(
    made: Path, tmp_path: Path, tiny_model: Callable[..., LoadedModel]
) -> None:
    state = names.under(names.authors_tsm, tiny_model("tsm").net.state_dict())
    stripped = {key.replace(".net.", "."): value for key, value in state.items()}
    torch.save({"state_dict": {f"model.{k}": v for k, v in stripped.items()}}, tmp_path / "w.pth")
    app = open_page()
    app.file_uploader(key="weights").upload("w.pth", (tmp_path / "w.pth").read_bytes())
    app.text_input(key="name").set_value("stripped")
    press(app, "Import")
    assert not app.exception
    assert any("same answer for frames in any order" in w.value for w in app.warning)
    (link,) = [link for link in app.get("page_link") if "stripped" in link.proto.label]
    assert "networks=stripped" in link.proto.query_string
    app.file_uploader(key="weights-1").upload("w.pth", (tmp_path / "w.pth").read_bytes())
    app.text_input(key="name-1").set_value("whole")
    app.selectbox(key="own_shift-1").set_value(app.selectbox(key="own_shift-1").options[2])
    press(app, "Import")
    assert not app.exception
    assert not any("any order" in warning.value for warning in app.warning)
    assert cards.read_card(made / "whole").temporal == "tsm"


def test_what_is_missing_is_told() -> None:
    app = press(open_page(), "Import")
    assert not app.exception
    assert app.error[0].value == "Choose a file of weights. Give the network an id."
    app.text_input(key="name").set_value("mine")
    press(app, "Import")
    assert app.error[0].value == "Choose a file of weights."


@pytest.mark.audits
def test_a_network_is_audited_from_the_page(
    made: Path, tmp_path: Path, tiny_model: Callable[..., LoadedModel]
) -> None:
    torch.save(tiny_model().net.state_dict(), tmp_path / "w.pth")
    import_weights(tmp_path / "w.pth", "mine", made)
    (made / "mine" / cards.AUDIT).unlink()  # as a checkpoint of an older version
    app = open_page()
    table = app.dataframe[0].value.set_index("id")
    assert table.loc["mine", "order of frames"] == "not audited"
    assert table.loc["tsn-motionpairs", "order of frames"] == "not seen"
    app.selectbox(key="audited").set_value("mine").run()
    assert any("has not been audited" in info.value for info in app.info)
    press(app, "Audit this network")
    assert not app.exception
    assert app.dataframe[0].value.set_index("id").loc["mine", "order of frames"] == "seen"
    assert (made / "mine" / cards.AUDIT).is_file()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("fine", b"not weights", "not a file of weights"),
        ("../up", b"x", "cannot be the id"),
        ("", b"x", "Give the network an id"),
    ],
)
def test_a_bad_file_or_name_is_a_sentence(made: Path, name: str, content: bytes, told: str) -> None:
    app = open_page()
    app.file_uploader(key="weights").upload("w.pth", content)
    app.text_input(key="name").set_value(name)
    press(app, "Import")
    assert not app.exception
    assert told in app.error[0].value
    assert not made.exists()
