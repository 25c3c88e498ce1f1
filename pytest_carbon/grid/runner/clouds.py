"""The clouds whose metadata service tells the region of a machine. A new cloud is one function and one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_carbon.grid.runner.azure_zones import AZURE_ZONES
from pytest_carbon.grid.runner.metadata_service import MetadataError, MetadataService

_REGION = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
_TOKEN = re.compile(rb"[A-Za-z0-9+/=_-]{1,512}")
_GOOGLE_ZONE = re.compile(r"projects/\d{1,20}/zones/([a-z0-9-]{1,40})-[a-z]", re.ASCII)
_GOOGLE = "Metadata-Flavor"


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud: its name, what its machines have as vendor, how its service is asked, and the zone of a region.

    ``ask`` returns what the service says, which is checked by ``region_of``; None for an answer that is no region.
    """

    name: str
    vendor: str
    ask: Callable[[MetadataService], str | None]
    zone_of: Callable[[str], str | None]


def _azure(service: MetadataService) -> str:
    path = "/metadata/instance/compute/location?api-version=2021-02-01&format=text"
    return _text(service.ask("GET", path, {"Metadata": "true"}).body)


def _aws(service: MetadataService) -> str | None:
    token = service.ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}).body
    if not _TOKEN.fullmatch(token):
        return None
    headers = {"X-aws-ec2-metadata-token": token.decode("ascii")}
    return _text(service.ask("GET", "/latest/meta-data/placement/region", headers).body)


def _google(service: MetadataService) -> str | None:
    answer = service.ask("GET", "/computeMetadata/v1/instance/zone", {_GOOGLE: "Google"})
    zone = _GOOGLE_ZONE.fullmatch(_text(answer.body))
    return zone[1] if zone and _says_google(answer.headers) else None


def _says_google(headers: Mapping[str, str]) -> bool:
    return any((name.lower(), value) == (_GOOGLE.lower(), "Google") for name, value in headers.items())


def _text(body: bytes) -> str:
    return body.decode("ascii", errors="replace")


CLOUDS = (
    Cloud("Azure", "Microsoft Corporation", _azure, AZURE_ZONES.get),
    Cloud("AWS", "Amazon EC2", _aws, "aws:{}".format),
    Cloud("Google Cloud", "Google", _google, "gcp:{}".format),
)


def region_of(cloud: Cloud, service: MetadataService) -> str:
    """Return the region that a cloud's service tells: at most 40 small letters, digits and dashes.

    Raises MetadataError for every other answer; no text of an answer is in its message.
    """
    region = cloud.ask(service)
    if region is None or not _REGION.fullmatch(region):
        raise MetadataError("answered with what is no name of a region")
    return region
