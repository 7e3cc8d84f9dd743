from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class Store(models.Model):
    """A shop with its own door, staff and sales."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        db_table = "store"


class Till(models.Model):
    """One place in a store where money is taken."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="tills")
    name = models.CharField(max_length=40)

    class Meta:
        db_table = "till"
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "name"], name="till_name_once_a_store")]


class Staff(AbstractBaseUser):
    """Somebody who works here and signs in."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)

    objects: ClassVar[BaseUserManager["Staff"]] = BaseUserManager()

    USERNAME_FIELD = "username"

    class Meta:
        db_table = "staff"
