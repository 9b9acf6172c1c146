"""What `tam-viz evaluate all` measured before of weights that have not changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tam_viz.analysis.bench import answers, results
from tam_viz.analysis.bench.results import BenchNetwork
from tam_viz.models import cards
from tam_viz.types import Card, UserError


@dataclass(frozen=True, eq=False)
class MeasuredBefore:
    """Scores and answers that still hold.

    Attributes:
        networks: By id.
        answers: Of those of them that saw the whole budget; None if there are none.
    """

    networks: Mapping[str, BenchNetwork]
    answers: answers.Answers | None

    def find(self, card: Card, *, answered: bool) -> BenchNetwork | None:
        """The scores of a network with these weights; None if it has to be measured.

        Args:
            card: Of the network.
            answered: Whether what it said of each clip is needed too.
        """
        network = self.networks.get(card.id)
        if network is None or network.sha256 != card.sha256:
            return None
        if not answered:
            return network
        said = self.answers
        if said is None or card.id not in said.networks:
            return None
        return network if said.sha256[said.row(card.id)] == card.sha256 else None


def measured_before(root: Path, seed: int, test: int, shift: int) -> MeasuredBefore:
    """Reads the files of results in a folder; what cannot be read has to be measured again.

    Args:
        root: Where `evaluate all` wrote them.
        seed: Of the test clips now.
        test: Number of test clips now.
        shift: Number of clips of the shift set now.
    """
    try:
        record = results.read_record(root / cards.RESULTS)
        said = answers.read(root / answers.ANSWERS)
    except UserError:
        return MeasuredBefore({}, None)
    if record.seed != seed or said.seed != seed or len(said.labels) != test:
        return MeasuredBefore({}, None)
    return MeasuredBefore(
        {n.id: n for n in record.networks if (n.test.n, n.shift.n) == (test, shift)}, said
    )
