"""What every page says of the demo, if there is one."""

from django.utils.functional import SimpleLazyObject

from chuzhi.core.remembered import Remembered
from chuzhi.demo.models import DemoRun


def _look_up(_all: None) -> DemoRun | None:
    return DemoRun.objects.first()


_run: Remembered[None, DemoRun | None] = Remembered(_look_up)


def demo(_request: object) -> dict[str, object]:
    """For templates: `demo`, a few seconds old at most, and looked up only by a page that shows it."""
    return {"demo": SimpleLazyObject(lambda: _run(None))}
