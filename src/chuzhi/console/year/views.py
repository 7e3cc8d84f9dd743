from django.http import HttpResponse
from django.shortcuts import render

from chuzhi.console.access import StaffRequest, staff_can

PAGE = "console/year/year.html"


@staff_can("demo.view")
def year(request: StaffRequest) -> HttpResponse:
    """The whole page, or for a page that watches the progress only that part."""
    return render(request, f"{PAGE}#progress" if "HX-Request" in request.headers else PAGE)
