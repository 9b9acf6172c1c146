"""Many runs at once are those that `run` gives alone, and what they share is done once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from tam_viz.capture import batches, by_block, many
from tam_viz.capture.batches import attempt, notice
from tam_viz.capture.many import run_each, run_many
from tam_viz.capture.run import record_donor, run
from tam_viz.models.engine import LoadedModel, prepare
from tam_viz.models.registry import entries
from tam_viz.types import ALL_BLOCKS, Clip, Edit, InputSpec, Run, UserError
from tests.support.hooks import hooks

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]


def assert_same(one: Run, other: Run) -> None:
    assert (one.clip_id, one.checkpoint_id, one.edits) == (
        other.clip_id,
        other.checkpoint_id,
        other.edits,
    )
    np.testing.assert_allclose(
        one.prediction.frame_logits, other.prediction.frame_logits, atol=1e-5, rtol=1e-5
    )
    assert (one.trace is None) == (other.trace is None)
    if one.trace is None or other.trace is None:
        return
    assert one.trace.names == other.trace.names
    for a, b in zip(one.trace.blocks, other.trace.blocks, strict=True):
        np.testing.assert_allclose(a.importance, b.importance, atol=1e-5)
        np.testing.assert_allclose(a.kernel, b.kernel, atol=1e-5)


def a_set_of_edits(donor: Clip) -> list[tuple[Edit, ...]]:
    """Of every target; one channel and all; one block, several, and all; alike up to a block."""
    return [
        (),
        (Edit("layer1.0", "importance", "one"),),
        (Edit("layer4.0", "kernel", "reversed"),),
        (Edit(ALL_BLOCKS, "kernel", "reversed"),),
        (Edit(ALL_BLOCKS, "kernel", "reversed"), Edit("layer3.0", "importance", "shuffled")),
        (Edit("layer2.0", "importance", "time_mean", channels=(1, 3)),),
        (Edit("layer2.0", "kernel", "donor", donor=donor),),
        (Edit("layer3.0", "input", "donor", donor=donor),),
        (Edit("layer3.0", "input", "donor", donor=donor), Edit("layer3.0", "kernel", "centre")),
        (Edit("layer2.0", "importance", "one"), Edit("layer2.0", "importance", "time_mean")),
        (Edit("layer2.0", "importance", "time_mean"), Edit("layer2.0", "importance", "one")),
        (),
        (Edit("layer4.0", "kernel", "reversed"),),
    ]


def test_each_set_of_edits_gives_what_run_gives(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip, other = tiny_model(), tiny_clip(0), tiny_clip(1)
    edits = a_set_of_edits(tiny_clip(2))
    clips = [clip] * len(edits) + [other] * 3 + [tiny_clip(3)]
    every = [*edits, *edits[:3], edits[4]]
    found = run_many(loaded, clips, every)
    for one, given, of_clip in zip(found.runs, clips, every, strict=True):
        assert_same(one, run(loaded, given, of_clip))
    assert found.features.shape == (len(clips), 256)
    assert hooks(loaded.net) == 0


def test_they_come_as_they_are_done(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    edits = a_set_of_edits(tiny_clip(2))
    found = dict(run_each(loaded, [clip] * len(edits), edits))
    assert sorted(found) == list(range(len(edits)))
    for number, done in found.items():
        assert_same(done, run(loaded, clip, edits[number]))


def test_means_and_donors_are_heeded(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip, donor = tiny_model(), tiny_clip(), tiny_clip(5)
    mean = run(loaded, tiny_clip(4)).trace
    donated = {donor.id: record_donor(loaded, donor, loaded.block_names)}
    edits = [
        [Edit("layer2.0", "importance", "given")],
        [Edit("layer3.0", "importance", "level"), Edit("layer1.0", "kernel", "given")],
        [Edit("layer3.0", "input", "donor", donor=donor)],
    ]
    found = run_many(loaded, [clip] * 3, edits, given=mean, donors=donated)
    for one, of_clip in zip(found.runs, edits, strict=True):
        assert_same(one, run(loaded, clip, of_clip, given=mean, donors=donated))


def test_a_prepared_network_does_so_too(tiny_model: Model, tiny_clip: Make) -> None:
    plain = tiny_model()
    loaded = dataclasses.replace(plain, net=prepare(plain.net, plain.card))
    edits = a_set_of_edits(tiny_clip(2))
    for one, of_clip in zip(
        run_many(loaded, [tiny_clip()] * len(edits), edits).runs, edits, strict=True
    ):
        assert_same(one, run(loaded, tiny_clip(), of_clip))


@pytest.mark.parametrize("temporal", [name for name in entries() if name != "tam"])
def test_clips_of_every_network_go_through_together(
    temporal: str, tiny_model: Model, tiny_clip: Make
) -> None:
    loaded, clips = tiny_model(temporal), [tiny_clip(i) for i in range(3)]
    for one, clip in zip(run_many(loaded, clips).runs, clips, strict=True):
        assert_same(one, run(loaded, clip))
    twice = run_many(loaded, [clips[0], clips[0]])
    for one in twice.runs:
        assert_same(one, run(loaded, clips[0]))


def test_shared_work_is_done_once(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    names = loaded.block_names
    passes: dict[str, int] = dict.fromkeys(names, 0)
    for name in names:

        def count(_: object, given: tuple[torch.Tensor, ...], name: str = name) -> None:
            passes[name] += len(given[0]) // loaded.net.frames

        loaded.net.get_submodule(name).register_forward_pre_hook(count)
    edits = [[], *([Edit(name, "kernel", "reversed")] for name in names)]
    run_many(loaded, [clip] * len(edits), edits)
    # the plain clip and those that left before or here
    assert [passes[name] for name in names] == [2, 3, 4, 5]
    passes.update(dict.fromkeys(names, 0))
    up_to = [[Edit(n, "kernel", "reversed") for n in names[: i + 1]] for i in range(len(names))]
    run_many(loaded, [clip] * len(up_to), up_to)
    assert [passes[name] for name in names] == [1, 2, 3, 4]


def test_edits_for_other_clips_are_refused(tiny_model: Model, tiny_clip: Make) -> None:
    with pytest.raises(ValueError, match="2 clips and edits for 1"):
        run_many(tiny_model(), [tiny_clip()] * 2, [[]])
    with pytest.raises(UserError, match=r"no TAM block 'layer9\.9'"):
        run_many(tiny_model(), [tiny_clip()], [[Edit("layer9.9", "kernel", "centre")]])
    with pytest.raises(UserError, match="no TAM"):
        run_many(tiny_model("tsm"), [tiny_clip()], [[Edit("layer1.0", "kernel", "centre")]])


def too_large(most: int, seen: list[int]) -> Callable[..., object]:
    """Runs out of memory with more than so many clips."""
    ordinary = by_block.from_pixels

    def work(loaded: LoadedModel, jobs: Sequence[Any], *sources: Any, **more: Any) -> object:
        seen.append(len(jobs))
        if len(jobs) > most and loaded.dtype != torch.float64:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return ordinary(loaded, jobs, *sources, **more)

    return work


def test_without_memory_fewer_clips_go_at_once(
    tiny_model: Model, tiny_clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, clips = tiny_model(), [tiny_clip(i) for i in range(5)]
    seen: list[int] = []
    monkeypatch.setattr(many, "from_pixels", too_large(2, seen))
    for one, clip in zip(run_many(loaded, clips).runs, clips, strict=True):
        assert_same(one, run(loaded, clip))
    assert seen == [5, 2, 3, 1, 2]
    assert notice(loaded) is None


def test_one_clip_that_does_not_fit_a_gpu_is_run_on_the_cpu_and_that_is_told(
    tiny_model: Model, tiny_clip: Make
) -> None:
    loaded = tiny_model()
    on_gpu = dataclasses.replace(loaded, device=torch.device("cuda"))  # by its name alone

    def work(there: LoadedModel, items: Sequence[int]) -> list[str]:
        if there.device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [f"{item} on {there.device}" for item in items]

    assert attempt(on_gpu, [1, 2, 3], work) == ["1 on cpu", "2 on cpu", "3 on cpu"]
    assert "does not fit into the memory of the GPU" in (notice(on_gpu) or "")
    assert batches.on_cpu(on_gpu) is batches.on_cpu(on_gpu)
    assert_same(run(batches.on_cpu(on_gpu), tiny_clip()), run(loaded, tiny_clip()))


def test_without_memory_for_one_clip_there_is_a_sentence(tiny_model: Model) -> None:
    def work(_: LoadedModel, __: Sequence[int]) -> list[int]:
        raise torch.OutOfMemoryError("no more")

    with pytest.raises(UserError, match="more memory for one clip than this machine has free"):
        attempt(tiny_model(), [1], work)


def test_published_networks_go_one_by_one_and_small_ones_together(tiny_model: Model) -> None:
    loaded = tiny_model()
    spec = InputSpec(frames=8, resize=256, size=224)
    published = dataclasses.replace(
        loaded, card=dataclasses.replace(loaded.card, width=64, input=spec)
    )
    assert [batches.at_once(published, stage) for stage in (1, 2, 3, 4)] == [1, 1, 2, 5]
    assert batches.at_once(dataclasses.replace(published, device=torch.device("cuda"))) >= 32
    assert batches.at_once(loaded) >= 32
    unknown = dataclasses.replace(published, card=dataclasses.replace(published.card, width=0))
    assert batches.at_once(unknown) == 1


@pytest.mark.parametrize(("count", "most"), [(0, 3), (1, 3), (3, 3), (4, 3), (7, 3), (7, 1)])
def test_batches_are_about_alike(count: int, most: int) -> None:
    parts = [list(some) for some in batches.in_batches(range(count), most)]
    assert [item for some in parts for item in some] == [*range(count)]
    sizes = [len(some) for some in parts]
    assert max(sizes, default=0) <= most
    assert max(sizes, default=0) - min(sizes, default=0) <= 1
    assert len(sizes) == -(-count // most)


def test_stages_with_batches_of_their_own_change_nothing(
    tiny_model: Model, tiny_clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, clips = tiny_model(), [tiny_clip(i) for i in range(3)]
    spec = loaded.card.input
    monkeypatch.setattr(batches, "_ON_CPU_BYTES", loaded.card.width * spec.frames * spec.size**2)
    assert [batches.at_once(loaded, stage) for stage in (1, 2, 3, 4)] == [1, 2, 4, 8]
    sizes: dict[str, list[int]] = {name: [] for name in loaded.block_names}
    for name, heard in sizes.items():

        def count(_: object, given: tuple[torch.Tensor, ...], heard: list[int] = heard) -> None:
            heard.append(len(given[0]) // spec.frames)

        loaded.net.get_submodule(name).register_forward_pre_hook(count)
    found = run_many(loaded, clips)
    assert [*sizes.values()] == [[1, 1, 1]] * 4  # as many as the first stage takes at once
    for one, clip in zip(found.runs, clips, strict=True):
        assert_same(one, run(loaded, clip))
        assert one.seconds > 0
    edits = a_set_of_edits(tiny_clip(7))
    for one, of_clip in zip(
        run_many(loaded, [clips[0]] * len(edits), edits).runs, edits, strict=True
    ):
        assert_same(one, run(loaded, clips[0], of_clip))
