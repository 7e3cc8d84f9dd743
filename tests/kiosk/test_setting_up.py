"""A kiosk is set up for a store, opened once on a terminal, and ends when it is revoked or opened elsewhere."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.kiosk import kiosks
from chuzhi.kiosk.errors import KioskNameTaken, KioskRevoked, KioskUnusable
from chuzhi.kiosk.models import Kiosk, Visit
from chuzhi.organization.errors import LinkUnusable, NotAllowed, StoreUnknown
from chuzhi.organization.models import Store
from chuzhi.organization.roles import Grant
from chuzhi.wallets.models import Wallet
from kiosk import terminal

pytestmark = pytest.mark.django_db


class TestSettingUp:
    def test_a_manager_sets_one_up_in_their_store_and_sees_no_other(self) -> None:
        here, there = cast.till(), cast.till()
        manager = cast.signed_in(cast.person(Grant("manager", here.store_id)), at=here)
        other = terminal.set_up(there.store)

        asked = {"store": here.store_id, "name": "门口", "services": ["balance", "loss"], "idle_seconds": "90"}
        where = manager.post("/console/kiosks/add/", asked)["Location"]

        made = Kiosk.objects.get(store=here.store)
        assert where == f"/console/kiosks/{made.pk}/"
        assert (made.services, made.idle_seconds) == (["balance", "loss"], 90)
        assert "门口" in manager.get("/console/kiosks/").content.decode()
        assert [manager.get(f"/console/kiosks/{other.pk}/").status_code] == [404]
        assert manager.post(f"/console/kiosks/{other.pk}/revoke/").status_code == 404
        assert manager.post("/console/kiosks/add/", asked | {"store": there.store_id}).status_code == 422
        assert AuditEntry.objects.filter(action="kiosk.added", subject=f"kiosk:{made.pk}").exists()

    def test_a_cashier_sets_up_none(self, store: Store) -> None:
        with pytest.raises(NotAllowed):
            kiosks.add(store=store, name="门口", services=["balance"], idle_seconds=60, by=cast.actor("cashier", store))

    def test_nobody_sets_one_up_where_they_do_not_work(self, store: Store) -> None:
        with pytest.raises(StoreUnknown):
            kiosks.add(store=store, name="门口", services=["balance"], idle_seconds=60, by=cast.actor("manager", cast.store()))

    @pytest.mark.parametrize(
        "wrong", [{"name": " "}, {"services": []}, {"services": ["console"]}, {"idle_seconds": 5}, {"idle_seconds": 9999}]
    )
    def test_what_it_cannot_be_is_refused_by_the_command_and_by_the_database(
        self, store: Store, wrong: dict[str, object]
    ) -> None:
        said: dict[str, object] = {"name": "门口", "services": ["balance"], "idle_seconds": 60}

        with pytest.raises(KioskUnusable):
            kiosks.add(store=store, by=cast.OWNER, **said | wrong)  # type: ignore[arg-type]  # wrong on purpose
        if "name" not in wrong:
            with pytest.raises(IntegrityError), transaction.atomic():
                Kiosk.objects.create(store=store, made_by="x", **said | wrong)

    def test_a_name_stands_once_in_a_store(self, store: Store) -> None:
        terminal.set_up(store)

        with pytest.raises(KioskNameTaken):
            terminal.set_up(store)

    def test_what_is_changed_holds_at_the_next_touch(self, store: Store) -> None:
        kiosk = terminal.set_up(store)
        browser = terminal.opened(kiosk)
        assert "Top up" in browser.get("/kiosk/").content.decode()

        kiosks.change(kiosk=kiosk, name="门口", services=["balance"], idle_seconds=30, by=cast.OWNER)

        assert "Top up" not in browser.get("/kiosk/").content.decode()
        assert browser.get("/kiosk/card/top_up/")["Location"] == "/kiosk/"


class TestOpening:
    def test_the_link_shown_opens_one_browser_and_no_second(self, store: Store) -> None:
        kiosk = terminal.set_up(store)
        manager = cast.signed_in(cast.person(Grant("manager", store.pk)), at=cast.till(store))
        shown = manager.post(f"/console/kiosks/{kiosk.pk}/link/")
        link, first, second = str(shown.context["link"]), Client(), Client()

        assert first.get(link).status_code == 200  # looking uses nothing up
        assert first.post("/kiosk/open/", {"code": shown.context["code"].lower()}).status_code == 302
        assert second.get(link).status_code == 422
        assert second.post("/kiosk/open/", {"code": shown.context["code"]}).status_code == 422

        assert first.get("/kiosk/").status_code == 200
        assert second.get("/kiosk/").status_code == 403

    def test_only_hashes_are_kept(self, store: Store) -> None:
        kiosk = terminal.set_up(store)
        browser = terminal.opened(kiosk)
        credential = browser.cookies["kiosk"].value

        kiosk.refresh_from_db()

        assert bytes(kiosk.credential_hash or b"") != credential.encode()
        assert len(bytes(kiosk.credential_hash or b"")) == 32
        assert browser.cookies["kiosk"]["httponly"]
        assert browser.cookies["kiosk"]["samesite"] == "Strict"

    def test_a_link_is_over_after_an_hour_and_when_another_is_made(self, store: Store) -> None:
        kiosk = terminal.set_up(store)
        before = kiosks.link(kiosk=kiosk, by=cast.OWNER)
        late = kiosks.link(kiosk=kiosk, by=cast.OWNER)
        Kiosk.objects.update(link_ends_at=timezone.now() - timedelta(seconds=1))

        for code in (before, late, ""):
            with pytest.raises(LinkUnusable):
                kiosks.open_with(code=code)

    def test_set_up_elsewhere_ends_the_former_and_whoever_stood_there(self, store: Store, funded: Wallet) -> None:
        kiosk = terminal.set_up(store)
        former = terminal.opened(kiosk)
        terminal.proven(former, terminal.card_of(funded), store)

        latter = terminal.opened(kiosk)

        assert former.get("/kiosk/").status_code == 403
        assert "no kiosk any more" in former.get("/kiosk/account/").content.decode()
        assert latter.get("/kiosk/account/")["Location"] == "/kiosk/"
        assert not Visit.objects.filter(ended_at=None).exists()
        assert AuditEntry.objects.filter(action="kiosk.opened").count() == 2

    def test_codes_are_not_guessed_forever(self) -> None:
        browser = Client(headers={"Accept-Language": "en"})

        answers = [browser.post("/kiosk/open/", {"code": f"AAAAA{number:05}"}).status_code for number in range(32)]

        assert answers[0] == 422
        assert answers[-1] == 429


class TestRevoking:
    def test_the_screen_says_so_and_serves_nobody(self, store: Store, funded: Wallet) -> None:
        kiosk = terminal.set_up(store)
        browser = terminal.opened(kiosk)
        terminal.proven(browser, terminal.card_of(funded), store)

        kiosks.revoke(kiosk=kiosk, by=cast.OWNER)

        for page in ("", "account/", "statement/", "proof/", "loss/", "order/state", "card/balance/"):
            answer = browser.get(f"/kiosk/{page}")
            assert answer.status_code == 403
            assert "out of service" in answer.content.decode()
        with pytest.raises(KioskRevoked):
            kiosks.link(kiosk=kiosk, by=cast.OWNER)

    def test_a_revoked_browser_can_be_used_for_something_else_and_no_other_can(self, store: Store) -> None:
        kiosk = terminal.set_up(store)
        browser = terminal.opened(kiosk)

        browser.post("/kiosk/release")
        assert browser.get("/console/")["Location"] == "/kiosk/"

        kiosks.revoke(kiosk=kiosk, by=cast.OWNER)
        browser.post("/kiosk/release")
        assert "/kiosk/" not in browser.get("/console/").headers.get("Location", "")


class TestIsolation:
    @pytest.mark.parametrize(
        "page",
        ["/", "/console/", "/console/customers/", "/console/sign-in/", "/pay/cards/", "/pay/top-up/x/", "/preferences/theme"],
    )
    def test_a_kiosk_opens_nothing_else(self, store: Store, page: str) -> None:
        browser = terminal.opened(terminal.set_up(store))

        for answer in (browser.get(page), browser.post(page, {})):
            assert (answer.status_code, answer["Location"]) == (302, "/kiosk/")

    def test_nor_the_api(self, store: Store) -> None:
        assert terminal.opened(terminal.set_up(store)).get("/api/v1/stores").status_code == 401

    def test_a_colleague_who_makes_a_browser_a_kiosk_is_signed_out_on_it(self, store: Store) -> None:
        browser = cast.signed_in(cast.person("administrator"))
        browser.post("/kiosk/open/", {"code": kiosks.link(kiosk=terminal.set_up(store), by=cast.OWNER)})

        del browser.cookies["kiosk"]  # as if somebody took the cookie away

        assert browser.get("/console/team/").status_code != 200

    def test_a_kiosk_may_do_what_it_offers_in_its_own_store_and_nothing_else(self, store: Store) -> None:
        by = kiosks.actor_of(terminal.set_up(store, services=("balance", "loss")))

        assert by.permissions == {"wallets.open"}
        assert by.stores == {store.pk}
        assert by.label.startswith("kiosk:")

    def test_forms_from_elsewhere_are_refused(self, store: Store) -> None:
        kiosk = terminal.set_up(store)
        credential = terminal.opened(kiosk).cookies["kiosk"].value
        browser = Client(enforce_csrf_checks=True)
        browser.cookies["kiosk"] = credential

        assert browser.post("/kiosk/card/balance/", {"number": "1"}).status_code == 403
        assert browser.post("/kiosk/finish").status_code == 403

    def test_when_it_was_last_seen_is_noted(self, store: Store) -> None:
        kiosk = terminal.set_up(store)
        browser = terminal.opened(kiosk)
        Kiosk.objects.update(last_seen_at=timezone.now() - timedelta(days=1))

        browser.get("/kiosk/")

        kiosk.refresh_from_db()
        assert kiosk.last_seen_at
        assert kiosk.last_seen_at > timezone.now() - timedelta(minutes=1)
