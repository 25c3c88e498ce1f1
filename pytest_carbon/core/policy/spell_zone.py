"""The one spelling of a grid zone, however a user has written it."""

from __future__ import annotations

import re

_CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,3})?|[a-z]{2}\d{1,2}", re.ASCII | re.IGNORECASE)
_CLOUD_REGION = re.compile(r"[a-z]+:[a-z0-9-]+", re.ASCII | re.IGNORECASE)


def spell_zone(zone: str) -> str:
    """Return a zone as it is usually written: ``DE``, ``US-VA``, ``SE3``, ``gcp:us-central1``; others as they are."""
    name = zone.strip()
    if _CODE.fullmatch(name):
        return name.upper()
    return name.lower() if _CLOUD_REGION.fullmatch(name) else name
