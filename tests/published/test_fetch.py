"""Downloads from a server that breaks off, lies and serves other bytes."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tam_viz.models.published import fetch as fetching
from tam_viz.models.published.catalogue import offer, offers
from tam_viz.models.published.fetch import Fetched, fetch
from tam_viz.types import UserError

CONTENT = bytes(range(256)) * 2000
BROKEN = 3 * 2**16
SHA256 = hashlib.sha256(CONTENT).hexdigest()
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """Answers each request by the next of its answers, the last one for ever."""

    answers: list[Answer]
    asked: list[str | None]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.pth"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.asked.append(self.headers.get("Range"))
        answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
        answer(self)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.answers, made.asked = [whole], []
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def reply(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, length: int | None, **more: str
) -> None:
    handler.send_response(status)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    for name, value in more.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole(handler: BaseHTTPRequestHandler) -> None:
    """A good server: the rest of the file where it is asked for, else all of it."""
    asked = handler.headers.get("Range")
    start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
    if start >= len(CONTENT):
        reply(handler, 416, b"", 0)
        return
    part = CONTENT[start:]
    span = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
    reply(handler, 206 if asked else 200, part, len(part), Content_Range=span)


def from_the_beginning(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, CONTENT, len(CONTENT))


def breaks_off(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, CONTENT[:BROKEN], len(CONTENT))


def claims_less(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, CONTENT, 1000)


def says_no_length(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, CONTENT, None)


def other_bytes(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, CONTENT[::-1], len(CONTENT))


def another_part(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 206, CONTENT[5:], len(CONTENT) - 5, Content_Range="bytes 5-9/10")


def not_there(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 404, b"no", 2)


def too_large(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, CONTENT, 10**12)


def last(states: Iterator[Fetched]) -> Path:
    *_, state = states
    assert state.path is not None
    return state.path


def test_a_file_is_fetched(server: Server, tmp_path: Path) -> None:
    states = list(fetch(server.address, tmp_path / "new", SHA256[:8]))
    assert states[-1].path == tmp_path / "new" / "weights.pth"
    assert (tmp_path / "new" / "weights.pth").read_bytes() == CONTENT
    done = [state.done for state in states]
    assert done == sorted(done)
    assert {state.total for state in states} == {len(CONTENT)}
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["weights.pth"]


def test_what_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    last(fetch(server.address, tmp_path, SHA256))
    last(fetch(server.address, tmp_path, SHA256))
    assert server.asked == [None]


@pytest.mark.parametrize("resumed", [whole, from_the_beginning])
def test_a_connection_that_breaks_off_is_taken_up(
    server: Server, tmp_path: Path, resumed: Answer
) -> None:
    server.answers = [breaks_off, resumed]
    assert last(fetch(server.address, tmp_path, SHA256)).read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={BROKEN}-"]


def test_a_download_that_failed_goes_on_the_next_time(server: Server, tmp_path: Path) -> None:
    server.answers = [breaks_off]
    with pytest.raises(UserError, match=r"broke off .* go on from there"):
        last(fetch(server.address, tmp_path, SHA256, attempts=1))
    assert [p.name for p in tmp_path.iterdir()] == ["weights.pth.part"]
    server.answers = [whole]
    assert last(fetch(server.address, tmp_path, SHA256)).read_bytes() == CONTENT
    assert server.asked[-1] == f"bytes={BROKEN}-"


def test_a_download_that_was_whole_but_not_checked_is_checked(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "weights.pth.part").write_bytes(CONTENT)
    assert last(fetch(server.address, tmp_path, SHA256)).read_bytes() == CONTENT


def test_a_server_without_lengths(server: Server, tmp_path: Path) -> None:
    server.answers = [says_no_length]
    states = list(fetch(server.address, tmp_path, SHA256))
    assert states[0].total is None
    assert states[-1].path is not None


@pytest.mark.parametrize("wrong", [other_bytes, claims_less])
def test_other_bytes_are_refused_and_removed(server: Server, tmp_path: Path, wrong: Answer) -> None:
    server.answers = [wrong]
    with pytest.raises(UserError, match=rf"not the file that was published.*not {SHA256[:8]}"):
        last(fetch(server.address, tmp_path, SHA256[:8]))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("answer", "told"), [(not_there, "answers 404"), (too_large, "up to")])
def test_a_server_that_says_no(server: Server, tmp_path: Path, answer: Answer, told: str) -> None:
    server.answers = [answer]
    with pytest.raises(UserError, match=told):
        last(fetch(server.address, tmp_path, SHA256))
    assert not list(tmp_path.iterdir())


def test_another_part_than_was_asked_for(server: Server, tmp_path: Path) -> None:
    (tmp_path / "weights.pth.part").write_bytes(CONTENT[:100])
    server.answers = [another_part]
    with pytest.raises(UserError, match="a part that was not asked for"):
        last(fetch(server.address, tmp_path, SHA256))


def test_no_network(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="could not be fetched"):
        last(fetch("http://127.0.0.1:9/weights.pth", tmp_path, SHA256))
    assert not list(tmp_path.iterdir())


def test_a_full_disk(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(UserError, match="No space left"):
        last(fetch(server.address, tmp_path, SHA256))


def test_a_server_that_never_ends(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LIMIT_BYTES", 1000)
    server.answers = [says_no_length]
    with pytest.raises(UserError, match="more than"):
        last(fetch(server.address, tmp_path, SHA256))


def test_the_catalogue_is_whole() -> None:
    found = offers()
    assert len(found) == 52
    for entry in found.values():
        assert 30 < entry.top1 < 81
        assert entry.protocol
        assert bool(entry.address) != bool(entry.page and entry.file)
        assert entry.address.startswith(("https://", ""))
        assert entry.sampling in ("uniform", "dense", "interval")
        assert entry.labels == "" or not entry.data.startswith("Kinetics")
        if entry.publisher == "mmaction2":
            assert entry.sha256 in entry.address
            assert len(entry.sha256) == 8
    assert offer("mmaction2-tanet-r50-8f-dense-k400").sha256 == "a34346bc"


def test_what_is_not_in_the_catalogue_is_told() -> None:
    with pytest.raises(UserError, match="no weights 'nothing'"):
        offer("nothing")


@pytest.mark.parametrize("text", ["", "weights = 3", "[[weights]]\nid = 'a'", "{"])
def test_a_damaged_catalogue_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text(text)
    with pytest.raises(UserError, match="not a catalogue"):
        offers(path)
