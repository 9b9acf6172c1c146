"""`tam-viz open`: a finding, computed anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tam_viz.cli.output import DeviceOption, print_rows, say
from tam_viz.cli.progress import with_bars
from tam_viz.types import result_of


def open_(
    file: Annotated[Path, typer.Argument(help="As `analyze` or the page Export writes it.")],
    device: DeviceOption = "auto",
) -> None:
    """Open a finding and compute it anew: does the same come out? Exit code 1 if not."""
    from tam_viz.findings import verify, verify_evidence
    from tam_viz.findings.finding import describe
    from tam_viz.findings.read import read_file
    from tam_viz.models import cards
    from tam_viz.models.engine import load

    finding, digest = read_file(file)
    say(describe(finding))
    say(f"SHA-256 of the file: {digest}")
    for note in finding.notes:
        say(note)
    if finding.note:
        say(f"Note:\n{finding.note}")
    known = cards.read_all()[0] | cards.read_deeper()
    runs = verify.verify(finding, known, lambda n: load(n, device))
    repeated = result_of(with_bars(runs, "computing its runs anew"))
    print_rows(verify.table(repeated))
    for reason in dict.fromkeys(row.why_not for row in repeated if row.why_not):
        say(reason)
    say(verify.describe(repeated))
    maps = verify_evidence.verify_evidence(finding, known, lambda n: load(n, device))
    evidence = result_of(with_bars(maps, "computing its maps and losses anew"))
    if evidence:
        print_rows(verify_evidence.evidence_table(evidence))
        say(verify_evidence.describe_evidence(evidence))
    agree = [row.agrees for row in repeated] + [row.agrees for row in evidence if not row.why_not]
    if not all(agree):
        raise typer.Exit(1)
