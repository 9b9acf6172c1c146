"""Finding the networks in a set of weights, under whatever wrappers stand around them.

A network is told by the names of its first layers (`layer1`, `patch_embed.proj`, …): what stands
before them is a wrapper, whatever it is called. Its classifier is the linear layer that lies
nearest; everything else in the set is left over, and `leftovers` judges it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tam_viz.models.states import State, joined, shown
from tam_viz.types import UserError

_TRANSPARENT = frozenset(
    [
        *("module", "_orig_mod", "_fsdp_wrapped_module"),
        *("_checkpoint_wrapped_module", "_forward_module"),
    ]
)
"""Of DataParallel, DDP and weight averages, `torch.compile`, FSDP, activation checkpointing and
Lightning Fabric: they only pass on what they are given, so they come off wherever they stand."""

_ANCHORS = (
    ("layer1",),
    ("patch_embed", "proj"),
    ("conv_proj",),
    ("features", "0", "0", "0"),
    ("slow_stem",),
)
"""How the first layers are called: ResNets (2D or 3D), Video Swin, MViT, S3D, our SlowFast."""
_MOST = 64
HEADS = frozenset(
    [
        *("fc", "new_fc", "fc_cls", "fc_action", "cls", "cls_head", "head", "heads", "classifier"),
        *("classification_head", "linear", "last_linear", "logits"),
    ]
)
"""What a classifier is called."""


@dataclass(frozen=True)
class Candidate:
    """A part of a file that may be a network.

    Attributes:
        path: The keys of the mappings in the file that lead to the set of weights.
        prefix: What stands before the names of the body, without a dot at the end.
        names: The whole set without transparent wrappers.
        others: Prefixes of other candidates in the same set.
    """

    path: str
    prefix: str
    names: State
    others: tuple[str, ...] = ()

    @property
    def body(self) -> State:
        """The tensors behind the prefix, by the rest of their names."""
        return under(self.names, self.prefix)


@dataclass(frozen=True)
class Head:
    """A classifier among the names of a candidate.

    Attributes:
        name: Of its layer, as in the set.
        scope: The longest prefix that body and classifier have in common.
    """

    name: str
    scope: str


def under(names: State, prefix: str) -> State:
    """The tensors behind a prefix, by the names that follow it."""
    if not prefix:
        return names
    start = f"{prefix}."
    return {name[len(start) :]: t for name, t in names.items() if name.startswith(start)}


def unwrapped(state: State) -> State:
    """A set of weights without the wrappers that do nothing but pass on.

    Raises:
        UserError: Two of its names would be one.
    """
    states = {}
    for key, tensor in state.items():
        name = ".".join(part for part in key.split(".") if part not in _TRANSPARENT) or key
        if name in states:
            raise UserError(
                f"Two tensors of the file are both {shown(name)}; one of them is {shown(key)}."
            )
        states[name] = tensor
    return states


def candidates(states: Mapping[str, State]) -> list[Candidate]:
    """The parts of a file that may be networks, in the order of the file.

    Raises:
        UserError: Two names of a set would be one, or there are far too many of them.
    """
    paths = []
    for path, state in states.items():
        names = unwrapped(state)
        prefixes = list(dict.fromkeys(p for name in names if (p := _before(name)) is not None))
        if len(prefixes) > _MOST:
            raise UserError(
                f"The file holds {len(prefixes)} networks; give one that holds one, or name it "
                f"with --part."
            )
        paths += [
            Candidate(path, prefix, names, tuple(p for p in prefixes if p != prefix))
            for prefix in prefixes
        ]
    return paths


def _before(name: str) -> str | None:
    """What stands before the first layers in a name; None if it is of no first layer."""
    parts = tuple(name.split("."))
    for anchor in _ANCHORS:
        for start in range(len(parts) - len(anchor)):
            if parts[start : start + len(anchor)] == anchor:
                return ".".join(parts[:start])
    return None


def find_head(candidate: Candidate, features: int, known: Iterable[str], axes: int = 2) -> Head:
    """The classifier that belongs to a body.

    Args:
        candidate: The set.
        features: Number of features that the body gives.
        known: Names of the body, which are not looked at; without the prefix.
        axes: Of the weights of the classifier; those behind the second have length 1.

    Raises:
        UserError: There is none, there are several, or it has more than one layer.
    """
    body = {joined(candidate.prefix, name) for name in known}
    layers = [
        name.removesuffix(".weight")
        for name, tensor in candidate.names.items()
        if name.endswith(".weight")
        and name not in body
        and tuple(tensor.shape[1:]) == (features, *[1] * (axes - 2))
        and not HEADS.isdisjoint(name.split("."))
    ]
    if not layers:
        raise UserError(_without_head(candidate, features, body))
    near = max(_common(candidate.prefix, layer) for layer in layers)
    nearest = [layer for layer in layers if _common(candidate.prefix, layer) == near]
    fewest = min(layer.count(".") for layer in nearest)
    nearest = [layer for layer in nearest if layer.count(".") == fewest]
    if len(nearest) > 1:
        raise UserError(
            f"The file has several classifiers, {', '.join(map(shown, nearest))}; expected one. "
            f"Save it with the one that is to be used."
        )
    scope = ".".join(candidate.prefix.split(".")[:near]) if near else ""
    return Head(nearest[0], scope)


def _without_head(candidate: Candidate, features: int, body: set[str]) -> str:
    linear = [
        f"{shown(name)} {tuple(tensor.shape)}"
        for name, tensor in candidate.names.items()
        if tensor.ndim == 2 and name not in body
    ]
    beside = f"; of matrices there are {', '.join(linear[:3])}" if linear else ""
    return (
        f"This network has no classifier: expected one linear layer over {features} features, "
        f"called fc, head, classifier or the like{beside}. Give a network that was "
        f"trained to name classes."
    )


def _common(first: str, second: str) -> int:
    """How many parts two dotted names have in common at their beginning."""
    count = 0
    for part, other in zip(first.split(".") if first else [], second.split("."), strict=False):
        if part != other:
            break
        count += 1
    return count
