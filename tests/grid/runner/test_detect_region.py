"""The region of a machine, from a metadata service that may be wrong, slow or hostile."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pytest_carbon.grid.runner.detect_region import LIMIT_S, RunnerRegion, detect_region, vendor_here
from pytest_carbon.grid.runner.metadata_service import MetadataError
from tests.grid.runner.conftest import AWS, AZURE, FLAVOR, GOOGLE, TOKEN, http

AZURE_VENDOR = "Microsoft Corporation"
FAULTS = {
    "500": (http("<h1>secret</h1>", "500 Internal Server Error"), "answered with status 500"),
    "HTML": (http("<html>secret</html>"), "answered with what is no name of a region"),
    "empty": (http(""), "answered with what is no name of a region"),
    "redirect": (http("", "302 Found", "Location: http://127.0.0.1:1/secret"), "answered with status 302"),
    "a line more": (http("westeurope\nsecret"), "answered with what is no name of a region"),
    "a line end": (http("westeurope\n"), "answered with what is no name of a region"),
    "Markdown": (http("[secret](http://x)"), "answered with what is no name of a region"),
    "ANSI": (http("\x1b[31msecret"), "answered with what is no name of a region"),
    "capitals": (http("WestEurope"), "answered with what is no name of a region"),
    "digits of elsewhere": (http("westeurope\u0663"), "answered with what is no name of a region"),
    "long name": (http("a" * 41), "answered with what is no name of a region"),
    "50 MB": (http(b"x" * 50_000_000), "answered with more than 16,384 bytes"),
    "endless header": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "answered with more than 16,384 bytes"),
    "no HTTP": (b"secret\r\n\r\n", "did not answer with HTTP"),
    "cut off": (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nwest", "did not answer with HTTP"),
    "no number": (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nwest", "did not answer with HTTP"),
    "nothing": (b"", "did not answer with HTTP"),
}


@pytest.mark.parametrize(
    ("vendor", "answers", "needed", "expected", "asked"),
    [
        (
            AZURE_VENDOR,
            {AZURE: http("westeurope")},
            {AZURE: "\r\nMetadata: true\r\n"},
            RunnerRegion("westeurope", "Azure", "NL"),
            [AZURE],
        ),
        (
            "Amazon EC2",
            {TOKEN: http("AQAEA-x_w=="), AWS: http("eu-central-1")},
            {
                TOKEN: "\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n",
                AWS: "\r\nX-aws-ec2-metadata-token: AQAEA-x_w==\r\n",
            },
            RunnerRegion("eu-central-1", "AWS", "aws:eu-central-1"),
            [TOKEN, AWS],
        ),
        (
            "Google",
            {GOOGLE: http("projects/12/zones/europe-west4-b", "200 OK", FLAVOR)},
            {GOOGLE: f"\r\n{FLAVOR}\r\n"},
            RunnerRegion("europe-west4", "Google Cloud", "gcp:europe-west4"),
            [GOOGLE],
        ),
        (
            "Xen",
            {GOOGLE: http("projects/12/zones/us-central1-a", "200 OK", FLAVOR)},
            {},
            RunnerRegion("us-central1", "Google Cloud", "gcp:us-central1"),
            [AZURE, TOKEN, GOOGLE],
        ),
        (
            AZURE_VENDOR,
            {AZURE: http("marsnorth")},
            {},
            RunnerRegion("marsnorth", "Azure", None),
            [AZURE],
        ),
    ],
    ids=["Azure", "AWS", "Google", "no known vendor", "a region of no table"],
)
def test_regions(
    metadata: Any, vendor: str, answers: Any, needed: Any, expected: RunnerRegion, asked: list[str]
) -> None:
    """Each cloud is asked with its own headers; that of the vendor alone, else one after the other."""
    metadata.answers, metadata.needed = answers, needed
    assert detect_region(metadata.address, vendor=vendor) == expected
    assert [question.partition(" HTTP/1.1\r\n")[0] for question in metadata.questions] == asked


@pytest.mark.parametrize("fault", FAULTS)
def test_no_text_of_a_wrong_answer_is_told(metadata: Any, fault: str) -> None:
    """The reason is a sentence of ours, and nobody else is asked."""
    metadata.answers[AZURE], said = FAULTS[fault]
    with pytest.raises(MetadataError) as caught:
        detect_region(metadata.address, vendor=AZURE_VENDOR)
    assert str(caught.value) == f"the metadata service of Azure {said}"
    assert len(metadata.questions) == 1


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "a b", "", "x" * 513])
def test_a_token_is_sent_back_only_if_it_is_one(metadata: Any, token: str) -> None:
    """A token with a line end would be a header of its own."""
    metadata.answers = {TOKEN: http(token), AWS: http("us-east-1")}
    with pytest.raises(MetadataError, match="of AWS answered with what is no name of a region"):
        detect_region(metadata.address, vendor="Amazon EC2")
    assert len(metadata.questions) == 1


@pytest.mark.parametrize(
    "answer", [http("projects/12/zones/us-central1-a"), http("us-central1-a", "200 OK", FLAVOR)], ids=["header", "path"]
)
def test_google_says_that_it_is_google(metadata: Any, answer: bytes) -> None:
    """Without its header, or with another text, an answer is of somebody else."""
    metadata.answers[GOOGLE] = answer
    with pytest.raises(MetadataError, match="of Google Cloud answered with what is no name of a region"):
        detect_region(metadata.address, vendor="Google")


def test_a_slow_drip_ends_with_the_time_of_all(metadata: Any) -> None:
    """Byte after byte, also of the headers: the second is for all clouds together."""
    assert LIMIT_S == 1.0
    metadata.answers[AZURE], metadata.pause_s = http("westeurope"), 0.2
    begun = time.monotonic()
    with pytest.raises(MetadataError) as caught:
        detect_region(metadata.address, vendor="")
    assert time.monotonic() - begun < 10
    assert str(caught.value) == "the metadata service of Azure and AWS and Google Cloud did not answer within 1 s"


def test_nobody_listens() -> None:
    """The reason of all clouds is told once; the vendor of this machine is a text, or unknown."""
    with pytest.raises(MetadataError) as caught:
        detect_region(("127.0.0.1", 1), vendor="")
    assert str(caught.value) == (
        "the metadata service of Azure and AWS and Google Cloud could not be asked (Connection refused)"
    )
    assert isinstance(vendor_here(), str)
