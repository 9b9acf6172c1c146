"""The engine Ray: a pool of actors on all machines of a cluster, for what outgrows one machine.

Ray only hands out sets of clips. What they hold is made and written by the same function as in the
local engine, to the same files, so a scan may go from one engine to the other.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tam_viz.models.engine import DeviceName
from tam_viz.scan.local import News, scan_set
from tam_viz.scan.manifest import versions
from tam_viz.scan.sets import TRIES, Sets
from tam_viz.scan.store import Address
from tam_viz.types import UserError

_CPUS = 0.5
"""Share of a core that an actor takes in Ray's books, so that none waits for one for ever."""
_CARRIED = ("TAM_VIZ_CHECKPOINTS", "TAM_VIZ_CACHE")
"""Variables that say where things are; other machines get them too."""
_EVERY_S, _PATIENCE_S = 1.0, 300.0


@dataclass(frozen=True)
class _Made:
    """What an actor says when a set is finished, or why the scan cannot go on."""

    clips: int = 0
    failure: str = ""


class _Maker:
    """What runs on a machine of the cluster."""

    def __init__(self, run: Address, device: DeviceName) -> None:
        import torch  # noqa: PLC0415  # in this process only

        torch.set_num_threads(1)
        self.run, self.device = run, device

    def versions(self) -> dict[str, str]:
        """Versions of the libraries of this machine."""
        return versions()

    def make(self, number: int) -> _Made:
        """Makes all that is missing of one set of clips."""
        try:
            return _Made(sum(news.clips for news in scan_set(self.run, number, self.device)))
        except (UserError, OSError) as error:
            return _Made(failure=str(error))


@dataclass
class _Pool:
    """The actors, and what each is at: a set, or None while it starts.

    Attributes:
        ray: The module.
        maker: The class of the actors, with what each takes.
        arguments: Of the actors.
        sets: Those that nobody is at.
        at: For each answer that is waited for its actor and its set.
        idle: Actors that are ready.
        unstarted: How many actors have died before they were ready.
    """

    ray: Any
    maker: Any
    arguments: tuple[Address, DeviceName]
    sets: Sets
    at: dict[Any, tuple[Any, int | None]] = field(default_factory=dict)
    idle: list[Any] = field(default_factory=list)
    unstarted: int = 0

    @property
    def busy(self) -> bool:
        """Whether somebody is at a set."""
        return any(number is not None for _, number in self.at.values())

    def grow(self, workers: int) -> None:
        """Starts actors up to a number; those that find no room wait, and nobody waits for them."""
        while len(self.at) + len(self.idle) < workers:
            actor = self.maker.remote(*self.arguments)
            self.at[actor.versions.remote()] = (actor, None)

    def hand_out(self) -> None:
        """Gives every idle actor a set."""
        while self.idle and self.sets:
            actor, number = self.idle.pop(), self.sets.take()
            self.at[actor.make.remote(number)] = (actor, number)

    def lost(self, number: int | None, error: Exception) -> None:
        """Puts the set of an actor that has died back; one that keeps killing its process ends."""
        if number is None:
            self.unstarted += 1
            if self.unstarted >= TRIES * 4:
                raise UserError(f"Ray cannot start the processes of the scan ({error}).")
            return
        lost_machine = "its node has died" in str(error)  # that is not the fault of the set
        self.sets.put_back(number, "" if lost_machine else type(error).__name__)


def run_on_ray(
    run: Address, numbers: Sequence[int], workers: int, device: DeviceName, gpus: float | None
) -> Iterator[News]:
    """Makes sets of clips on a cluster: that of `RAY_ADDRESS`, else this machine's, else a new one.

    A machine that dies loses the sets that it was at; others begin them anew. The folder of the
    scan, the clips and the checkpoints must have the same address on every machine.

    Args:
        run: Folder of the scan.
        numbers: Of the sets.
        workers: How many actors; 0 for one for each core of the cluster.
        device: Where the networks run.
        gpus: Share of a GPU that each actor takes; None shares those of the cluster evenly.

    Raises:
        UserError: Ray is not installed, or the scan cannot go on.
    """
    ray = _ray()
    ours = not ray.is_initialized()
    if ours:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    wanted = workers or _cores(ray)
    pool = _Pool(ray, _maker(ray, device, gpus, wanted), (run, device), Sets(numbers))
    heard = time.monotonic()
    try:
        while pool.sets or pool.busy:
            pool.grow(min(workers or _cores(ray), len(pool.sets) + len(pool.at)))
            pool.hand_out()
            ready, _ = ray.wait(list(pool.at), timeout=_EVERY_S)
            for answer in ready:
                yield from _heard(pool, answer)
            heard = time.monotonic() if ready or pool.busy else heard
            if time.monotonic() - heard > _PATIENCE_S:
                raise UserError(
                    f"The cluster has had no room for a process of the scan for {_PATIENCE_S:.0f} "
                    f"s; it has {_resources(ray)}. Take fewer --workers or a smaller --gpu-share."
                )
    finally:
        for actor in [*pool.idle, *(actor for actor, _ in pool.at.values())]:
            ray.kill(actor)
        if ours:
            ray.shutdown()


def _cores(ray: Any) -> int:  # noqa: ANN401  # a module that may not be there
    """Cores of the cluster as it is now."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def _resources(ray: Any) -> str:  # noqa: ANN401  # the same
    there = ray.cluster_resources()
    return f"{there.get('CPU', 0):g} cores and {there.get('GPU', 0):g} GPUs"


def _maker(ray: Any, device: DeviceName, gpus: float | None, workers: int) -> Any:  # noqa: ANN401
    """The class of the actors with what each of them takes."""
    if gpus is None:
        there = 0.0 if device == "cpu" else float(ray.cluster_resources().get("GPU", 0))
        gpus = min(1.0, round(there / workers, 2))
    carried = {name: os.environ[name] for name in _CARRIED if name in os.environ}
    return ray.remote(_Maker).options(
        num_cpus=_CPUS, num_gpus=gpus, max_restarts=0, runtime_env={"env_vars": carried}
    )


def _heard(pool: _Pool, answer: Any) -> Iterator[News]:  # noqa: ANN401
    """What an actor says, or that it has died."""
    actor, number = pool.at.pop(answer)
    try:
        result = pool.ray.get(answer)
    except pool.ray.exceptions.RayActorError as error:
        pool.lost(number, error)
        return
    if number is None:
        _require(result)
        pool.idle.append(actor)
        return
    if result.failure:
        raise UserError(result.failure)
    pool.idle.append(actor)
    yield News(number, result.clips, done=True)


def _require(there: dict[str, str]) -> None:
    """Refuses a machine with other libraries than this one: its numbers would be others."""
    expected = versions()
    other = [f"{name} {there[name]}" for name in expected if there[name] != expected[name]]
    if other:
        here = ", ".join(f"{name} {version}" for name, version in expected.items())
        raise UserError(
            f"A machine of the cluster has {', '.join(other)}, and this one {here}. Other versions "
            f"give other numbers; install the same everywhere, as in constraints.txt."
        )


def _ray() -> Any:  # noqa: ANN401  # a module that may not be there
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    try:
        import ray  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise UserError(
            "The engine 'ray' needs Ray: `pip install tam-viz[ray]`; or take --engine local."
        ) from error
    return ray
