"""An automatic top-up that a customer has agreed to, here and at the provider."""

from payments.gateways.standing_in import StandIn

import cast
from chuzhi.payments import agreements
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account
from chuzhi.topups import mandates
from chuzhi.topups.mandate_texts import CURRENT
from chuzhi.topups.models import Mandate
from chuzhi.wallets.models import Wallet

ASKED: dict[str, object] = {
    "trigger": Mandate.Trigger.LOW, "floor": 50_00, "amount": 500_00, "most_a_month": 1000_00, "text_version": CURRENT,
    "key": "agree", "by": cast.OWNER,
}  # fmt: skip


def agreed(wallet: Wallet, way: Account, provider: StandIn, **more: object) -> Mandate:
    mandate = mandates.agree(wallet=wallet, account=way, **(ASKED | more))  # type: ignore[arg-type]  # any facts
    mandate = mandates.confirm(mandate, scene=Scene.PAGE)
    assert mandate.agreement
    provider.control("agree", address=mandate.agreement.started["url"])
    agreements.ask(mandate.agreement)
    return Mandate.objects.get(pk=mandate.pk)
