"""The search: it finds products by words."""

from __future__ import annotations

from collections import defaultdict

from shop.catalogue import Product


class Index:
    """An inverted index: from the first letters of each word of a name to products."""

    def __init__(self, products: list[Product]) -> None:
        self._products = {p.number: p for p in products}
        self._numbers: dict[str, set[int]] = defaultdict(set)
        for p in products:
            for word in p.name.split():
                for length in range(1, len(word) + 1):
                    self._numbers[word[:length]].add(p.number)

    def find(self, query: str) -> list[Product]:
        """Return the products whose names have, for each word of the query, a word that begins with it."""
        found = [self._numbers.get(word, set()) for word in query.lower().split()]
        return [self._products[n] for n in sorted(set.intersection(*found))] if found else []
