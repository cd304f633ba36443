"""What a sandbox is asked to serve, before it is made."""

from dataclasses import dataclass
from pathlib import Path

from feeds.sandbox.catalogue import Catalogue
from feeds.sandbox.replay import replay
from feeds.sandbox.synthetic import synthetic


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of a made-up catalogue, or the folder of a captured one.

    Attributes:
        products: Different products on day 0.
        categories: Categories that they stand in.
        seed: Catalogues of one seed and size are the same.
        page_size: How many places a page covers; the vendor's is 500.
        replay: A folder of captured answers to serve instead of made-up products.
        books: Books in the bookshop, which is apart from the categories.
    """

    products: int = 2000
    categories: int = 4
    seed: int = 7
    page_size: int = 500
    replay: Path | None = None
    books: int = 1200

    def catalogue(self, affiliate_id: str) -> Catalogue:
        """Make or read the catalogue; made-up product links carry this tracking id."""
        if self.replay is not None:
            return replay(self.replay, self.page_size)
        return synthetic(
            self.products,
            self.categories,
            seed=self.seed,
            page_size=self.page_size,
            affiliate_id=affiliate_id,
            books=self.books,
        )
