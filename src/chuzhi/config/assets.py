"""Style, scripts and fonts, gathered where the web server gives them out: under names that change with what they hold."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def gather_stale() -> None:
    """Once per change of a file: browsers keep each for a year, and ask again only for a new name."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    newest = max(_changed_at(), default=0.0)
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        call_command("collectstatic", interactive=False, clear=manifest.exists(), verbosity=0)


def _changed_at() -> list[float]:
    found = [storage.path(name) for finder in get_finders() for name, storage in finder.list([])]
    return [Path(path).stat().st_mtime for path in found]
