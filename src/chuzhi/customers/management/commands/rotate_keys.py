import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from chuzhi.core import rotation, vault
from chuzhi.customers import profiles
from chuzhi.organization import second_factors

SETTLE_SECONDS = 2.0
"""Writes begun under the old index key are committed by then, or are found by the last pass."""


class Command(BaseCommand):
    help = "Re-encrypt personal data with a new key, while the product runs. Stopped half-way, it goes on with --resume."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--resume", action="store_true", help="make no new key: finish what an earlier run began")
        parser.add_argument("--index", action="store_true", help="replace the key of the blind indexes too")
        parser.add_argument("--batch", type=int, default=1000, help="rows in one transaction")

    def handle(self, *, resume: bool, index: bool, batch: int, **_options: object) -> None:
        if not resume:
            self._add("encryption")
        for model, fields in rotation.encrypted_columns():
            resealed = rotation.re_encrypt(model, fields, batch=batch)
            self.stdout.write(f"{model._meta.db_table}: {resealed} rows")
        self.stdout.write(f"second factors: {second_factors.reseal()} rows")
        if index:
            self._index(resume=resume, batch=batch)

    def _index(self, *, resume: bool, batch: int) -> None:
        if not resume:
            self._add("index")
        marked = 0
        for _passes in range(2):
            while count := profiles.index_again(batch=batch):
                marked += count
            time.sleep(SETTLE_SECONDS)
        vault.retire_index_keys()
        self.stdout.write(f"blind indexes: {marked} rows")

    def _add(self, ring: str) -> None:
        if vault.is_given(ring):
            self.stdout.write(f"The {ring} keys come from the environment: the last of them is taken as the new one.")
        else:
            self.stdout.write(f"{ring} key {vault.add_key(ring)} is current")
