from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from chuzhi.core import vault
from chuzhi.organization.roles import ROLES


class Store(models.Model):
    """A shop with its own door, staff and sales."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    is_open = models.BooleanField(default=True)
    pack = models.CharField(max_length=40, default="none")  # whose rules hold here: an id of chuzhi.core.packs

    class Meta:
        db_table = "store"


class Till(models.Model):
    """One place in a store where money is taken."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="tills")
    name = models.CharField(max_length=40)
    is_open = models.BooleanField(default=True)

    class Meta:
        db_table = "till"
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "name"], name="till_name_once_a_store")]


class Staff(AbstractBaseUser):
    """Somebody who works here and signs in."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    email = vault.EncryptedTextField(null=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, default="zh-hans")
    session_round = models.PositiveIntegerField(default=0)

    objects: ClassVar = BaseUserManager["Staff"]()

    USERNAME_FIELD = "username"

    class Meta:
        db_table = "staff"

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session is good for one password and one round: raising the round signs the person out everywhere."""
        return salted_hmac(
            "chuzhi.organization.Staff", f"{self.password}:{self.session_round}", secret=secret, algorithm="sha256"
        ).hexdigest()


class PastPassword(models.Model):
    """A password somebody set, as its hash: the last of them is the present one."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="past_passwords")
    hash = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    class Meta:
        db_table = "staff_past_password"


class Device(models.Model):
    """A browser that somebody has signed in with, and its latest session."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="devices")
    mark = models.BinaryField(max_length=32)  # SHA-256 of the cookie that the browser keeps
    agent = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45)
    session_key = models.CharField(max_length=40, blank=True, db_index=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        db_table = "staff_device"
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "mark"], name="device_is_one_row_a_person")]


class Assignment(models.Model):
    """One role that somebody has, in one store or (no store) in all of them."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=20)
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True)

    class Meta:
        db_table = "staff_assignment"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["staff", "role", "store"], name="assignment_is_given_once", nulls_distinct=False),
            models.CheckConstraint(name="assignment_is_to_a_known_role", condition=Q(role__in=sorted(ROLES))),
            models.CheckConstraint(
                name="assignment_of_administrators_is_everywhere", condition=~Q(role="administrator") | Q(store=None)
            ),
        ]


class SecondFactorRule(models.Model):
    """Whoever has this role signs in with a second factor, from this day on."""

    role = models.CharField(max_length=20, unique=True)
    starts_on = models.DateField()

    class Meta:
        db_table = "second_factor_rule"
        constraints: ClassVar = [
            models.CheckConstraint(name="second_factor_rule_is_for_a_known_role", condition=Q(role__in=sorted(ROLES)))
        ]


class ConfirmationRule(models.Model):
    """What the shop says about one act instead of what the product says."""

    act = models.CharField(max_length=20, unique=True)
    least = models.BigIntegerField(null=True)  # from this size on; null: never
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "confirmation_rule"
        constraints: ClassVar = [
            models.CheckConstraint(name="confirmation_is_from_some_size_on", condition=Q(least=None) | Q(least__gte=0)),
            models.CheckConstraint(name="confirmation_is_good_for_a_while", condition=Q(minutes__gte=1)),
        ]


class Invitation(models.Model):
    """A one-time link. Without `staff` it makes a new person with the promised roles; with `staff` it signs that person in."""

    token_hash = models.BinaryField(max_length=32, unique=True)  # SHA-256: the token itself is random, 256 bits
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True)
    promised = models.JSONField(default=list)  # [[role, store or null], …]
    username = models.CharField(max_length=60, blank=True, default="", db_index=True)  # proposed to whoever opens it
    name = models.CharField(max_length=60, blank=True, default="")
    email = vault.EncryptedTextField(null=True)
    language = models.CharField(max_length=10, blank=True, default="")
    made = models.OneToOneField(Staff, on_delete=models.PROTECT, null=True, related_name="came_by")
    invited_by = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invitation"


class ApiKey(models.Model):
    """A program that may call us: what it may do, and where. Its secrets are rows of their own so that they can overlap."""

    name = models.CharField(max_length=80)
    scopes = ArrayField(models.CharField(max_length=40))
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True)
    created_by = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"
        constraints: ClassVar = [
            models.CheckConstraint(name="api_key_may_do_something", condition=Q(scopes__len__gt=0)),
        ]


class ApiKeySecret(models.Model):
    """One secret of a key. Only its hash is kept."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="secrets")
    hash = models.BinaryField(max_length=32, unique=True)
    ending = models.CharField(max_length=4)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key_secret"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="api_key_secret_lives_a_while", condition=Q(expires_at=None) | Q(expires_at__gte=F("created_at"))
            ),
        ]
