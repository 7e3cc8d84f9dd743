"""Phone, e-mail, identity number, birthday: what is accepted, how it is kept, how it looks to those who may not see it."""

import re
import unicodedata
from datetime import date
from functools import cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from chuzhi.customers.errors import (
    BirthdayFuture,
    BirthdayInvalid,
    BirthdayTooEarly,
    EmailInvalid,
    IdentityNumberInvalid,
    PhoneInvalid,
)

REGION = "CN"
OLDEST_YEARS = 130
_PHONE_SIGNS = re.compile(r"[+(]?[0-9][0-9 ()./-]{2,29}")
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9_.+-]{0,62}[a-z0-9]@[a-z0-9]{1,20}(\.[a-z0-9]{1,20})?\.(com|cn|net|org)")
_CHECK_WEIGHTS = [pow(2, 17 - place, 11) for place in range(17)]


def phone(given: str) -> str:
    """The number in E.164: `+8613812341234`. Without a country code it is read as a number of mainland China."""
    typed = unicodedata.normalize("NFKC", given).strip().replace("\u2010", "-").replace("\u2212", "-")
    if _home_mobile().fullmatch(typed):
        return f"+86{typed}"
    if not _PHONE_SIGNS.fullmatch(typed):
        raise PhoneInvalid
    try:
        number = phonenumbers.parse(typed, REGION)
    except phonenumbers.NumberParseException:
        raise PhoneInvalid from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise PhoneInvalid
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def _home_mobile() -> re.Pattern[str]:
    """phonenumbers' own pattern of mobile numbers here, so that the short way accepts exactly what the long way does."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(REGION)
    pattern = metadata and metadata.mobile and metadata.mobile.national_number_pattern
    return re.compile(pattern or r"(?!)", re.ASCII)


def national(phone: str) -> str:
    """The digits that people at home say: without the country code."""
    if phone.startswith("+86"):
        return phone[3:]
    return phonenumbers.national_significant_number(phonenumbers.parse(phone))


def masked_phone(phone: str) -> str:
    """`138****1234`: the last four digits, and of a long number what comes before its last eight."""
    digits = national(phone)
    shown = 4 if len(digits) >= 8 else 2
    start = max(0, len(digits) - 8)
    return digits[:start] + "*" * (len(digits) - start - shown) + digits[-shown:]


def email(given: str) -> str:
    """Lower case throughout: people do not know that the part before the @ may tell them apart by case."""
    address = unicodedata.normalize("NFKC", given).strip().lower()
    if _PLAIN_EMAIL.fullmatch(address) and ".." not in address:
        return address
    try:
        validate_email(address)
    except ValidationError:
        raise EmailInvalid from None
    return address


def masked_email(email: str) -> str:
    local, _at, domain = email.rpartition("@")
    return f"{local[0]}***@{domain}"


def identity_number(given: str) -> str:
    """A resident identity number by GB 11643: area, date of birth, order, and a check digit by ISO 7064 MOD 11-2."""
    number = unicodedata.normalize("NFKC", given).strip().upper()
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number, re.ASCII):
        raise IdentityNumberInvalid
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityNumberInvalid from None
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _CHECK_WEIGHTS, strict=True))
    if number[17] != "10X98765432"[total % 11] or born.year < 1850:
        raise IdentityNumberInvalid
    return number


def masked_identity_number(number: str) -> str:
    return f"{number[:3]}***********{number[-4:]}"


def birthday(given: date | str, *, today: date) -> date:
    """A day between 130 years ago and today. Text reads `1990-05-31`, `1990/5/31`, `1990年5月31日` or `19900531`."""
    day = given if isinstance(given, date) else written_date(given)
    if day > today:
        raise BirthdayFuture
    if day.year < today.year - OLDEST_YEARS:
        raise BirthdayTooEarly
    return day


def written_date(given: str) -> date:
    read = _DATE.fullmatch(unicodedata.normalize("NFKC", given).strip().removesuffix(" 00:00:00"))
    if not read:
        raise BirthdayInvalid
    try:
        return date(*(int(part) for part in read.groups()))
    except ValueError:
        raise BirthdayInvalid from None
