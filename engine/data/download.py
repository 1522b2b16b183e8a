"""Files from the network: checked by their digest, from the first mirror that has them whole, kept for the next time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data.base import Progress
from engine.errors import DataError

CACHE_VARIABLE = "WORKBENCH_DATA"
_SECONDS_TO_WAIT = (10, 30)  # for a connection, and for the next bytes
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as all mirrors should have it."""

    name: str
    digest: str  # SHA-256 in hex digits; or with its name, such as md5:c32a…, where that is what was published


def cache_folder() -> Path:
    """Where downloads are kept: `WORKBENCH_DATA`, else the usual place for caches on this system."""
    import pooch

    return Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("training-workbench")).expanduser()


def download(file: RemoteFile, mirrors: Sequence[str], folder: Path, progress: Progress) -> Path:
    """The path of a whole copy of `file` in `folder`; fetched if there is none yet.

    It is written under another name and renamed when its checksum is right, so that what has the name is whole.

    Args:
        file: what is wanted.
        mirrors: addresses of folders, each ending in a slash, in the order in which they are tried.
        folder: where it is kept; made if need be.
        progress: told of the bytes that have arrived.

    Raises:
        DataError: no mirror had it, or the folder cannot be written to.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")  # the workbench says itself what it does; the screen is not pooch's
    failures = []
    for mirror in mirrors:
        # Asking for the bytes as they are: a gzip file must not be unpacked on the way.
        fetch = pooch.HTTPDownloader(
            progressbar=_Meter(f"downloading {file.name}", progress),
            chunk_size=_CHUNK,
            timeout=_SECONDS_TO_WAIT,
            headers={"Accept-Encoding": "identity"},
        )
        try:
            return Path(pooch.retrieve(mirror + file.name, file.digest, fname=file.name, path=folder, downloader=fetch))
        except OSError as error:
            if error.errno is not None:  # the system's own; those of the network carry no number
                raise DataError(
                    f"{folder}: cannot be written to ({error.strerror}); name another folder in {CACHE_VARIABLE}"
                ) from None
            failures.append(_reason(error))
        except ValueError:
            failures.append("wrong checksum, the file there is damaged or another one")
    raise DataError(
        f"{file.name} is missing and could not be downloaded from {_names(mirrors)}: {'; '.join(dict.fromkeys(failures))}.\n"
        f"Download the files of the dataset by hand from {mirrors[0]} and name their folder with --data-dir."
    )


def _names(mirrors: Sequence[str]) -> str:
    """The machines, without the folders."""
    from urllib.parse import urlsplit

    return " or ".join(dict.fromkeys(urlsplit(mirror).netloc for mirror in mirrors))


def _reason(error: OSError) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"answered {response.status_code} {response.reason}"
    return f"no connection, or it broke off ({type(error).__name__})"


class _Meter:
    """What pooch takes for a progress bar: it sets `total` and calls the rest."""

    def __init__(self, what: str, progress: Progress) -> None:
        self.total = 0
        self._what = what
        self._progress = progress
        self._done = 0

    def update(self, count: int) -> None:
        """`count` more bytes have come; the last chunk is counted in full, so the sum may be too large."""
        self._done = min(self._done + count, self.total) if self.total else self._done + count
        self._progress(self._what, self._done, self.total or None)

    def reset(self) -> None:
        """Called at the end, before an update by the whole; what has come stays come."""

    def close(self) -> None:
        """Nothing is held."""
