"""A fake GitHub in a thread of the tests: it refuses what GitHub refuses, and then fails the test."""

from tests.github_action.fake.server import FakeGitHub, Request

__all__ = ["FakeGitHub", "Request"]
