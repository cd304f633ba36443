"""Alerts: rules that watch prices, stock and ranks, and tell each event once."""
