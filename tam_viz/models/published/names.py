"""Other names for the same tensors: those of the published code, and ours.

The code bases wrap the same ResNet in different ways. What is left after the wrappers are taken
off has torchvision's names, with `temporal` for TAM and `attention` for a non-local block.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from tam_viz.types import UserError

_RENAMES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^module\.", ""),
        (r"^(base_model|backbone)\.", ""),
        (r"^(new_fc|cls_head\.fc_cls)\.", "fc."),
        (r"^(layer\d\.\d+)\.(net|block)\.", r"\1."),
        (r"^(layer\d\.\d+)\.(tam|self_conv)\.", r"\1.temporal."),
        (r"\.temporal\.conv_f\.", ".temporal.G."),
        (r"\.temporal\.conv_g\.", ".temporal.L."),
        (r"^(layer\d\.\d+)\.(nl|non_local_block)\.", r"\1.attention."),
        (r"\.attention\.(g|phi|theta)(\.0)?(\.conv)?\.", r".attention.\1."),
        (r"\.attention\.(W\.0|conv_out\.conv)\.", ".attention.out."),
        (r"\.attention\.(W\.1|conv_out\.bn)\.", ".attention.norm."),
        (r"(^|\.)conv(\d)\.bn\.", r"\1bn\2."),
        (r"(^|\.)conv(\d)(\.conv)?(\.net)?\.", r"\1conv\2."),
        (r"\.downsample\.conv\.", ".downsample.0."),
        (r"\.downsample\.bn\.", ".downsample.1."),
    )
)
_SHIFTED = re.compile(r"layer(\d)\.(\d+)\.(block\.)?conv1(\.conv)?\.net\.weight$")
_ATTENDED = re.compile(r"^(layer\d\.\d+)\.attention\.")


@dataclass(frozen=True)
class Renamed:
    """A state dict under our names.

    Attributes:
        tensors: By our names.
        shifted: Stage, from 1, and number of the bottlenecks whose `conv1` is wrapped in TSM's
            shift. A shift has no weights, so only the names tell of it.
        source: `mmaction2`, `authors` or `plain`: whose names they were.
    """

    tensors: dict[str, Tensor]
    shifted: frozenset[tuple[int, int]]
    source: str


def rename(key: str) -> str:
    """Our name of a tensor of the published code; names of ours stay as they are."""
    for pattern, replacement in _RENAMES:
        key = pattern.sub(replacement, key)
    return key


def renamed(state: Mapping[str, Tensor]) -> Renamed:
    """A whole state dict under our names.

    Raises:
        UserError: Two of its names would be one.
    """
    tensors: dict[str, Tensor] = {}
    for key, tensor in state.items():
        name = rename(key)
        if name in tensors:
            raise UserError(f"Two tensors of the file are both {name}; one of them is {key}.")
        tensors[name] = tensor
    attended = {match[1] for match in map(_ATTENDED.match, tensors) if match}
    found = [match for match in map(_SHIFTED.search, state) if match]
    return Renamed(
        tensors={_within(name, attended): tensor for name, tensor in tensors.items()},
        shifted=frozenset((int(match[1]), int(match[2])) for match in found),
        source=_source(state),
    )


def _within(name: str, attended: set[str]) -> str:
    """A bottleneck that has a non-local block behind it is one level deeper."""
    parts = name.split(".")
    if ".".join(parts[:2]) in attended and parts[2] != "attention":
        parts.insert(2, "block")
    return ".".join(parts)


def _source(state: Mapping[str, Tensor]) -> str:
    if any(key.startswith(("backbone.", "cls_head.")) for key in state):
        return "mmaction2"
    bare = (key.removeprefix("module.") for key in state)
    return "authors" if any(key.startswith(("base_model.", "new_fc.")) for key in bare) else "plain"
