"""References join a page once its own figures are drawn, so that they never stand in the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tam_viz.ui.state.messages import draw_anew

T = TypeVar("T")


class Later:
    """Results that a page is drawn without until they are computed."""

    def __init__(self) -> None:
        self._missing: list[Callable[[], object]] = []

    def get(self, compute: Callable[[], T], *, is_kept: bool) -> T | None:
        """A result that is there already; None for one that `join` computes.

        Args:
            compute: Gives it, with a bar where it takes long.
            is_kept: Whether it was computed before; so it must be after `compute`.
        """
        if is_kept:
            return compute()
        self._missing.append(compute)
        return None

    def join(self) -> None:
        """Computes what was not there and draws the page again; its last call.

        Raises:
            UserError: A reference cannot be computed.
        """
        if not self._missing:
            return
        for compute in self._missing:
            compute()
        draw_anew()
