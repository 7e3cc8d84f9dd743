"""History is added, not edited: which tables the running product may only append to, and the role that cannot do more.

Migrations run as the owner of the tables. Web and worker connect as a second role that this module makes and grants.
"""

from django.apps import apps
from django.db import models
from psycopg import Connection, sql


class AppendOnly(models.Model):
    """A table whose rows are written once. Its subclasses lose UPDATE, DELETE and TRUNCATE for the running product."""

    class Meta:
        abstract = True


def append_only_tables() -> list[str]:
    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly))


def grant(owner: Connection[tuple[object, ...]], *, role: str, password: str) -> None:
    """Make the product's role if it is missing and give it exactly what it needs. Run after every migration, as the owner."""
    name = sql.Identifier(role)
    with owner.transaction():
        known = owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}")
        owner.execute(verb.format(name, sql.Literal(password)))
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
            "REVOKE INSERT, UPDATE, DELETE ON TABLE django_migrations FROM {}",
        ):
            owner.execute(sql.SQL(statement).format(name))
        for table in append_only_tables():
            owner.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON TABLE {} FROM {}").format(sql.Identifier(table), name))
