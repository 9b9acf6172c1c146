"""Do channels with like profiles get like kernels?

The global branch G is one function for all channels of a block and sees nothing but a channel's
profile, so equal profiles get equal kernels. The local branch has weights of its own for each
channel, so nothing makes their V alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from tam_viz.analysis.tam.lesson_outcomes import apart

GROUPS = 10
_ACTIVE = 1e-6


@dataclass(frozen=True, eq=False)
class Alike:
    """All pairs of active channels of a block, in groups of equal size by how alike profiles are.

    Attributes:
        pairs: Number of pairs.
        profile: Mean difference of the profiles in each group, root mean square over frames;
            the most alike first.
        kernel: Mean share of weight by which the kernels differ, in [0, 1].
        importance: Mean difference of V, root mean square over frames, in [0, 1].
        kernel_all: The same of the kernels over all pairs.
        importance_all: The same of V over all pairs.
    """

    pairs: int
    profile: Float[np.ndarray, " g"]
    kernel: Float[np.ndarray, " g"]
    importance: Float[np.ndarray, " g"]
    kernel_all: float
    importance_all: float


def alike(
    pooled: Float[np.ndarray, "c t"],
    kernel: Float[np.ndarray, "c k"],
    importance: Float[np.ndarray, "c t"],
) -> Alike | None:
    """Compares profiles, kernels and V of all pairs of channels; None with fewer than ten pairs.

    Channels that are silent all along have equal profiles for no reason that teaches anything and
    are left out.
    """
    active = np.flatnonzero(pooled.max(axis=1) > _ACTIVE)
    first, second = (active[half] for half in np.triu_indices(len(active), k=1))
    if len(first) < GROUPS:
        return None
    profiles = _rms(pooled[first] - pooled[second])
    kernels = apart(kernel[first], kernel[second]).astype(np.float64)
    maps = _rms(importance[first] - importance[second])
    groups = np.array_split(np.argsort(profiles, kind="stable"), GROUPS)

    def means(values: np.ndarray) -> Float[np.ndarray, " g"]:
        return np.array([values[group].mean() for group in groups])

    return Alike(
        len(first),
        means(profiles),
        means(kernels),
        means(maps),
        float(kernels.mean()),
        float(maps.mean()),
    )


def _rms(differences: Float[np.ndarray, "n t"]) -> Float[np.ndarray, " n"]:
    return np.sqrt(np.square(differences.astype(np.float64)).mean(axis=1))


def alike_table(alike: Alike) -> pd.DataFrame:
    """The means of each group of pairs."""
    return pd.DataFrame(
        {
            "difference of profiles": alike.profile,
            "difference of kernels": alike.kernel,
            "difference of V": alike.importance,
        },
        index=pd.RangeIndex(1, GROUPS + 1, name="tenth of the pairs, most alike first"),
    )


def describe_alike(alike: Alike) -> str:
    """Two sentences: kernels and V of the pairs with the most alike profiles, and of all pairs."""
    return (
        f"Of {alike.pairs:,} pairs of active channels, the 10% with the most similar profiles have "
        f"kernels that differ by {alike.kernel[0]:.1%} of their weight on average, against "
        f"{alike.kernel_all:.1%} over all pairs. Their V differs by {alike.importance[0]:.3f}, "
        f"against {alike.importance_all:.3f}."
    )
