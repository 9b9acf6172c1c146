"""Whatever the container and the codec: the frames, their times and the length of the film."""

from __future__ import annotations

import dataclasses
import gc
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tam_viz.video import key_frames, readers, sequential
from tam_viz.video.frame_index import frame_index
from tam_viz.video.frames import Frames
from tam_viz.video.readers import read_video
from tam_viz.video.sequential import decode_all
from tests.support.there import there
from tests.video.numbered import FORMS, Form, film, number

TS = FORMS["TS"]


def seen(frames: Frames) -> list[int]:
    return [number(image) for image in frames.images]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_right(form: str, tmp_path: Path) -> None:
    path = film(tmp_path / f"film.{FORMS[form].ending}", FORMS[form])
    frames = read_video(path, "film", np.arange)
    assert seen(frames) == list(range(40))
    assert frames.times_s == pytest.approx(np.arange(40) / 30, abs=0.006)  # GIF counts in 1/100 s
    assert frames.duration_s == pytest.approx(40 / 30, abs=0.01)
    assert frames.notices == ()
    assert frames.reader.startswith("PyAV ")


@pytest.mark.parametrize("form", [name for name in FORMS if not name.startswith("raw H")])
def test_from_key_frames_come_the_same_pixels(form: str, tmp_path: Path) -> None:
    path = film(tmp_path / f"film.{FORMS[form].ending}", FORMS[form])
    index = frame_index(path, "film")
    assert index.order is not None
    whole = decode_all(path, "film", index, range(40), lambda image: image)
    order = key_frames.first_frames(path, "film", index, index.order)
    assert order is not None
    assert order.tolist() == whole.numbers.tolist()
    for i in range(0, 40, 5):
        stretches = key_frames.plan(index, order, {i})
        pictures = key_frames.decode_stretches(
            path, "film", index, order, stretches, {i}, lambda image: image
        )
        assert (np.asarray(pictures[i]) == np.asarray(whole.pictures[i])).all()


