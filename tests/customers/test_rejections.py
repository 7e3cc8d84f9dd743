import csv
import io
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from chuzhi.core import tables
from chuzhi.core.actors import Actor
from chuzhi.customers import rejections, uploads
from chuzhi.customers.models import ImportBatch
from customers.checked import kept, planned

BAD = """姓名,手机,本金,充值日期,赠送金,赠送到期日,邮箱,生日,身份证,卡号,会员编号
,12,x,2999-01-01,1.234,2020-01-01,nobody,1990-13-01,1,?,M1
王小明,13812341234,,,,,,,,,M2
王小明,13812341234,,,,,,,,,M3
李雷,,,,,,,,,,
"""


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    return tmp_path / "uploads"


def rejected(by: Actor, text: str) -> ImportBatch:
    plan = planned(text)
    batch = kept(plan, by)
    rejections.keep(batch, plan)
    return batch


@pytest.mark.django_db
def test_every_reason_can_be_said_again_in_each_language(by: Actor) -> None:
    plan = planned(BAD)

    batch = rejected(by, BAD)

    for language in ("en", "zh-hans"):
        with translation.override(language):
            first = [[str(no) for _field, no in one.reasons] for one in plan.rejected]
            again = [[str(no) for _heading, no in one.reasons] for one in rejections.of(batch) or []]
        assert first == again
    assert len(first[0]) > 8


@pytest.mark.django_db
def test_they_are_handed_out_in_parts_and_gone_with_the_file(by: Actor, folder: Path) -> None:
    batch = rejected(by, BAD)

    assert [one.line for one in rejections.of(batch, first=1, count=1) or []] == [4]
    for file in folder.iterdir():
        assert b"nobody" not in file.read_bytes()
        file.unlink()
    assert rejections.of(batch) is None


@pytest.mark.django_db
def test_the_file_of_rejected_rows_cannot_run_formulas(by: Actor) -> None:
    batch = rejected(by, '姓名,手机,备注\n=1+1,12,"@SUM(A1)"\n')

    (_head, row) = csv.reader(io.StringIO(rejections.as_table(batch, rejections.of(batch) or [])))

    assert row[0] == "2"
    assert row[2:] == ["'=1+1", "12", "'@SUM(A1)"]


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not tables.safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_file_is_sealed_while_it_waits(folder: Path) -> None:
    number = uploads.keep("钱一,13911110001".encode())

    assert uploads.read(number) == "钱一,13911110001".encode()
    assert b"13911110001" not in (folder / f"{number}.sealed").read_bytes()
    assert uploads.read("../secrets") is None
