import io
import zipfile
from unittest import mock

import pytest

from chuzhi.core.errors import Refused
from chuzhi.customers import sheets


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"\n\n , \n", "import.empty"),
        ("姓名,手机\n".encode(), "import.empty"),
        (b"\xff\xff\x80\x81", "import.encoding_unknown"),
        (b"name,phone\n\x00,1\n", "import.not_a_table"),
        (b'name,phone\n"open,1\n', "import.not_a_table"),
        (b"PK\x03\x04 this is no archive", "import.not_a_table"),
        (b"name,phone\n" + b"," * 200 + b"\n", "import.empty"),
        (b",".join([b"x"] * 101) + b"\n1\n", "import.file_too_large"),
        (b"x" * (sheets.MOST_BYTES + 1), "import.file_too_large"),
    ],
    ids=range(10),
)
def test_a_file_that_is_no_table_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        sheets.read(content)

    assert refused.value.code == code


def package(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = package(xl__worksheets__sheet1=b"0" * 1024 * 1024 * 16)
    with mock.patch.object(sheets, "MOST_UNPACKED_BYTES", 1024 * 1024), pytest.raises(sheets.FileTooLarge):
        sheets.read(bomb)


@pytest.mark.parametrize("cell", ["XFD1048576", "A200000", "CW1", "ZZ9"])
def test_one_cell_far_away_does_not_fill_the_memory(cell: str) -> None:
    far = package(xl__worksheets__sheet1=f'<row><c s="1" r="{cell}"><v>1</v></c></row>'.encode())

    with pytest.raises(sheets.FileTooLarge):
        sheets.read(far)


@pytest.mark.parametrize("near", ["A199999", "CV1"])
def test_the_last_cell_within_the_limits_is_not_far_away(near: str) -> None:
    assert not sheets._BEYOND.search(f'<c r="{near}">'.encode())
