"""The wallet that a page is about: found if whoever asks may see it, and told alike on every page of it."""

from typing import Any

from django.shortcuts import get_object_or_404

from chuzhi.console import values
from chuzhi.console.access import StaffRequest
from chuzhi.wallets import moves, queries
from chuzhi.wallets.models import Wallet


def found(request: StaffRequest, wallet_id: int) -> Wallet:
    """Raises Http404 for one that they may not see."""
    return get_object_or_404(queries.visible_to(request.actor).select_related("customer", "programme"), pk=wallet_id)


def told(wallet: Wallet) -> dict[str, Any]:
    """What the head of a page and its fields for amounts know. `currency` is empty where it holds no money."""
    programme = moves.programme_of(wallet)
    asset = programme.asset_code
    return {
        "wallet": wallet, "customer": wallet.customer, "programme": programme, "asset": asset,
        "currency": asset if values.is_money(asset) else "",
    }  # fmt: skip
