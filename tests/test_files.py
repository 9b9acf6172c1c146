"""Files are written whole or not at all, whoever else writes them."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from tam_viz.files import replacing, sha256_of, write_whole


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "a file.txt"
    write_whole(path, "Θ\n")
    assert path.read_bytes() == "Θ\n".encode()
    write_whole(path, b"another")
    assert path.read_bytes() == b"another"
    assert sha256_of(path) == hashlib.sha256(b"another").hexdigest()
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, "old")

    def fail() -> None:
        with replacing(path) as partial:
            partial.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    path, both = tmp_path / "file", threading.Barrier(2)
    texts = ["a" * 100_000, "b" * 100_000]

    def write(text: str) -> None:
        with replacing(path) as partial:
            partial.write_text(text)
            both.wait(10)  # both have written, neither has finished

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]
