"""One PostgreSQL for the whole run, one database a worker, and the product connected as the role it has in a shop."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import django
import psycopg
import pytest
from psycopg import sql

from product import wait_until

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper
    from playwright.sync_api import Browser

CHECKOUT = Path(__file__).resolve().parent.parent
# A server for each checkout, user and set of PostgreSQL's programs: they cannot share one.
MARK = hashlib.sha256(f"{CHECKOUT} {os.geteuid()} {os.environ.get('CHUZHI_PG_BIN')}".encode()).hexdigest()[:8]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

os.environ["CHUZHI_DATA"] = str(Path(tempfile.gettempdir()) / f"chuzhi-tests-{MARK}")
os.environ["CHUZHI_DATABASE_ROLE"] = f"chuzhi_tests_{MARK}"
os.environ["DJANGO_SETTINGS_MODULE"] = "chuzhi.config.settings"


def pytest_configure(config: pytest.Config) -> None:
    (Path(os.environ["CHUZHI_DATA"]) / "static").mkdir(parents=True, exist_ok=True)
    if "DATABASE_URL" not in os.environ:
        from chuzhi.config import embedded

        os.environ["DATABASE_URL"] = embedded.start_for_tests(Path(os.environ["CHUZHI_DATA"]))
    from chuzhi.config import assets, translations

    translations.compile_stale()
    django.setup()
    if WORKER == "main":
        assets.gather_stale()
    for fixtures in ("shop", "topups.street"):
        config.pluginmanager.import_plugin(fixtures)  # they import models, which is possible only now


def migrations_fingerprint() -> str:
    files = sorted((CHECKOUT / "src").glob("chuzhi/**/migrations/*.py")) + sorted((CHECKOUT / "src").glob("chuzhi/*/sql/*.sql"))
    return hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()[:10]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A database of this worker's own, copied from a template that is migrated once for each set of migrations."""
    from django.core.management import call_command
    from django.db import connections

    from chuzhi.core import privileges

    template, mine = f"chuzhi_template_{MARK}_{migrations_fingerprint()}", f"chuzhi_test_{MARK}_{WORKER}"
    owner, default = connections["owner"].settings_dict, connections["default"].settings_dict
    maintenance = os.environ["DATABASE_URL"].rpartition("/")[0] + "/postgres"
    with django_db_blocker.unblock(), psycopg.connect(maintenance, autocommit=True) as server:  # type: ignore[attr-defined]
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [template])
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            building = sql.Identifier(f"{template}_new")
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(building))
            server.execute(sql.SQL("CREATE DATABASE {}").format(building))
            owner["NAME"] = f"{template}_new"
            call_command("migrate", database="owner", verbosity=0)
            connections["owner"].ensure_connection()
            privileges.grant(connections["owner"].connection, role=default["USER"], password=default["PASSWORD"])
            connections["owner"].close()
            server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(building, sql.Identifier(template)))
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(mine)))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(mine), sql.Identifier(template)))
        server.execute("SELECT pg_advisory_unlock_all()")
    owner["NAME"] = default["NAME"] = mine
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connections.close_all()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Real commits, for tests with threads and processes of their own. Everything but the assets is gone afterwards."""
    from django.apps import apps
    from django.db import connections

    kept = {"django_migrations", "django_content_type", "ledger_asset"}
    with django_db_blocker.unblock():  # type: ignore[attr-defined]  # pytest-django does not type its blocker
        yield
        tables = sorted(
            {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed} - kept
        )
        with connections["owner"].cursor() as cursor:
            wait_until(lambda: not others_at_work(cursor), "nobody works in the database any more", seconds=30)
            cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, tables))).as_string())
        connections.close_all()


def others_at_work(cursor: "CursorWrapper") -> int:
    """Transactions of others here: also of a program that was killed, whose last statement is still carried out."""
    cursor.execute("""SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend' AND state <> 'idle'""")
    found: int = cursor.fetchone()[0]
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """A browser for one module: as long as it is open its loop runs in this thread, and nothing else can start one."""
    from browser import screenshots

    with screenshots.browser() as running:
        yield running
