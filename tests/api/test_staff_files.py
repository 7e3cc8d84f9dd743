from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import cast
from api.program import Program
from chuzhi.organization.models import Invitation

pytestmark = pytest.mark.django_db


def test_programs_invite_by_a_file_too() -> None:
    program, store = Program("staff:write"), cast.store()
    table = f"姓名,用户名,岗位,门店\n韩梅梅,hmm,收银员,{store.code}\n李雷,lilei,管理员,\n"

    def sent(language: str = "en", **more: str) -> Any:
        asked = {"file": SimpleUploadedFile("p.csv", table.encode()), **more}
        headers = program.headers() | {"accept-language": language}
        return program.client.post("/api/v1/staff-files", asked, headers=headers).json()

    looked = sent()
    assert (looked["is_taken_in"], looked["new"][0]["link"], Invitation.objects.exists()) == (False, None, False)
    assert looked["rejected"] == [
        {
            "line": 3,
            "heading": "岗位",
            "code": "staff.administrators_by_people",
            "detail": "A program does not invite administrators: a person does.",
        }
    ]
    assert sent("zh-hans")["rejected"][0]["detail"] == "程序不能邀请管理员，须由人来邀请。"

    done, again = sent(take_in="true"), sent(take_in="true")

    assert Client().get(done["new"][0]["link"]).status_code == 200
    assert (again["new"], again["known"]) == ([], [{"line": 2, "username": "hmm", "is_here": False}])
