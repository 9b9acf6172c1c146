"""How far a scan is."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from tam_viz.scan.manifest import Manifest, read_manifest
from tam_viz.scan.network import Network
from tam_viz.scan.packs import groups, kept
from tam_viz.scan.shard import CLIPS
from tam_viz.scan.store import Address, write_whole

PROGRESS = "progress.json"
_OLD_S = 60.0


@dataclass(frozen=True)
class Status:
    """What of a scan is done.

    Attributes:
        network: Its name in the scan.
        clips: Clips that have their row.
        of: Clips of the dataset.
        failed: Rows with an error.
    """

    network: str
    clips: int
    of: int
    failed: int


def status(run: Address) -> list[Status]:
    """How far each network of a scan is.

    Raises:
        UserError: The folder holds no scan.
    """
    manifest = read_manifest(run)
    return [
        Status(
            network.key,
            done_clips(run, manifest, network),
            manifest.clips,
            kept(run, network).failed,
        )
        for network in manifest.networks
    ]


def done_clips(run: Address, manifest: Manifest, network: Network) -> int:
    """How many clips have their row, told by the names of the files alone."""
    sets, last = 0, False
    for _, names in groups(run, network):
        numbers = {int(name[:6]) for name in names}
        sets += len(numbers)
        last = last or manifest.shards - 1 in numbers
    return sets * CLIPS - (manifest.shards * CLIPS - manifest.clips if last else 0)


@dataclass(frozen=True)
class Pace:
    """How fast a scan is, as it last wrote down.

    Attributes:
        at: When it did, in seconds since 1970.
        rate: Clips through a network in a second, since it began or went on.
        left_s: Seconds that the rest takes at this rate.
        done: Clips that went through networks, with those that were there before.
        of: Clips through networks in all.
    """

    at: float
    rate: float
    left_s: float
    done: int
    of: int


_JSON = TypeAdapter(Pace)


def note(run: Address, rate: float, left_s: float, done: int, of: int) -> None:
    """Writes down how fast a scan is, for those who watch.

    Raises:
        UserError: The folder cannot be written to.
    """
    write_whole(run / PROGRESS, _JSON.dump_json(Pace(time.time(), rate, left_s, done, of)))


def pace(run: Address) -> Pace | None:
    """How fast a scan is; None if it has not said so for a minute."""
    try:
        noted = _JSON.validate_json((run / PROGRESS).read_bytes())
    except (OSError, ValidationError):
        return None
    return noted if time.time() - noted.at < _OLD_S else None


def describe_pace(noted: Pace) -> str:
    """Clips a second and the time left, in words."""
    minutes = noted.left_s / 60
    if minutes < 1.5:
        left = "about a minute left" if minutes > 0.5 else "less than a minute left"
    elif minutes < 90:
        left = f"about {minutes:.0f} minutes left"
    else:
        left = f"about {minutes / 60:.1f} hours left"
    return (
        f"{noted.done:,} of {noted.of:,} clips went through a network, {noted.rate:.1f} a second; "
        f"{left}."
    )
