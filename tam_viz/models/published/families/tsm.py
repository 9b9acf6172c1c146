"""TSM: a shift, which has no weights, in either of its places, and attention beside it.

Only names tell of a shift: the published code wraps what it stands before. A wrapper that
computes is never taken off as if it were a name.
"""

from __future__ import annotations

from tam_viz.models.net import Layers, VideoNet
from tam_viz.models.published import nets
from tam_viz.models.published.families.family import Body, Plan
from tam_viz.models.published.families.resnet import Kind, ResNetFamily, require_only
from tam_viz.models.published.matches import Hints
from tam_viz.models.published.rename_keys import Renamed
from tam_viz.models.temporal.tsm import TemporalShift
from tam_viz.types import UserError

_BUILDERS = {nets.NAME: nets.ShiftedResNet, nets.BLOCK_NAME: nets.BlockShiftedResNet}


class TSMFamily(ResNetFamily):
    """TSM with its shift in the residual branch or before the block, and TSM with Non-local."""

    def covers(self, temporal: str) -> bool:
        """Whether a card names one of TSM's networks."""
        return temporal in ("tsm", *_BUILDERS)

    def is_kind(self, body: Body, asked: Hints) -> bool:
        """Whether names or a person tell of a shift, or there is attention beside one."""
        ours = body.ours
        named = ours.shifted or ours.wrapped["net"] or ours.parts["attention"]
        return not ours.parts["temporal"] and bool(named or asked.shift not in (None, "none"))

    def kind(self, ours: Renamed, layers: Layers, width: int, asked: Hints) -> Kind:
        """Where the shift stands, and the form of attention."""
        share = _share(asked)
        if _place(ours, asked) == "block":
            return Kind(nets.BLOCK_NAME, {}, notices=share)
        every, attended = _every(ours, layers), ours.parts["attention"]
        if not attended and every == 1:
            return Kind("tsm", {}, notices=share)
        if not attended:
            return Kind(nets.NAME, {"every": every}, notices=share)
        options, notices = _attention(ours, asked.form)
        return Kind(nets.NAME, {"every": every, **options}, notices=(*notices, *share))

    def build(self, plan: Plan) -> VideoNet:
        """The network of the registry, or one that is more than a module throughout."""
        if plan.temporal not in _BUILDERS:
            return super().build(plan)
        given = (plan.frames, plan.classes, plan.layers, plan.width)
        net: VideoNet = _BUILDERS[plan.temporal](*given, **plan.options)
        return net


def _share(asked: Hints) -> tuple[str, ...]:
    """What to say of the share of the channels that the shift moves; it has no weights.

    Raises:
        UserError: The settings beside the weights name another one than what is built.
    """
    if asked.shift_div is None:
        return (
            "Its weights do not say how many channels the shift moves; an eighth each way was "
            "assumed, as published (--shift_div=8).",
        )
    if asked.shift_div != TemporalShift.fold:
        raise UserError(
            f"The settings beside the weights say shift_div={asked.shift_div}, and supported is a "
            f"shift of an eighth of the channels each way ({TemporalShift.fold}); built so it "
            f"would be another network."
        )
    return ()


def _place(ours: Renamed, asked: Hints) -> nets.Shift:
    """Where the shift stands: `residual` or `block`.

    Raises:
        UserError: Wrappers or attention are not those of a published network, or what was said
            contradicts the names.
    """
    shift = asked.shift
    attended = ours.parts["attention"]
    require_only(ours.wrapped["block"], attended, "wrapped as 'block'")
    around = ours.wrapped["net"]
    named: nets.Shift | None = "block" if around else "residual" if ours.shifted else None
    if around and (around != ours.blocks or ours.shifted or attended):
        raise UserError(
            "Only some bottlenecks of this network are wrapped as 'net', or they have a shift or "
            "attention beside; known are TAM's wrapper (with 'tam' in it) and the shift of TSM "
            "before all bottlenecks (--shift_place=block)."
        )
    if None not in (named, shift) and named != shift:
        raise UserError(
            f"--shift {shift} was given, and the names say that the shift is '{named}': it stands "
            f"before {'whole bottlenecks' if named == 'block' else 'their first convolutions'}."
        )
    if named is None and shift in (None, "none"):
        raise UserError(
            "This has non-local attention and no shift; of networks with attention, TSM with "
            "Non-local is known here. If it was trained with a shift, say --shift residual."
        )
    return named or shift or "none"


def _every(ours: Renamed, layers: Layers) -> int:
    """The distance of the blocks that shift: 1, or 2 as in deep networks."""
    if not ours.shifted:  # the names do not say it; as the published code does
        return 2 if layers[2] >= nets.DEEP else 1
    every = 2 if (1, 1) not in ours.shifted and len(ours.shifted) < sum(layers) else 1
    expected = {(s + 1, i) for s, depth in enumerate(layers) for i in range(0, depth, every)}
    if ours.shifted != expected:
        raise UserError(
            "The blocks with a shift are not those of a published TSM: expected all of them, or "
            "every other one of each stage."
        )
    return every


def _attention(ours: Renamed, form: nets.Form | None) -> tuple[dict[str, int], tuple[str, ...]]:
    """Options of non-local attention; two of its three forms have weights that look alike."""
    gaussian = not any(".attention.theta." in name for name in ours.tensors)
    if gaussian and form not in (None, nets.Form.GAUSSIAN):
        raise UserError(
            "--attention was given, and the weights say that the attention is Gaussian: it has no "
            "theta and no phi."
        )
    biased = int(any(name.endswith(".attention.out.bias") for name in ours.tensors))
    known = nets.Form.GAUSSIAN if gaussian else nets.Form.EMBEDDED_GAUSSIAN
    options = {"attention": int(form or known), "biased": biased}
    if form is not None or gaussian:
        return options, ()
    return options, (
        "The weights of embedded-Gaussian and dot-product attention look alike; taken for "
        "embedded Gaussian. --attention dot-product says otherwise.",
    )


FAMILY = TSMFamily()
