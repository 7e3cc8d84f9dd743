from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser import screenshots
from browser.site import Site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with screenshots.browser() as running:
        yield running


@pytest.fixture
def site(committed: None) -> Iterator[Site]:
    running = Site()
    running.start()
    yield running
    running.kill()
