"""Does a network do what its card says: a few passes of a few clips, before anybody trusts it.

People have run a "TSM" for months whose shift was off. What gives that away needs no labels: a
network whose answer does not move when the frames are shuffled cannot tell their order.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tam_viz.capture.recorder import recording
from tam_viz.capture.run import prepared
from tam_viz.models import cards
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Audit, Clip, InputSpec, Step, Steps, TAMTrace, UserError, part, result_of
from tam_viz.video.library import GALLERY, read_folder
from tam_viz.video.tempo import retimed

_CLIPS, _REORDERED = 3, 2
_PASSES = _CLIPS + 2 * _REORDERED + 1
_ROUNDING = 2.0**-23
"""Of float32: the distance from 1 to the next number."""
_SAME = 1e-6
"""V and Θ lie between 0 and 1; what differs by less is the same up to rounding."""


def audit(loaded: LoadedModel) -> Steps[Audit]:
    """Checks a network as a whole on clips of the gallery.

    A step is a forward pass.

    Raises:
        UserError: The clips cannot be read.
    """
    clips = _clips(loaded.card.input)
    answers: dict[str, list[np.ndarray]] = {"plain": [], "reversed": [], "shuffled": []}
    traces: list[TAMTrace] = []
    done = 0
    for number, clip in enumerate(clips):
        logits, trace = _answer(loaded, prepared(loaded, clip))
        answers["plain"].append(logits)
        traces += [] if trace is None else [trace]
        yield Step((done := done + 1), _PASSES)
        for order in ("reversed", "shuffled") if number < _REORDERED else ():
            answers[order].append(_answer(loaded, prepared(loaded, retimed(clip, order)))[0])
            yield Step((done := done + 1), _PASSES)
    rounded = _answer(loaded, _rounded(prepared(loaded, clips[0])))[0]
    yield Step(_PASSES, _PASSES, _found(loaded, clips, answers, rounded, traces))


def audited(loaded: LoadedModel) -> Audit:
    """Like `audit`, run to its end.

    Raises:
        UserError: The clips cannot be read.
    """
    return result_of(audit(loaded))


@lru_cache(maxsize=4)
def _clips(spec: InputSpec) -> tuple[Clip, ...]:
    """A few clips of the gallery that show different things."""
    files = read_folder(GALLERY)
    step = max(1, len(files) // _CLIPS)
    return tuple(file.read(spec) for file in files[::step][:_CLIPS])


def _answer(
    loaded: LoadedModel, x: Float[Tensor, "1 3 t h w"]
) -> tuple[Float[np.ndarray, " k"], TAMTrace | None]:
    with loaded.lock, torch.inference_mode(), recording(loaded.net) as recorder:
        logits = loaded.net(x.to(loaded.device, loaded.dtype))[0].double().cpu().numpy()
    return logits, recorder.trace()


def _rounded(x: Float[Tensor, "1 3 t h w"]) -> Float[Tensor, "1 3 t h w"]:
    """An input whose numbers are off by one rounding each, up or down."""
    signs = torch.randint(0, 2, x.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return x * (1 + _ROUNDING * signs)


def _found(
    loaded: LoadedModel,
    clips: tuple[Clip, ...],
    answers: dict[str, list[np.ndarray]],
    rounded: np.ndarray,
    traces: list[TAMTrace],
) -> Audit:
    plain = np.array(answers["plain"])
    all_logits = np.concatenate([*answers.values(), [rounded]])
    finite = bool(np.isfinite(all_logits).all())
    basis = {
        "sha256": loaded.card.sha256,
        "clips": tuple(clip.source for clip in clips),
        "frames": loaded.card.input.frames,
        "outputs": plain.shape[1],
        "names": len(loaded.card.classes),
        "finite": finite,
    }
    if not finite:
        return Audit(**basis)
    first = plain[:_REORDERED]
    importance = {n: np.array([t[n].importance for t in traces]) for n in _names(traces)}
    kernel = {n: np.array([t[n].kernel for t in traces]) for n in _names(traces)}
    return Audit(
        **basis,
        spread=_rms(plain - plain.mean(0)),
        reversed=_rms(np.array(answers["reversed"]) - first),
        shuffled=_rms(np.array(answers["shuffled"]) - first),
        floor=max(_rms(rounded - plain[0]), _ROUNDING * float(np.abs(plain).max())),
        importance=_over_clips(importance),
        kernel=_over_clips(kernel),
        fixed_importance=_fixed(importance),
        fixed_kernel=_fixed(kernel),
    )


def _names(traces: list[TAMTrace]) -> tuple[str, ...]:
    return traces[0].names if traces else ()


def _over_clips(blocks: dict[str, np.ndarray]) -> float | None:
    """Root mean square over all blocks of what differs between clips, the first axis."""
    if not blocks:
        return None
    return _rms(np.concatenate([(b - b.mean(0)).ravel() for b in blocks.values()]))


def _fixed(blocks: dict[str, np.ndarray]) -> tuple[str, ...]:
    return tuple(name for name, b in blocks.items() if _rms(b - b.mean(0)) <= _SAME)


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def audit_folder(loaded: LoadedModel, folder: Path) -> Steps[Audit]:
    """Audits a checkpoint and writes the result beside its card; else like `audit`.

    Raises:
        UserError: Nothing can be written there.
    """
    result = yield from part(audit(loaded))
    try:
        cards.write_audit(folder, result)
    except OSError as error:
        raise UserError(f"The audit cannot be written to '{folder}' ({error.strerror}).") from error
    yield Step(_PASSES, _PASSES, result)
