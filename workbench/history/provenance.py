"""Where a run comes from: versions, commit, machine, process."""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PROGRAM = "workbench"
_PACKAGES = {_PROGRAM: "training-workbench", "torch": "torch", "numpy": "numpy", "scikit-learn": "scikit-learn"}


def versions_json() -> str:
    """Versions of Python, the operating system and the packages that numbers depend on, as a JSON object.

    Read from the packages' metadata: nothing is imported.
    """
    versions = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for name, distribution in _PACKAGES.items():
        try:
            versions[name] = version(distribution)
        except PackageNotFoundError:
            continue  # not installed, so that nothing depends on it
    return json.dumps(versions)


def program_version() -> str | None:
    """The version of this program; None where it was not installed."""
    try:
        return version(_PACKAGES[_PROGRAM])
    except PackageNotFoundError:
        return None


def host() -> str:
    """The name of this machine."""
    return platform.node()


def process_started(pid: int | None = None) -> str | None:
    """What tells a process from any other with its pid: the boot and the clock tick at which it began, and whose pids those are.

    Containers on one machine count their processes each from 1; they are told apart by their pid namespace.
    Returns None where the process is not there or the system does not say (only Linux does).
    """
    if sys.platform != "linux":
        return None
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        stat = Path(f"/proc/{os.getpid() if pid is None else pid}/stat").read_text(encoding="utf-8", errors="replace")
        namespace = Path("/proc/self/ns/pid").stat().st_ino  # every process seen here has its pid in it
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it, in brackets, may hold blanks and brackets
    return f"{boot}:{fields[19]}:{namespace}"


def process_alive(pid: int, started: str | None) -> bool | None:
    """Whether the process that began as `started` says is still there; None if that cannot be seen from this container."""
    if sys.platform == "linux" and started is not None:
        boot, _, namespace = (process_started() or "::").split(":")
        if started.startswith(f"{boot}:") and not started.endswith(f":{namespace}"):
            return None
        return process_started(pid) == started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it is there, and somebody else's
    return True


def git_commit(folder: Path | None = None) -> str | None:
    """The commit checked out in the repository that holds the folder (default: the working directory); None outside of one.

    Reads git's files instead of starting git: runs begin often.
    """
    start = (Path.cwd() if folder is None else folder).absolute()
    for place in (start, *start.parents):
        entry = place / ".git"
        try:
            if entry.is_dir():
                return _head(entry, entry)
            if entry.is_file():  # a work tree whose repository lies elsewhere
                return _head(*_linked(entry))
        except OSError:
            return None
    return None


def _linked(entry: Path) -> tuple[Path, Path]:
    """The folder of a linked work tree's own files, and that of the files it shares."""
    own = entry.parent / entry.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
    common = own / "commondir"
    return own, own / common.read_text(encoding="utf-8").strip() if common.is_file() else own


def _head(own: Path, common: Path) -> str | None:
    head = (own / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref: "):
        return head
    reference = head.removeprefix("ref: ")
    for folder in (own, common):
        if (folder / reference).is_file():
            return (folder / reference).read_text(encoding="utf-8").strip()
    packed = common / "packed-refs"
    lines = packed.read_text(encoding="utf-8").splitlines() if packed.is_file() else []
    return next((line.partition(" ")[0] for line in lines if line.endswith(f" {reference}")), None)
