from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from chuzhi.organization import invitations


class Command(BaseCommand):
    help = "Print a one-time link, good for 24 hours, by which a new administrator chooses a username and a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="where people reach this server")

    def handle(self, *, base_url: str, **_options: object) -> None:
        self.stdout.write(_("Open this link within 24 hours; it works once:"))
        self.stdout.write(invitations.create_admin_link(base_url=base_url))
