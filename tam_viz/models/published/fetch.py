"""Fetching a file over the network: taken up where it broke off, and checked before it is used."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from tam_viz.models.published.catalogue import LIMIT_BYTES
from tam_viz.types import UserError

_CHUNK = 2**16
_TIMEOUT_S = 30.0
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True)
class Fetched:
    """Progress of a download.

    Attributes:
        done: Bytes there.
        total: Bytes in all, as far as the server says.
        path: The whole and checked file, at the end.
    """

    done: int
    total: int | None = None
    path: Path | None = None


def fetch(address: str, folder: Path, sha256: str = "", *, attempts: int = 3) -> Iterator[Fetched]:
    """Downloads a file into a folder under the last part of its address.

    What has come so far lies in `<name>.part`, so a broken download goes on with the missing
    part, now or the next time; only a whole file whose hash is right gets its name.

    Args:
        address: `http` or `https`.
        folder: Is made if it is not there.
        sha256: First digits of the hash; empty if none is known.
        attempts: How often a connection that breaks off is taken up.

    Raises:
        UserError: There is no network or no such file, the disk is full, the file is too large
            or not the one that was published.
    """
    target = folder / address.rsplit("/", 1)[-1]
    partial = target.with_name(f"{target.name}.part")
    if target.exists():
        _check(target, sha256)
        size = target.stat().st_size
        yield Fetched(size, size, target)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, attempts + 1):
            try:
                yield from _some(address, partial)
                break
            except requests.RequestException as error:
                if attempt == attempts:
                    raise UserError(
                        f"{address} could not be fetched: the connection failed or broke off "
                        f"({type(error).__name__}). Run the same again to go on from there."
                    ) from error
        _check(partial, sha256)
        partial.replace(target)
    except OSError as error:
        raise UserError(f"Nothing can be written to '{folder}' ({error.strerror}).") from error
    size = target.stat().st_size
    yield Fetched(size, size, target)


def _some(address: str, partial: Path) -> Iterator[Fetched]:
    """Fetches what is missing of a file.

    Raises:
        requests.ConnectionError: The connection failed, or ended before the length that the
            server had named.
        UserError: The server says no.
    """
    present = partial.stat().st_size if partial.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={present}-"} if present else {})
    with requests.get(address, headers=headers, stream=True, timeout=_TIMEOUT_S) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # all of it is there already; the hash decides
        if answer.status_code not in (requests.codes.ok, requests.codes.partial):
            raise UserError(
                f"{address} could not be fetched: the server answers {answer.status_code} "
                f"{answer.reason}."
            )
        start = _start(answer)
        if start not in (0, present):
            raise UserError(
                f"{address} could not be fetched: the server sent a part that was not asked for."
            )
        length = answer.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else None
        if (total or 0) > LIMIT_BYTES:
            raise UserError(f"{address} has {total:,} bytes; up to {LIMIT_BYTES:,} are fetched.")
        with partial.open("r+b" if start else "wb") as file:
            file.seek(start)
            done = start
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                if done > LIMIT_BYTES:
                    raise UserError(f"{address} sends more than {LIMIT_BYTES:,} bytes.")
                yield Fetched(done, total)
        if total is not None and done < total:
            raise requests.ConnectionError("the connection ended too early")


def _start(answer: requests.Response) -> int:
    """Where in the file an answer begins."""
    if answer.status_code != requests.codes.partial:
        return 0
    match = _RANGE.match(answer.headers.get("Content-Range", ""))
    return int(match[1]) if match else -1


def _check(path: Path, sha256: str) -> None:
    """Raises a UserError, and removes the file, if its hash is another one."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(sha256):
        path.unlink()
        raise UserError(
            f"'{path.name}' is not the file that was published: its SHA-256 begins with "
            f"{digest[:8]}, not {sha256}. It was removed; fetch it again."
        )
