"""A GitHub in a thread, for the tests: it refuses what GitHub refuses, and fails the test when it does so."""

from tests.github_action.fake.server import FakeGitHub, Request

__all__ = ["FakeGitHub", "Request"]
