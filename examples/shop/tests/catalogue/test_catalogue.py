"""The catalogue."""

from shop.catalogue import Product, build_catalogue, cheapest


def test_it_is_always_the_same() -> None:
    """Two builds are equal."""
    assert build_catalogue() == build_catalogue()


def test_numbers_are_unique(catalogue: list[Product]) -> None:
    """No two products share a number."""
    assert len({p.number for p in catalogue}) == len(catalogue)


def test_cheapest_come_first(catalogue: list[Product]) -> None:
    """The cheapest are in order of price."""
    for count in range(1, 60):
        prices = [p.cents for p in cheapest(catalogue, count)]
        assert prices == sorted(prices)
