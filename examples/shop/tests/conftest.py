"""The fixtures that all tests of the shop share. Each is built once in a session."""

import pytest
from shop.catalogue import Product, build_catalogue
from shop.search import Index


@pytest.fixture(scope="session")
def catalogue() -> list[Product]:
    """All products."""
    return build_catalogue()


@pytest.fixture(scope="session")
def index(catalogue: list[Product]) -> Index:
    """The search index over all products."""
    return Index(catalogue)
