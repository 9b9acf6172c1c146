"""Options keep their names in the address, however they are called on the page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st  # noqa: PLC0415  # the page is run from its text

    from tam_viz.ui.state.choices import pick  # noqa: PLC0415

    options = {"first": "The first one", "second": "Another, better label"}
    st.text(pick(st.selectbox, "Which", options, "which"))


@pytest.mark.parametrize(
    ("asked", "chosen"), [(None, "first"), ("second", "second"), ("Another, better label", "first")]
)
def test_the_address_holds_the_name_and_not_the_label(asked: str | None, chosen: str) -> None:
    app = AppTest.from_function(page)
    if asked is not None:
        app.query_params["which"] = asked
    app.run()
    assert not app.exception
    assert app.text[0].value == chosen
    box = app.selectbox(key="which")
    assert list(box.options) == ["The first one", "Another, better label"]
    assert dict(app.query_params) == ({} if chosen == "first" else {"which": "second"})
    box.set_value("second").run()
    assert app.text[0].value == "second"
    assert app.query_params["which"] == "second"
    app.selectbox(key="which").set_value("first").run()
    assert "which" not in app.query_params
