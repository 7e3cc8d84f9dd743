from django.http import HttpResponse
from django.views.decorators.http import require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.journal import sample
from chuzhi.console.journal.listing import LISTING
from chuzhi.console.lists import pages


@staff_can("ledger.view")
@require_safe
def journal_page(request: StaffRequest) -> HttpResponse:
    """Newest first. Whoever works in some stores only sees what happened there."""
    return pages.show(request, LISTING)


@staff_can("audit.view")
@require_safe
def sample_page(request: StaffRequest) -> HttpResponse:
    """On one page, however many were drawn."""
    return pages.show(request, sample.LISTING)
