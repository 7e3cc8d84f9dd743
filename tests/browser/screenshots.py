"""Pictures of pages in both languages, both themes, at a desk and on a phone: to be looked at, and kept in docs/screenshots.

python tests/browser/screenshots.py http://127.0.0.1:8000 showcase=/console/ui/ \\
        [--into docs/screenshots] [--only zh-light-desk] [--cookie sessionid=…]
"""

import argparse
import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run", "--font-render-hinting=none"]
LANGUAGES = {"zh": "zh-hans", "en": "en"}
THEMES = ("light", "dark")
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
LOOKS = [f"{language}-{theme}-{size}" for language, theme, size in itertools.product(LANGUAGES, THEMES, SIZES)]


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


def dress(running: Browser, address: str, look: str, cookies: Iterable[tuple[str, str]] = ()) -> BrowserContext:
    """A fresh visitor who chose this language and theme, such as `zh-dark-phone`, and carries these cookies."""
    language, theme, size = look.split("-")
    width, height = SIZES[size]
    visitor = running.new_context(viewport={"width": width, "height": height}, device_scale_factor=1 if size == "desk" else 2)
    chosen = [("django_language", LANGUAGES[language]), ("theme", theme), *cookies]
    visitor.add_cookies([{"name": name, "value": value, "url": address} for name, value in chosen])
    return visitor


def take(page: Page, file: Path, *, whole: bool = True) -> None:
    page.evaluate("document.fonts.ready.then(() => scrollTo(0, 0))")
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file, full_page=whole, animations="disabled")


def album(
    address: str,
    pages: Iterable[tuple[str, str]],
    into: Path,
    *,
    looks: Iterable[str] = LOOKS,
    cookies: Iterable[tuple[str, str]] = (),
) -> list[Path]:
    """One picture for each page and look, named `<page>-<look>.png`."""
    pages, cookies, taken = list(pages), list(cookies), []
    with browser() as running:
        for look in looks:
            visitor = dress(running, address, look, cookies)
            for name, path in pages:
                page = visitor.new_page()
                page.goto(address + path, wait_until="networkidle")
                taken.append(into / f"{name}-{look}.png")
                take(page, taken[-1])
                page.close()
            visitor.close()
    return taken


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("address")
    asked.add_argument("pages", nargs="+", metavar="name=/path/")
    asked.add_argument("--into", type=Path, default=Path("docs/screenshots"))
    asked.add_argument("--only", nargs="*", choices=LOOKS, default=LOOKS)
    asked.add_argument("--cookie", nargs="*", default=[], metavar="name=value")
    given = asked.parse_args()
    pairs = [(name, path) for name, _equals, path in (page.partition("=") for page in given.pages)]
    cookies = [(name, value) for name, _equals, value in (cookie.partition("=") for cookie in given.cookie)]
    album(given.address, pairs, given.into, looks=given.only, cookies=cookies)


if __name__ == "__main__":
    main()
