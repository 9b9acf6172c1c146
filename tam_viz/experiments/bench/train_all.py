"""Training every temporal module alike: what there is to train, several runs at a time."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import queue
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from pathlib import Path

import torch

from tam_viz.experiments.bench.recipe import Recipe, training_pool
from tam_viz.experiments.bench.train import Progress, train
from tam_viz.models import cards
from tam_viz.models.registry import entries, entry
from tam_viz.motionpairs.pool import Pool
from tam_viz.types import Step, Steps, UserError, result_of

REPEATED = ("tam", "tam_local", "tam_global", "none", "tsm", "tconv", "tdn", "dynamic", "dfn")
SEEDS = 3
"""The modules that are trained from several seeds, and from how many."""
BUDGETED, BUDGETS = ("tam", "tsm", "none", "tdn"), (10_000, 20_000, 40_000)
"""The modules that are trained on fewer clips as well, and on how many."""

SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Job:
    """One network to train.

    Attributes:
        temporal: Its temporal module.
        seed: Of its training.
        clips: Clips that it sees, where those are not the recipe's.
    """

    temporal: str
    seed: int
    clips: int | None = None

    def folder(self, root: Path) -> Path:
        """The folder of its checkpoint.

        Further seeds and smaller budgets lie a level deeper, where no page looks for networks.
        """
        name = entry(self.temporal).checkpoint
        if self.clips is not None:
            return root / "budgets" / f"{name}-{self.clips}-clips"
        return root / "seeds" / f"{name}-seed{self.seed}" if self.seed else root / name

    def recipe(self, common: Recipe) -> Recipe:
        """The recipe of all jobs with this one's seed and budget."""
        clips = common.clips if self.clips is None else self.clips
        return dataclasses.replace(common, seed=self.seed, clips=clips)


@dataclass(frozen=True)
class JobStatus:
    """News of a job: how far it is, that it is done, or why it failed."""

    job: Job
    progress: Progress | None = None
    failure: str | None = None


def jobs() -> list[Job]:
    """All networks of the bench: every module once, the repetitions, the smaller budgets."""
    first = [Job(name, 0) for name in entries()]
    repeated = [Job(name, seed) for seed in range(1, SEEDS) for name in REPEATED]
    return first + repeated + [Job(name, 0, clips) for clips in BUDGETS for name in BUDGETED]


def missing(root: Path) -> list[Job]:
    """The jobs that have no finished checkpoint; those that have begun come first."""
    left = [job for job in jobs() if not (job.folder(root) / cards.CARD).exists()]
    return sorted(left, key=lambda job: not job.folder(root).exists())


def draw_pool(pool: Pool, workers: int) -> Steps[Pool]:
    """Draws the files of clips of a pool that are not there yet; the result is the whole pool."""
    numbers = pool.missing()
    done = pool.shards - len(numbers)
    yield Step(done, pool.shards)
    with ProcessPoolExecutor(workers, mp_context=SPAWN) as executor:
        for _ in executor.map(pool.draw, numbers):
            yield Step(done := done + 1, pool.shards)
    yield Step(pool.shards, pool.shards, pool)


def train_all(
    root: Path, recipe: Recipe, *, workers: int, device: torch.device
) -> Iterator[JobStatus]:
    """Trains what is missing, several networks at a time, each in a process of its own.

    A job that fails is told and does not stop the others. Closing the generator ends the
    processes, and a process ends itself when its parent is gone; what they saved is taken up
    the next time.

    Args:
        root: Folder of the checkpoints.
        recipe: For all of them; seed and budget are those of the job.
        workers: How many at a time.
        device: Where.
    """
    waiting = missing(root)
    if not waiting:
        return
    result_of(draw_pool(training_pool(recipe), workers))
    news: Queue[JobStatus] = SPAWN.Queue()
    running: dict[Job, SpawnProcess] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                job = waiting.pop(0)
                mine = job.recipe(recipe)
                arguments = (job, job.folder(root), mine, str(device), news, os.getpid())
                running[job] = SPAWN.Process(target=_work, args=arguments, daemon=True)
                running[job].start()
            yield from _news(news, running)
    finally:
        for process in running.values():
            process.terminate()
            process.join()


def _news(news: Queue[JobStatus], running: dict[Job, SpawnProcess]) -> Iterator[JobStatus]:
    """What the processes say within a second, and which of them died without a word."""
    dead = [job for job, process in running.items() if not process.is_alive()]
    for status in _read(news):
        if status.progress is None and status.job in running:
            running.pop(status.job).join()
        yield status
    for job in dead:
        if job in running:
            code = running.pop(job).exitcode
            yield JobStatus(job, failure=f"its process ended with code {code}")


def _read(news: Queue[JobStatus]) -> Iterator[JobStatus]:
    """Everything that has been said; waits a second for the first word."""
    try:
        yield news.get(timeout=1)
        while True:
            yield news.get_nowait()
    except queue.Empty:
        return


def _work(
    job: Job, folder: Path, recipe: Recipe, device: str, news: Queue[JobStatus], parent: int
) -> None:
    torch.set_num_threads(1)
    try:
        for progress in train(job.temporal, folder, recipe, device=torch.device(device)):
            news.put(JobStatus(job, progress))
            if os.getppid() != parent:
                return
    except UserError as error:
        news.put(JobStatus(job, failure=str(error)))
    except Exception as error:  # noqa: BLE001  # told to the parent, which tells a person
        news.put(JobStatus(job, failure=f"{type(error).__name__}: {error}"))
    else:
        news.put(JobStatus(job))
