from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, customers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Day, Id
from chuzhi.api.pages import Limit
from chuzhi.organization.models import Staff
from chuzhi.workforce import notes, tasks
from chuzhi.workforce.errors import AssigneeUnusable, TaskUnknown
from chuzhi.workforce.models import Task

router = Router(tags=["Customers"])


class CustomerTaskIn(Asked):
    what: str = Field(
        min_length=1, max_length=tasks.LONGEST, description="@ and a colleague's name tells them",
        examples=["Ask how the new blend is"],
    )  # fmt: skip
    due_on: Day
    assignee: Id = Field(description="The colleague who does it", examples=["12"])


class CustomerTaskChangeIn(Asked):
    due_on: Day | None = None
    assignee: Id | None = Field(None, examples=["12"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"due_on": "2026-03-31"}]})


class CustomerTaskOutcomeIn(Asked):
    outcome: str = Field(
        min_length=1,
        max_length=notes.LONGEST,
        description="@ and a colleague's name tells them",
        examples=["Comes on Saturday"],
    )


class CustomerTasksHandedIn(Asked):
    whose: Id = Field(description="The colleague for whom they wait", examples=["12"])
    to: Id = Field(examples=["13"])


class CustomerTasksHandedOut(Schema):
    count: int


class CustomerTaskOut(Schema):
    id: str = Field(examples=["7"])
    customer: str = Field(examples=["30001"])
    what: str
    due_on: date
    assignee: str = Field(examples=["12"])
    mentioned: list[str] = Field(description="Staff who were told of what is to be done", examples=[["13"]])
    by: str = Field(description="Who gave it", examples=["staff:12"])
    at: str
    done_at: str | None
    note: str | None = Field(description="The note that says what came of it", examples=[None])


class CustomerTaskList(Schema):
    items: list[CustomerTaskOut]
    next_cursor: str | None


@router.get(
    "/tasks", auth=KeyAuth("customers:read"), response=CustomerTaskList,
    operation_id="listCustomerTasks", summary="Follow-ups of customers",
)  # fmt: skip
def list_tasks(
    request: ApiRequest,
    assignee: Id | None = None,
    customer: Id | None = None,
    done: Annotated[bool, Query()] = False,  # noqa: FBT002 # a part of the address
    limit: Limit = pages.USUAL,
    cursor: str | None = None,
) -> HttpResponse:
    """Those that wait or, with `done`, those that are done; in the order in which they were given."""
    asked = {"assignee": assignee, "customer": customer}
    rows = tasks.visible_to(request.auth).filter(
        done_at__isnull=not done, **{name: int(one) for name, one in asked.items() if one}
    )
    rows = rows.prefetch_related("mentioned")
    found = list(rows.order_by("pk").filter(pk__gt=pages.place_of(cursor) or 0)[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_told(row) for row in found[:limit]], "next_cursor": following})


@router.post(
    "/customers/{customer}/tasks", auth=KeyAuth("customers:write"), response={201: CustomerTaskOut},
    operation_id="addCustomerTask", summary="Have a customer followed up",
)  # fmt: skip
def add(request: ApiRequest, customer: str, asked: CustomerTaskIn) -> HttpResponse:
    """The colleague is told. Refusals: `customer.unknown`, `task.unusable`, `task.day_unusable`, `task.assignee_unusable`."""
    person, who = customers.visible(request, customer), _colleague(asked.assignee)
    made = tasks.add(customer=person, what=asked.what, due_on=asked.due_on, assignee=who, by=request.auth)
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.post(
    "/tasks/hand-over", auth=KeyAuth("customers:write"), response=CustomerTasksHandedOut,
    operation_id="handOverCustomerTasks", summary="Hand all that waits for a colleague to another one",
)  # fmt: skip
def hand_over(request: ApiRequest, asked: CustomerTasksHandedIn) -> HttpResponse:
    """Whoever gets them is told once. Refusals: `task.assignee_unusable`."""
    count = tasks.hand_over(whose=_colleague(asked.whose), to=_colleague(asked.to), by=request.auth)
    return answers.respond({"count": count})


@router.patch(
    "/tasks/{task}", auth=KeyAuth("customers:write"), response=CustomerTaskOut,
    operation_id="changeCustomerTask", summary="Move a follow-up to another day, or hand it over",
)  # fmt: skip
def change(request: ApiRequest, task: str, asked: CustomerTaskChangeIn) -> HttpResponse:
    """A colleague who gets it is told. Refusals: `task.unknown`, `task.done`, `task.day_unusable`, `task.assignee_unusable`."""
    who = _colleague(asked.assignee) if asked.assignee else None
    return answers.respond(_told(tasks.change(task=_named(request, task), due_on=asked.due_on, assignee=who, by=request.auth)))


@router.post(
    "/tasks/{task}/done", auth=KeyAuth("customers:write"), response=CustomerTaskOut,
    operation_id="finishCustomerTask", summary="Say what came of a follow-up",
)  # fmt: skip
def finish(request: ApiRequest, task: str, asked: CustomerTaskOutcomeIn) -> HttpResponse:
    """It becomes a note on the customer. Refusals: `task.unknown`, `task.done`, `note.unusable`."""
    return answers.respond(_told(tasks.finish(task=_named(request, task), outcome=asked.outcome, by=request.auth)))


def _named(request: ApiRequest, task: str) -> Task:
    found = tasks.visible_to(request.auth).filter(pk=named.number(task) or 0).first()
    if found is None:
        raise TaskUnknown
    return found


def _colleague(number: str) -> Staff:
    found = Staff.objects.filter(pk=int(number)).first()
    if found is None:
        raise AssigneeUnusable
    return found


def _told(task: Task) -> dict[str, Any]:
    return {
        "id": str(task.pk), "customer": str(task.customer_id), "what": task.what, "due_on": task.due_on.isoformat(),
        "assignee": str(task.assignee_id), "mentioned": [str(each.pk) for each in task.mentioned.all()],
        "by": task.made_by, "at": answers.moment(task.made_at),
        "done_at": answers.moment(task.done_at) if task.done_at else None,
        "note": str(task.note_id) if task.note_id else None,
    }  # fmt: skip