def test_a_long_film_is_not_decoded_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film(tmp_path / "film.mp4", count=240)
    monkeypatch.setattr(readers, "_SMALL", 0)
    monkeypatch.setattr(readers, "decode_all", None)  # would be called for the whole film
    frames = read_video(path, "film", lambda n: np.array([n // 2, 7, n - 1, 100]))
    assert seen(frames) == [120, 7, 239, 100]
    assert frames.times_s == pytest.approx([4, 7 / 30, 239 / 30, 100 / 30])
    assert frames.video_frames == 240
    assert frames.duration_s == pytest.approx(8)


def test_an_index_that_is_wrong_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key frames that are none: decoding from them would give grey pictures."""
    path = film(tmp_path / "film.avi", FORMS["AVI"], 120)
    index = frame_index(path, "film")
    packets = dataclasses.replace(index.packets, key=np.ones(120, bool))
    wrong = dataclasses.replace(index, packets=packets)
    monkeypatch.setattr(readers, "frame_index", lambda *_: wrong)
    monkeypatch.setattr(readers, "_SMALL", 0)
    assert seen(read_video(path, "film", lambda _: np.array([55, 77]))) == [55, 77]


def test_what_an_edit_list_hides_is_hidden(tmp_path: Path) -> None:
    """A trim without encoding anew: from the key frame on, the first frames hidden."""
    path, source = tmp_path / "trim.mp4", film(tmp_path / "film.mp4")
    with av.open(str(source)) as read, av.open(str(path), "w") as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        begin = round(Fraction(17, 30) / there(read.streams.video[0].time_base))
        for packet in read.demux(video=0):
            if packet.size and packet.pts is not None and packet.dts is not None:
                packet.pts, packet.dts = packet.pts - begin, packet.dts - begin
                packet.stream = stream
                written.mux(packet)
    hidden = frame_index(path, "trim").packets.shown.sum()
    assert hidden < 40
    frames = read_video(path, "trim", np.arange)
    assert seen(frames) == list(range(40 - frames.video_frames, 40))
    assert frames.duration_s == pytest.approx(frames.video_frames / 30, abs=0.01)
    assert frames.notices == ()


@pytest.mark.parametrize("ending", ["mkv", "webm", "mp4"])
def test_a_variable_rate_is_no_damage(ending: str, tmp_path: Path) -> None:
    times = [i / 30 if i < 20 else 20 / 30 + (i - 20) / 2 for i in range(40)]
    form = Form("webm", "libvpx", {"b": "1M"}) if ending == "webm" else Form(ending, "libx264")
    path = film(tmp_path / f"screen.{ending}", form, times=times)
    frames = read_video(path, "screen", np.arange)
    assert seen(frames) == list(range(40))
    assert frames.times_s == pytest.approx(times, abs=0.002)
    last = 1 / 30 if ending == "mp4" else 0.5  # mp4 states it, the others leave it open
    assert frames.duration_s == pytest.approx(times[-1] + last, abs=0.01)
    assert frames.notices == ()


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts", "flv"])
def test_longer_sound_is_no_damage(ending: str, tmp_path: Path) -> None:
    path = film(tmp_path / f"song.{ending}", Form(ending, "libx264"), sound_s=9.0)
    frames = read_video(path, "song", np.arange)
    assert (frames.video_frames, frames.notices) == (40, ())
    assert frames.duration_s == pytest.approx(40 / 30, abs=0.01)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts"])
def test_pictures_that_begin_late_are_no_damage(ending: str, tmp_path: Path) -> None:
    times = [5 + i / 30 for i in range(40)]
    path = film(tmp_path / f"late.{ending}", Form(ending, "libx264"), times=times, sound_s=3.0)
    frames = read_video(path, "late", np.arange)
    assert frames.times_s == pytest.approx(np.arange(40) / 30, abs=0.002)
    assert frames.duration_s == pytest.approx(40 / 30, abs=0.04)
    assert frames.notices == ()


def test_three_frames_in_matroska(tmp_path: Path) -> None:
    frames = read_video(film(tmp_path / "a.mkv", FORMS["mkv"], 3), "a", np.arange)
    assert frames.times_s == pytest.approx([0, 1 / 30, 2 / 30], abs=0.001)
    assert frames.duration_s == pytest.approx(0.1, abs=0.002)


def test_packed_b_frames() -> None:
    """As DivX and Xvid write AVI: two pictures in one packet, then an empty one."""
    path = Path(__file__).parents[1] / "data" / "packed.avi"
    assert frame_index(path, "packed").packets.packed
    frames = read_video(path, "packed", np.arange)
    assert seen(frames) == list(range(frames.video_frames))
    assert frames.times_s == pytest.approx(np.arange(frames.video_frames) / 30)
    assert frames.notices == ()


def test_a_recording_that_begins_anywhere(tmp_path: Path) -> None:
    path = film(tmp_path / "whole.ts", TS)
    data = path.read_bytes()
    path.write_bytes(data[188 * 30 :])
    frames = read_video(path, "part", np.arange)
    begin = 40 - frames.video_frames
    assert 0 < begin < 30
    assert seen(frames) == list(range(begin, 40))
    assert frames.notices == ()


def test_a_clock_that_is_set_anew(tmp_path: Path) -> None:
    path = film(tmp_path / "one.ts", TS)
    twice = tmp_path / "two.ts"
    twice.write_bytes(path.read_bytes() * 2)
    frames = read_video(twice, "two", np.arange)
    assert seen(frames) == [*range(40), *range(40)]
    assert frames.times_s == pytest.approx(np.arange(80) / 30, abs=0.002)
    assert "clock of the file" in frames.notices[0]


def test_a_thumbnail_is_not_the_film(tmp_path: Path) -> None:
    path, source = tmp_path / "drone.mp4", film(tmp_path / "film.mp4")
    with av.open(str(source)) as read, av.open(str(path), "w") as written:
        cover = written.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 640, 480, "yuvj420p"
        stream = written.add_stream_from_template(read.streams.video[0])
        grey = np.full((480, 640, 3), 128, np.uint8)
        for packet in cover.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")):
            written.mux(packet)
        written.mux(cover.encode())
        for packet in read.demux(video=0):
            if packet.size:
                packet.stream = stream
                written.mux(packet)
    assert seen(read_video(path, "drone", np.arange)) == list(range(40))


@pytest.mark.parametrize("ending", ["avi", "mkv", "mp4"])
def test_a_title_in_any_encoding(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"title.{ending}"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "QQQQQQ"
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5):
            black = np.zeros((64, 64, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(black, format="rgb24")))
        container.mux(stream.encode())
    data = path.read_bytes()
    assert data.count(b"QQQQQQ") == 1
    path.write_bytes(data.replace(b"QQQQQQ", b"caf\xe9 \x8c"))
    assert read_video(path, "title", np.arange).video_frames == 5


def test_pixels_that_are_not_square_are_told(tmp_path: Path) -> None:
    path = film(tmp_path / "wide.mp4", size=(80, 96), pixel_ratio=Fraction(2))
    frames = read_video(path, "wide", np.arange)
    assert frames.images[0].size == (80, 96)  # as the published code reads it
    assert "A player shows it 160×96" in frames.notices[0]


def test_pixels_that_are_not_square_are_told_as_the_film_is_turned(tmp_path: Path) -> None:
    path = tmp_path / "high.mp4"
    wide = film(tmp_path / "wide.mp4", size=(80, 96), pixel_ratio=Fraction(2))
    with av.open(str(wide)) as read, av.open(str(path), "w") as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        stream.set_display_rotation(90)
        for packet in read.demux(video=0):
            if packet.size:
                packet.stream = stream
                written.mux(packet)
    frames = read_video(path, "high", np.arange)
    assert frames.images[0].size == (96, 80)
    (said,) = frames.notices
    assert "(1:2). A player shows it 96×160; the network is given it as stored, 96×80" in said
    assert said.endswith("everything in it is wider than it was.")


@pytest.mark.parametrize(("form", "codec"), [("mjpeg", "mjpeg"), ("h264", "libx264")])
def test_a_rate_that_nobody_states_is_told(form: str, codec: str, tmp_path: Path) -> None:
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = film(tmp_path / f"film.{form}", Form(form, codec, muxer=form, pixels=pixels))
    frames = read_video(path, "film", np.arange)
    assert seen(frames) == list(range(40))
    told = codec == "mjpeg"  # H.264 states it
    assert frames.duration_s == pytest.approx(40 / (25 if told else 30))
    assert any("25 frames per second are assumed" in notice for notice in frames.notices) is told


def test_frames_do_not_outlive_their_pictures(tmp_path: Path) -> None:
    """128 frames of a 4K clip need no more memory than one, though nobody looks for cycles."""
    path = film(tmp_path / "film.mp4")
    gc.collect()
    gc.disable()
    try:
        assert len(read_video(path, "film", np.arange).images) == 40
        alive = [thing for thing in gc.get_objects() if type(thing) is av.VideoFrame]
        assert len(alive) <= 2
    finally:
        gc.enable()


def test_a_size_that_changes_on_the_way(tmp_path: Path) -> None:
    """Two transport streams, one after the other: landscape, then portrait."""
    parts = [
        film(tmp_path / "a.ts", TS, 20),
        film(tmp_path / "b.ts", TS, numbers=range(20, 40), size=(96, 128)),
    ]
    path = tmp_path / "turned.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    frames = read_video(path, "turned", np.arange)
    assert seen(frames) == list(range(40))
    assert {image.size for image in frames.images} == {(128, 96), (96, 128)}
    assert any("size of the picture changes" in notice for notice in frames.notices)


def test_two_clocks_have_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film(tmp_path / "one.ts", TS, 60)
    twice = tmp_path / "two.ts"
    twice.write_bytes(path.read_bytes() * 2)
    monkeypatch.setattr(readers, "_SMALL", 0)
    monkeypatch.setattr(readers, "decode_all", None)
    frames = read_video(twice, "two", lambda n: np.array([n // 4, 3 * n // 4]))
    assert seen(frames) == [30, 30]
    assert frames.times_s == pytest.approx([1, 3], abs=0.002)


@pytest.mark.parametrize("wanted", [[50], [50, 90, 110]])
def test_a_long_film_ends_where_decoding_does(
    wanted: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where it is decoded whole: at the first packet that cannot be decoded."""
    path = film(tmp_path / "film.mp4", count=120)
    ordinary = sequential.Film.decode

    def decode_some(self: sequential.Film, packet: Any) -> Any:
        if packet is not None and packet.opaque[0] == 112:
            raise av.InvalidDataError(1, "Invalid data")
        return ordinary(self, packet)

    monkeypatch.setattr(sequential.Film, "decode", decode_some)
    whole = read_video(path, "film", lambda n: np.array([w for w in wanted if w < n]))
    monkeypatch.setattr(readers, "_SMALL", 0)
    monkeypatch.setattr(readers, "decode_all", None)
    frames = read_video(path, "film", lambda n: np.array([w for w in wanted if w < n]))
    assert 100 < frames.video_frames == whole.video_frames < 113
    assert seen(frames) == seen(whole) == [w for w in wanted if w < frames.video_frames]
    assert frames.notices == whole.notices
    assert "damaged or cut short" in frames.notices[0]


def test_making_a_film_leaves_the_scheduling_as_it_was(tmp_path: Path) -> None:
    before = os.sched_getscheduler(0)
    film(tmp_path / "film.mp4", FORMS["mp4, AV1"], count=4)
    assert os.sched_getscheduler(0) == before
