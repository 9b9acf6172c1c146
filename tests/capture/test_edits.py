"""Every edit does what it says, where it says, and the trace shows what the network used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tam_viz.capture.operations import OPS
from tam_viz.capture.run import record_donor, run
from tam_viz.models.engine import LoadedModel
from tam_viz.types import ALL_BLOCKS, Clip, Edit, InputSpec, Target, UserError

Model = Callable[..., LoadedModel]
Make = Callable[..., Clip]
NAMES = ("layer1.0", "layer2.0", "layer3.0", "layer4.0")


def hooks(loaded: LoadedModel) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in loaded.net.modules())


def test_one(tiny_model: Model, tiny_clip: Make) -> None:
    done = run(tiny_model(), tiny_clip(), [Edit(ALL_BLOCKS, "importance", "one")])
    assert all((block.importance == 1).all() for block in done.tam.blocks)


def test_mean_over_time(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    plain = run(loaded, clip).tam["layer1.0"].importance
    edited = run(loaded, clip, [Edit("layer1.0", "importance", "time_mean")]).tam
    expected = np.repeat(plain.mean(1, keepdims=True), 4, axis=1)
    np.testing.assert_allclose(edited["layer1.0"].importance, expected, rtol=1e-5)


def test_shuffled_is_one_permutation_of_all_channels_and_never_the_identity(
    tiny_model: Model, tiny_clip: Make
) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    plain = run(loaded, clip).tam["layer3.0"].importance
    for seed in range(30):
        edit = Edit("layer3.0", "importance", "shuffled", seed=seed)
        shuffled = run(loaded, clip, [edit]).tam["layer3.0"].importance
        order = [int(np.abs(plain - column[:, None]).sum(0).argmin()) for column in shuffled.T]
        assert sorted(order) == [0, 1, 2, 3]
        assert order != [0, 1, 2, 3]
        assert (shuffled == plain[:, order]).all()


def test_kernels(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    plain = run(loaded, clip).tam["layer1.0"].kernel

    def edited(op: str) -> np.ndarray:
        return run(loaded, clip, [Edit("layer1.0", "kernel", op)]).tam["layer1.0"].kernel

    assert (edited("centre") == [0, 1, 0]).all()
    np.testing.assert_allclose(edited("uniform"), 1 / 3, rtol=1e-6)
    assert (edited("reversed") == plain[:, ::-1]).all()


@pytest.mark.parametrize("target", ["importance", "kernel"])
def test_donor(target: Target, tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip, donor = tiny_model(), tiny_clip(0), tiny_clip(1)
    given = run(loaded, donor).tam
    plain = run(loaded, clip)
    done = run(loaded, clip, [Edit(ALL_BLOCKS, target, "donor", donor=donor)])
    for block in done.tam.blocks:
        assert (getattr(block, target) == getattr(given[block.name], target)).all()
    assert (done.prediction.logits != plain.prediction.logits).any()


def test_the_clip_itself_as_donor_changes_nothing(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    edits = [Edit(ALL_BLOCKS, target, "donor", donor=clip) for target in ("importance", "kernel")]
    assert (run(loaded, clip, edits).prediction.logits == run(loaded, clip).prediction.logits).all()


def test_only_the_chosen_channels_and_blocks(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    plain = run(loaded, clip).tam
    done = run(loaded, clip, [Edit("layer2.0", "kernel", "centre", channels=(1, 5))]).tam
    changed = [
        i for i in range(16) if (done["layer2.0"].kernel[i] != plain["layer2.0"].kernel[i]).any()
    ]
    assert changed == [1, 5]
    assert (done["layer1.0"].kernel == plain["layer1.0"].kernel).all()
    assert (done["layer3.0"].kernel != plain["layer3.0"].kernel).any()


def test_edits_follow_one_another(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    twice = [Edit("layer1.0", "kernel", "reversed")] * 2
    assert (run(loaded, clip, twice).prediction.logits == run(loaded, clip).prediction.logits).all()
    last = run(loaded, clip, [twice[0], Edit("layer1.0", "kernel", "centre")]).tam
    assert (last["layer1.0"].kernel == [0, 1, 0]).all()


def test_centre_and_one_make_tam_the_identity(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    edits = [Edit(ALL_BLOCKS, "kernel", "centre"), Edit(ALL_BLOCKS, "importance", "one")]
    edited = run(loaded, clip, edits).prediction
    for stage in (1, 2, 3, 4):
        loaded.net.get_submodule(f"layer{stage}.0").temporal = nn.Identity()
    bare = run(loaded, clip).prediction
    np.testing.assert_allclose(edited.frame_logits, bare.frame_logits, rtol=1e-5, atol=1e-6)


def test_every_edit_changes_what_the_network_says(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    plain = run(loaded, clip).prediction.logits
    for target, ops in OPS.items():
        for op in ops:
            donor = tiny_clip(1) if op == "donor" else None
            edits = [Edit(ALL_BLOCKS, target, op, donor=donor)]
            done = run(loaded, clip, edits, given=run(loaded, tiny_clip(2)).tam)
            assert (done.prediction.logits != plain).any(), (target, op)
            assert done.edits[0].op == op


def test_the_mean_trace_is_put_in(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    mean = run(loaded, tiny_clip(1)).tam
    edits = [Edit(ALL_BLOCKS, "kernel", "given"), Edit(ALL_BLOCKS, "importance", "given")]
    trace = run(loaded, clip, edits, given=mean).tam
    for block in trace.blocks:
        assert (block.kernel == mean[block.name].kernel).all()
        assert (block.importance == mean[block.name].importance).all()
    with pytest.raises(UserError, match="needs a trace of the same network"):
        run(loaded, clip, edits)


def input_of(loaded: LoadedModel, clip: Clip, block: str) -> torch.Tensor:
    """What TAM is given in a block, kept by a hook of the test's own."""
    kept: list[torch.Tensor] = []
    tam: Any = loaded.net.get_submodule(block).temporal
    hook = tam.register_forward_pre_hook(lambda _m, args: kept.append(args[0].clone()))
    run(loaded, clip)
    hook.remove()
    return kept[0]


