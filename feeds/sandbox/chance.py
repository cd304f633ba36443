"""Repeatable chance: numbers that follow from a seed and a place, in any order of asking."""

from random import Random

_WORD = (1 << 64) - 1


def mix(*parts: int) -> int:
    """Hash some integers into 64 well-spread bits; the same integers always give the same bits."""
    state = 0
    for part in parts:
        state = (state + part + 0x9E3779B97F4A7C15) & _WORD
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _WORD
        state ^= state >> 31
    return state


def fraction(*parts: int) -> float:
    """Hash some integers into a number from 0 up to, not including, 1."""
    return mix(*parts) / (_WORD + 1)


def dice(*parts: int) -> Random:
    """A generator of its own for one place, so that places do not depend on each other's draws."""
    return Random(mix(*parts))  # noqa: S311 - made-up products, nothing secret
