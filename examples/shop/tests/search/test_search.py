"""The search."""

import pytest
from shop.catalogue import Product
from shop.search import Index

QUERIES = ["oak", "red chair", "small", "blue steel lamp", "huge rug", "gr", "wool b", "large c clock", "cork mirror"]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_what_it_says(index: Index, query: str) -> None:
    """Every product in the result has all words of the query."""
    found = index.find(query)
    assert found
    assert all(any(w.startswith(q) for w in p.name.split()) for p in found for q in query.split())


def test_nothing_is_found_for_nonsense(index: Index) -> None:
    """A word that no name begins with finds nothing."""
    assert index.find("submarine") == []


def test_order_of_words_does_not_matter(catalogue: list[Product]) -> None:
    """The same words in another order find the same products.

    This test wastes energy on purpose: it builds a new index for every query. With the fixture ``index`` instead of
    ``catalogue``, the test costs about a fiftieth, and the feature is below its budget again.
    """
    for query in QUERIES * 20:
        words = query.split()
        assert Index(catalogue).find(query) == Index(catalogue).find(" ".join(reversed(words)))
