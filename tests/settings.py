"""The project's settings for tests: fast hashes, nothing outside the process, dummy secrets."""

import os

os.environ.setdefault("SECRET_KEY", "a-secret-for-tests-alone-that-protects-nothing-at-all")
os.environ.setdefault("SITE_URL", "https://testserver")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("EMAIL_URL", "memorymail://")
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
for name in ("DEMO", "DEBUG", "CACHE_URL", "MFA_ENCRYPTION_KEYS"):
    os.environ[name] = ""
# Off, so that the cast can go about; the tests of the second factor switch it on.
for name in ("MFA_REQUIRED_FOR_ADMINS", "MFA_REQUIRED_FOR_INSTRUCTORS"):
    os.environ[name] = "False"

from projectgenius.settings import *
from projectgenius.settings import DATABASES, POSTGRESQL, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
COUNT_IN_CACHE = (
    True  # so that no test inherits another's requests, and lists count their own statements alone
)
SECURE_SSL_REDIRECT = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# Pools would keep test databases open; the cache is in memory here.
for options in DATABASES.values():
    options.get("OPTIONS", {}).pop("pool", None)
if POSTGRESQL:
    del DATABASES["cache"]
    DATABASE_ROUTERS = []
    if "owner" in DATABASES:
        # The owner makes the test database, the web role runs the tests on it.
        DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
else:
    DATABASES["default"]["OPTIONS"] = {"init_command": "PRAGMA foreign_keys=ON;"}
