from datetime import timedelta

import pytest
from django.utils import timezone

import cast
from chuzhi.organization import errors, keys
from chuzhi.organization.models import ApiKey, ApiKeySecret

pytestmark = pytest.mark.django_db


def test_a_secret_is_recognisable_long_and_not_kept() -> None:
    _key, secret = cast.key()

    assert secret.startswith("cz_live_")
    assert len(secret) == len("cz_live_") + 43  # 32 bytes in base64
    assert bytes(ApiKeySecret.objects.get().hash) == keys.digest_of(secret)


def test_a_key_may_do_what_its_scopes_say_where_it_belongs() -> None:
    store = cast.store()
    key, secret = cast.key("charges:write", at=store)

    verified = keys.verify(secret)

    assert verified is not None
    assert verified.actor.label == f"key:{key.pk}"
    assert verified.actor.may("till.charge")
    assert not verified.actor.may("till.top_up")
    assert verified.actor.stores == {store.pk}


@pytest.mark.parametrize("secret", ["", "cz_live_", "cz_live_x", "x", "cz_live_" + "A" * 43, "密钥"])
def test_what_is_no_secret_opens_nothing(secret: str) -> None:
    cast.key()

    assert keys.verify(secret) is None


@pytest.mark.parametrize(
    ("scopes", "refusal"), [([], errors.NoScope), (["wallets:steal"], errors.UnknownScope), (["*"], errors.UnknownScope)]
)
def test_a_key_needs_scopes_that_exist(scopes: list[str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        keys.create(name="x", scopes=scopes, by=cast.OWNER)


@pytest.mark.parametrize("role", ["cashier", "manager", "finance", "auditor"])
def test_only_an_administrator_gives_out_keys(role: str) -> None:
    with pytest.raises(errors.NotAllowed):
        keys.create(name="x", scopes=["charges:write"], by=cast.actor(role))

    assert not ApiKey.objects.exists()


def test_a_new_secret_and_the_old_one_work_side_by_side_for_a_while() -> None:
    key, old = cast.key()

    new = keys.rotate(key=key, by=cast.OWNER, overlap=timedelta(hours=1))

    assert keys.verify(old) is not None
    assert keys.verify(new) is not None
    ApiKeySecret.objects.filter(hash=keys.digest_of(old)).update(
        created_at=timezone.now() - timedelta(hours=2), expires_at=timezone.now() - timedelta(hours=1)
    )
    assert keys.verify(old) is None
    assert keys.verify(new) is not None


def test_a_second_rotation_gives_the_oldest_secret_no_more_time() -> None:
    key, old = cast.key()
    keys.rotate(key=key, by=cast.OWNER, overlap=timedelta(minutes=1))
    end = ApiKeySecret.objects.get(hash=keys.digest_of(old)).expires_at

    keys.rotate(key=key, by=cast.OWNER, overlap=timedelta(days=1))

    assert ApiKeySecret.objects.get(hash=keys.digest_of(old)).expires_at == end


def test_a_revoked_key_is_dead_with_all_its_secrets_for_good() -> None:
    key, old = cast.key()
    new = keys.rotate(key=key, by=cast.OWNER)

    keys.revoke(key=key, by=cast.OWNER)

    assert keys.verify(old) is None
    assert keys.verify(new) is None
    with pytest.raises(errors.KeyRevoked):
        keys.rotate(key=key, by=cast.OWNER)


def test_a_key_ends_on_its_day() -> None:
    _key, secret = keys.create(
        name="x", scopes=["stores:read"], expires_at=timezone.now() - timedelta(seconds=1), by=cast.OWNER
    )

    assert keys.verify(secret) is None


def test_use_is_noted_now_and_then_not_each_time(django_assert_num_queries: pytest.FixtureRequest) -> None:
    key, secret = cast.key()
    keys.verify(secret)
    first = ApiKey.objects.get(pk=key.pk).last_used_at
    assert first is not None

    with django_assert_num_queries(1):  # type: ignore[operator]
        keys.verify(secret)

    assert ApiKey.objects.get(pk=key.pk).last_used_at == first
