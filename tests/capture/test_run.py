"""The promises of `run`: nothing left behind, and everyone gets the maps of their own clip."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from tam_viz.capture.run import run, run_tensor
from tam_viz.models.engine import LoadedModel
from tam_viz.models.preprocess import clip_tensor
from tam_viz.types import ALL_BLOCKS, Clip, Edit, InputSpec, TAMTrace, UserError
from tests.support.hooks import hooks

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]


def arrays(trace: TAMTrace | None) -> list[np.ndarray]:
    assert trace is not None
    return [a for block in trace.blocks for a in (block.importance, block.kernel)]


def test_numbers_without_bound_get_a_sentence(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    with torch.no_grad():
        for weights in loaded.net.parameters():
            weights.mul_(1e30)
    with pytest.raises(UserError, match="tiny-tam produced non-finite logits on this clip"):
        run(loaded, tiny_clip())
    assert hooks(loaded.net) == 0


def test_what_a_run_holds(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    done = run(loaded, clip)
    assert (done.clip_id, done.checkpoint_id, done.edits) == (clip.id, "tiny-tam", ())
    assert done.seconds > 0
    assert done.trace is not None
    assert done.trace.names == ("layer1.0", "layer2.0", "layer3.0", "layer4.0")
    for block, channels in zip(done.trace.blocks, (8, 16, 32, 64), strict=True):
        assert block.importance.shape == (channels, 4)
        assert block.kernel.shape == (channels, 3)
        assert ((block.importance > 0) & (block.importance < 1)).all()
        np.testing.assert_allclose(block.kernel.sum(1), 1, rtol=1e-5)
        assert done.trace[block.name] is block
    with torch.no_grad():
        expected = loaded.net(clip_tensor(clip, loaded.card.input))[0].numpy()
    np.testing.assert_allclose(done.prediction.logits, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        done.prediction.frame_logits.mean(0), done.prediction.logits, rtol=1e-5, atol=1e-6
    )
    with pytest.raises(KeyError, match="there are layer1"):
        done.trace["layer9.9"]


def test_top_classes(tiny_model: Model, tiny_clip: Make) -> None:
    prediction = run(tiny_model(), tiny_clip()).prediction
    top = prediction.top(5)
    assert [p for _, p in top] == sorted((p for _, p in top), reverse=True)
    assert top[0][0] == prediction.classes[prediction.logits.argmax()]
    assert prediction.probabilities.sum() == pytest.approx(1)


def test_a_rival_has_no_trace(tiny_model: Model, tiny_clip: Make) -> None:
    assert run(tiny_model("tsm"), tiny_clip()).trace is None


def test_a_prepared_view_gives_the_same(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    x = clip_tensor(clip, loaded.card.input)[0].transpose(0, 1)
    first, second = run(loaded, clip), run_tensor(loaded, x)
    assert (first.prediction.logits == second.prediction.logits).all()
    for a, b in zip(arrays(first.trace), arrays(second.trace), strict=True):
        assert (a == b).all()


def test_the_trace_is_a_copy(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    first = run(loaded, tiny_clip(0))
    kept = [a.copy() for a in arrays(first.trace)]
    run(loaded, tiny_clip(1))
    for before, after in zip(kept, arrays(first.trace), strict=True):
        assert (before == after).all()


EDITS = (Edit(ALL_BLOCKS, "kernel", "reversed"), Edit("layer2.0", "importance", "one"))


def test_no_hook_is_left_after_success(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    run(loaded, tiny_clip())
    run(loaded, tiny_clip(), EDITS)
    assert hooks(loaded.net) == 0


@pytest.mark.parametrize("edits", [(), EDITS])
def test_no_hook_is_left_after_a_failure(
    edits: tuple[Edit, ...], tiny_model: Model, tiny_clip: Make
) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    before = run(loaded, clip)

    class Exploding(nn.Module):
        def forward(self, _: torch.Tensor) -> torch.Tensor:
            raise ZeroDivisionError

    kept, loaded.net.layer3 = loaded.net.layer3, nn.Sequential(Exploding())
    with pytest.raises(ZeroDivisionError):
        run(loaded, clip, edits)
    loaded.net.layer3 = kept
    assert hooks(loaded.net) == 0
    assert (run(loaded, clip).prediction.logits == before.prediction.logits).all()


def test_no_hook_is_left_by_an_edit_that_does_not_fit(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    wrong = Edit("layer1.0", "kernel", "centre", channels=(99,))
    with pytest.raises(UserError):
        run(loaded, tiny_clip(), (*EDITS, wrong))
    assert hooks(loaded.net) == 0


def test_flags_and_gradients_are_as_before(tiny_model: Model, tiny_clip: Make) -> None:
    loaded = tiny_model()
    loaded.net.get_submodule("layer2").train()
    flags = [module.training for module in loaded.net.modules()]
    run(loaded, tiny_clip(), EDITS)
    assert [module.training for module in loaded.net.modules()] == flags
    assert all(p.requires_grad and p.grad is None for p in loaded.net.parameters())


def test_sixteen_threads_each_get_the_trace_of_their_own_clip(
    tiny_model: Model, tiny_clip: Make
) -> None:
    loaded = tiny_model()
    clips = [tiny_clip(i) for i in range(16)]
    edits = [(), EDITS] * 8
    alone = [run(loaded, clip, edit) for clip, edit in zip(clips, edits, strict=True)]
    for _ in range(3):
        with ThreadPoolExecutor(16) as pool:
            together = list(pool.map(run, [loaded] * 16, clips, edits))
        for one, other in zip(alone, together, strict=True):
            assert (one.prediction.logits == other.prediction.logits).all()
            for a, b in zip(arrays(one.trace), arrays(other.trace), strict=True):
                assert (a == b).all()
    assert hooks(loaded.net) == 0


def test_a_clip_for_another_network_is_refused(tiny_model: Model, tiny_clip: Make) -> None:
    other = tiny_clip(spec=InputSpec(8, 48, 48))
    with pytest.raises(UserError, match="takes 4 frames of 32×32 pixels and the clip has 8"):
        run(tiny_model(), other)
    with pytest.raises(UserError, match=r"\(frames, 3, height, width\), not"):
        run_tensor(tiny_model(), torch.zeros(1, 3, 4, 32, 32))
    with pytest.raises(UserError, match=r"float32 tensor .* not Tensor torch.float64"):
        run_tensor(tiny_model(), torch.zeros(4, 3, 32, 32, dtype=torch.double))
    with pytest.raises(UserError, match="takes clips of 4 RGB frames"):
        run_tensor(tiny_model(), torch.zeros(8, 3, 32, 32))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no NVIDIA GPU here")
def test_a_gpu_gives_the_maps_of_the_cpu(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    on_cpu = run(loaded, clip)
    device = torch.device("cuda")
    on_gpu = run(LoadedModel(loaded.card, loaded.net.to(device), device), clip)
    for a, b in zip(arrays(on_cpu.trace), arrays(on_gpu.trace), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3)
