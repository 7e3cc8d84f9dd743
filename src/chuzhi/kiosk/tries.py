"""What is tried at a kiosk, counted before it is looked at: whoever guesses is stopped, for the card and for the screen."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from chuzhi.kiosk import rules
from chuzhi.kiosk.errors import TooManyAtTheKiosk, TooManyCodes, TooManyForTheCard
from chuzhi.kiosk.models import Kiosk, Try

What, Verdict = Try.What, Try.Verdict
COUNTED = (Verdict.OPEN, Verdict.WRONG)
KEPT = timedelta(days=30)


def begin(*, kiosk: Kiosk, number: str, what: Try.What) -> Try:
    """Count this try, for everybody to see, then look whether it is one too many. Never inside a transaction."""
    row = Try.objects.create(kiosk=kiosk, mark=_mark(number), what=what)
    refusal = _objection(row)
    if refusal is not None:
        _become(row, Verdict.STOPPED)
        raise refusal
    return row


def right(row: Try) -> None:
    _become(row, Verdict.RIGHT)


def wrong(row: Try) -> None:
    _become(row, Verdict.WRONG)


def forget_old() -> int:
    """For the clock: tries that say nothing any more."""
    return Try.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]


def _objection(row: Try) -> TooManyAtTheKiosk | TooManyForTheCard | TooManyCodes | None:
    here = Q(kiosk=row.kiosk_id, verdict__in=COUNTED)
    if _since(row, rules.KIOSK_WITHIN).filter(here).count() > rules.MOST_WRONG_AT_A_KIOSK:
        return TooManyAtTheKiosk()
    of_card = Q(mark=row.mark, what=row.what)
    if row.what == What.CODE:
        wrong = _since(row, rules.CARD_WITHIN).filter(of_card, verdict__in=COUNTED).count()
        return TooManyForTheCard() if wrong > rules.MOST_WRONG_OF_A_CARD else None
    if row.what == What.SENDING:
        sent = _since(row, rules.CODES_WITHIN).filter(of_card).exclude(verdict=Verdict.STOPPED).count()
        return TooManyCodes() if sent > rules.MOST_CODES_OF_A_CARD else None
    return None


def _since(row: Try, within: timedelta) -> QuerySet[Try]:
    return Try.objects.filter(at__gt=row.at - within)


def _become(row: Try, verdict: Try.Verdict) -> None:
    Try.objects.filter(pk=row.pk).update(verdict=verdict)


def _mark(number: str) -> bytes:
    """Numbers that were only tried are nobody's to read."""
    return salted_hmac("chuzhi.kiosk.tries", number, algorithm="sha256").digest()
