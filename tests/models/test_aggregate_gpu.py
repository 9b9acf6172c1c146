"""The kernel for a GPU, run number by number on the CPU, and what happens where it cannot run."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest
import torch

from tam_viz.models import aggregate as module

here = pytest.mark.skipif(find_spec("triton") is None, reason="there is no Triton for this system")

COMPARE = """
import itertools, sys, torch
from tam_viz.models.aggregate_gpu import tap_sum, works

def by_hand(x, v, theta):
    n, c, t, h, w = x.shape
    taps, y = theta.shape[2], torch.zeros(x.shape, dtype=torch.float64)
    for i, j, at, k in itertools.product(range(n), range(c), range(t), range(taps)):
        read = at + k - taps // 2
        if 0 <= read < t:
            y[i, j, at] += float(theta[i, j, k]) * float(v[i, j, read]) * x[i, j, read].double()
    return y

device = torch.device(sys.argv[1])
torch.manual_seed(0)
for n, c, t, h, w, taps in ((2, 5, 4, 3, 3, 3), (1, 70, 8, 7, 7, 3), (1, 3, 4, 5, 6, 5),
                            (3, 2, 1, 3, 3, 3)):
    frames = torch.randn(n, t, c, h, w + 2)
    v, theta = torch.rand(n, c, t), torch.rand(n, c, taps).softmax(-1)
    whole = frames[..., :w].contiguous()
    layouts = (
        whole.transpose(1, 2),  # frames of the plain layout
        whole.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        .unflatten(0, (n, t)).transpose(1, 2),
        whole.transpose(1, 2).contiguous(),
        frames[..., :w].transpose(1, 2),  # rows with something between them
    )
    for x in layouts:
        expected = by_hand(x, v, theta)
        for dtype, off in ((torch.float32, 1e-5), (torch.float16, 1e-2), (torch.bfloat16, 5e-2)):
            y = tap_sum(x.to(device, dtype), v.to(device), theta.to(device)).cpu()
            assert y.dtype == dtype
            assert (y.double() - expected).abs().max() < off
assert works(device)
print("same")
"""

COMPILE = """
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from tam_viz.models import aggregate_gpu

kernel = aggregate_gpu._tap_sum
known = {"frames": 8, "taps": 3, "block_p": 32, "block_c": 64, "x_channel": 1, "y_channel": 1}
names = kernel.arg_names
even = [n for n in names if n not in known and n != "positions"]  # divisible by 16
for features in ("*fp32", "*bf16", "*fp16"):
    kinds = {n: "constexpr" if n in known else "i32" for n in names}
    kinds |= {"x_at": features, "y_at": features, "v_at": "*fp32", "theta_at": "*fp32"}
    source = ASTSource(
        kernel,
        kinds,
        {(names.index(n),): value for n, value in known.items()},
        {(names.index(n),): [["tt.divisibility", 16]] for n in even},
    )
    made = triton.compile(source, target=GPUTarget("cuda", 90, 32))
    assert "ld.global.v4.b32" in made.asm["ptx"]  # sixteen bytes at a time
    assert "st.global.v4.b32" in made.asm["ptx"]
print("compiled")
"""


def compared(device: str, **environment: str) -> str:
    """What a process says that runs the kernel beside a loop."""
    return printed(COMPARE, device, **environment)


def printed(code: str, *arguments: str, **environment: str) -> str:
    """What a process says; one of its own, as Triton reads the source of functions."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr


@here
def test_the_kernel_is_the_loop_of_the_definition() -> None:
    assert compared("cpu", TRITON_INTERPRET="1") == "same"


@here
def test_it_compiles_for_a_gpu_that_is_not_there() -> None:
    assert printed(COMPILE, TRITON_DEFAULT_FP_FUSION="1") == "compiled"


@here
@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no NVIDIA GPU here")
def test_so_it_is_on_a_gpu() -> None:
    assert compared("cuda") == "same"


@here
def test_where_the_kernel_does_not_run_it_is_not_taken() -> None:
    code = (
        "import torch; from tam_viz.models.aggregate_gpu import works;"
        "print(works(torch.device('cpu')))"  # Triton has no CPU to compile for
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_without_triton_torchs_own_operations_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tam_viz.models.aggregate_gpu", None)  # cannot be imported
    module._one_kernel.cache_clear()
    try:
        assert not module._one_kernel(torch.device("cuda"))
    finally:
        module._one_kernel.cache_clear()


def test_on_a_cpu_nobody_asks_for_triton() -> None:
    code = (
        "import sys, torch; from tam_viz.models.aggregate import aggregate;\n"
        "with torch.inference_mode():"
        " aggregate(torch.zeros(1, 2, 3, 4, 4), torch.zeros(1, 2, 3), torch.zeros(1, 2, 3))\n"
        "sys.exit('triton' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
