"""Pictures of pages in both languages, both themes, at a desk and on a phone: to be looked at, and kept in docs/screenshots.

python tests/browser/screenshots.py http://127.0.0.1:8000 showcase=/console/ui/ \\
        [--into docs/screenshots] [--only zh-light-desk] [--cookie sessionid=…]
"""

import argparse
import io
import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run", "--font-render-hinting=none"]
LANGUAGES = {"zh": "zh-hans", "en": "en"}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
THEMES = ("light", "dark")
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
COLOURS, AREAS = 96, 48
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
    visitor = running.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=1 if size == "desk" else 2, locale=LOCALES[language]
    )
    chosen = [("django_language", LANGUAGES[language]), ("theme", theme), *cookies]
    visitor.add_cookies([{"name": name, "value": value, "url": address} for name, value in chosen])
    return visitor


def take(page: Page, file: Path, *, whole: bool = True) -> None:
    window = page.viewport_size
    if whole and window:
        # What clings to the bottom of a window belongs at the bottom of a picture.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": window["width"], "height": max(height, window["height"])})
    page.evaluate("document.fonts.ready.then(() => scrollTo(0, 0))")
    picture = Image.open(io.BytesIO(page.screenshot(full_page=whole, animations="disabled"))).convert("RGB")
    if window:
        page.set_viewport_size(window)
    file.parent.mkdir(parents=True, exist_ok=True)
    _of_few_colours(picture).save(file, optimize=True)


def _of_few_colours(picture: Image.Image) -> Image.Image:
    """A tenth of the bytes. Areas keep their very colour; the many shades at the edges of letters take the nearest."""
    seen = [colour for _pixels, colour in sorted(picture.getcolors(maxcolors=1 << 24) or [], reverse=True)]
    octree = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).getpalette() or []
    kept = [*dict.fromkeys([*seen[:AREAS], *zip(octree[::3], octree[1::3], octree[2::3], strict=True)])][:256]
    place = {one: _nearest(one, kept) for one in seen}  # type: ignore[arg-type]  # three values
    raw = picture.tobytes()
    few = Image.frombytes("P", picture.size, bytes(place[one] for one in zip(raw[::3], raw[1::3], raw[2::3], strict=True)))
    few.putpalette([value for colour in kept for value in colour])  # type: ignore[union-attr,misc]  # three values
    return few


def _nearest(one: tuple[int, int, int], kept: list[tuple[int, int, int]]) -> int:
    red, green, blue = one
    far = [(red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2 for r, g, b in kept]
    return far.index(min(far))


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
