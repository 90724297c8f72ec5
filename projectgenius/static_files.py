"""Which static files of the installed packages are served, and how."""

from typing import Any

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ServedStaticFilesConfig(StaticFilesConfig):
    """Leaves out what nobody asks for and what takes most of the time to compress."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "redoc*"]  # type: ignore[misc]


def _without_source_maps(patterns: Any) -> Any:
    return tuple(
        (glob, tuple(rule for rule in rules if "sourceMappingURL" not in str(rule)))
        for glob, rules in patterns
    )


class ServedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Names with hashes, compressed; does not look for the source maps that were left out."""

    patterns = _without_source_maps(CompressedManifestStaticFilesStorage.patterns)
