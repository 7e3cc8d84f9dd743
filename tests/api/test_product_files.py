from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from api.program import Program
from chuzhi.catalogue.models import Product

pytestmark = pytest.mark.django_db
TABLE = "商品编码,商品名称,售价,商品分类\nNOODLE-7,红烧牛肉面,28,主食/面食\nTEA,茶,,饮品\n"


def test_programs_bring_a_file_too() -> None:
    program = Program("catalogue:write")

    def sent(language: str = "en", **more: str) -> Any:
        asked = {"file": SimpleUploadedFile("p.csv", TABLE.encode()), "currency": "CNY", **more}
        headers = program.headers() | {"accept-language": language}
        return program.client.post("/api/v1/product-files", asked, headers=headers).json()

    looked, done, again = sent(), sent(take_in="true"), sent(take_in="true")

    assert (looked["is_taken_in"], looked["new"], looked["rejected"]) == (False, 1, 1)
    assert looked["reasons"] == [
        {"line": 3, "heading": "售价", "code": "product.price_missing", "detail": "A new product needs a price."}
    ]
    chinese = sent("zh-hans")["reasons"]
    assert [one["detail"] for one in chinese] == ["新商品需要填写价格。"]
    assert (done["new"], again["new"], again["same"]) == (1, 0, 1)
    assert Product.objects.get().sku == "NOODLE-7"
