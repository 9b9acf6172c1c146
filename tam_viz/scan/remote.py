"""Asking a store: what it says no to, and what it does not answer."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from upath import UPath

from tam_viz.types import UserError

_TRIES, _PAUSE_S = 3, 0.5
_CHANGES = ("ETag", "etag", "md5Hash", "mtime", "modified", "LastModified", "updated", "created")
"""What stores call the version of a file, or the time of its last change."""
Answer = TypeVar("Answer")


class UnreachableError(UserError):
    """A store that does not answer, though what is asked for may be there."""


def asked(step: Callable[[], Answer], there: UPath) -> Answer:
    """What a store answers; one that fails is asked three times.

    Args:
        step: Asks it.
        there: What for.

    Raises:
        UserError: There is no such file, or it may not be read.
        UnreachableError: The store does not answer.
    """
    for left in reversed(range(_TRIES)):
        try:
            return step()
        except UserError:
            raise
        except FileNotFoundError as error:
            raise UserError(f"There is no file '{there}'.") from error
        except PermissionError as error:
            raise UserError(f"'{there}' may not be read ({error}).") from error
        except Exception as error:  # every library of a store has its own
            if not left:
                reason = f"{type(error).__name__}: {error}"
                raise UnreachableError(f"'{there}' cannot be reached ({reason}).") from error
        time.sleep(_PAUSE_S)
    raise AssertionError


def version(there: UPath) -> tuple[int, str] | None:
    """Size and version of a file or of the files of a folder; None if a store tells no versions.

    Raises:
        UserError: It is not there.
        UnreachableError: The store does not answer.
    """
    infos = asked(lambda: _infos(there), there)
    versions = [_version(info) for info in infos]
    if not all(versions):
        return None
    names = (info["name"] for info in infos)
    whole = repr(sorted(zip(names, versions, strict=True)))
    size = sum(int(info.get("size") or 0) for info in infos)
    return size, hashlib.sha256(whole.encode()).hexdigest()[:16]


def _infos(there: UPath) -> list[dict[str, Any]]:
    info = there.fs.info(there.path)
    return there.fs.ls(there.path, detail=True) if info["type"] == "directory" else [info]


def _version(info: Mapping[str, object]) -> str:
    return " ".join(f"{name}={info[name]}" for name in _CHANGES if info.get(name))
