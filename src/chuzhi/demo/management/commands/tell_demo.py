"""The rest of the year, told while people look around already."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from chuzhi.demo import telling
from chuzhi.demo.models import DemoRun
from chuzhi.demo.words import verdict


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--invented", action="store_true")

    def handle(self, **given: Any) -> None:
        run, tenths = DemoRun.objects.get(), 0
        if run.is_finished:
            return
        zone = timezone.get_default_timezone()
        year = telling.source(now=run.started_at, zone=zone, invented=given["invented"])
        for so_far in telling.tell(year):
            if (passed := so_far.baskets_told * 10 // so_far.baskets) > tenths:
                tenths = passed
                self.stderr.write(f"The demo's year: {so_far.baskets_told:,} of {so_far.baskets:,} baskets")
            run = so_far
        self.stderr.write(verdict(telling.finish(run)))
