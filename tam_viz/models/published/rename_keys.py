"""Other names for the same tensors: those of the published code, and ours.

The code bases wrap the bottlenecks of the same ResNet in different ways. What is left after the
wrappers are taken off has torchvision's names, with `temporal` for TAM and `attention` for a
non-local block. Some wrappers have no weights and compute all the same; they are reported, not
only taken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor

from tam_viz.models.states import State, shown
from tam_viz.types import UserError

Block = tuple[int, int]
"""Stage, from 1, and number of a bottleneck in it, from 0."""

_RENAMES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^(layer[1-4]\.\d{1,4})\.(tam|self_conv)\.", r"\1.temporal."),
        (r"\.temporal\.conv_f\.", ".temporal.G."),
        (r"\.temporal\.conv_g\.", ".temporal.L."),
        (r"^(layer[1-4]\.\d{1,4})\.(nl|non_local_block)\.", r"\1.attention."),
        (r"\.attention\.(g|phi|theta)(\.0)?(\.conv)?\.", r".attention.\1."),
        (r"\.attention\.(W\.0|conv_out\.conv)\.", ".attention.out."),
        (r"\.attention\.(W\.1|conv_out\.bn)\.", ".attention.norm."),
        (r"^((?:layer[1-4]\.\d{1,4}\.)?)conv([123])\.bn\.", r"\1bn\2."),
        (r"^((?:layer[1-4]\.\d{1,4}\.)?)conv([123])\.conv\.", r"\1conv\2."),
        (r"\.downsample\.conv\.", ".downsample.0."),
        (r"\.downsample\.bn\.", ".downsample.1."),
    )
)
_WRAPPED = re.compile(r"^(layer([1-4])\.(\d{1,4}))\.(net|block)\.")
_SHIFTED = re.compile(r"^layer([1-4])\.(\d{1,4})\.conv1\.net\.weight$")
_PART = re.compile(r"^layer([1-4])\.(\d{1,4})\.(\w+)\.")
_TOPS = re.compile(r"^(conv1|bn1|layer[1-4])\.")


@dataclass(frozen=True)
class Renamed:
    """The body of a ResNet under our names.

    Attributes:
        tensors: By our names.
        original: The names that the body had, by ours.
        wrapped: The bottlenecks that have a wrapper of their own, by what it is called: `net` or
            `block`.
        shifted: The bottlenecks whose `conv1` is wrapped in TSM's shift. A shift has no weights,
            so only the names tell of it.
        parts: The bottlenecks that have a `temporal` or an `attention`, by that name.
        modules: Whether convolutions and norms are joined as mmaction2's are.
    """

    tensors: dict[str, Tensor]
    original: dict[str, str]
    wrapped: dict[str, frozenset[Block]]
    shifted: frozenset[Block]
    parts: dict[str, frozenset[Block]]
    modules: bool

    @property
    def blocks(self) -> frozenset[Block]:
        """All bottlenecks."""
        return _blocks(_PART.match(name) for name in self.tensors)


def rename(key: str) -> str:
    """Our name of a tensor of the published code; names of ours stay as they are."""
    key = _WRAPPED.sub(r"\1.", key)
    for pattern, replacement in _RENAMES:
        key = pattern.sub(replacement, key)
    return "".join(key.split(".net")) if _SHIFTED.match(key) else key


def renamed(body: State) -> Renamed:
    """The body of a ResNet under our names; what is no part of one is left aside.

    Raises:
        UserError: Two of its names would be one.
    """
    own = [key for key in body if _TOPS.match(key)]
    original: dict[str, str] = {}
    for key in own:
        name = rename(key)
        if name in original:
            raise UserError(
                f"Two tensors of the file are both {shown(name)}; one of them is {shown(key)}."
            )
        original[name] = key
    plain = [_plain(key) for key in own]
    parts = {
        part: _blocks(m for m in map(_PART.match, original) if m and m[3] == part)
        for part in ("temporal", "attention")
    }
    names = {name: _within(name, parts["attention"]) for name in original}
    return Renamed(
        tensors={names[name]: body[key] for name, key in original.items()},
        original={names[name]: key for name, key in original.items()},
        wrapped={
            wrapper: _blocks(_grouped(key, wrapper) for key in own) for wrapper in ("net", "block")
        },
        shifted=_blocks(map(_SHIFTED.match, plain)),
        parts=parts,
        modules="conv1.conv.weight" in body,
    )


def _plain(key: str) -> str:
    """A name of which only the wrapper of a shift is left."""
    key = _WRAPPED.sub(r"\1.", key)
    for pattern, replacement in _RENAMES:
        key = pattern.sub(replacement, key)
    return key


def _grouped(key: str, wrapper: str) -> re.Match[str] | None:
    match = _WRAPPED.match(key)
    return _PART.match(f"{match[1]}.x.") if match and match[4] == wrapper else None


def _blocks(matches: Iterable[re.Match[str] | None]) -> frozenset[Block]:
    blocks: set[Block] = set()
    for match in matches:
        if match:
            stage, number = match.groups()[:2]
            blocks.add((int(stage), int(number)))
    return frozenset(blocks)


def _within(name: str, attended: frozenset[Block]) -> str:
    """A bottleneck that has a non-local block behind it is one level deeper."""
    match = _PART.match(name)
    if match and (int(match[1]), int(match[2])) in attended and match[3] != "attention":
        return f"layer{match[1]}.{match[2]}.block.{name[match.start(3) :]}"
    return name
