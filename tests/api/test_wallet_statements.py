import pytest
from django.utils import timezone

import shop
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


def test_opening_and_lines_make_closing(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 500_00, store)
    charged = shop.charge(wallet, 123_45, store)
    today = str(timezone.localdate())

    told = Program("wallets:read").get(f"/wallets/{wallet.pk}/statement", since=today, until=today).json()

    assert told["opening"]["total"] == 0
    assert (told["came"], told["went"]) == (580_00, -123_45)
    assert told["closing"] == told["lines"][-1]["after"] == {"principal": 376_55, "bonus": 80_00, "total": 456_55, "debt": 0}
    assert [line["kind"] for line in told["lines"]] == ["top_up", "charge"]
    assert told["lines"][1]["id"] == charged.id


@pytest.mark.parametrize(
    ("days", "status"),
    [
        ({"since": "2026-03-09", "until": "2026-03-01"}, 422), ({"since": "2020-01-01", "until": "2026-03-01"}, 422),
        ({"since": "2026-03-01"}, 400), ({"since": "2026-02-30", "until": "2026-03-01"}, 400),
        ({"since": "2026-03-01", "until": "2026-03-01", "of": "1"}, 400),
    ],
)  # fmt: skip
def test_days_that_make_no_statement_are_refused(wallet: Wallet, days: dict[str, str], status: int) -> None:
    assert Program("wallets:read").get(f"/wallets/{wallet.pk}/statement", **days).status_code == status


def test_a_wallet_that_is_not_there() -> None:
    assert Program("wallets:read").get("/wallets/999/statement", since="2026-03-01", until="2026-03-01").status_code == 404
