"""Starting, watching and stopping scans, which run in processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import streamlit as st

from tam_viz.literal import in_markdown
from tam_viz.scan.places import datasets, scans_folder
from tam_viz.scan.progress import status
from tam_viz.scan.scan import at_work
from tam_viz.types import Card, UserError
from tam_viz.ui.frame import user_errors_shown

_JOB, _LOG = "job.json", "log.txt"
_EVERY_S = 2.0


def start_form(cards: dict[str, Card]) -> None:
    """Asks for a dataset and networks, and starts a scan of them."""
    with st.form("scan", border=False):
        known = datasets()
        data = st.selectbox("Dataset", list(known), format_func=in_markdown)
        names = st.multiselect("Networks", list(cards), default=list(cards)[:1])
        left, middle, right = st.columns(3)
        published = left.toggle("Published test protocol", help="All views, where there are some.")
        traces = middle.toggle("Keep V and Θ", help="166 kB a clip for a TANet-50.")
        name = right.text_input("Name", "scan", max_chars=60)
        if not st.form_submit_button("Start the scan", type="primary"):
            st.caption(
                "The scan runs in a separate process, outlives this visit, and resumes where it "
                "was stopped. The server's owner names datasets in TAM_VIZ_DATASETS."
            )
            return
    with user_errors_shown():
        _start(known[data], names, name, published=published, traces=traces)
    st.rerun()


def _start(data: str, names: list[str], name: str, *, published: bool, traces: bool) -> None:
    if not names:
        raise UserError("A scan needs at least one network; choose some.")
    safe = re.sub(r"[^\w.-]+", "-", name).strip(".-")
    if not safe:
        raise UserError("A scan needs a name with letters or digits.")
    run = scans_folder() / safe
    arguments = [data, "--out", str(run), *(part for one in names for part in ("--model", one))]
    if published:
        arguments += ["--protocol", "published"]
    if traces:
        arguments.append("--traces")
    go_on(run, arguments)
    st.session_state["run"] = safe


def go_on(run: Path, arguments: list[str] | None = None) -> None:
    """Starts a scan, or one that was stopped with what it was started with.

    Raises:
        UserError: It is at work already, was not started here, or cannot be written to.
    """
    if at_work(run):
        raise UserError(f"The scan '{run.name}' is at work; stop it before it is started anew.")
    try:
        given = arguments or json.loads((run / _JOB).read_text(encoding="utf-8"))["arguments"]
        run.mkdir(parents=True, exist_ok=True)
        with (run / _LOG).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tam_viz", "scan", *given],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # it outlives the server
            )
        job = {"pid": process.pid, "arguments": given}
        (run / _JOB).write_text(json.dumps(job), encoding="utf-8")
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"The scan '{run.name}' cannot be started from here ({type(error).__name__}); "
            f"`tam-viz scan` goes on with it."
        ) from error


def stop(run: Path) -> None:
    """Ends the process of a scan that was started here; what it did is kept."""
    try:
        job = json.loads((run / _JOB).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if at_work(run):
        os.kill(int(job["pid"]), signal.SIGTERM)


def show_status(run: Path) -> None:
    """How far each network is, while the scan is at work every two seconds anew."""
    busy = at_work(run)

    @st.fragment(run_every=_EVERY_S if busy else None)
    def state() -> None:
        if busy and not at_work(run):
            st.rerun(scope="app")
        _bars(run)
        if busy:
            st.button("Stop the scan", on_click=stop, args=(run,))
        elif (run / _JOB).exists() and _unfinished(run):
            st.button("Go on with the scan", on_click=_go_on_told, args=(run,), type="primary")
            _why_stopped(run)

    state()


def _go_on_told(run: Path) -> None:
    try:
        go_on(run)
    except UserError as error:
        st.session_state["message"] = str(error)


def _unfinished(run: Path) -> bool:
    return any(one.clips < one.of for one in status(run))


def _bars(run: Path) -> None:
    try:
        states = status(run)
    except UserError:  # it has only just begun
        st.progress(0.0, "Starting…")
        return
    rows = [
        {
            "network": one.network,
            "done": one.clips / one.of,
            "clips": f"{one.clips:,} of {one.of:,}",
            "unreadable": one.failed,
        }
        for one in states
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"done": st.column_config.ProgressColumn("done", format="percent")},
    )


def _why_stopped(run: Path) -> None:
    try:
        lines = (run / _LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    last = next((line for line in reversed(lines) if line.strip()), "")
    if last:
        st.caption("It last said:")
        st.text(last[:500])
