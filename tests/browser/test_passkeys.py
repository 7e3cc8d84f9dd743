"""Passkeys in a real browser with an authenticator of its own: added, named, used as a second step and alone, and removed."""

import os
from collections.abc import Iterator

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, expect

import cast
from browser import screenshots
from browser.site import Site
from chuzhi.organization import second_factors
from chuzhi.organization.models import Staff

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("browser")]
AUTHENTICATOR = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}


@pytest.fixture
def window(site: Site, chromium: Browser) -> Iterator[Page]:
    """On localhost: a passkey belongs to a name, never to a number."""
    page = screenshots.dress(chromium, f"http://localhost:{site.port}", "en-light-desk").new_page()
    page.set_default_timeout(20_000)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    found = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": AUTHENTICATOR | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    page.authenticator = (devtools, found["authenticatorId"])  # type: ignore[attr-defined]
    yield page
    page.context.close()


def sign_in(window: Page, address: str, person: Staff) -> None:
    window.goto(f"{address}/console/sign-in/")
    window.get_by_label("Username").fill(person.username)
    window.get_by_label("Password").fill(cast.PASSWORD)
    window.keyboard.press("Enter")


def faults(window: Page) -> list[str]:
    """What a reader with other senses would stumble over."""
    window.evaluate(Axe().axe_script)
    return window.evaluate(  # type: ignore[no-any-return]  # a list, as the script says
        """() => axe.run("main").then(({violations}) => violations.map(({id, nodes}) => `${id}: ${nodes[0].html}`))"""
    )


def forget_proofs(window: Page) -> None:
    """As if the person had signed in long ago."""
    number = next(cookie["value"] for cookie in window.context.cookies() if cookie["name"] == "sessionid")
    session = SessionStore(number)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = []
    session.save()


def sign_out(window: Page) -> None:
    window.get_by_label("Account of").first.click()
    window.get_by_role("button", name="Sign out", exact=True).click()
    window.wait_for_url("**/sign-in/")


def test_a_passkey_from_adding_it_to_removing_it(site: Site, window: Page) -> None:
    person, address = cast.member("administrator"), f"http://localhost:{site.port}"
    sign_in(window, address, person)
    window.wait_for_url("**/console/workplace/")
    window.goto(f"{address}/console/security/passkeys/add/")

    window.get_by_label("What is it called?").fill("收银台的指纹")
    window.keyboard.press("Enter")
    expect(window.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(10)
    assert second_factors.of(person).get().wrap().name == "收银台的指纹"

    sign_out(window)
    sign_in(window, address, person)
    window.wait_for_url("**/sign-in/second/")
    assert faults(window) == []
    window.get_by_role("button", name="Use a passkey").press("Enter")
    window.wait_for_url("**/console/workplace/")

    forget_proofs(window)
    window.goto(f"{address}/console/security/app/")
    assert faults(window) == []
    window.get_by_role("button", name="Use a passkey").press("Enter")
    expect(window.get_by_label("The code that the app shows now")).to_be_visible()

    sign_out(window)
    window.get_by_role("button", name="Sign in with a passkey").press("Enter")
    window.wait_for_url("**/console/workplace/")

    devtools, number = window.authenticator  # type: ignore[attr-defined]
    sign_out(window)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": False})
    window.get_by_role("button", name="Sign in with a passkey").click()
    expect(window.get_by_text("No passkey was used.")).to_be_visible()

    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": True})
    window.get_by_role("button", name="Sign in with a passkey").click()
    window.wait_for_url("**/console/workplace/")
    window.goto(f"{address}/console/team/confirmations/")
    assert faults(window) == []
    window.goto(f"{address}/console/security/")
    assert faults(window) == []
    window.get_by_role("link", name="Rename 收银台的指纹").click()
    assert faults(window) == []
    window.get_by_label("What is it called?").fill("前台的指纹")
    window.keyboard.press("Enter")
    window.get_by_role("button", name="Remove 前台的指纹").click()
    window.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(window.get_by_text("Removed: 前台的指纹.")).to_be_visible()
    assert not second_factors.has_one(person)

    sign_out(window)
    window.get_by_role("button", name="Sign in with a passkey").click()
    expect(window.get_by_text("This passkey is not known here.")).to_be_visible()
