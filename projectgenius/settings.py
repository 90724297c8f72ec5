"""Settings. Whatever differs between sites comes from the environment; `.env.example` explains each name."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from projectgenius.environment import (
    address,
    chosen,
    database,
    env,
    flag,
    folder,
    hosts,
    number,
    origin,
    secret_keys,
    shaped,
    text,
    time_zone,
    words,
)
from projectgenius.fixed_settings import MFA_FORMS, SPECTACULAR_SETTINGS, UNFOLD  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

# --- What kind of site this is --------------------------------------------------------------------

DEMO = flag("DEMO", False)
DEBUG = flag("DEBUG", False)
SECRET_KEY = text(
    "SECRET_KEY",
    "only-for-development-never-for-a-site-that-others-can-reach" if DEBUG else None,
    why="it signs sessions and links, and must be a long random text that nobody else knows.",
)
if len(SECRET_KEY) < 40:
    raise ImproperlyConfigured("SECRET_KEY must have at least 40 characters.")
LOCAL = DEBUG or DEMO
SITE_URL = origin(
    "SITE_URL",
    "http://127.0.0.1:8000" if LOCAL else None,
    why="mails and certificates need the site's own address.",
)
HTTPS = SITE_URL.startswith("https://")
if not HTTPS and not LOCAL:
    raise ImproperlyConfigured("SITE_URL must start with https:// unless DEMO or DEBUG is on.")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if LOCAL else [])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS is not set: name the hosts this site answers to. See .env.example."
    )
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "testserver"}
if DEMO and not set(ALLOWED_HOSTS) <= LOOPBACK:
    raise ImproperlyConfigured(
        "DEMO is for this machine alone: ALLOWED_HOSTS may name 127.0.0.1 and localhost only."
    )
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS", [SITE_URL])
VAR_DIR = folder("VAR_DIR", str(BASE_DIR / "var"))
CURRENCY = shaped("CURRENCY", "EUR", "[A-Za-z]{3}", such_as="three letters such as EUR").upper()

# --- Apps, in the order in which their templates and commands win ---------------------------------

INSTALLED_APPS = [
    "projectgenius.apps.ProjectGeniusConfig",
    "accounts",
    "courses",
    "assessments",
    "assignments",
    "community",
    "studytools",
    "legacy",
    "projectgenius.background",
    "projectgenius.limits",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "projectgenius.static_files.ServedStaticFilesConfig",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_tasks",
    "projectgenius.background.apps.QueueConfig",
]

MIDDLEWARE = [
    "projectgenius.health.HealthMiddleware",
    "projectgenius.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "projectgenius.requests.AdminScriptPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "projectgenius.requests.CharsetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.EntranceMiddleware",
    "accounts.middleware.IdentityMiddleware",
    "accounts.speaking.SpeakingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "projectgenius.urls"
WSGI_APPLICATION = "projectgenius.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "projectgenius" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "projectgenius.requests.site_context",
            ],
            "builtins": ["projectgenius.templatetags.projectgenius"],
        },
    }
]

# --- Databases ------------------------------------------------------------------------------------
# The web role is neither owner nor superuser; DATABASE_OWNER_URL names the role that migrates.

DATABASES: dict[str, dict[str, Any]] = {
    "default": database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'projectgenius.sqlite3'}")
}
DATABASE_ROUTERS: list[str] = []
POSTGRESQL = DATABASES["default"]["ENGINE"].endswith("postgresql")
if POSTGRESQL:
    pool = {"min_size": 1, "max_size": number("DATABASE_POOL_SIZE", 8, least=1), "timeout": 10}
    DATABASES["default"].update(CONN_MAX_AGE=0, OPTIONS={"pool": pool})
    DATABASES["cache"] = {**DATABASES["default"], "OPTIONS": {"pool": {**pool, "min_size": 0}}}
    DATABASE_ROUTERS = ["projectgenius.db.CacheRouter"]
    if owner_url := text("DATABASE_OWNER_URL", ""):
        DATABASES["owner"] = {**database("DATABASE_OWNER_URL", owner_url), "CONN_MAX_AGE": 0}
else:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }

# --- Cache and sessions: shared by all processes, so that limits and sign-outs hold everywhere ----

cache_url = text("CACHE_URL", "")
if cache_url:
    CACHES = {"default": address("CACHE_URL", cache_url, env.cache_url_config)}
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache_entries",
            "OPTIONS": {"MAX_ENTRIES": 50_000},
        }
    }
    SESSION_ENGINE = "django.contrib.sessions.backends.db"
COUNT_IN_CACHE = bool(cache_url)  # requests are counted there, or in a table
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- People and signing in ------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "accounts.hashers.TruncatingBCryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "landing"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupFields"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
# Beside allauth's own limits (5 wrong passwords or codes in 5 minutes for an account, 10 a minute for an address).
ACCOUNT_RATE_LIMITS = {"email_change": "5/h/user,20/h/ip", "email_change_confirm": "30/m/ip"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"

# The second factor: an app's codes (TOTP), passkeys (WebAuthn), recovery codes. Whom it is required of:
MFA_REQUIRED_FOR_ADMINS = flag("MFA_REQUIRED_FOR_ADMINS", not LOCAL)
MFA_REQUIRED_FOR_INSTRUCTORS = flag("MFA_REQUIRED_FOR_INSTRUCTORS", not LOCAL)
MFA_ENCRYPTION_KEYS = secret_keys("MFA_ENCRYPTION_KEYS")
MFA_ADAPTER = "accounts.second_factor_adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "ProjectGenius"
MFA_TOTP_TOLERANCE = 1
# Without HTTPS there are passkeys on this machine alone, to try them out.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL and set(ALLOWED_HOSTS) <= LOOPBACK
SESSION_SEEN_EVERY = 5 * 60  # seconds; how exactly a session's last use is known

ALLAUTH_TRUSTED_PROXY_COUNT = number("TRUSTED_PROXY_COUNT", 0)

# --- Mail: written to the queue, sent by the worker -----------------------------------------------

EMAIL_BACKEND = "projectgenius.background.mail.QueuedEmailBackend"
if DEMO:
    EMAIL_DELIVERY_BACKEND = "projectgenius.background.mail.OutboxBackend"
else:
    mail_url = text("EMAIL_URL", "consolemail://" if DEBUG else None, why="mails have to go out somewhere.")
    mail = address("EMAIL_URL", mail_url, env.email_url_config)
    EMAIL_DELIVERY_BACKEND = mail.pop("EMAIL_BACKEND")
    globals().update(mail)
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "ProjectGenius <no-reply@localhost>")
CONTACT_EMAIL = text("CONTACT_EMAIL", "")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20

# --- Background work ------------------------------------------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "judge"]}}
BACKGROUND_TASK_CONTEXT = "accounts.audit.as_system"
CODE_RUNS_PER_MINUTE = number("CODE_RUNS_PER_MINUTE", 20, least=1)  # for a person
CODE_RUN_SECONDS = number("CODE_RUN_SECONDS", 60, least=10)  # for a person's runs in ten minutes
JUDGING_SECONDS = number("JUDGING_SECONDS", 600, least=60)  # for all tests of one program together
CODE_RUNS_KEPT_DAYS = number("CODE_RUNS_KEPT_DAYS", 30, least=1)  # runs on samples and own input

# --- Payments: by Stripe where both keys are set ---------------------------------------------------

STRIPE_SECRET_KEY = text("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = text("STRIPE_WEBHOOK_SECRET", "")
if bool(STRIPE_SECRET_KEY) != bool(STRIPE_WEBHOOK_SECRET):
    raise ImproperlyConfigured(
        "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET belong together: set both, or neither to take no payments."
    )
if STRIPE_SECRET_KEY and find_spec("stripe") is None:
    raise ImproperlyConfigured("STRIPE_SECRET_KEY is set, but the extra `payments` is not installed.")

# --- Language and time ----------------------------------------------------------------------------

LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # each in its own words
LANGUAGE_CODE = chosen("LANGUAGE_CODE", "en", dict(LANGUAGES))
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "projectgenius" / "locale"]
FORMAT_MODULE_PATH = ["projectgenius.formats"]
TIME_ZONE = time_zone("TIME_ZONE", "UTC")

# --- Files ----------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = Path(text("MEDIA_ROOT", str(VAR_DIR / "media")))
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "projectgenius.static_files.ServedStaticFilesStorage"
    },
}

# Outside hosts whose pictures and videos texts and lessons may show; browsers are told of exactly these.
IMAGE_HOSTS = hosts("IMAGE_HOSTS")
VIDEO_HOSTS = hosts("VIDEO_HOSTS")
VIDEO_MAX_MB = number("VIDEO_MAX_MB", 1024, least=1)

# --- Security headers -----------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = number("HSTS_SECONDS", 60 * 60 * 24 * 365 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if number("TRUSTED_PROXY_COUNT", 0) else None
SECURE_REFERRER_POLICY = "same-origin"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "projectgenius.pages.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *(f"https://{host}" for host in IMAGE_HOSTS)],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, *(f"https://{host}" for host in VIDEO_HOSTS)],
        "object-src": [NONE],
        "frame-src": [f"https://{host}" for host in VIDEO_HOSTS] or [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb", "interest-cohort")
}

# --- API ------------------------------------------------------------------------------------------

RATE = r"[1-9]\d*/(s|sec|second|m|min|minute|h|hour|d|day)"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["projectgenius.api.policy.DeniedUnlessDeclared"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "projectgenius.api.pagination.Pages",
    "PAGE_SIZE": 20,
    "DEFAULT_THROTTLE_CLASSES": [
        "projectgenius.api.throttles.AnonymousThrottle",
        "projectgenius.api.throttles.PersonThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": shaped("API_RATE_ANONYMOUS", "60/min", RATE, such_as="a rate such as 60/min"),
        "user": shaped("API_RATE_PERSON", "600/min", RATE, such_as="a rate such as 600/min"),
    },
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "projectgenius.api.errors.handle_exception",
    "DEFAULT_VERSIONING_CLASS": None,
    "COERCE_DECIMAL_TO_STRING": True,
}

# --- Logs: to standard error, one line each, with the number of the request; never a secret -------

LOG_LEVEL = chosen("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "projectgenius.request_facts.RequestIdFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "fontTools": {"level": "WARNING"},
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
