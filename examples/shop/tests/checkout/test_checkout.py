"""The checkout."""

import pytest
from shop.catalogue import Product
from shop.checkout import Basket

MUG = Product(1, "small red clay mug", 1000, 400)
SOFA = Product(2, "huge grey wool sofa", 80_000, 60_000)


@pytest.mark.parametrize(
    ("items", "cents"),
    [
        ([], 0),
        ([(MUG, 1)], 1773),
        ([(MUG, 10)], 12_126),
        ([(SOFA, 1)], 95_200),
    ],
)
def test_total(items: list[tuple[Product, int]], cents: int) -> None:
    """The total of goods, discount, shipping and tax is right to the cent."""
    basket = Basket()
    for item, count in items:
        basket.add(item, count)
    assert basket.total_cents() == cents


def test_nobody_buys_less_than_one() -> None:
    """A count below one is refused."""
    with pytest.raises(ValueError, match="it must be at least 1"):
        Basket().add(MUG, 0)


@pytest.mark.carbon(limit="20 J")
def test_a_large_order(catalogue: list[Product]) -> None:
    """A basket with one of every product is cheap to price, many times over."""
    basket = Basket()
    for item in catalogue:
        basket.add(item)
    totals = {basket.total_cents() for _ in range(300)}
    assert len(totals) == 1
