"""TANet: TAM in every bottleneck, under the names of its authors or of mmaction2."""

from __future__ import annotations

from tam_viz.models.net import Layers
from tam_viz.models.published.families.family import Body
from tam_viz.models.published.families.resnet import Kind, ResNetFamily
from tam_viz.models.published.matches import RGB, Hints
from tam_viz.models.published.rename_keys import Renamed
from tam_viz.models.states import listed
from tam_viz.types import Sampling, UserError


class TANetFamily(ResNetFamily):
    """TANets of any depth, width and number of taps."""

    instead_of_shift = "temporal modules"
    crops, crops_of_authors = 3, 3
    mean: RGB = (123.675 / 255, 116.28 / 255, 103.5 / 255)

    def covers(self, temporal: str) -> bool:
        """Whether a card names TAM."""
        return temporal == "tam"

    def is_kind(self, body: Body, asked: Hints) -> bool:  # its names say it
        """Whether its temporal modules have a branch of each kind, or none that is known."""
        if not body.flat or not body.ours.parts["temporal"]:
            return False
        inside = [name.split(".")[3:] for name in body.ours.tensors if ".temporal." in name]
        branches = {name[0] for name in inside}
        biased = ["G", "bias"] in inside  # a variant of this project
        return not branches or ({"G", "L"} <= branches and not biased)

    def kind(self, ours: Renamed, layers: Layers, width: int, asked: Hints) -> Kind:
        """K, α and β of TAM, and T, which the branch that makes kernels is built for."""
        options = _options(ours)
        weight = ours.tensors.get("layer1.0.temporal.G.0.weight")
        frames = None if weight is None or weight.ndim != 2 else weight.shape[1]
        return Kind("tam", options, frames=frames)

    def usual_sampling(self, *, kinetics: bool) -> Sampling:
        """Dense on Kinetics-400, as it was published."""
        return "dense" if kinetics else "uniform"

    def is_of_something(self, *, kinetics: bool, data: str) -> bool:
        """Whether it is tested as networks of Something-Something are."""
        return not kinetics or data.startswith("Something")


def _options(ours: Renamed) -> dict[str, int]:
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
            f"The first temporal module is incomplete: expected G.0, G.3 and L.0 of TAM in "
            f"layer1.0, and it has {listed([n for n in tensors if '1.0.temporal' in n], 3)}."
        ) from error
    if taps % 2 == 0 or 0 in options.values():
        raise UserError(
            f"A TAM with {taps} taps, α = {options['alpha']} and β = {options['beta']} cannot be "
            f"built; a kernel has an odd number of taps."
        )
    return options


FAMILY = TANetFamily()
