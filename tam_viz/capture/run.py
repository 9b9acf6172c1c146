"""The one door: every trace and every edit goes through `run`."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tam_viz.capture.batches import attempt
from tam_viz.capture.edits import Donor, check, editing, inputs_wanted
from tam_viz.capture.recorder import recording
from tam_viz.models.engine import LoadedModel
from tam_viz.models.preprocess import clip_tensor
from tam_viz.types import Clip, Edit, Prediction, Run, TAMTrace, UserError


def run(
    loaded: LoadedModel,
    clip: Clip,
    edits: Sequence[Edit] = (),
    *,
    given: TAMTrace | None = None,
    donors: Mapping[str, Donor] | None = None,
) -> Run:
    """Runs one clip through a network and records every TAM block.

    Hooks exist only while this runs, under the network's lock, so the trace is that of this
    clip whatever other threads do, and nothing is left behind.

    Args:
        loaded: The network.
        clip: One view, prepared for this network's frames and size.
        edits: Interventions to put in force, in their order.
        given: What the operations `given` and `level` put in where the edits do not carry it
            themselves: any trace of this network, such as its mean over training clips.
        donors: What `record_donor` kept of clips that the edits take from, by clip id; any other
            donor is run first.

    Raises:
        UserError: The clip was not prepared for this network, or an edit does not fit it.
    """
    return _forward(loaded, prepared(loaded, clip), clip.id, tuple(edits), given, donors)


def record_donor(loaded: LoadedModel, donor: Clip, blocks: Collection[str] = ()) -> Donor:
    """Runs a clip once and keeps what it can give to others under edits.

    Args:
        loaded: The network.
        donor: One view, prepared for it.
        blocks: TAM blocks whose input x is kept as well.

    Raises:
        UserError: The network has no TAM or no such block, or the clip does not fit it.
    """
    inputs: dict[str, Tensor] = {}
    tams = dict(loaded.net.tam_blocks())
    with loaded.lock, torch.inference_mode(), ExitStack() as hooks:
        for name in blocks:
            if name not in tams:
                raise UserError(
                    f"{loaded.card.id} has no TAM block '{name}' to take x from; there are "
                    f"{', '.join(tams) or 'none'}."
                )

            def keep(_: nn.Module, args: tuple[Tensor, ...], name: str = name) -> None:
                inputs[name] = args[0].clone()

            hooks.callback(tams[name].register_forward_pre_hook(keep).remove)
        trace = _forward(loaded, prepared(loaded, donor), donor.id, ()).trace
    if trace is None:
        raise UserError(f"{loaded.card.id} has no TAM, so no clip can give it V, Θ or x.")
    return Donor(trace, inputs)


def run_tensor(loaded: LoadedModel, x: Tensor, edits: Sequence[Edit] = ()) -> Run:
    """Runs one view `(t, 3, h, w)` that is already normalised, float32 RGB; else like `run`.

    Raises:
        UserError: It is not a float32 tensor `(t, 3, h, w)` with the network's number of frames.
    """
    if x.dtype != torch.float32 or x.ndim != 4 or 0 in x.shape:
        raise UserError(
            f"A prepared view is a float32 tensor (frames, 3, height, width), "
            f"not {type(x).__name__} {x.dtype} {tuple(x.shape)}."
        )
    digest = hashlib.sha256(x.detach().cpu().contiguous().numpy().tobytes()).hexdigest()[:32]
    return _forward(loaded, x.transpose(0, 1)[None], digest, tuple(edits))


def prepared(loaded: LoadedModel, clip: Clip) -> Float[Tensor, "1 3 t h w"]:
    """A view as the network is given it, on its device and in its precision.

    Raises:
        UserError: The clip was not prepared for this network's frames and size.
    """
    spec, given = loaded.card.input, clip.frames.shape[:3]
    published = loaded.card.published or spec  # whose views may be larger
    if given not in [(s.frames, s.size, s.size) for s in (spec, published)]:
        raise UserError(
            f"{loaded.card.id} takes {spec.frames} frames of {spec.size}×{spec.size} pixels and "
            f"the clip has {given[0]} of {given[2]}×{given[1]}; read it with this network's input."
        )
    return clip_tensor(clip, spec).to(loaded.device, loaded.dtype)


def _forward(
    loaded: LoadedModel,
    x: Tensor,
    clip_id: str,
    edits: tuple[Edit, ...],
    given: TAMTrace | None = None,
    donors: Mapping[str, Donor] | None = None,
) -> Run:
    donated = donors_of(loaded, edits, donors or {})

    def work(attempted: LoadedModel, clips: Sequence[Tensor]) -> list[Run]:
        net = attempted.net
        with attempted.lock, torch.inference_mode():
            started = time.perf_counter()
            with editing(net, edits, donated, given), recording(net) as recorder:
                frame_logits = net.frame_logits(clips[0].to(attempted.device, attempted.dtype))[0]
                frame_logits = frame_logits.float().cpu()
            seconds = time.perf_counter() - started
        return [run_of(attempted, clip_id, edits, frame_logits, recorder.trace(), seconds)]

    (done,) = attempt(loaded, [x], work)
    return done


def run_of(
    loaded: LoadedModel,
    clip_id: str,
    edits: tuple[Edit, ...],
    frame_logits: Float[Tensor, "t k"],
    trace: TAMTrace | None,
    seconds: float,
) -> Run:
    """One clip's run from what a forward pass gave.

    Raises:
        UserError: A logit is not finite.
    """
    if not torch.isfinite(frame_logits).all():
        raise UserError(
            f"{loaded.card.id} produced non-finite logits on this clip: its activations overflow "
            f"on frames unlike its training data. Choose another clip or network."
        )
    prediction = Prediction(
        logits=frame_logits.mean(dim=0).numpy(),
        frame_logits=frame_logits.numpy(),
        classes=loaded.card.classes,
    )
    return Run(clip_id, loaded.card.id, edits, prediction, trace, seconds)


def donors_of(
    loaded: LoadedModel, edits: Sequence[Edit], on_device: Mapping[str, Donor]
) -> dict[str, Donor]:
    """What edits take from their donors, each of them run once, if it was not recorded."""
    names = loaded.block_names
    check(edits, dict(loaded.net.tam_blocks()))
    wanted = inputs_wanted(edits, names)
    donors: dict[str, Donor] = {}
    for edit in edits:
        if edit.donor is None or edit.donor.id in donors:
            continue
        blocks = wanted.get(edit.donor.id, set())
        recorded = on_device.get(edit.donor.id)
        if recorded is None or not blocks <= set(recorded.inputs):
            recorded = record_donor(loaded, edit.donor, blocks)
        donors[edit.donor.id] = recorded
    return donors
