"""Findings: written and read again to the same numbers, and read as the files of strangers."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from tam_viz.capture.run import run
from tam_viz.files import write_whole
from tam_viz.findings import verify as check
from tam_viz.findings.finding import Finding, KeptClip, describe, make, video_sha256
from tam_viz.findings.read import LIMIT_BYTES, read, read_file
from tam_viz.findings.record_json import MalformedError, parse
from tam_viz.findings.source import sources
from tam_viz.findings.write import file_name, pack
from tam_viz.models.engine import LoadedModel
from tam_viz.types import Clip, Edit, InputSpec, Source, TAMTrace, Truth, UserError
from tam_viz.video.library import VideoFile
from tam_viz.video.tempo import retimed
from tests.support.findings import SHA, at, changed, members, refused, rewritten, zipped
from tests.support.steps import last
from tests.support.there import there
from tests.support.tiny import TINY

Models = dict[str, LoadedModel]


@pytest.fixture
def models(tiny_model: Callable[..., LoadedModel]) -> Models:
    found = {}
    for temporal in ("tam", "none"):
        made = tiny_model(temporal)
        card = dataclasses.replace(made.card, sha256=SHA)
        found[card.id] = dataclasses.replace(made, card=card)
    return found


@pytest.fixture
def finding(models: Models, tiny_clip: Callable[..., Clip]) -> Finding:
    """Two networks, a second clip, the clip backwards, edits of every kind."""
    first = dataclasses.replace(tiny_clip(0), reader="PyAV 18.1.0 (FFmpeg 8.1.2)")
    second = tiny_clip(1)
    backwards = retimed(first, "reversed")
    tam, plain = models.values()
    mean = trace_of(tam, second)
    edits = (
        Edit("layer2.0", "kernel", "donor", None, second),
        Edit("*", "importance", "given"),
        Edit("layer3.0", "importance", "shuffled", (0, 3, 4), seed=3),
    )
    runs = [(loaded.card, run(loaded, first)) for loaded in (tam, plain)]
    runs += [(tam.card, run(tam, clip)) for clip in (second, backwards)]
    runs.append((tam.card, run(tam, first, edits, given=mean)))
    return make(
        "A finding",
        [
            KeptClip(first, TINY, 0, ("first",), SHA),
            KeptClip(second, TINY, 0, ("second", "donor")),
            KeptClip(backwards, TINY, 0, ("played",)),
        ],
        runs,
        query={"block": ("layer2.0",), "channel": ("5",)},
        given={tam.card.id: mean},
        notes=["No pictures."],
    )


@pytest.fixture
def packed(finding: Finding) -> bytes:
    return pack(finding, {"report.html": b"<p>", "pictures/01-a.png": b"png"})


def trace_of(loaded: LoadedModel, clip: Clip) -> TAMTrace:
    trace = run(loaded, clip).tam
    assert trace is not None
    return trace


def checked(found: Finding, models: Models) -> tuple[check.Checked, ...]:
    cards = {name: loaded.card for name, loaded in models.items()}
    steps = list(check.verify(found, cards, models.__getitem__))
    total = len(found.runs)
    assert [(step.done, step.total) for step in steps] == [(i, total) for i in range(total + 1)]
    return last(steps)


# There and back


def test_a_finding_comes_back_as_it_was(finding: Finding, packed: bytes) -> None:
    back, digest = read(packed, "f.zip")
    assert len(digest) == 64
    same = ("title", "created", "query", "networks", "versions", "notes")
    for name in same:
        assert getattr(back, name) == getattr(finding, name), name
    for old, new in zip(finding.clips, back.clips, strict=True):
        assert (old.spec, old.view, old.roles, old.video_sha256) == (
            *(new.spec, new.view, new.roles, new.video_sha256),
        )
        assert new.origin == old.clip.id
        for field in dataclasses.fields(Clip):
            if field.name != "id":
                np.testing.assert_array_equal(
                    getattr(old.clip, field.name), getattr(new.clip, field.name)
                )
    for before, after in zip(finding.runs, back.runs, strict=True):
        assert (before.prediction.logits == after.prediction.logits).all()
        assert before.prediction.top(5) == after.prediction.top(5)
        assert before.seconds == after.seconds
        assert [dataclasses.replace(edit, donor=None) for edit in before.edits] == [
            dataclasses.replace(edit, donor=None) for edit in after.edits
        ]


def test_findings_from_before_readers_were_named_open(packed: bytes) -> None:
    def nameless(record: dict[str, Any]) -> None:
        for clip in record["clips"]:
            del clip["reader"]

    back, _ = read(changed(packed, nameless), "f.zip")
    assert {kept.clip.reader for kept in back.clips} == {""}
    assert "Read by" not in describe(back)
    assert "Read by PyAV 18.1.0 (FFmpeg 8.1.2)." in describe(read(packed, "f.zip")[0])


def test_findings_with_the_old_name_of_an_operation_open(packed: bytes) -> None:
    def old(record: dict[str, Any]) -> None:
        edits = [edit for run in record["runs"] for edit in run["edits"]]
        (named,) = [edit for edit in edits if edit["op"] == "given"]
        named["op"] = "mean"

    back, _ = read(changed(packed, old), "f.zip")
    assert [run.edits for run in back.runs] == [run.edits for run in read(packed, "f.zip")[0].runs]


def test_every_run_computed_anew_gives_the_same_numbers(packed: bytes, models: Models) -> None:
    back, _ = read(packed, "f.zip")
    rows = checked(back, models)
    assert len(rows) == 5
    for row in rows:
        assert row.agrees
        assert not row.why_not
        assert (row.logits, row.importance or 0, row.kernel or 0) == (0, 0, 0)
    assert [row.importance is None for row in rows] == [False, True, False, False, False]
    assert "V = its mean over clips in all blocks" in rows[-1].edits
    assert list(check.table(rows)["the same"]) == ["yes"] * 5
    assert check.describe(rows).startswith("5 of 5 runs")


def test_the_edited_run_is_not_the_plain_one(packed: bytes) -> None:
    back, _ = read(packed, "f.zip")
    assert (back.runs[0].prediction.logits != back.runs[-1].prediction.logits).any()
    edited = back.runs[-1].trace
    assert edited is not None
    kernel = back.runs[2].tam["layer2.0"].kernel
    np.testing.assert_array_equal(edited["layer2.0"].kernel, kernel)
    assert back.runs[-1].edits[0].donor == back.clips[1].clip


def test_numbers_that_were_tampered_with_are_told(finding: Finding, models: Models) -> None:
    stored = finding.runs[0]
    prediction = dataclasses.replace(stored.prediction, logits=stored.prediction.logits + 1)
    runs = (dataclasses.replace(stored, prediction=prediction), *finding.runs[1:])
    rows = checked(dataclasses.replace(finding, runs=runs), models)
    assert [row.agrees for row in rows] == [False, True, True, True, True]
    assert rows[0].logits == pytest.approx(1)
    assert list(check.table(rows)["the same"])[:2] == ["no", "yes"]


def test_other_weights_and_networks_that_are_not_here_are_not_compared(
    packed: bytes, models: Models
) -> None:
    back, _ = read(packed, "f.zip")
    other = dataclasses.replace(models["tiny-tam"].card, sha256="b" * 64)
    changed = {"tiny-tam": dataclasses.replace(models["tiny-tam"], card=other)}
    rows = checked(back, changed)
    assert [row.here for row in rows] == [None] * 5
    assert "has other weights" in rows[0].why_not
    assert "no network tiny-none here" in rows[1].why_not
    assert check.describe(rows) == "Nothing could be computed here."
    assert set(check.table(rows)["the same"]) == {"not compared"}


def test_a_network_of_another_shape_gets_a_sentence(
    packed: bytes, models: Models, tiny_model: Callable[..., LoadedModel]
) -> None:
    """A finding that lies about the weights meets a network that cannot be what it says."""
    back, _ = read(packed, "f.zip")
    larger = tiny_model(spec=InputSpec(frames=8, resize=32, size=32))
    card = dataclasses.replace(larger.card, sha256=SHA)
    rows = checked(
        back,
        {"tiny-tam": dataclasses.replace(larger, card=card), **models}
        | {"tiny-tam": dataclasses.replace(larger, card=card)},
    )
    assert "takes 8 frames" in rows[0].why_not
    assert rows[1].agrees


def test_runs_of_clips_that_are_not_kept_are_a_bug(
    models: Models, tiny_clip: Callable[..., Clip]
) -> None:
    loaded = models["tiny-tam"]
    with pytest.raises(ValueError, match="not kept"):
        make("x", [], [(loaded.card, run(loaded, tiny_clip()))])


def test_a_finding_says_what_it_is(packed: bytes) -> None:
    back, _ = read(packed, "f.zip")
    said = describe(back)
    assert "'clip 0'" in said
    assert "Beside it: 'clip 1'" in said
    assert "tiny-tam, tiny-none" in said
    assert "V = its mean over clips" in said


def test_the_file_has_a_plain_name_and_is_written_whole(
    finding: Finding, packed: bytes, tmp_path: Path
) -> None:
    assert file_name(finding) == "finding-clip-0.zip"
    path = tmp_path / "f.zip"
    write_whole(path, packed)
    write_whole(path, packed)  # over the old one
    assert [entry.name for entry in tmp_path.iterdir()] == ["f.zip"]
    assert read_file(path)[0].title == "A finding"


def test_the_hash_of_a_video_is_that_of_its_file(videos: Path) -> None:
    path = videos / "hides_1.mp4"
    assert video_sha256(VideoFile("x", path)) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert video_sha256(VideoFile("x", videos)) == ""


# A clip of a finding as a source


def test_a_finding_is_a_source_of_its_frames(finding: Finding, packed: bytes) -> None:
    found = sources(*read(packed, "f.zip"))
    assert set(found) == {"first", "second"}
    pair = (found["first"], found["second"])
    for source, kept in zip(pair, finding.clips, strict=False):
        assert isinstance(source, Source)
        assert source.truth == kept.clip.truth
        clip = source.read(TINY)
        assert (clip.frames == kept.clip.frames).all()
        assert source.views(TINY) == (clip,)
    assert found["first"].name != found["second"].name
    assert found["first"].key != found["second"].key
    movie, kind = found["first"].movie()
    assert kind == "video/mp4"
    assert movie[4:8] == b"ftyp"


def test_a_source_tells_what_it_holds(packed: bytes) -> None:
    source = sources(*read(packed, "f.zip"))["first"]
    with pytest.raises(UserError, match=r"4 frames of 32 pixels, uniform\. Asked for was 8"):
        source.read(InputSpec(8, 64, 64))
    with pytest.raises(UserError, match="holds the frames"):
        source.read(TINY, view=1)


@pytest.mark.parametrize("times", [[0.0, 0.4375, 0.8742, 1.3], [0.0] * 4, [0, -1e299, 3, 9]])
def test_frames_at_any_times_become_a_video(packed: bytes, times: list[float]) -> None:
    found = read(changed(packed, at("clips/0/times_s", times)), "f.zip")
    assert sources(*found)["first"].movie()[0][4:8] == b"ftyp"


def test_odd_frames_become_an_even_video(packed: bytes) -> None:
    source = sources(*read(packed, "f.zip"))["first"]
    kept = source.finding.clips[0]
    odd = dataclasses.replace(kept.clip, frames=kept.clip.frames[:, :31, :31])
    clips = (dataclasses.replace(kept, clip=odd), *source.finding.clips[1:])
    odd_finding = dataclasses.replace(source.finding, clips=clips)
    assert dataclasses.replace(source, finding=odd_finding).movie()[0][4:8] == b"ftyp"


def test_a_clip_has_an_id_of_its_content_not_the_one_that_is_claimed(packed: bytes) -> None:
    """Results are cached by id for all visitors: nobody may take the id of another clip."""
    honest, _ = read(packed, "f.zip")

    def lie(record: dict[str, Any]) -> None:
        old, new = record["clips"][0]["id"], "0" * 32
        record["clips"][0]["id"] = new
        for item in record["runs"]:
            item["clip"] = new if item["clip"] == old else item["clip"]

    lying, _ = read(changed(packed, lie), "f.zip")
    assert lying.clips[0].clip.id == honest.clips[0].clip.id
    assert lying.clips[0].clip.id not in ("0" * 32, "clip-0")
    darker = rewritten(packed, arrays=lambda arrays: arrays["clip/0/frames"].fill(0))
    assert read(darker, "f.zip")[0].clips[0].clip.id != honest.clips[0].clip.id


# Files of strangers


def test_a_finding_packed_again_by_other_programs_opens(packed: bytes) -> None:
    again = zipped({**members(packed), "pictures/": b"", "tables/": b""})
    assert read(again, "f.zip")[0].title == "A finding"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip", b"PK\x03\x04" + b"\0" * 4096])
def test_what_is_no_zip_file_is_refused(data: bytes) -> None:
    assert "no zip file" in refused(data)


def test_cut_short_anywhere_is_refused(packed: bytes) -> None:
    for part in (0.1, 0.5, 0.9, 0.999):
        refused(packed[: int(len(packed) * part)])


def test_damaged_anywhere_is_refused_or_harmless(packed: bytes) -> None:
    rng, refused = np.random.default_rng(0), 0
    for place in rng.integers(0, len(packed), 200):
        broken = bytearray(packed)
        broken[place] ^= 0xFF
        try:
            read(bytes(broken), "f.zip")
        except UserError:
            refused += 1
    assert 100 < refused < 200  # a picture may be damaged, it is not read


def test_a_bomb_is_refused_before_it_is_unpacked(packed: bytes) -> None:
    bomb = {**members(packed), "report.html": b"\0" * (100 << 20)}
    assert "claims to unpack to" in refused(zipped(bomb))
    record = {**members(packed), "finding.json": b" " * (9 << 20)}
    assert "finding.json in it is larger than 8 MB" in refused(zipped(record))


def test_more_members_than_a_finding_has_are_refused(packed: bytes) -> None:
    many = {**members(packed), **{f"tables/{i}.csv": b"" for i in range(1001)}}
    assert "too many members" in refused(zipped(many))
    endless = {**members(packed), **{f"tables/{i:0110d}.csv": b"" for i in range(30_000)}}
    assert "list of members is too long" in refused(zipped(endless))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "..\\evil.exe",
        "C:/evil.exe",
        "pictures/../../evil.html",
        "tables/a\0.csv",
        "evil.py",
        "pictures/.hidden",
    ],
)
def test_names_that_lead_elsewhere_are_refused(packed: bytes, name: str) -> None:
    placeholder = "pictures/" + "x" * (len(name.encode()) - 9) if len(name) > 9 else "x" * len(name)
    data = zipped({**members(packed), placeholder: b"1"})
    assert "which no finding has" in refused(data.replace(placeholder.encode(), name.encode()))


def test_two_members_of_one_name_are_refused(packed: bytes) -> None:
    twin = {**members(packed), "finding.jsoN": members(packed)["finding.json"]}
    assert "two of one name" in refused(zipped(twin).replace(b"finding.jsoN", b"finding.json"))


def test_encrypted_members_and_foreign_packing_are_refused(packed: bytes) -> None:
    stored = zipped(members(packed), zipfile.ZIP_STORED)
    place = stored.rindex(b"PK\x01\x02")
    locked = stored[: place + 8] + struct.pack("<H", 1) + stored[place + 10 :]
    assert "encrypted or packed" in refused(locked)
    assert "encrypted or packed" in refused(zipped(members(packed), zipfile.ZIP_LZMA))


@pytest.mark.parametrize("name", ["finding.json", "arrays.npz"])
def test_without_its_parts_it_is_refused(packed: bytes, name: str) -> None:
    left = {key: data for key, data in members(packed).items() if key != name}
    assert f"it has no {name}" in refused(zipped(left))


def test_arrays_that_would_run_code_are_refused(packed: bytes, tmp_path: Path) -> None:
    mark = tmp_path / "it ran"

    class Gadget:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch '{mark}'",)

    def put(arrays: dict[str, Any]) -> None:
        arrays["run/0/logits"] = np.array([Gadget()] * 16, dtype=object)

    evil = rewritten(packed, put)
    inner = members(members(evil)["arrays.npz"])
    assert b"touch" in inner["run/0/logits.npy"]
    assert "is not of shape" in refused(evil)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "array", "says"),
    [
        ("clip/0/frames", np.zeros((4, 32, 31, 3), np.uint8), "is not of shape"),
        ("clip/0/frames", np.zeros((4, 32, 32, 3), np.int8), "is not of shape"),
        ("clip/0/frames", np.zeros((4, 64, 64, 3), np.uint8), "larger than"),
        ("run/0/logits", np.zeros(15, np.float32), "is not of shape"),
        ("run/0/logits", np.zeros(16, np.float64), "is not of shape"),
        ("run/0/logits", np.full(16, np.nan, np.float32), "not finite"),
        ("run/0/frame_logits", np.full((4, 16), np.inf, np.float32), "not finite"),
        ("run/0/layer1.0/kernel", np.zeros((3, 8), np.float32), "is not of shape"),
        ("run/0/layer1.0/importance", np.asfortranarray(np.zeros((8, 4), np.float32)), "shape"),
        ("mean/0/layer1.0/kernel", np.full((8, 3), np.nan, np.float32), "not finite"),
    ],
)
def test_arrays_of_another_kind_are_refused(
    packed: bytes, name: str, array: np.ndarray, says: str
) -> None:
    said = refused(rewritten(packed, lambda arrays: arrays.update({name: array})))
    assert says in said
    assert name.rsplit("/", maxsplit=1)[-1] in said


def test_an_array_that_claims_to_be_huge_is_refused(packed: bytes) -> None:
    """Its header says more than is there; nothing may be allocated for it."""
    inner = members(members(packed)["arrays.npz"])
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (1 << 40,)}
    )
    inner["run/0/logits.npy"] = header.getvalue() + b"\0" * 64
    data = zipped({**members(packed), "arrays.npz": zipped(inner)})
    assert "is not of shape (16,)" in refused(data)
    inner["run/0/logits.npy"] = b"\x93NUMPY\x01\x00\x0a\x00((((((((((" + b"\0" * 64
    refused(zipped({**members(packed), "arrays.npz": zipped(inner)}))
    del inner["run/0/logits.npy"]
    assert "no run/0/logits.npy" in refused(
        zipped({**members(packed), "arrays.npz": zipped(inner)})
    )


def test_two_clips_of_one_id_are_refused(packed: bytes) -> None:
    def twice(record: dict[str, Any]) -> None:
        record["clips"].append(record["clips"][0])

    assert "two clips of one id" in refused(changed(packed, twice))


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("format", "zip", "format of finding.json should be 'tam_viz finding'"),
        ("version", 2, "version 2 of the format"),
        ("version", True, "a valid integer"),
        ("title", 3, "title of finding.json should be a valid string"),
        ("title", "x" * 201, "at most 200 characters"),
        ("made", "yesterday", "made of finding.json is wrong"),
        ("query", [], "query of finding.json should be an object"),
        ("query", {"block": "layer1.0"}, "a valid array"),
        ("query", {"bl ock": ["x"]}, "query.bl ock.[key] of finding.json should match"),
        ("query", {"block": ["x" * 201]}, "at most 200 characters"),
        ("networks", {}, "a valid array"),
        ("networks", [], "means.0.network of finding.json should be one of none"),
        ("networks/0/id", "../../evil", "networks.0.id of finding.json should match"),
        ("networks/0/classes", [], "at least 1 item"),
        ("networks/0/input/frames", 1 << 40, "networks.0.input of finding.json is wrong: frames"),
        ("networks/0/input/std", [0, 1, 1], "must be above 0"),
        ("networks/0/input/sampling", "all", "sampling"),
        ("clips", [], "runs.0.clip of finding.json should be one of none"),
        ("clips/0/roles", [], "it has no first clip"),
        ("clips/0/id", "clip-1", "runs.0.clip of finding.json should be one of"),
        ("clips/0/frame_indices", [0, 1], "must hold 4 numbers"),
        ("clips/0/times_s", ["0", 1, 2, 3], "a valid number"),
        ("clips/0/duration_s", 10**400, "a finite number"),
        ("clips/0/crop", [1, 2], "crop.2 of finding.json is missing"),
        ("clips/0/mirrored", "no", "a valid boolean"),
        ("clips/0/arrays", "../../x", "it has no ../../x/frames.npy"),
        ("clips/0/truth", "moves left", "truth of finding.json should be an object"),
        ("clips/0/view", 1, "a whole number from 0 to 0"),
        ("runs/0/clip", "nothing", "runs.0.clip of finding.json should be one of"),
        ("runs/0/rows", 0, "greater than or equal to 1"),
        ("runs/0/blocks/0/channels", -1, "greater than or equal to 1"),
        ("runs/0/blocks/0/name", "../../x", "blocks.0.name of finding.json should match"),
        ("runs/4/edits/0/block", "layer9.9", "edits.0.block of finding.json should be one of *"),
        ("runs/4/edits/0/op", "explode", "not the record of an edit"),
        ("runs/4/edits/0/target", [], "a valid string"),
        ("runs/4/edits/0/donor", None, "takes rows from"),
        ("runs/4/edits/0/donor", "clip-9", "should be one of"),
        ("runs/4/edits/2/channels", [-1], "greater than or equal to 0"),
        ("runs/4/edits/2/channels", "all", "channels"),
        ("runs/4/edits/2/seed", 1.5, "a valid integer"),
        ("means/0/network", "nothing", "means.0.network of finding.json"),
        ("runs", KeyError, "runs of finding.json is missing"),
        ("runs", [], "it has no runs"),
        ("notes", ["x" * 1001], "at most 1000 characters"),
        ("notes", ["x"] * 65, "at most 64 items"),
        ("versions", {"../x": "1"}, "[key] of finding.json should match"),
    ],
)
def test_records_of_another_kind_are_refused(
    packed: bytes, path: str, value: object, says: str
) -> None:
    assert says in refused(changed(packed, at(path, value)))


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{", b'{"format": NaN}', b"[" * 100_000, b"\xff\xfe", b'"' + b"9" * 9000 + b'"'],
)
def test_what_is_no_record_is_refused(packed: bytes, text: bytes) -> None:
    assert "finding.json" in refused(zipped({**members(packed), "finding.json": text}))


def test_words_of_strangers_cannot_fetch_or_link(packed: bytes) -> None:
    evil = "![x](http://evil.example/x.png) <img src=x>\n# big"
    found, _ = read(changed(packed, at("clips/0/source", evil)), "f.zip")
    said = found.clips[0].clip.source
    assert "](" not in said
    assert "<" not in said
    assert "\n" not in said


def test_files_on_disk_that_cannot_be_read_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"'none\.zip' cannot be read"):
        read_file(tmp_path / "none.zip")
    large = tmp_path / "large.zip"
    with large.open("wb") as file:
        file.truncate(LIMIT_BYTES + 1)
    with pytest.raises(UserError, match="larger than 200 MB"):
        read_file(large)


def test_the_class_that_the_visitor_gave_is_kept_as_theirs(finding: Finding) -> None:
    kept = finding.clips[0]
    truth = Truth("arm wrestling", visitors=True)
    clip = dataclasses.replace(kept.clip, truth=truth)
    mine = dataclasses.replace(
        finding, clips=(dataclasses.replace(kept, clip=clip), *finding.clips[1:])
    )
    back, _ = read(pack(mine, {}), "f.zip")
    assert back.clips[0].clip.truth == truth
    assert not there(back.clips[1].clip.truth).visitors


def test_a_finding_from_before_clips_could_be_labelled_is_read(packed: bytes) -> None:
    def forget(data: dict[str, Any]) -> None:
        del data["clips"][0]["truth"]["visitors"]

    back, _ = read(changed(packed, forget), "f.zip")
    assert not there(back.clips[0].clip.truth).visitors


@pytest.mark.parametrize(
    "junk",
    [
        {"runs": [{}] * 1_000_000},
        {"notes": [1] * 1_000_000},
        {"query": {f"{i} x": 1 for i in range(200_000)}},
        {"versions": {f"{i} x": 1 for i in range(200_000)}},
    ],
)
def test_a_list_is_left_at_its_first_error(packed: bytes, junk: dict[str, Any]) -> None:
    """A million errors take gigabytes."""
    record = {**json.loads(members(packed)["finding.json"]), **junk}
    with pytest.raises(MalformedError) as caught:
        parse(json.dumps(record).encode())
    assert isinstance(caught.value.__context__, ValidationError)
    assert caught.value.__context__.error_count() < 10
