"""Where the server's owner keeps datasets and scans."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

from tam_viz.models.cards import OWN
from tam_viz.motionpairs.dataset import TEST_CLIPS, TEST_SEED
from tam_viz.motionpairs.pool import cache_folder
from tam_viz.scan.manifest import MANIFEST

SHIPPED = OWN / "scans"
JOB = "job.json"
"""What a scan was started with from the page."""


def datasets() -> dict[str, str]:
    """What may be scanned from the page, by name: MotionPairs, and what the owner named.

    `TAM_VIZ_DATASETS` holds folders, lists and addresses of stores, separated as in `PATH`.
    """
    separator = (
        f"(?<!:){re.escape(os.pathsep)}(?!:|//)"  # those of `s3://bucket` and `zip://::a` are none
    )
    parts = re.split(separator, os.environ.get("TAM_VIZ_DATASETS", ""))
    named = [part if "://" in part else Path(part).absolute().as_posix() for part in parts if part]
    short = {data: "/".join(data.rstrip("/").split("/")[-2:]) for data in named}
    twice = Counter(short.values())
    allowed = {data if twice[name] > 1 else name: data for data, name in short.items()}
    return {
        "MotionPairs test clips": f"motionpairs:test:{TEST_SEED}:{TEST_CLIPS}",
        "MotionPairs shift set": f"motionpairs:shift:{TEST_SEED}:{TEST_CLIPS}",
        **allowed,
    }


def scans_folder() -> Path:
    """Where the page puts scans: `TAM_VIZ_SCANS`, or the user's cache folder."""
    named = os.environ.get("TAM_VIZ_SCANS")
    return Path(named).absolute() if named else cache_folder() / "scans"


def runs() -> dict[str, Path]:
    """The scans that can be opened, by name; those of the owner before the one that comes along."""
    scans: dict[str, Path] = {}
    for folder in (scans_folder(), SHIPPED):
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if (path / MANIFEST).exists() or (path / JOB).exists():
                    scans.setdefault(path.name, path)
    return scans
