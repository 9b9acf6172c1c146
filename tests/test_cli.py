"""The command line as a person meets it: files, sentences, exit codes."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch

import tam_viz as library
from tam_viz.findings.read import read_file
from tam_viz.models import cards, checkpoint
from tam_viz.models.net import VideoNet
from tam_viz.motionpairs import dataset
from tests.published.names import authors_tanet
from tests.support.command import Done, in_a_process, refused, tam_viz
from tests.support.findings import changed, rewritten


def test_analyze_writes_predictions_traces_and_a_report(videos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = tam_viz("analyze", videos / "approaches_1.mp4", "--out", out, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert "tanet-motionpairs: " in done.stdout
    record = json.loads((out / "run.json").read_text())
    assert record["source"] == "approaches_1.mp4"
    assert {m["id"] for m in record["models"]} >= {
        "tanet-motionpairs",
        "tsm-motionpairs",
        "tsn-motionpairs",
    }
    tanet = record["models"][0]
    assert tanet["id"] == "tanet-motionpairs"
    assert tanet["trace"] == "trace.npz"
    assert len(tanet["top5"]) == 5
    assert 0 < sum(entry["probability"] for entry in tanet["top5"]) <= 1 + 1e-6
    assert len(tanet["frame_indices"]) == len(tanet["times_s"]) == 8
    assert tanet["seconds"] > 0
    assert all(m["trace"] is None for m in record["models"] if m["temporal"] != "tam")
    with np.load(out / "trace.npz") as trace:
        assert len(trace.files) == 16
        assert trace["layer3.1/importance"].shape == (64, 8)
        assert trace["layer3.1/kernel"].shape == (64, 3)
        np.testing.assert_allclose(trace["layer4.1/kernel"].sum(1), 1, rtol=1e-5)
    page = (out / "report.html").read_text()
    assert page.count("<h2>") == 10
    assert "<script src" not in page
    found, _ = read_file(out / "finding.zip")
    assert [n.id for n in found.networks] == [m["id"] for m in record["models"]]
    for run, model in zip(found.runs, record["models"], strict=True):
        assert run.prediction.top(1)[0][0] == model["top5"][0]["class"]
    with zipfile.ZipFile(out / "finding.zip") as packed:
        assert packed.read("report.html").decode() == page


def test_a_finding_comes_out_the_same_or_is_told(videos: Path, tmp_path: Path) -> None:
    done = tam_viz(
        "analyze", videos / "hides_1.mp4", "--model", "tanet-motionpairs",
        "--model", "tsn-motionpairs", "--out", tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    path, other = tmp_path / "finding.zip", tmp_path / "other.zip"
    done = tam_viz("open", path, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert "'hides_1.mp4'" in done.stdout
    assert hashlib.sha256(path.read_bytes()).hexdigest() in done.stdout
    assert "2 of 2 runs computed here give the same numbers" in done.stdout
    assert "nan" not in done.stdout  # a network without V and Θ has a dash there

    def lie(arrays: dict[str, np.ndarray]) -> None:
        arrays["run/0/layer3.1/importance"] += 0.01

    other.write_bytes(rewritten(path.read_bytes(), lie))
    done = tam_viz("open", other)
    assert done.returncode == 1, done.stderr
    assert "1 of 2 runs" in done.stdout
    assert "difference is 0.01" in done.stdout

    def rename(record: dict[str, Any]) -> None:
        record["networks"][1]["id"] = record["runs"][1]["network"] = "gone"

    other.write_bytes(changed(path.read_bytes(), rename))
    done = tam_viz("open", other)
    assert done.returncode == 1, done.stderr
    assert "There is no network gone here" in done.stdout
    assert "1 of 1 runs" in done.stdout
    assert "1 could not be computed" in done.stdout

    def write(record: dict[str, Any]) -> None:
        record["note"] = "first line\n\x1b[31mred"

    other.write_bytes(changed(path.read_bytes(), write))
    done = tam_viz("open", other)
    assert done.returncode == 0, done.stderr
    assert "Note:\nfirst line\n␛[31mred\n" in done.stdout


def test_a_file_that_is_no_finding_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("not a zip")
    assert "'x.zip' is not a finding" in refused(tam_viz("open", tmp_path / "x.zip"))
    assert "'none.zip' cannot be read" in refused(tam_viz("open", tmp_path / "none.zip"))


def test_analyze_with_one_model_and_dense_sampling(videos: Path, tmp_path: Path) -> None:
    done = tam_viz(
        "analyze", videos / "hides_1.mp4", "--model", "tsn-motionpairs",
        "--sampling", "dense", "--out", tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (model,) = json.loads((tmp_path / "run.json").read_text())["models"]
    n = model["video_frames"]
    assert model["frame_indices"] == [(8 * i) % n for i in range(8)]
    assert "wraps round" in done.stdout
    assert not (tmp_path / "trace.npz").exists()


def test_what_cannot_be_read_gets_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("not a video")
    assert "'text.mp4' is not a video" in refused(tam_viz("analyze", text, "--out", tmp_path))
    missing = tam_viz("analyze", tmp_path / "none.mp4", "--out", tmp_path)
    assert "no file 'none.mp4'" in refused(missing)
    assert not (tmp_path / "run.json").exists()


@pytest.mark.parametrize("command", [tam_viz, in_a_process])
def test_an_unknown_model_gets_a_sentence(
    command: Callable[..., Done], videos: Path, tmp_path: Path
) -> None:
    done = command("analyze", videos / "hides_1.mp4", "--model", "resnet", "--out", tmp_path)
    assert "no checkpoint 'resnet'" in refused(done)


def test_results_that_cannot_be_written_are_refused_before_anything_is_computed(
    videos: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    for arguments in (
        ("analyze", videos / "hides_1.mp4", "--out", taken),
        ("clips", "--out", taken),
        ("train", "tam", "--out", taken),
        ("evaluate", "tsn-motionpairs", "--out", taken / "scores.json"),
        ("evaluate", "tsn-motionpairs", "--out", tmp_path),
    ):
        told = refused(tam_viz(*arguments))
        assert "written" in told or "is a folder" in told


def test_the_same_network_twice_is_refused(videos: Path, tmp_path: Path) -> None:
    twice = ("--model", "tsn-motionpairs") * 2
    done = tam_viz("analyze", videos / "hides_1.mp4", *twice, "--out", tmp_path)
    assert "same id" in refused(done)


@pytest.mark.parametrize("command", [tam_viz, in_a_process])
def test_models_lists_what_is_there(command: Callable[..., Done]) -> None:
    done = command("models")
    assert done.returncode == 0
    for name in ("tanet-motionpairs", "tsm-motionpairs", "tsn-motionpairs"):
        assert name in done.stdout


def test_clips_are_playable_and_labelled(tmp_path: Path) -> None:
    done = tam_viz("clips", "--out", tmp_path, "--count", "17", "--seed", "5", "--size", "64")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 17
    assert rows[16]["label"] == rows[0]["label"] == "moves left"
    for row in rows:
        with av.open(str(tmp_path / row["file"])) as container:
            stream = container.streams.video[0]
            assert stream.codec_context.name == "h264"
            assert stream.codec_context.pix_fmt == "yuv420p"
            assert 32 <= sum(1 for _ in container.decode(video=0)) <= 48
        assert float(row["event_start_s"]) < float(row["event_end_s"])


def test_the_same_seed_writes_the_same_list(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tam_viz("clips", "--out", tmp_path / name, "--count", "2", "--seed", "5", "--size", "32")
    lists = [(tmp_path / name / "labels.csv").read_text() for name in ("a", "b")]
    assert lists[0] == lists[1]


def test_an_odd_size_gets_a_sentence(tmp_path: Path) -> None:
    assert "even" in refused(tam_viz("clips", "--out", tmp_path, "--size", "65"))


def test_evaluate_writes_scores(tmp_path: Path) -> None:
    out = tmp_path / "scores.json"
    done = tam_viz("evaluate", "tsn-motionpairs", "--count", "32", "--seed", "9", "--out", out)
    assert done.returncode == 0, done.stderr
    scores = json.loads(out.read_text())["tsn-motionpairs"]
    assert scores["n"] == 32
    assert {"n", "top1", "within_pair", "by_class", "by_family", "by_kind"} <= set(scores)
    assert len(scores["by_class"]) == 16


def test_evaluate_measures_the_shift_set(tmp_path: Path) -> None:
    out = tmp_path / "scores.json"
    done = tam_viz("evaluate", "tsn-motionpairs", "--shift", "--count", "80", "--out", out)
    assert done.returncode == 0, done.stderr
    scores = json.loads(out.read_text())["tsn-motionpairs"]
    assert set(scores["by_kind"]) == {"faster", "slower", "camera", "smaller", "crowded"}
    assert "measures everything" in refused(tam_viz("evaluate", "all", "--shift"))


def test_a_network_without_tam_is_not_probed() -> None:
    assert "not a TANet" in refused(tam_viz("probe", "tsn-motionpairs"))


def test_a_new_network_is_measured_not_its_namesake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder called like a checkpoint of the project is still a folder."""
    monkeypatch.setattr(dataset, "TEST_CLIPS", 64)
    monkeypatch.chdir(tmp_path)
    done = tam_viz("train", "none", "--out", "tanet-motionpairs", "--clips", "16")
    assert done.returncode == 0, done.stderr
    card = json.loads((tmp_path / "tanet-motionpairs" / "card.json").read_text())
    assert card["metrics"][0]["value"] < 0.3
    card["metrics"] = []  # as after a kill before the measuring
    (tmp_path / "tanet-motionpairs" / "card.json").write_text(json.dumps(card))
    other = ("train", "none", "--out", "tanet-motionpairs", "--clips", "32")
    assert "not measured yet, with clips 16" in refused(tam_viz(*other))
    assert tam_viz("train", "none", "--out", "tanet-motionpairs").returncode == 0
    card = json.loads((tmp_path / "tanet-motionpairs" / "card.json").read_text())
    assert len(card["metrics"]) == 2


