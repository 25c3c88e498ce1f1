"""The checkout: a basket, its discount, tax and shipping."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop.catalogue import Product

TAX_PERCENT = 19
FREE_SHIPPING_CENTS = 10_000


@dataclass
class Basket:
    """The products that a customer is about to buy."""

    lines: dict[Product, int] = field(default_factory=dict)

    def add(self, item: Product, count: int = 1) -> None:
        """Add a product. Raises ValueError for a count below 1."""
        if count < 1:
            raise ValueError(f"count is {count}; it must be at least 1")
        self.lines[item] = self.lines.get(item, 0) + count

    def total_cents(self) -> int:
        """Return the price: goods, less 5 % from ten pieces on, shipping by weight, and tax."""
        goods = sum(p.cents * n for p, n in self.lines.items())
        if sum(self.lines.values()) >= 10:
            goods -= goods * 5 // 100
        weight_g = sum(p.weight_g * n for p, n in self.lines.items())
        shipping = 0 if goods >= FREE_SHIPPING_CENTS or not self.lines else 490 + weight_g // 1000 * 50
        return (goods + shipping) * (100 + TAX_PERCENT) // 100
