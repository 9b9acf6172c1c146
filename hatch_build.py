"""What lies beside the package in a checkout goes inside it in a wheel (tam_viz/shipped.py)."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedFiles(BuildHookInterface[Any]):
    """Adds the files that pyproject.toml names; an editable install reads them where they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is built; `version` is `standard` or `editable`."""
        if version == "standard":
            build_data["force_include"].update(self.config["files"])
