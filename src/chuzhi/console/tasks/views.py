"""What a colleague has to follow up, one of it, and those of a customer."""

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.db.models import Manager
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, forbid, posted, staff_can
from chuzhi.console.tasks.forms import ChangeForm, HandOverForm, OutcomeForm, TaskForm, WhoseForm
from chuzhi.core.errors import Refused
from chuzhi.customers import queries
from chuzhi.insights import journal
from chuzhi.organization.models import Staff
from chuzhi.workforce import tasks
from chuzhi.workforce.models import Task

TASKS, TASK, OF_CUSTOMER = "console/tasks/list.html", "console/tasks/task.html", "console/tasks/of_customer.html"
PAGE_SIZE = 50
LATE, TODAY, LATER = gettext_lazy("Overdue"), gettext_lazy("Due today"), gettext_lazy("Later")


@staff_can(queries.VIEW)
@require_safe
def tasks_page(request: StaffRequest) -> HttpResponse:
    """Mine, or a colleague's: the most urgent first."""
    form = WhoseForm(request.GET or {})
    if not form.is_valid():
        raise Http404
    whose = form.cleaned_data["whose"] or request.user
    page = keyset.page(tasks.waiting(request.actor).filter(assignee=whose), ["due_on", "id"], request.GET, size=PAGE_SIZE)
    context = {"form": form, "groups": _groups(page.rows, journal.today()), "page": page, "loads": tasks.loads(request.actor)}
    if page.rows and request.actor.may(tasks.WRITE):
        context["handing"] = HandOverForm(initial={"whose": whose.pk})
    return render(request, TASKS, context)


@staff_can(tasks.WRITE)
@require_POST
def hand_over(request: StaffRequest) -> HttpResponse:
    """All that waits for a colleague, at once."""
    form = HandOverForm(request.POST)
    if form.is_valid():
        try:
            count = tasks.hand_over(by=request.actor, **form.cleaned_data)
            said = ngettext("%(count)s task is handed over.", "%(count)s tasks are handed over.", count)
            messages.success(request, said % {"count": count})
            return redirect(f"{reverse('console:tasks')}?whose={form.cleaned_data['to'].pk}")
        except Refused as no:
            form.add_error("to", str(no))
    messages.error(request, " ".join(str(said) for told in form.errors.values() for said in told))
    return redirect("console:tasks")


@staff_can(queries.VIEW)
@require_http_methods(["GET", "POST"])
def task_page(request: StaffRequest, task_id: int) -> HttpResponse:
    """One of them: finished, or moved and handed over."""
    if request.method == "POST" and not request.actor.may(tasks.WRITE):
        return forbid(request, tasks.WRITE)
    task = get_object_or_404(tasks.visible_to(request.actor).select_related("note"), pk=task_id)
    is_done = "outcome" in request.POST
    done = OutcomeForm(posted(request) if is_done else None)
    change = ChangeForm(None if is_done else posted(request), initial=_now(task))
    form = done if is_done else change
    if form.is_valid():
        try:
            if is_done:
                messages.success(request, _finished(tasks.finish(task=task, by=request.actor, **done.cleaned_data)))
            else:
                tasks.change(task=task, by=request.actor, **change.cleaned_data)
                messages.success(request, _("Saved."))
            return redirect("console:tasks")
        except Refused as no:
            form.refuse(no)
    context = {"task": task, "done": done, "change": change, "may_write": request.actor.may(tasks.WRITE)}
    return render(request, TASK, context, status=422 if form.is_bound else 200)


@staff_can(queries.VIEW)
@require_http_methods(["GET", "POST"])
def of_customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Everything to follow up with one customer, what was done before, and a new one."""
    if request.method == "POST" and not request.actor.may(tasks.WRITE):
        return forbid(request, tasks.WRITE)
    person = get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
    form = TaskForm(posted(request), initial={"due_on": journal.today().isoformat(), "assignee": request.user.pk})
    if form.is_valid():
        try:
            made = tasks.add(customer=person, by=request.actor, **form.cleaned_data)
            told = _names(made.mentioned)
            messages.success(request, _("Written down, and told %(names)s.") % {"names": told} if told else _("Written down."))
            return redirect("console:customer_tasks", customer_id)
        except Refused as no:
            form.refuse(no)
    rows = tasks.visible_to(request.actor).filter(customer=person).select_related("note")
    page = keyset.page(rows, ["-id"], request.GET, size=PAGE_SIZE)
    context = {"customer": person, "form": form, "page": page, "may_write": request.actor.may(tasks.WRITE)}
    return render(request, OF_CUSTOMER, context, status=422 if form.is_bound else 200)


def _groups(rows: Sequence[Task], today: date) -> list[tuple[Promise, list[Task]]]:
    late = [task for task in rows if task.due_on < today]
    now = [task for task in rows if task.due_on == today]
    later = [task for task in rows if task.due_on > today]
    return [(label, some) for label, some in ((LATE, late), (TODAY, now), (LATER, later)) if some]


def _finished(task: Task) -> str:
    told = _names(task.note.mentioned) if task.note else ""
    return _("Noted on the customer, and told %(names)s.") % {"names": told} if told else _("Done, and noted on the customer.")


def _names(told: Manager[Staff]) -> str:
    return ", ".join(told.values_list("name", flat=True))


def _now(task: Task) -> dict[str, object]:
    """The day as an input of days takes it, whatever the language."""
    return {"due_on": task.due_on.isoformat(), "assignee": task.assignee_id}
