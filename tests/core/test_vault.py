from pathlib import Path

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from chuzhi.core import vault
from chuzhi.customers.models import Customer

RING = f"1:{'11' * 32},2:{'22' * 32}"


@pytest.fixture
def rings(settings: Settings) -> Settings:
    settings.VAULT_KEYS = settings.VAULT_INDEX_KEYS = RING
    return settings


@settings(deadline=None)
@given(st.text())
def test_what_is_sealed_opens_to_the_same_text(text: str) -> None:
    keys = vault.latest()

    assert keys.decrypt(keys.encrypt(text, column="a.b"), column="a.b") == text


def test_equal_texts_are_never_sealed_alike(rings: Settings) -> None:
    keys = vault.latest()

    assert keys.encrypt("13812341234", column="a.b") != keys.encrypt("13812341234", column="a.b")


def test_a_value_moved_to_another_column_does_not_open(rings: Settings) -> None:
    sealed = vault.latest().encrypt("secret", column="customer.phone")

    with pytest.raises(vault.UnreadableError):
        vault.latest().decrypt(sealed, column="customer.email")


def test_any_changed_byte_is_noticed(rings: Settings) -> None:
    sealed = vault.latest().encrypt("secret", column="a.b")

    for place in range(2, len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(vault.UnreadableError):
            vault.latest().decrypt(bytes(changed), column="a.b")


def test_the_newest_key_writes_and_the_old_one_still_reads(rings: Settings) -> None:
    rings.VAULT_KEYS = RING.partition(",")[0]
    old = vault.latest().encrypt("kept", column="a.b")
    rings.VAULT_KEYS = RING

    fresh = vault.latest().encrypt("kept", column="a.b")

    assert (vault.key_of(old), vault.key_of(fresh)) == (1, 2)
    assert vault.latest().decrypt(old, column="a.b") == "kept"


def test_a_lost_key_is_named(rings: Settings) -> None:
    sealed = vault.latest().encrypt("kept", column="a.b")
    rings.VAULT_KEYS = RING.partition(",")[0]

    with pytest.raises(vault.KeyMissingError, match="Key 2"):
        vault.latest().decrypt(sealed, column="a.b")


def test_marks_differ_by_kind_and_by_key(rings: Settings) -> None:
    keys = vault.latest()

    assert len({*keys.marks("x", kind="phone"), *keys.marks("x", kind="email")}) == 4
    assert keys.mark("x", kind="phone") == keys.marks("x", kind="phone")[-1]


@pytest.mark.parametrize("written", ["1", "1:zz", "1:" + "ab" * 31, f"1:{'11' * 32},1:{'22' * 32}", f"70000:{'11' * 32}", ":"])
def test_a_ring_that_cannot_work_is_refused(settings: Settings, written: str) -> None:
    settings.VAULT_KEYS = written

    with pytest.raises(ImproperlyConfigured):
        vault.latest()


def test_a_key_added_to_the_folder_is_used_at_once(settings: Settings, tmp_path: Path) -> None:
    settings.VAULT_KEYS, settings.VAULT_FOLDER = None, tmp_path / "vault"
    first = vault.latest().encryption.current

    second = vault.add_key("encryption")

    assert vault.latest().encryption.current == second == first + 1
    assert all((tmp_path / "vault" / "encryption" / name).stat().st_mode & 0o077 == 0 for name in ("1", "2"))
    assert sorted(file.name for file in (tmp_path / "vault" / "encryption").iterdir()) == ["1", "2"]


def test_a_sealed_column_cannot_be_filtered_by() -> None:
    with pytest.raises(FieldError, match="blind index"):
        Customer.objects.filter(phone="+8613812341234")
