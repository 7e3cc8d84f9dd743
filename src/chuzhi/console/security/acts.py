"""Changing one's own second factors: allauth's flows, with the log's row in the same transaction."""

from typing import Any

from allauth.mfa.base.internal.flows import delete_and_cleanup
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import generate_recovery_codes
from allauth.mfa.totp.internal.flows import activate_totp
from allauth.mfa.webauthn.internal.flows import add_authenticator
from django.db import transaction

from chuzhi.console.access import StaffRequest
from chuzhi.console.security.forms import AppForm
from chuzhi.core import audit
from chuzhi.organization import second_factors


@transaction.atomic
def add_app(request: StaffRequest, form: AppForm) -> bool:
    """Whether recovery codes were made with it: they come with the first factor."""
    _made, codes = activate_totp(request, form)
    _record(request, "added", second_factors.APP)
    return codes is not None


@transaction.atomic
def add_passkey(request: StaffRequest, *, name: str, credential: dict[str, Any]) -> bool:
    _made, codes = add_authenticator(request, name=name, credential=credential)
    _record(request, "added", second_factors.PASSKEY)
    return codes is not None


@transaction.atomic
def rename(request: StaffRequest, factor: Authenticator, name: str) -> None:
    factor.data["name"] = name
    factor.save(update_fields=["data"])


@transaction.atomic
def remove(request: StaffRequest, factor: Authenticator) -> None:
    """Without one's last factor the recovery codes go too."""
    second_factors.may_remove(factor, request.user)
    delete_and_cleanup(request, factor)
    _record(request, "removed", factor.type)


@transaction.atomic
def make_codes(request: StaffRequest) -> None:
    generate_recovery_codes(request)
    _record(request, "renewed", second_factors.CODES)


def _record(request: StaffRequest, act: str, kind: str) -> None:
    audit.record(f"second_factor.{act}", f"staff:{request.user.pk}", by=request.actor, kind=str(kind))
