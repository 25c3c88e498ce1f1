"""The products that the shop sells."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

_MATERIALS = ("oak", "pine", "steel", "linen", "wool", "glass", "clay", "cork")
_COLOURS = ("red", "green", "blue", "white", "black", "grey", "yellow")
_THINGS = ("chair", "table", "lamp", "shelf", "bowl", "rug", "vase", "stool", "desk", "clock", "mirror", "basket")
_SIZES = ("small", "medium", "large", "huge")


@dataclass(frozen=True)
class Product:
    """A product with a name, a price in cents and a weight in grams."""

    number: int
    name: str
    cents: int
    weight_g: int


def build_catalogue() -> list[Product]:
    """Return all products; every call returns equal products."""
    return [
        Product(n, " ".join(words), 500 + 37 * n % 9500, 200 + 53 * n % 20_000)
        for n, words in enumerate(product(_SIZES, _COLOURS, _MATERIALS, _THINGS), start=1)
    ]


def cheapest(products: list[Product], count: int) -> list[Product]:
    """Return the cheapest products, cheapest first."""
    return sorted(products, key=lambda p: (p.cents, p.number))[:count]
