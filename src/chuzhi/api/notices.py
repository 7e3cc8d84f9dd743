"""The door that payment providers call. Each proves itself by its signature; the answer is in the provider's own words."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chuzhi.payments import accounts, notices


@csrf_exempt
@require_POST
def receive(request: HttpRequest, account: str) -> HttpResponse:
    """A paused account is still listened to: what was begun there can still be paid."""
    found = accounts.heard_as(account)
    if found is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    body = request.read(notices.LONGEST_BODY + 1)
    if len(body) > notices.LONGEST_BODY:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    headers = {name.lower(): value for name, value in request.headers.items()}
    reply = notices.receive(account=found, headers=headers, body=body)
    return HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)


vars(receive)["public"] = True  # who calls is known by their signature

urlpatterns = [path("<slug:account>", receive, name="payment_notice")]