def test_train_makes_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "TEST_CLIPS", 64)
    folder = tmp_path / "small"
    done = tam_viz("train", "tsm", "--out", folder, "--clips", "32", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    card = json.loads((folder / "card.json").read_text())
    assert card["temporal"] == "tsm"
    assert {metric["name"] for metric in card["metrics"]} == {"top1", "within_pair"}
    assert "disjoint" in card["metrics"][0]["protocol"]
    assert "already holds a checkpoint" in refused(tam_viz("train", "tsm", "--out", folder))
    assert "no temporal module" in refused(tam_viz("train", "tms", "--out", tmp_path / "x"))


def test_importing_the_package_stays_light() -> None:
    heavy = {"torch", "streamlit", "plotly", "pandas"}
    code = f"import sys, tam_viz; assert not {heavy} & set(sys.modules); tam_viz.load"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_code_in_the_readme_runs(videos: Path, tmp_path: Path) -> None:
    readme = (Path(__file__).resolve().parents[1] / "README.md").read_text()
    code = "".join(re.findall(r"```python\n(.*?)```", readme, re.DOTALL))
    shutil.copy(videos / "hides_1.mp4", tmp_path / "clip.mp4")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "layer4.1 (128, 8) (128, 3)" in done.stdout


def test_the_library_in_five_lines(videos: Path) -> None:
    model = library.load("tanet-motionpairs", "cpu")
    run = library.analyze(model, videos / "recedes_1.mp4")
    assert run.prediction.logits.shape == (16,)
    assert run.tam["layer3.1"].importance.shape == (64, 8)
    assert run.tam.blocks[0].name == "layer1.0"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        library.nothing  # noqa: B018


def plain_net(name: str) -> VideoNet:
    """A network as its weights are stored, not prepared for inference."""
    folder = cards.find(name)
    return checkpoint.load_network(folder, cards.read_card(folder))


def test_published_weights_are_imported_listed_and_analyzed(videos: Path, tmp_path: Path) -> None:
    """A small TANet under the authors' names, from the file to the report."""
    net = plain_net("tanet-motionpairs")
    state = {f"module.{authors_tanet(key)}": value for key, value in net.state_dict().items()}
    torch.save({"epoch": 1, "arch": "resnet26", "state_dict": state}, tmp_path / "w.pth.tar")
    folder, labels = tmp_path / "made", tmp_path / "labels.txt"
    labels.write_text("\n".join(f"name {i}" for i in range(16)))
    done = tam_viz(
        "import", tmp_path / "w.pth.tar", "--name", "mine", "--into", folder, "--labels", labels
    )
    assert done.returncode == 0, done.stderr
    assert "mine: tam, 8 frames, 16 classes" in done.stdout
    assert "Reversing the frames moves its logits by" in done.stdout
    (folder / "mine" / "audit.json").unlink()
    done = tam_viz("audit", folder / "mine", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert "mine: Reversing the frames" in done.stdout
    assert (folder / "mine" / "audit.json").is_file()
    video = videos / "approaches_1.mp4"
    done = tam_viz(
        "analyze", video, "--out", tmp_path / "out", "--model", folder / "mine", "--device", "cpu"
    )
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["models"][0]["top5"][0]["class"].startswith("name ")
    assert "already" in refused(
        tam_viz("import", tmp_path / "w.pth.tar", "--name", "mine", "--into", folder)
    )


def test_an_option_that_would_be_dropped_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "w.pth"
    torch.save({"conv1.weight": torch.zeros(1)}, file)
    order = ("--label-order", "sorted")
    assert "give both" in refused(tam_viz("import", file, "--name", "x", *order))
    assert "name one" in refused(tam_viz("download", "--into", tmp_path))
    assert "their own seeds" in refused(tam_viz("train", "all", "--seed", "3"))
    rate = ("--branch-rate", "2", "--out", tmp_path / "tsm")
    assert "no branch" in refused(tam_viz("train", "tsm", *rate))


def test_weights_that_would_run_code_are_refused(tmp_path: Path) -> None:
    mark = tmp_path / "it ran"

    class Gadget:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch '{mark}'",)

    torch.save({"state_dict": {"a": torch.zeros(1)}, "optimizer": Gadget()}, tmp_path / "w.pth")
    told = refused(tam_viz("import", tmp_path / "w.pth", "--name", "bad", "--into", tmp_path))
    assert "made to run code" in told
    assert not mark.exists()
    assert not (tmp_path / "bad").exists()


def test_the_catalogue_is_listed_and_what_a_browser_gets_is_told() -> None:
    done = tam_viz("download")
    assert done.returncode == 0
    assert "mmaction2-tanet-r50-8f-dense-k400: TANet-50, Kinetics-400, 76.2%" in done.stdout
    told = refused(tam_viz("download", "tanet-r50-8f-k400"))
    assert "Only a browser" in told
    assert "tam-viz import FILE --name tanet-r50-8f-k400" in told
    assert "no weights 'nothing'" in refused(tam_viz("download", "nothing"))


def test_the_published_protocol_runs_every_view(videos: Path, tmp_path: Path) -> None:
    net = plain_net("tanet-motionpairs")
    state = {authors_tanet(key): value for key, value in net.state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / "w.pth.tar")
    done = tam_viz("import", tmp_path / "w.pth.tar", "--name", "mine", "--into", tmp_path)
    assert done.returncode == 0, done.stderr
    video, out = videos / "approaches_1.mp4", tmp_path / "out"
    arguments: list[str | Path] = [
        "analyze",
        video,
        "--out",
        out,
        "--model",
        tmp_path / "mine",
        "--device",
        "cpu",
    ]
    done = tam_viz(*arguments, "--protocol", "published")
    assert done.returncode == 0, done.stderr
    assert "of 6 views say" in done.stdout
    (record,) = json.loads((out / "run.json").read_text())["models"]
    assert len(record["views"]) == 6
    assert record["protocol"]["average"] == "logits"
    assert {tuple(view["crop"][4:]) for view in record["views"]} == {(256, 256)}
    found, _ = read_file(out / "finding.zip")
    assert [kept.view for kept in found.clips] == [3]
    assert found.runs[0].prediction.top(1)[0][0] == record["views"][3]["class"]
    assert found.notes == (
        "Of the views of the published test, one is kept, and what is said of it: mine.",
    )
    assert "has its own sampling" in refused(
        tam_viz(*arguments, "--protocol", "published", "--sampling", "dense")
    )
