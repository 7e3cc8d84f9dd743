import pytest

from api.program import Program
from chuzhi.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("customers:read", "customers:write")


@pytest.fixture
def known(program: Program) -> dict[str, object]:
    made: dict[str, object] = program.post("/customers", {"name": "王小明", "phone": "13800138000", "tags": ["VIP"]}).json()
    return made


def test_only_what_is_named_changes_and_the_history_tells(program: Program, known: dict[str, object]) -> None:
    address = f"/customers/{known['id']}"

    changed = program.patch(address, {"version": 1, "phone": "13900139000", "notes": "花生过敏"})

    assert changed.status_code == 200
    assert (changed.json()["version"], changed.json()["phone"], changed.json()["tags"]) == (2, "139****9000", ["VIP"])
    told = {one["field"]: one for one in program.get(f"{address}/changes").json()["items"]}
    assert (told["phone"]["before"], told["phone"]["after"]) == ("138****8000", "139****9000")
    assert (told["notes"]["after"], told["notes"]["source"], told["notes"]["version"]) == ("花生过敏", "api", 2)
    assert told["notes"]["by"] == f"key:{program.key.pk}"


def test_the_history_comes_in_pages(program: Program, known: dict[str, object]) -> None:
    address = f"/customers/{known['id']}"
    for number in range(5):
        program.patch(address, {"notes": str(number)})

    first = program.get(f"{address}/changes", limit=3).json()
    second = program.get(f"{address}/changes", limit=3, cursor=first["next_cursor"]).json()

    assert [one["after"] for one in (*first["items"], *second["items"])] == ["4", "3", "2", "1", "0"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"version": 9, "name": "李雷"}, 422, "customer.changed_meanwhile"),
        ({"phone": "12"}, 422, "customer.phone_invalid"),
        ({"home_store": "999"}, 422, "store.unusable"),
        ({"name": ""}, 400, "request.invalid"),
        ({"colour": "red"}, 400, "request.invalid"),
        ({"tags": None}, 400, "request.invalid"),
    ],
)
def test_a_wrong_change_is_named_and_changes_nothing(
    program: Program, known: dict[str, object], given: object, status: int, code: str
) -> None:
    answer = program.patch(f"/customers/{known['id']}", given)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Customer.objects.get().version == 1


@pytest.mark.parametrize("number", ["0", "x", "999"])
def test_nobody_is_not_found(program: Program, number: str) -> None:
    assert program.patch(f"/customers/{number}", {"name": "李雷"}).json()["code"] == "customer.unknown"
    assert program.get(f"/customers/{number}/changes").status_code == 404


class TestOwnFields:
    @pytest.fixture
    def maker(self) -> Program:
        return Program("customers:read", "customers:write", "fields:write")

    def size(self, maker: Program) -> dict[str, object]:
        options = [{"key": "m", "zh": "中号", "en": "Medium"}, {"key": "l", "zh": "大号", "en": "Large"}]
        given = {"key": "size", "kind": "choice", "label_zh": "尺码", "label_en": "Size", "options": options}
        made: dict[str, object] = maker.post("/customer-fields", given).json()
        return made

    def test_a_field_is_made_filled_changed_and_archived(self, maker: Program) -> None:
        made = self.size(maker)
        customer = maker.post("/customers", {"name": "王小明", "custom": {"size": "m"}}).json()
        address = f"/customers/{customer['id']}"

        assert customer["custom"] == {"size": "m"}
        assert maker.patch(address, {"custom": {"size": "l"}}).json()["custom"] == {"size": "l"}
        (line,) = maker.get(f"{address}/changes").json()["items"]
        assert (line["field"], line["before"], line["after"]) == ("custom.size", "m", "l")
        changed = maker.patch(f"/customer-fields/{made['id']}", {"label_en": "Fit"}).json()
        assert (changed["label_en"], changed["label_zh"], len(changed["options"])) == ("Fit", "尺码", 2)
        assert maker.post(f"/customer-fields/{made['id']}/archive", {}).json()["is_archived"]
        assert maker.patch(address, {"custom": {"size": "m"}}).json()["code"] == "field.archived"
        assert not maker.post(f"/customer-fields/{made['id']}/restore", {}).json()["is_archived"]
        assert [one["key"] for one in maker.get("/customer-fields").json()["items"]] == ["size"]

    @pytest.mark.parametrize(
        ("custom", "code"),
        [({"colour": "red"}, "field.unknown"), ({"size": "xl"}, "field.not_a_choice"), ({"size": 5}, "field.not_a_choice")],
    )
    def test_a_wrong_value_is_named(self, maker: Program, custom: object, code: str) -> None:
        self.size(maker)

        answer = maker.post("/customers", {"name": "王小明", "custom": custom})

        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert not Customer.objects.exists()

    def test_a_personal_value_is_told_masked(self, maker: Program) -> None:
        maker.post(
            "/customer-fields", {"key": "plate", "kind": "text", "label_zh": "车牌", "label_en": "Plate", "is_personal": True}
        )

        made = maker.post("/customers", {"name": "王小明", "custom": {"plate": "A12345"}}).json()

        assert made["custom"] == {"plate": "••••"}

    @pytest.mark.parametrize(
        ("given", "status", "code"),
        [
            ({"key": "Size", "kind": "text", "label_zh": "尺", "label_en": "S"}, 422, "field.key_invalid"),
            ({"key": "size", "kind": "text"}, 422, "field.label_missing"),
            ({"key": "size", "kind": "colour", "label_zh": "尺", "label_en": "S"}, 400, "request.invalid"),
            ({"key": "size", "kind": "choice", "label_zh": "尺", "label_en": "S"}, 422, "field.options_invalid"),
        ],
    )
    def test_a_wrong_definition_is_named(self, maker: Program, given: object, status: int, code: str) -> None:
        answer = maker.post("/customer-fields", given)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert maker.patch("/customer-fields/99", {}).status_code == 404
