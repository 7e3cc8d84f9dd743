"""The tables: brought up to date as their owner, and never touched by a version older than they are."""

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ProgrammingError

from chuzhi.config import preflight
from chuzhi.config.programs import CannotStart
from chuzhi.core import privileges

ONE_AT_A_TIME = 0x6368757A6869  # the advisory lock of whoever migrates: "chuzhi"


def bring_up_to_date(*, verbosity: int = 1) -> None:
    """Apply what is missing, then give the product's own role exactly what it needs. May be repeated, and run twice at once."""
    owner = connections["owner"]
    owner.ensure_connection()
    owner.connection.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
    preflight.check_chinese(owner.connection)
    if missing():
        call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
    role = connections["default"].settings_dict
    try:
        privileges.grant(owner.connection, role=role["USER"], password=role["PASSWORD"])
    except Exception as fault:
        if getattr(fault, "sqlstate", None) != "42501":
            raise
        raise CannotStart(f"The owner of the database may not make the role {role['USER']}: grant it CREATEROLE.") from fault
    owner.connection.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
    owner.close()


def missing() -> list[str]:
    """Migrations this version has and the database has not. Refuses a database that a newer version has been at."""
    try:
        executor = MigrationExecutor(connections["owner"])
    except ProgrammingError as fault:
        raise CannotStart(f"The database's migrations cannot be read: {fault}") from fault
    loader = executor.loader
    if unknown := sorted(set(loader.applied_migrations) - set(loader.disk_migrations or {})):
        names = ", ".join(".".join(key) for key in unknown[:3])
        raise CannotStart(f"The database is of a newer version of Chuzhi ({names} is unknown here): install that version.")
    return [f"{migration.app_label}.{migration.name}" for migration, _ in executor.migration_plan(loader.graph.leaf_nodes())]
