"""Linear probes of V and Θ, scored on clips that they were not fitted to."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int
from sklearn.linear_model import RidgeClassifierCV, RidgeCV
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

_STRENGTHS = np.logspace(-1, 4, 6)
_FOLDS = 5


def tell_apart(features: Float[np.ndarray, "n d"], second: Bool[np.ndarray, " n"]) -> float:
    """Share of clips whose class, one of two, a linear probe names rightly; ½ is chance.

    The probe is a ridge classifier on standardised features, fitted to four fifths of the clips
    at a time and asked about the fifth.
    """
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    predicted = cross_val_predict(_classifier(), features, second, cv=folds)
    return float((predicted == second).mean())


def variance_told(features: Float[np.ndarray, "n d"], values: Float[np.ndarray, " n"]) -> float:
    """Share of the variance of `values` that a linear probe tells (R²); 0 is chance, 1 is all.

    A ridge regression on standardised features, held out in fifths; it may be negative.
    """
    rng = np.random.default_rng(0)
    order = rng.permutation(len(values))
    model = make_pipeline(StandardScaler(), RidgeCV(_STRENGTHS))
    predicted = cross_val_predict(model, features[order], values[order], cv=_FOLDS)
    return float(r2_score(values[order], predicted))


def ranked_right(
    features: Float[np.ndarray, "n d"], inside: Bool[np.ndarray, " n"], clip: Int[np.ndarray, " n"]
) -> float:
    """Area under the ROC of a linear probe for `inside`; ½ is chance.

    Args:
        features: Of each frame.
        inside: What is to be told.
        clip: Number of the clip of each frame; a clip is held out whole.
    """
    scores = cross_val_predict(
        _classifier(),
        features,
        inside,
        groups=clip,
        cv=GroupKFold(_FOLDS),
        method="decision_function",
    )
    return float(roc_auc_score(inside, scores))


def boundary(
    features: Float[np.ndarray, "n d"], second: Bool[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, " d"], float]:
    """Weights and bias of the probe of `tell_apart`, fitted to all that is given.

    `features @ weights + bias` is above 0 where it says `second`. The standardisation is part of
    the weights.
    """
    fitted = _classifier().fit(features, second)
    scaler, classifier = fitted[0], fitted[1]
    weights: np.ndarray = classifier.coef_.ravel() / scaler.scale_
    return weights, float(classifier.intercept_[0] - weights @ scaler.mean_)


def _classifier() -> Pipeline:
    return make_pipeline(StandardScaler(), RidgeClassifierCV(_STRENGTHS))
