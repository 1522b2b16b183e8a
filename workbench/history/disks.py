"""Where a history lies: what tells its file from another one, and whether its disk is that of another machine."""

from __future__ import annotations

from pathlib import Path


def file_identity(path: Path) -> tuple[int, int] | None:
    """What tells the file that is at a path now from another one that is put there; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def network_filesystem(path: Path) -> str | None:
    """The kind of network file system that the file lies on (`nfs4`, `cifs`, …), or None. Known on Linux alone."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    except OSError:
        return None
    target = path.absolute().parent
    best, found = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        mounted = Path(before.split()[4].replace("\\040", " "))
        if target.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, found = len(mounted.parts), after.split()[0]
    return found if found in _NETWORK_FILESYSTEMS else None


_NETWORK_FILESYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "lustre", "gpfs", "glusterfs", "beegfs"}
_NETWORK_FILESYSTEMS |= {"9p", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone"}