def test_the_input_of_a_block_is_put_in(tiny_model: Model, tiny_clip: Make) -> None:
    """Against the forward pass written out: the block is run on x of the donor by hand."""
    loaded, clip, donor = tiny_model(), tiny_clip(0), tiny_clip(1)
    given = input_of(loaded, donor, "layer3.0")
    tam: Any = loaded.net.get_submodule("layer3.0").temporal
    plain = tam.forward
    tam.forward = lambda _x: plain(given)
    by_hand = run(loaded, clip)
    tam.forward = plain
    done = run(loaded, clip, [Edit("layer3.0", "input", "donor", donor=donor)])
    np.testing.assert_allclose(done.prediction.logits, by_hand.prediction.logits, atol=1e-6)
    assert (done.prediction.logits != run(loaded, clip).prediction.logits).any()
    for name in NAMES[:2]:  # nothing changes in front of it
        assert (done.tam[name].kernel == run(loaded, clip).tam[name].kernel).all()
    theirs = run(loaded, donor).tam["layer3.0"]  # V and Θ are made of what came in
    np.testing.assert_allclose(done.tam["layer3.0"].importance, theirs.importance, atol=1e-6)
    assert hooks(loaded) == 0


def test_the_input_alone_with_v_and_theta_of_the_clip(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip, donor = tiny_model(), tiny_clip(0), tiny_clip(1)
    edits = [
        Edit("layer2.0", "input", "donor", donor=donor),
        *(Edit("layer2.0", target, "donor", donor=clip) for target in ("importance", "kernel")),
    ]
    done, plain = run(loaded, clip, edits), run(loaded, clip)
    assert (done.tam["layer2.0"].importance == plain.tam["layer2.0"].importance).all()
    assert (done.tam["layer2.0"].kernel == plain.tam["layer2.0"].kernel).all()
    assert (done.prediction.logits != plain.prediction.logits).any()


def test_channels_of_the_input(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip, donor = tiny_model(), tiny_clip(0), tiny_clip(1)
    seen: list[torch.Tensor] = []
    tam: Any = loaded.net.get_submodule("layer1.0").temporal
    own, theirs = (input_of(loaded, c, "layer1.0") for c in (clip, donor))
    forward = tam.forward

    def watched(x: torch.Tensor) -> torch.Tensor:
        seen.append(x.clone())
        out: torch.Tensor = forward(x)
        return out

    tam.forward = watched
    run(loaded, clip, [Edit("layer1.0", "input", "donor", (2, 5), donor)])
    tam.forward = forward
    x = seen[-1]
    assert (x[:, [2, 5]] == theirs[:, [2, 5]]).all()
    others = [0, 1, 3, 4, 6, 7]
    assert (x[:, others] == own[:, others]).all()


def test_a_recorded_donor_is_not_run_again(
    tiny_model: Model, tiny_clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, clip, donor = tiny_model(), tiny_clip(0), tiny_clip(1)
    edits = [Edit(name, "input", "donor", donor=donor) for name in NAMES]
    alone = run(loaded, clip, edits).prediction.logits
    passes: list[int] = []
    frame_logits = loaded.net.frame_logits

    def counted(x: torch.Tensor) -> torch.Tensor:
        passes.append(1)
        return frame_logits(x)

    monkeypatch.setattr(loaded.net, "frame_logits", counted)
    run(loaded, clip, edits)
    assert len(passes) == 2  # the donor once, whatever number of edits
    kept = record_donor(loaded, donor, NAMES)
    passes.clear()
    done = run(loaded, clip, edits, donors={donor.id: kept})
    assert len(passes) == 1
    assert (done.prediction.logits == alone).all()
    with pytest.raises(UserError, match=r"no TAM block .layer9\.0. to take x from"):
        record_donor(loaded, donor, ["layer9.0"])
    assert hooks(loaded) == 0


def test_hooks_are_gone_after_a_failure(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    other = tiny_clip(spec=InputSpec(4, 64, 64))
    with pytest.raises(UserError):
        run(loaded, clip, [Edit(ALL_BLOCKS, "input", "donor", donor=other)])
    with pytest.raises(UserError, match="needs a trace of the same network"):
        run(loaded, clip, [Edit("layer1.0", "importance", "level")])
    assert hooks(loaded) == 0


def test_the_mean_over_clips_and_time_is_one_number_a_channel(
    tiny_model: Model, tiny_clip: Make
) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    mean = run(loaded, tiny_clip(1)).tam
    done = run(loaded, clip, [Edit(ALL_BLOCKS, "importance", "level")], given=mean).tam
    for block in done.blocks:
        expected = mean[block.name].importance.mean(1, keepdims=True)
        np.testing.assert_allclose(block.importance, np.repeat(expected, 4, 1), rtol=1e-5)


def test_an_edit_is_data(tiny_clip: Make) -> None:
    first, same, other = (Edit("a", "kernel", "donor", donor=tiny_clip(i)) for i in (0, 0, 1))
    assert first == same
    assert len({first, same, other}) == 2


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit("layer9.0", "kernel", "centre"), "no TAM block 'layer9.0'"),
        (Edit("layer1.0", "kernel", "one"), "'one' is no edit of 'kernel'"),
        (Edit("layer1.0", "kernel", "donor"), "needs a donor clip"),
        (Edit("layer1.0", "kernel", "centre", channels=(8,)), "channels 0 to 7; the edit names 8"),
        (Edit("layer1.0", "kernel", "centre", channels=(-1,)), "the edit names -1"),
    ],
)
def test_what_does_not_fit_is_named(
    edit: Edit, said: str, tiny_model: Model, tiny_clip: Make
) -> None:
    with pytest.raises(UserError, match=said):
        run(tiny_model(), tiny_clip(), [edit])


def test_donors_that_do_not_fit(tiny_model: Model, tiny_clip: Make) -> None:
    loaded, clip = tiny_model(), tiny_clip()
    with pytest.raises(UserError, match="takes no donor clip"):
        run(loaded, clip, [Edit("layer1.0", "kernel", "centre", donor=clip)])
    other = tiny_clip(spec=InputSpec(8, 32, 32))
    with pytest.raises(UserError, match="takes 4 frames"):
        run(loaded, clip, [Edit("layer1.0", "kernel", "donor", donor=other)])
    with pytest.raises(UserError, match="no TAM"):
        run(tiny_model("tsm"), clip, [Edit(ALL_BLOCKS, "kernel", "donor", donor=clip)])
    for block in ("layer1.0", ALL_BLOCKS):
        with pytest.raises(UserError, match="the network has no TAM"):
            run(tiny_model("tsm"), clip, [Edit(block, "kernel", "centre")])
