"""`make calibrate`: train the labelled runs, write their results and the document on findings."""

from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from benchmarks.calibration.kinds import Half, all_kinds
from benchmarks.calibration.report import DOCUMENT, document, read_results, write_results
from benchmarks.calibration.running import Labelled, run_all


def main() -> None:
    """Run, write, and print every mistake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=list(Half), help="only this one, and write nothing")
    parser.add_argument("--kind", default="", help="only kinds whose name contains this, and write nothing")
    parser.add_argument("--document", action="store_true", help="write the document from the results there are")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if not arguments.document:
        begin = time.perf_counter()
        chosen = [kind for kind in all_kinds() if arguments.half in (None, kind.half) and arguments.kind in kind.name]
        runs = [told(run) for run in run_all(chosen)]
        print(f"{len(runs)} runs in {time.perf_counter() - begin:.0f} s")
        if arguments.half or arguments.kind:
            return
        write_results(runs)
    DOCUMENT.write_text(document(read_results()), encoding="utf-8")


def told(run: Labelled) -> Labelled:
    """Print what is wrong with the findings of a run, if anything is."""
    missed, wrong = ", ".join(sorted(run.missed)), ", ".join(sorted(run.wrong))
    if missed or wrong:
        print(f"{run.half}: {run.kind} [{run.variant}]: missed {missed or '-'}; false {wrong or '-'}", flush=True)
        for finding in run.found:
            if finding.rule in run.wrong:
                print(f"    {finding.rule}, {finding.opened} to {finding.closed}: {finding.words}")
    return run


if __name__ == "__main__":
    main()
