"""TSN or TSM: where a shift stands, which has no weights, and attention beside it.

Only names tell of a shift: the published code wraps what it stands before. A wrapper that
computes is never taken off as if it were a name.
"""

from __future__ import annotations

from tam_viz.models.net import Layers
from tam_viz.models.published import nets
from tam_viz.models.published.matches import Asked
from tam_viz.models.published.names import Block, Renamed
from tam_viz.models.states import listed
from tam_viz.types import UserError


def read_shift(
    ours: Renamed, layers: Layers, asked: Asked
) -> tuple[str, dict[str, int], tuple[str, ...]]:
    """TSN, TSM with its shift in the branch or before the block, or TSM with attention.

    Args:
        ours: The body.
        layers: Bottlenecks in each stage.
        asked: What is known of it besides: where the shift stands, the form of attention.

    Returns:
        What a card calls it, its options, and sentences on what was taken for granted.

    Raises:
        UserError: Wrappers or attention are not those of a published network, or what was said
            contradicts the names.
    """
    shift = asked.shift
    attended = ours.parts["attention"]
    require_only(ours.wrapped["block"], attended, "wrapped as 'block'")
    around = ours.wrapped["net"]
    told: nets.Shift | None = "block" if around else "residual" if ours.shifted else None
    if around and (around != ours.blocks or ours.shifted or attended):
        raise UserError(
            "Only some bottlenecks of this network are wrapped as 'net', or they have a shift or "
            "attention beside; known are TAM's wrapper (with 'tam' in it) and the shift of TSM "
            "before all bottlenecks (--shift_place=block)."
        )
    if None not in (told, shift) and told != shift:
        raise UserError(
            f"--shift {shift} was given, and the names say that the shift is '{told}': it stands "
            f"before {'whole bottlenecks' if told == 'block' else 'their first convolutions'}."
        )
    insertion = told or shift or "none"
    if insertion == "none":
        if attended:
            raise UserError(
                "This has non-local attention and no shift; of networks with attention, TSM with "
                "Non-local is known here. If it was trained with a shift, say --shift residual."
            )
        return "none", {}, ()
    if insertion == "block":
        return nets.BLOCK_NAME, {}, ()
    every = _every(ours, layers)
    if not attended and every == 1:
        return "tsm", {}, ()
    if not attended:
        return nets.NAME, {"every": every}, ()
    options, notices = _attention(ours, asked.form)
    return nets.NAME, {"every": every, **options}, notices


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


def require_only(wrapped: frozenset[Block], allowed: frozenset[Block], how: str) -> None:
    """Raises a UserError if bottlenecks are wrapped with nothing that says what that computes."""
    more = sorted(wrapped - allowed)
    if more:
        names = listed([f"layer{stage}.{number}" for stage, number in more])
        raise UserError(
            f"Bottlenecks of this network are {how} ({names}) with nothing beside them that says "
            f"what the wrapper computes, so it is not taken off."
        )
