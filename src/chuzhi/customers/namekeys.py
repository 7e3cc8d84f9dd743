"""The column that finds a name by the beginning of any of its spellings."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _Field = models.Field[Iterable[str], str]
    _Lookup = models.Lookup[str]
else:  # Django's classes take type arguments only in the stubs
    _Field, _Lookup = models.Field, models.Lookup


def written(keys: Iterable[str]) -> str:
    """Keys as PostgreSQL writes a tsvector. Keys hold letters and digits only, so nothing in them needs escaping."""
    return " ".join(f"'{key}'" for key in keys)


class NameKeysField(_Field):
    """A tsvector made from given keys, never from text: PostgreSQL's own parser does not know Chinese."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector"

    def get_prep_value(self, value: Any) -> str:
        return value if isinstance(value, str) else written(value)


@NameKeysField.register_lookup
class AnyKeyBeginsWith(_Lookup):
    """A key begins with this fragment. The fragment is folded: letters and digits only."""

    lookup_name = "begins"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", (*parameters, f"'{self.rhs}':*")
