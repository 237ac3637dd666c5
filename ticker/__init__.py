"""Ticker: market and currency widgets that a news site hosts itself."""

__version__ = "0.1.0"
