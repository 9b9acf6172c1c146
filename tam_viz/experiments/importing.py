"""From a stranger's file to a checkpoint of this project."""

from __future__ import annotations

import dataclasses
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from tam_viz.analysis.clip.audit_words import facts, warnings
from tam_viz.experiments.import_options import ImportOptions, Origin
from tam_viz.experiments.studies.audit import audited
from tam_viz.models import cards, checkpoint
from tam_viz.models.engine import LoadedModel
from tam_viz.models.net import DEPTHS, VideoNet
from tam_viz.models.published.choose import recognise
from tam_viz.models.published.families import family_of
from tam_viz.models.published.labels import default_labels, read_labels
from tam_viz.models.published.matches import Hints, Recognised
from tam_viz.models.states import WeightsFile, check
from tam_viz.models.untrusted import read_tensors
from tam_viz.motionpairs.motions import CLASSES
from tam_viz.types import Card, InputSpec, UserError

Wishes = ImportOptions
"""The name of the options in earlier versions, for callers of those."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def import_weights(
    path: Path,
    name: str,
    root: Path,
    options: ImportOptions | None = None,
    origin: Origin | None = None,
    *,
    called: str = "",
) -> tuple[Card, tuple[str, ...]]:
    """Makes `root/name` from a file of published weights, and returns its card and notices.

    The folder appears whole or not at all; the weights keep their full precision.

    Args:
        path: The file.
        name: Id of the checkpoint.
        root: Folder of checkpoints.
        options: What a person says of the file.
        origin: What the catalogue says of it.
        called: What to call the file in the card; its own name if empty.

    Raises:
        UserError: The name is taken or no name for a folder, the file is refused (see
            `read_tensors` and `recognise`), or the class names do not fit.
    """
    options = options or ImportOptions()
    if not _ID.fullmatch(name):
        raise UserError(
            f"'{name}' cannot be the id of a checkpoint; use letters, digits, '.', '_' and '-'."
        )
    if (root / name).exists() or name in cards.available():
        raise _taken(name)
    if options.order == "sorted" and options.labels is None:
        raise UserError("An order of class names was given and no file of them; give both.")
    tensors = read_tensors(path)
    card, net, notices = _ours(tensors, name, path, options) or _theirs(
        tensors, name, called or path.name, options
    )
    if origin is not None:
        card = dataclasses.replace(
            card,
            origin=f"{card.origin}; published by {origin.publisher}",
            licence=origin.licence,
            metrics=origin.metrics,
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".import-") as folder:
            card = checkpoint.save(Path(folder) / name, card, net, half=False)
            audit_sentences = _audited(card, net, Path(folder) / name)
            _put(Path(folder) / name, root / name)
    except (OSError, SafetensorError) as error:
        raise UserError(f"'{name}' could not be written to {root} ({error}).") from error
    return card, (*audit_sentences, *notices)


def _audited(card: Card, net: VideoNet, folder: Path) -> tuple[str, ...]:
    """What an audit of a new network says; it is written beside the card."""
    loaded = LoadedModel(card, net.channels_last(), torch.device("cpu"))
    try:
        audit = audited(loaded)
    except UserError as error:
        return (f"The network could not be audited: {error}",)
    cards.write_audit(folder, audit)
    return (*warnings(audit, card.temporal), *facts(audit))


def _put(prepared: Path, target: Path) -> None:
    """Moves a checkpoint to where it belongs.

    Raises:
        UserError: Another import was there first.
    """
    try:
        prepared.rename(target)
    except OSError as error:
        if target.exists():
            raise _taken(target.name) from error
        raise


def _taken(name: str) -> UserError:
    return UserError(f"There is a checkpoint '{name}' already; choose another name.")


def _ours(
    weights: WeightsFile, name: str, path: Path, options: ImportOptions
) -> tuple[Card, VideoNet, tuple[str, ...]] | None:
    """An unfinished run of `tam-viz train`; None if it is something else."""
    recipe, temporal = weights.beside.get("recipe"), weights.beside.get("temporal")
    if not isinstance(recipe, Mapping) or not isinstance(temporal, str):
        return None
    if options != ImportOptions():
        raise UserError(
            f"'{path.name}' is a run of `tam-viz train`, which describes its network itself; give "
            f"only a name."
        )
    try:
        depth, width, size = (int(recipe[key]) for key in ("depth", "width", "size"))
        layers = DEPTHS[depth]
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"'{path.name}' is an unfinished training run whose recipe is incomplete; expected "
            f"one of `tam-viz train`."
        ) from error
    card = Card(
        id=name,
        temporal=temporal,
        layers=layers,
        width=width,
        classes=CLASSES,
        input=InputSpec(frames=8, resize=size, size=size),
        training={str(k): v for k, v in recipe.items() if isinstance(v, (str, int, float))},
        origin=f"imported from a run of `tam-viz train` at step {weights.beside.get('step')}",
        licence="not stated",
    )
    net = checkpoint.build(card)
    state = weights.states.get("net", {})
    check(state)
    checkpoint.fit(net, state, f"'{path.name}'")
    return card, net.eval(), ()


def _theirs(
    weights: WeightsFile, name: str, called: str, options: ImportOptions
) -> tuple[Card, VideoNet, tuple[str, ...]]:
    asked = Hints(
        options.frames,
        _setting(weights.beside, "num_segments"),
        options.form,
        options.shift,
        swapped=_is_of_mmengine(weights.beside),
        shift_div=_setting(weights.beside, "shift_div"),
    )
    recognised = recognise(weights.states, asked, options.part)
    classes, where = _classes(recognised.net.classes, options)
    family = family_of(recognised.temporal)
    single = family.single_view(recognised, options.sampling)
    card = Card(
        id=name,
        temporal=recognised.temporal,
        layers=recognised.layers,
        width=recognised.width,
        classes=classes,
        input=single,
        origin=f"imported from {called!r} (names of {_WHOSE[recognised.source]}); classes: {where}",
        licence="not stated; that of whoever made the weights",
        options=recognised.options,
        published=family.published_test(recognised, single, options.sampling, options.data),
    )
    notices = (*recognised.notices, *_scaling_notice(recognised), f"Classes: {where}.")
    return card, recognised.net, notices


def _scaling_notice(recognised: Recognised) -> tuple[str, ...]:
    if recognised.scaling is None or recognised.source != "mmaction2":
        return ()
    return ("Mean and standard deviation of the input are those of data_preprocessor in the file.",)


_WHOSE = {
    "authors": "the authors' code",
    "mmaction2": "mmaction2",
    "torchvision": "torchvision",
    "plain": "torchvision's ResNet or this project",
}


_SETTINGS = ("args", "cfg", "config", "hparams", "hyper_parameters", "opt")


def _setting(beside: Mapping[str, Any], name: str) -> int | None:
    """A whole number that settings beside the weights name: mmaction2's, or those of a script."""
    meta = beside.get("meta")
    within = [meta] if isinstance(meta, Mapping) else []
    for mapping in (*within, beside):
        for settings in (mapping.get(key) for key in _SETTINGS):
            if isinstance(settings, Mapping) and type(settings.get(name)) is int:
                return int(settings[name])
            text = settings if isinstance(settings, str) else ""
            if match := re.search(rf"\b{name}['\"]?\s*[=:]\s*(\d+)", text):
                return int(match[1])
    return None


def _is_of_mmengine(beside: Mapping[str, Any]) -> bool:
    meta = beside.get("meta")
    keys = set(meta) if isinstance(meta, Mapping) else set()
    return "message_hub" in beside or bool(keys & {"cfg", "mmengine_version"})


def _classes(count: int, options: ImportOptions) -> tuple[tuple[str, ...], str]:
    if options.labels is None:
        return default_labels(count)
    classes = read_labels(options.labels, options.order)
    if len(classes) != count:
        raise UserError(
            f"'{options.labels.name}' names {len(classes)} classes and the network has {count}; "
            f"give the file of the data that it was trained on."
        )
    order = "sorted" if options.order == "sorted" else "in its own order"
    return classes, f"from {options.labels.name!r}, {order}"
