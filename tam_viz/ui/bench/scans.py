"""Starting, watching and stopping scans, which run in processes of their own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import streamlit as st

from tam_viz.literal import in_markdown, sentence
from tam_viz.scan.locations import JOB, datasets, scans_folder
from tam_viz.scan.manifest import MANIFEST
from tam_viz.scan.progress import describe_pace, pace, status
from tam_viz.scan.scan import at_work, stop
from tam_viz.types import Card, UserError
from tam_viz.ui.page import user_errors_shown

_LOG = "log.txt"
_EVERY_S = 2.0
_STARTING = "starting scans"
_PROTOCOLS: dict[str, tuple[str, list[str]]] = {
    "single": ("one view", []),
    "published": ("the views of the published test", ["--protocol", "published"]),
    "three": ("three views", ["--views", "3"]),
    "uniform": ("one view, uniform sampling", ["--sampling", "uniform"]),
    "dense": ("one view, dense sampling", ["--sampling", "dense"]),
}


def start_form(cards: dict[str, Card]) -> None:
    """Asks for a dataset and networks, and starts a scan of them."""
    with st.form("scan", border=False):
        known = datasets()
        data = st.selectbox("Dataset", list(known), format_func=in_markdown)
        names = st.multiselect("Networks", list(cards), default=list(cards)[:1])
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        protocol = left.selectbox(
            "Protocol",
            list(_PROTOCOLS),
            format_func=lambda key: _PROTOCOLS[key][0],
            help="A second scan under the same name with another protocol adds it, to compare.",
        )
        name = middle.text_input("Name", "scan", max_chars=60)
        traces = right.toggle("Keep V and Θ", help="83 kB a clip for a TANet-50.")
        if not st.form_submit_button("Start the scan", type="primary"):
            st.caption(
                "The scan runs in a separate process, outlives this visit, and resumes where it "
                "was stopped. The server's owner names datasets in TAM_VIZ_DATASETS."
            )
            return
    with user_errors_shown():
        _start(known[data], names, name, protocol, traces=traces)
    st.rerun()


def _start(data: str, names: list[str], name: str, protocol: str, *, traces: bool) -> None:
    if not names:
        raise UserError("A scan needs at least one network; choose some.")
    safe = re.sub(r"[^\w.-]+", "-", name).strip(".-")
    if not safe:
        raise UserError("A scan needs a name with letters or digits.")
    run = scans_folder() / safe
    arguments = [data, "--out", str(run)]
    arguments += [part for network in names for part in ("--model", network)]
    arguments += _PROTOCOLS[protocol][1]
    if traces:
        arguments.append("--traces")
    go_on(run, arguments)
    st.session_state["run"] = safe


def go_on(run: Path, arguments: list[str] | None = None) -> None:
    """Starts a scan, or one that was stopped with what it was started with.

    Raises:
        UserError: It is at work already, was not started here, or cannot be written to.
    """
    if _busy(run):
        raise UserError(f"The scan '{run.name}' is running; stop it before you start it again.")
    try:
        given = arguments or json.loads((run / JOB).read_text(encoding="utf-8"))["arguments"]
        run.mkdir(parents=True, exist_ok=True)
        with (run / _LOG).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tam_viz", "scan", *given],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # it outlives the server
            )
        (run / JOB).write_text(json.dumps({"arguments": given}), encoding="utf-8")
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"The scan '{run.name}' cannot be started from here ({type(error).__name__}); "
            f"`tam-viz scan` goes on with it."
        ) from error
    st.session_state.setdefault(_STARTING, {})[run] = process


def _busy(run: Path) -> bool:
    """Whether a scan is at work, or was started in this visit and has not ended."""
    process = st.session_state.get(_STARTING, {}).get(run)
    return at_work(run) or (process is not None and process.poll() is None)


def show_status(run: Path) -> None:
    """How far each network is, while the scan is at work every two seconds anew.

    The whole page runs again when the first clips come, and when the scan ends.
    """
    busy, empty = _busy(run), not _any_clips(run)

    @st.fragment(run_every=_EVERY_S if busy else None)
    def state() -> None:
        if busy != _busy(run) or (empty and _any_clips(run)):
            st.rerun(scope="app")
        whole = _bars(run)
        if busy:
            _pace(run)
            st.button("Stop the scan", on_click=_try, args=(stop, run))
        elif (run / JOB).exists() and not whole:
            st.button("Resume the scan", on_click=_try, args=(go_on, run), type="primary")
            _why_stopped(run)

    state()


def _try(step: object, run: Path) -> None:
    """Does what a button asks for; what cannot be done is told when the page runs again."""
    try:
        step(run)  # type: ignore[operator]  # `stop` or `go_on`
    except UserError as error:
        st.session_state["message"] = str(error)


def _any_clips(run: Path) -> bool:
    """Whether a first set of clips is finished."""
    return next((run / "clips").glob("*/*/*.parquet"), None) is not None


def _pace(run: Path) -> None:
    noted = pace(run)
    st.caption(sentence(describe_pace(noted)) if noted else "The networks are being loaded.")


def _bars(run: Path) -> bool:
    """Draws how far each network is; whether all are done."""
    if not (run / MANIFEST).exists():  # it has only just begun, or could not
        return False
    states = status(run)
    if not _busy(run) and all(network.clips >= network.of for network in states):
        failed = sum(network.failed for network in states)
        missing = "1 answer is" if failed == 1 else f"{failed:,} answers are"
        unread = f"; {missing} missing, since a clip could not be read" if failed else ""
        networks = "one network" if len(states) == 1 else f"{len(states)} networks"
        st.caption(f"All {states[0].of:,} clips went through {networks}{unread}.")
        return True
    rows = [
        {
            "network": state.network,
            "done": state.clips / state.of,
            "clips": f"{state.clips:,} of {state.of:,}",
            "unreadable": state.failed,
        }
        for state in states
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"done": st.column_config.ProgressColumn("done", format="percent")},
    )
    return all(network.clips >= network.of for network in states)


def _why_stopped(run: Path) -> None:
    try:
        lines = (run / _LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    last = next((line for line in reversed(lines) if line.strip()), "")
    if last:
        st.caption("Last line of its log:")
        st.text(last[:500])
