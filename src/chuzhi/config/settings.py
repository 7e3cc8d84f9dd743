"""Django's settings. Everything a person may set is read from the environment and listed in docs/operating/settings.md."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from chuzhi.config import databases, environment, logs

PACKAGE = Path(__file__).resolve().parent.parent
DATA = environment.data_folder()

DEBUG = environment.flag("CHUZHI_DEBUG", default=False)
SECRET_KEY = environment.read("CHUZHI_SECRET_KEY") or environment.kept_secret(DATA, "django")
ALLOWED_HOSTS = environment.read("CHUZHI_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
PUBLIC_URL = environment.read("CHUZHI_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
BEHIND_TLS = environment.flag("CHUZHI_BEHIND_TLS", default=False)

DATABASES: dict[str, dict[str, Any]] = databases.settings(DATA)
DATABASE_ROUTERS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "csp",
    "chuzhi.core",
    "chuzhi.ui",
    "chuzhi.ledger",
    "chuzhi.organization",
    "chuzhi.organization.partners",
    "chuzhi.organization.lists",
    "chuzhi.customers",
    "chuzhi.customers.consent",
    "chuzhi.customers.relations",
    "chuzhi.customers.identities",
    "chuzhi.catalogue",
    "chuzhi.approvals",
    "chuzhi.messaging",
    "chuzhi.webhooks",
    "chuzhi.payments",
    "chuzhi.payments.bank",
    "chuzhi.limits",
    "chuzhi.payments.counter",
    "chuzhi.wallets",
    "chuzhi.wallets.sharing",
    "chuzhi.wallets.giving",
    "chuzhi.wallets.vouchers",
    "chuzhi.wallets.applications",
    "chuzhi.till",
    "chuzhi.refunds",
    "chuzhi.desk",
    "chuzhi.topups",
    "chuzhi.topups.assisted",
    "chuzhi.topups.cards",
    "chuzhi.finance",
    "chuzhi.risk",
    "chuzhi.workforce",
    "chuzhi.kiosk",
    "chuzhi.privacy",
    "chuzhi.console",
    "chuzhi.portal",
    "chuzhi.api",
    "chuzhi.demo",
    "chuzhi.config",
    "django.forms",
]

MIDDLEWARE = [
    "chuzhi.config.health.Probes",
    "chuzhi.config.requests.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "chuzhi.config.doors.ProgramsDoor",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chuzhi.config.doors.KioskDoor",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "chuzhi.config.urls"
WSGI_APPLICATION = "chuzhi.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # so that ours of a widget comes before Django's own
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chuzhi.demo.context.demo",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "chuzhi.ui.templatetags.ui",
            ],
        },
    }
]

COTTON_ISOLATE_BY_DEFAULT = True  # a component sees what it was given, never the page's variables

AUTH_USER_MODEL = "organization.Staff"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "chuzhi.organization.passwords.Guessable"}]
PASSWORD_DAYS = environment.number("CHUZHI_PASSWORD_DAYS", default=0)
LOGIN_URL = "console:sign_in"
LOGIN_REDIRECT_URL = "console:start"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "chuzhi.console.session.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/m/ip,5/5m/key"}
MFA_ADAPTER = "chuzhi.console.session.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_REAUTHENTICATION_REQUIRED = False  # console.confirmation asks, for these acts as for all others
MFA_TOTP_TOLERANCE = 1  # half a minute early or late: clocks of phones differ
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number("CHUZHI_PROXIES", default=0)
SESSION_COOKIE_AGE = 14 * 60 * 60

# Sign-in attempts are counted here, by all processes together. One request in a thousand comes near it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.read("CHUZHI_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LOGGING = logs.settings()
PROCRASTINATE_IMPORT_PATHS = ["chuzhi.config.schedule"]
VAULT_FOLDER = DATA / "secrets" / "vault"
VAULT_KEYS = environment.read("CHUZHI_VAULT_KEYS")
VAULT_INDEX_KEYS = environment.read("CHUZHI_VAULT_INDEX_KEYS")

SHOP_NAME = environment.read("CHUZHI_SHOP_NAME", "储值 Chuzhi")
SMTP_URL = environment.read("CHUZHI_SMTP_URL")
MAIL_FROM = environment.read("CHUZHI_MAIL_FROM", "chuzhi@localhost")
WEBHOOKS_PRIVATE = environment.flag("CHUZHI_WEBHOOKS_PRIVATE", default=False)

# National numbering (9) of China (156): no bank's card begins so, and a till can tell ours from a payment card.
CARD_PREFIX = environment.read("CHUZHI_CARD_PREFIX", "9156")

VOUCHER_PREFIX = environment.read("CHUZHI_VOUCHER_PREFIX", "9157")

LEDGER_BOOKS = 64
LEDGER_HEADS_FOLDER = environment.read("CHUZHI_LEDGER_HEADS_FOLDER") or str(DATA / "heads")
LEDGER_LANES = environment.number("CHUZHI_LEDGER_LANES", default=2)
LEDGER_ONE_BOOK_PER_BATCH = environment.flag("CHUZHI_LEDGER_ONE_BOOK_PER_BATCH", default=False)
