"""A person signs for an import: what the old system said was there, what the file brought, and what the books hold now.

Written once and never again. The code on the sheet is a seal over everything that stands on it: whoever holds a sheet can ask
whether it is ours and unchanged.
"""

import hmac
import json

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.errors import NotFound, Refused
from chuzhi.customers.models import ImportBatch
from chuzhi.organization import twins
from chuzhi.organization.authority import require
from chuzhi.wallets import importing, programmes
from chuzhi.wallets.models import ImportAcceptance

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
LONGEST_NOTE = 500
LONGEST_NAME = 80


class NotPosted(Refused):
    code = "import.not_posted"
    message = _("Only an import that was taken in whole, and not given back, can be signed for.")


class SignedAlready(Refused):
    code = "import.signed_already"
    message = _("This import has been signed for. A sheet that was signed is not changed.")


class DifferenceUnexplained(Refused):
    code = "import.difference_unexplained"
    message = _("The old system's total is not what the books hold. Say why, in at most %(most)s letters.")


class SignerMissing(Refused):
    code = "import.signer_missing"
    message = _("Say who signs: a name of at most %(most)s letters.")


class AcceptanceUnknown(NotFound):
    code = "import.acceptance_unknown"
    message = _("No sheet has this code.")


@transaction.atomic
def sign(*, batch: ImportBatch, principal: int, bonus: int, signer: str, by: Actor, note: str = "") -> ImportAcceptance:
    """Accept an import. `principal` and `bonus` are the old system's own totals, in minor units.

    Raises NotPosted, SignedAlready, SignerMissing, and DifferenceUnexplained where the totals differ and no note says why.
    """
    require(by, importing.RUN)
    held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if held.state != ImportBatch.State.APPLIED or held.step:
        raise NotPosted
    name, why, posted = " ".join(signer.split()), note.strip(), importing.totals(held)
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise SignerMissing(most=LONGEST_NAME)
    if len(why) > LONGEST_NOTE or ((principal, bonus) != (posted.principal, posted.bonus) and not why):
        raise DifferenceUnexplained(most=LONGEST_NOTE)
    made = ImportAcceptance(
        batch=held, stated_principal=principal, stated_bonus=bonus, principal=posted.principal, bonus=posted.bonus,
        lots=posted.lots, facts=_facts(held), note=why, signer=name, signed_by=by.label,
    )  # fmt: skip
    with twins.refused(SignedAlready()):
        made.save(force_insert=True)
    audit.record("import.signed", f"import:{held.pk}", by=by, signer=name, principal=principal, bonus=bonus)
    return made


def of(batch: ImportBatch) -> ImportAcceptance | None:
    found: ImportAcceptance | None = getattr(batch, "acceptance", None)
    return found


def code_of(sheet: ImportAcceptance) -> str:
    """The import's number and a seal that only we can make: `7-K7QX2M9P4TAB`."""
    fact = (
        sheet.batch_id, sheet.stated_principal, sheet.stated_bonus, sheet.principal, sheet.bonus, sheet.lots,
        json.dumps(sheet.facts, sort_keys=True), sheet.note, sheet.signer, sheet.signed_by, sheet.signed_at.isoformat(),
    )  # fmt: skip
    digest = int.from_bytes(salted_hmac("chuzhi.wallets.acceptances", repr(fact), algorithm="sha256").digest())
    return f"{sheet.batch_id}-" + "".join(ALPHABET[digest >> (5 * place) & 31] for place in range(CODE_LENGTH))


def find(*, code: str, actor: Actor) -> ImportAcceptance:
    """The sheet that a printed code belongs to. One answer for a wrong code, an unknown number and one not to be seen."""
    require(actor, importing.RUN)
    typed = code.strip().upper()
    number = typed.partition("-")[0]
    sheet = ImportAcceptance.objects.filter(batch=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    if sheet is None or not hmac.compare_digest(code_of(sheet).encode(), typed.encode()):
        raise AcceptanceUnknown
    return sheet


def _facts(batch: ImportBatch) -> dict[str, object]:
    """What the import was when it was signed for; its own row goes on changing."""
    told = {
        name: getattr(batch, name)
        for name in ("file_name", "sha256", "total", "new", "updated", "skipped", "further", "refused")
    }
    return told | {
        "programme": programmes.known(batch.programme or 0).name,
        "currency": batch.currency,
        "file_principal": batch.principal,
        "file_bonus": batch.bonus,
        "refused_for": batch.refused_for,
        "brought_by": batch.made_by,
        "brought_at": batch.made_at.isoformat(),
        "taken_in_at": batch.applied_at.isoformat() if batch.applied_at else "",
    }
