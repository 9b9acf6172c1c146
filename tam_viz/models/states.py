"""Sets of weights in what a file holds: tensors by name, in whatever mappings they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from tam_viz.literal import visible
from tam_viz.types import UserError

State = Mapping[str, Tensor]
"""Tensors by name."""

_MOST = 100_000
_LONGEST = 80


@dataclass(frozen=True)
class WeightsFile:
    """The contents of a file of weights.

    Attributes:
        states: Every mapping of names to tensors, on the CPU, by the keys that lead to it, joined
            by dots; the outermost one is `""`.
        beside: What else lay in the outermost mapping, as far as it is plain data.
    """

    states: Mapping[str, State]
    beside: Mapping[str, Any] = field(default_factory=dict)


def found_in(name: str, loaded: object) -> WeightsFile:
    """Finds the sets of weights in what a file holds.

    Args:
        name: Of the file, for sentences.
        loaded: What it holds.

    Raises:
        UserError: There are no tensors with names, or far too many.
    """
    states: dict[str, State] = {}
    waiting: list[tuple[str, Mapping[object, object]]] = [("", _mapping(loaded) or {})]
    seen: set[int] = set()
    total = 0
    while waiting:
        path, mapping = waiting.pop(0)
        if id(mapping) in seen:
            continue
        seen.add(id(mapping))
        own = {k: v for k, v in mapping.items() if isinstance(k, str) and isinstance(v, Tensor)}
        total += len(own)
        if total > _MOST:
            raise UserError(
                f"'{name}' holds more than {_MOST:,} tensors, and a network has a few thousand at "
                f"most; give the file of one network."
            )
        if own:
            states[path] = own
        for key, value in mapping.items():
            inner = None if isinstance(value, Tensor) else _mapping(value)
            if isinstance(key, str) and inner is not None:
                waiting.append((joined(path, key), inner))
    if not states:
        raise UserError(
            f"'{name}' holds no weights by name: expected a state dict, by itself or in a "
            f"dictionary. Of a whole model, save what `model.state_dict()` returns."
        )
    outer = _mapping(loaded) or {}
    beside = {
        key: value
        for key, value in outer.items()
        if isinstance(key, str) and not isinstance(value, Tensor) and key not in states
    }
    return WeightsFile(states, beside)


def _mapping(value: object) -> Mapping[object, object] | None:
    """A mapping as it is, and a list of pairs of a name and a tensor as one."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, (list, tuple)) and value and all(map(_is_pair, value)):
        return dict(value)
    return None


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], Tensor)
    )


def joined(path: str, name: str) -> str:
    """A name below a path; where one of them is empty, the other one."""
    return f"{path}.{name}" if path and name else path or name


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names for a sentence: the first ones, shortened where they are long, and how many more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + more


def shown(name: str) -> str:
    """A stranger's name for a sentence: shortened, and with no character that a screen obeys."""
    plain = visible(name[:_LONGEST] + name[-_LONGEST:] if len(name) > 2 * _LONGEST else name)
    if len(plain) <= _LONGEST:
        return plain
    return f"{plain[: _LONGEST // 2]}…{plain[-_LONGEST // 2 :]}"


def check(tensors: State, source: str = "the file") -> None:
    """Makes sure that tensors are plain, lie in the file, and are finite.

    Args:
        tensors: By name.
        source: What is damaged if they are not finite, for the sentence.

    Raises:
        UserError: One is sparse, complex, quantised, without data, larger than its storage, or
            not finite in float32.
    """
    for name, tensor in tensors.items():
        if not _is_plain(tensor):
            raise UserError(f"{shown(name)} is no plain tensor; save it dense and real.")
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise UserError(
                f"{shown(name)} claims {tuple(tensor.shape)}, which is more than is stored."
            )
        if tensor.is_floating_point() and not torch.isfinite(tensor.float()).all():
            raise UserError(
                f"{shown(name)} has values that are not finite in float32; {source} is damaged, or "
                f"its training went wrong."
            )


def _is_plain(tensor: Tensor) -> bool:
    return (
        tensor.layout == torch.strided
        and tensor.device.type == "cpu"
        and not (tensor.is_complex() or tensor.is_quantized or tensor.is_nested)
    )
