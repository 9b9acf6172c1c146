"""Which ResNet over frames a body is: its depth, its width and what it does with time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from tam_viz.models.net import Layers
from tam_viz.models.published import inflated
from tam_viz.models.published.matches import Asked
from tam_viz.models.published.names import Renamed, renamed
from tam_viz.models.published.registered import read_registered
from tam_viz.models.published.shifts import read_shift, require_only
from tam_viz.models.states import State, listed, shown
from tam_viz.types import UserError

_FRAMES, _MOST_BLOCKS = 8, 200
_OWN = frozenset(["conv1", "bn1", "conv2", "bn2", "conv3", "bn3", "downsample"])


@dataclass(frozen=True)
class Reading:
    """What the names and shapes of a body say.

    Attributes:
        tensors: By our names.
        original: The names that the body had, by ours.
        temporal: What a card calls the network.
        layers: Bottlenecks in each stage.
        width: Channels inside the bottlenecks of the first stage.
        modules: Whether convolutions and norms are joined as mmaction2's are.
        frames: T, where the weights say it.
        usual: T to be assumed where nobody says it.
        options: Of the temporal module or of the network.
        notices: Sentences on what was taken for granted.
    """

    tensors: Mapping[str, Tensor]
    original: Mapping[str, str]
    temporal: str
    layers: Layers
    width: int
    modules: bool
    frames: int | None = None
    usual: int = _FRAMES
    options: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    @property
    def features(self) -> int:
        """How many features a frame has before the classifier."""
        return 32 * self.width


def read_resnet(body: State, asked: Asked) -> Reading:
    """What a body is.

    Args:
        body: Its names without wrappers.
        asked: What is known of it besides.

    Raises:
        UserError: It is no ResNet of bottlenecks that is known here, or what was asked for
            contradicts it.
    """
    ours = renamed(body)
    _require_bottlenecks(body, ours)
    layers, width = _layers(ours), ours.tensors["conv1.weight"].shape[0]
    flat = ours.tensors["conv1.weight"].ndim == 4
    notices: tuple[str, ...] = ()
    frames, usual = None, _FRAMES
    if not flat:
        _no_wrappers(ours)
        temporal, options = inflated.NAME, _inflated_options(ours.tensors, layers)
        usual = 32 if options["stem"] == 5 else _FRAMES
    elif ours.parts["temporal"] and not _has_tam(ours):
        (temporal, frames), options = read_registered(ours, layers, width, asked), {}
    elif ours.parts["temporal"]:
        temporal, options = "tam", _tam_options(ours)
        frames = _of_branch(ours)
    else:
        temporal, options, notices = read_shift(ours, layers, asked)
    if asked.form is not None and not options.get("attention"):
        raise UserError("--attention was given, and this network has no non-local attention.")
    if asked.shift is not None and (not flat or ours.parts["temporal"]):
        raise UserError(
            f"--shift was given, and this network has "
            f"{'temporal modules' if flat else '3D convolutions'} in the place of a shift."
        )
    return Reading(
        tensors=ours.tensors,
        original=ours.original,
        temporal=temporal,
        layers=layers,
        width=width,
        modules=ours.modules,
        frames=frames,
        usual=usual,
        options=options,
        notices=notices,
    )


def _require_bottlenecks(body: State, ours: Renamed) -> None:
    """Raises a UserError if a body is no ResNet, has basic blocks, or has parts of its own."""
    tensors = ours.tensors
    stem = tensors.get("conv1.weight")
    if stem is None or stem.ndim not in (4, 5) or stem.shape[0] == 0:
        raise unknown(body)
    pooled = [name for name in body if name.startswith(("layer2.net.", "layer1.net."))]
    if pooled:
        raise UserError(
            f"This network pools over time between its stages ({shown(pooled[0])}; "
            f"--temporal_pool of TSM's code), which is not built here."
        )
    strange = [ours.original[n] for n in tensors if n.startswith("layer") and not _is_known(n)]
    if strange:
        raise UserError(
            f"The bottlenecks of this network have modules that are not known here: "
            f"{listed(strange)}. What they compute cannot be told from their names, so they are "
            f"neither left out nor taken for wrappers."
        )
    if "layer1.0.conv3.weight" not in tensors and "layer1.0.block.conv3.weight" not in tensors:
        if "layer1.0.conv2.weight" in tensors:
            raise UserError(
                "This network has basic blocks of two convolutions, as ResNet-18 and ResNet-34 "
                "have; known here are those of bottlenecks (ResNet-50 and deeper)."
            )
        raise unknown(body)


def _is_known(name: str) -> bool:
    parts = name.split(".")[2:]
    if parts[:1] == ["block"]:
        parts = parts[1:]
    head = parts[0] if parts else ""
    if head in ("temporal", "attention"):
        return True
    return head in _OWN and len(parts) == (3 if head == "downsample" else 2)


def unknown(body: State) -> UserError:
    """The sentence on a network that is none of those that are known."""
    return UserError(
        f"This is no network that is known here: expected a TANet, TSM, TSN, I3D or SlowOnly on "
        f"ResNet bottlenecks under the names of its authors or of mmaction2, or a video network "
        f"of torchvision; the file has {listed(list(body), 3)}."
    )


def _layers(ours: Renamed) -> Layers:
    """Bottlenecks in each stage, counted from the names."""
    first, second, third, fourth = (
        sum(stage == wanted for stage, _ in ours.blocks) for wanted in (1, 2, 3, 4)
    )
    if max(first, second, third, fourth) > _MOST_BLOCKS:
        raise UserError(f"This network has more than {_MOST_BLOCKS} bottlenecks in a stage.")
    return first, second, third, fourth


def _has_tam(ours: Renamed) -> bool:
    """Whether the temporal modules have a branch of each kind, or none that is known."""
    branches = {name.split(".")[3] for name in ours.tensors if ".temporal." in name}
    return not branches or {"G", "L"} <= branches


def _of_branch(ours: Renamed) -> int | None:
    """T, which the branch that makes kernels is built for."""
    weight = ours.tensors.get("layer1.0.temporal.G.0.weight")
    return None if weight is None or weight.ndim != 2 else weight.shape[1]


def _tam_options(ours: Renamed) -> dict[str, int]:
    """K, α and β of TAM, from the shapes.

    Raises:
        UserError: Not all bottlenecks have TAM, or the first one is not whole.
    """
    without = ours.blocks - ours.parts["temporal"]
    if without or ours.parts["attention"] or ours.shifted:
        beside = "attention" if ours.parts["attention"] else "a shift" if ours.shifted else "none"
        raise UserError(
            f"Some bottlenecks of this network have TAM and some have {beside}; a TANet has TAM "
            f"in all of them and nothing else over time."
        )
    tensors = ours.tensors
    try:
        hidden = tensors["layer1.0.temporal.G.0.weight"].shape
        taps = tensors["layer1.0.temporal.G.3.weight"].shape[0]
        local = tensors["layer1.0.temporal.L.0.weight"].shape
        options = {"taps": taps, "alpha": hidden[0] // hidden[1], "beta": local[1] // local[0]}
    except (KeyError, IndexError, ZeroDivisionError) as error:
        raise UserError(
            f"The first temporal module is not whole: expected G.0, G.3 and L.0 of TAM in "
            f"layer1.0, and it has {listed([n for n in tensors if '1.0.temporal' in n], 3)}."
        ) from error
    if taps % 2 == 0 or 0 in options.values():
        raise UserError(
            f"A TAM with {taps} taps, α = {options['alpha']} and β = {options['beta']} cannot be "
            f"built; a kernel has an odd number of taps."
        )
    return options


def _inflated_options(tensors: Mapping[str, Tensor], layers: Layers) -> dict[str, int]:
    """The stem and the inflated blocks of a 3D network."""
    stem = tensors["conv1.weight"].shape[2]
    if stem not in (1, 5):
        raise UserError(
            f"This 3D network begins with a convolution over {stem} frames; known here are I3D "
            f"(5) and SlowOnly (1) of mmaction2."
        )
    return {"stem": stem, "inflated": inflated.pattern(tensors, layers)}


def _no_wrappers(ours: Renamed) -> None:
    """Raises a UserError if a 3D network has wrappers around bottlenecks, which compute."""
    if ours.parts["attention"] or ours.parts["temporal"]:
        raise UserError(
            "This 3D network has attention or temporal modules, which are not built here; known "
            "are I3D and SlowOnly without them."
        )
    require_only(ours.shifted | ours.wrapped["net"] | ours.wrapped["block"], frozenset(), "wrapped")
