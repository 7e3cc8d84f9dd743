"""Every rule looks at what is new in the journal; what it hits on becomes a case, in the transaction of the reading."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from chuzhi.core import actors, audit
from chuzhi.core.audit import AuditEntry
from chuzhi.ledger import followers
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.followers import Entry
from chuzhi.risk import reading, rules, thresholds
from chuzhi.risk.models import Case, Evidence, Noted
from chuzhi.risk.rules import RULES, Hit, Subject
from chuzhi.risk.thresholds import InForce

FOLLOWER = "risk"
BY = actors.system(FOLLOWER)
RAISED_WITHIN = timedelta(hours=24)
"""What is older is history (an import, a demo's year, the day this was switched on): known to the rules, and no case."""
COMMITTED_WITHIN = timedelta(minutes=5)
"""A line of the audit log is seen when its transaction is over, perhaps after later ones: so far back is read again."""


def follow() -> int:
    """For the clock: read the journal to its end, and what was looked at. Answers how many entries and looks were new."""
    count = _follow_looks()
    while read := followers.follow(FOLLOWER, _look):
        count += read
    return count


def forget_old() -> int:
    """What no rule can want any more, and no case names."""
    old = Noted.objects.filter(at__lt=timezone.now() - rules.KEPT, evidence_of=None)
    return old.delete()[0]


@transaction.atomic
def _follow_looks() -> int:
    """The log has no order of its own to follow, so what is known of the last minutes is left out by its number."""
    now = timezone.now()
    last = Noted.objects.filter(audit__isnull=False).aggregate(last=Max("at"))["last"]
    since = max(last - COMMITTED_WITHIN, now - rules.KEPT) if last else now - RAISED_WITHIN
    known = Noted.objects.filter(audit__isnull=False, at__gte=since).values("audit")
    entries = AuditEntry.objects.filter(reading.LOOKS | reading.EXPORTS, at__gte=since).exclude(pk__in=known).order_by("at")
    fresh = Noted.objects.bulk_create(reading.looks(entries))
    lately = [each for each in fresh if each.at >= now - RAISED_WITHIN]
    if lately:
        _judge(lately, {each.pk: each.at for each in fresh})
    return len(fresh)


def _look(entries: Sequence[Entry]) -> None:
    now = timezone.now()
    kept = [entry for entry in entries if entry.effective_at >= now - rules.KEPT]
    fresh = Noted.objects.bulk_create(reading.acts(kept))
    times = {(entry.outcome.book, entry.outcome.seq): entry.outcome.time for entry in kept}
    written = {each.pk: times[each.book or 0, each.seq or 0] for each in fresh}
    lately = [each for each in fresh if min(each.at, written[each.pk]) >= now - RAISED_WITHIN]
    if lately:
        _judge(lately, written)


def _judge(lately: Sequence[Noted], written: dict[int, datetime]) -> None:
    """Every window that ends with one of these acts, or with a later one: books are read one after the other.

    `written` says when the ledger wrote each of them.
    """
    in_force = [each for each in thresholds.in_force().values() if each.is_on]
    since, zone = min(each.at for each in lately), shop_zone()
    for subject in Subject:
        asking = [each for each in in_force if RULES[each.code].subject is subject]
        names = {name for each in lately if (name := each.act(zone).of(subject))}
        if not asking or not names:
            continue
        known = {each.pk: each for each in _known(subject, names, asking, since)}
        acts = [each.act(zone) for each in known.values()]
        for each in asking:
            for hit in rules.hits(each.code, each.limits, acts, since=since, looked_at=_looked_at(each.code, names)):
                _raise(each, subject, hit, known, written)


def _known(subject: Subject, names: Iterable[str], asking: Iterable[InForce], since: datetime) -> QuerySet[Noted]:
    """What any of these rules may want: each looks as far back as its own stretch, and at its own kinds of acts."""
    wanted = Q(pk=None)
    for each in asking:
        whats = [what.value for what in RULES[each.code].looks_at]
        wanted |= Q(what__in=whats, at__gte=since - timedelta(minutes=each.limits.minutes))
    return Noted.objects.filter(wanted, **{f"{subject}__in": names})


def _looked_at(code: str, names: Iterable[str]) -> dict[str, datetime]:
    """Until when a person has judged each subject, by this rule."""
    closed = Case.objects.filter(rule=code, subject__in=list(names), closed_at__isnull=False)
    return dict(closed.values("subject").annotate(until=Max("last_at")).values_list("subject", "until"))


def _raise(rule: InForce, subject: Subject, hit: Hit, known: dict[int, Noted], written: dict[int, datetime]) -> None:
    """A new case, or more evidence for the open one."""
    now = timezone.now()
    newest = known[hit.evidence[-1].id]
    case, is_new = Case.objects.get_or_create(
        rule=rule.code, subject=hit.subject, closed_at=None,
        defaults={
            "version": rule.version, "kind": subject.value, "customer": newest.customer, "store_id": newest.store, "amount": 0,
            "currency": rule.limits.currency, "last_at": newest.at, "raised_at": now, "action": rule.action,
            "raised_after_seconds": (now - written.get(newest.pk, max(written.values()))).total_seconds(),
        },
    )  # fmt: skip
    case = Case.objects.select_for_update().get(pk=case.pk)
    new = [Evidence(case=case, noted=known[act.id]) for act in hit.evidence]
    Evidence.objects.bulk_create(new, ignore_conflicts=True)
    amounts = Noted.objects.filter(Q(currency=case.currency), evidence_of__case=case).values_list("amount", "at")
    case.amount, case.last_at = sum(amount for amount, _at in amounts), max(case.last_at, newest.at)
    case.save(update_fields=["amount", "last_at"])
    if is_new:
        audit.record("risk_case.raised", f"risk_case:{case.pk}", by=BY, rule=rule.code, version=rule.version)
