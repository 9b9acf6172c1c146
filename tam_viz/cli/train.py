"""`tam-viz train`: networks of the bench."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tam_viz.cli.evaluate import evaluate_all, measure_trained
from tam_viz.cli.output import Device, DeviceOption, cell, writable
from tam_viz.cli.progress import bars, with_bars
from tam_viz.types import UserError, result_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from rich.progress import TaskID

    from tam_viz.experiments.bench.recipe import Recipe
    from tam_viz.experiments.bench.train import Progress as Steps


def train(
    context: typer.Context,
    module: Annotated[
        str, typer.Argument(help="Temporal module, such as tam, tsm or none; or all of them.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the checkpoint; its name becomes the id. With `all`: of all of them."
        ),
    ] = None,
    clips: Annotated[
        int, typer.Option(min=1, help="Clips seen in training; all of the bench see 80,000.")
    ] = 80_000,
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed. With `all` each network has its own.")
    ] = 0,
    branch_rate: Annotated[
        float,
        typer.Option(
            min=0.0, help="Factor on the learning rate of the branch that makes adaptive kernels."
        ),
    ] = 10.0,
    batch: Annotated[int, typer.Option(min=2, help="Batch size in clips; even.")] = 4,
    rate: Annotated[float, typer.Option(min=0.0, help="Peak learning rate of AdamW.")] = 1e-3,
    pool: Annotated[int, typer.Option(min=1, help="Different clips to choose from.")] = 5_000,
    precision: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="Arithmetic of the two passes.")
    ] = "float32",
    workers: Annotated[
        int | None, typer.Option(min=1, help="CPU threads, or networks at a time. Default: 1; CPUs")
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Train small networks on MotionPairs; a run that was stopped goes on."""
    from tam_viz.experiments.bench.recipe import Recipe

    if batch % 2:
        raise UserError(f"A step sees clips and their reversals, so a batch is even, not {batch}.")
    recipe = Recipe(
        seed=seed,
        clips=clips,
        pool=pool,
        batch=batch,
        rate=rate,
        branch_rate=branch_rate,
        precision=precision,
    )
    given = _given_options(context, "seed", *_RECIPE)
    _train(module, out, recipe, given, workers, device)


def _train(
    module: str,
    out: Path | None,
    recipe: Recipe,
    given: Sequence[str],
    workers: int | None,
    device: Device,
) -> None:
    """Trains one network or all of them, and measures what was trained.

    Raises:
        UserError: An option was given that goes not with the module.
    """
    import os

    from tam_viz.models import cards
    from tam_viz.models.engine import pick_device
    from tam_viz.models.registry import entry

    on = pick_device(device)
    if module == "all":
        if "seed" in given:
            raise UserError("All networks of the bench have their own seeds; leave --seed out.")
        root = writable(out or cards.NEW)
        _train_all(root, recipe, workers or os.cpu_count() or 1, on)
        evaluate_all(root, device)
        return
    if "branch_rate" in given and not entry(module).branch:
        raise UserError(
            f"{module} has no branch that makes adaptive kernels; leave --branch-rate out."
        )
    folder = writable(out or cards.NEW / entry(module).checkpoint)
    if (folder / cards.CARD).exists() and not cards.read_card(folder).metrics:
        _require_recipe(folder, recipe, given)
    else:
        _train_one(module, folder, recipe, workers or 1, on)
    measure_trained(folder, device)  # also where only this was left to do


_RECIPE = ("clips", "branch_rate", "batch", "rate", "pool", "precision")
"""Options of `train` that are part of a recipe under the same name."""


def _given_options(context: typer.Context, *names: str) -> tuple[str, ...]:
    """Which options a person gave, not the default."""
    return tuple(n for n in names if str(context.get_parameter_source(n)).endswith("COMMANDLINE"))


def _require_recipe(folder: Path, recipe: Recipe, given: Sequence[str]) -> None:
    """Makes sure that a network which only lacks its measuring was trained as is asked for.

    Raises:
        UserError: It was trained in another way.
    """
    from tam_viz.models import cards

    training = cards.read_card(folder).training
    other = [name for name in given if training.get(name) != getattr(recipe, name)]
    if other:
        names = ", ".join(f"{name} {training.get(name)}" for name in other)
        raise UserError(
            f"'{folder}' holds a network that is trained and not measured yet, with {names}; "
            f"choose another folder, or leave these options out."
        )


def _train_one(
    module: str, folder: Path, recipe: Recipe, threads: int, device: torch.device
) -> None:
    import torch

    from tam_viz.experiments.bench.recipe import training_pool
    from tam_viz.experiments.bench.train import train
    from tam_viz.experiments.bench.train_all import draw_pool

    torch.set_num_threads(threads)
    steps = train(module, folder, recipe, device=device)
    result_of(with_bars(draw_pool(training_pool(recipe), 1), "drawing clips"))
    with bars() as bar:
        task = bar.add_task(f"training {module}", total=recipe.steps)
        for progress in steps:
            bar.update(task, completed=progress.step, description=_progress_line(module, progress))


def _progress_line(name: str, progress: Steps) -> str:
    known = "" if progress.validation is None else f", top-1 {progress.validation:.3f}"
    return f"training {name}: loss {progress.loss:.3f}{known}"


def _train_all(root: Path, recipe: Recipe, workers: int, device: torch.device) -> None:
    """Trains what is missing with one bar for each run and one for all.

    Raises:
        UserError: Some runs failed; the others are done.
    """
    from tam_viz.experiments.bench.recipe import training_pool
    from tam_viz.experiments.bench.train_all import draw_pool, missing, train_all

    left = missing(root)
    if not left:
        return
    failures: list[str] = []
    result_of(with_bars(draw_pool(training_pool(recipe), workers), "drawing clips"))
    with bars() as bar:
        whole = bar.add_task(f"{len(left)} networks", total=len(left) * recipe.steps)
        tasks: dict[object, TaskID] = {}
        steps: dict[object, int] = {}
        for status in train_all(root, recipe, workers=workers, device=device):
            name = f"{status.job.temporal} (seed {status.job.seed})"
            if status.job not in tasks:
                tasks[status.job] = bar.add_task(name, total=recipe.steps)
            if status.progress is None:
                bar.remove_task(tasks[status.job])
                steps[status.job] = recipe.steps
                outcome = "trained" if status.failure is None else status.failure
                bar.console.print(cell(f"{name}: {outcome}"))
                failures += [] if status.failure is None else [name]
            else:
                steps[status.job] = status.progress.step
                bar.update(
                    tasks[status.job],
                    completed=status.progress.step,
                    description=_progress_line(name, status.progress),
                )
            bar.update(whole, completed=sum(steps.values()))
    if failures:
        raise UserError(
            f"{len(failures)} of {len(left)} networks could not be trained: "
            f"{', '.join(failures)}. The others are done; the same command takes up the rest."
        )
