"""Product ids: 16 upper-case letters and digits that can be read back into their place.

An id is a kind of thing in three letters, the letter E, and twelve characters that hold the
category and the slot, scrambled with the seed. Two places never share an id.
"""

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIRS = [a + b for a in _LETTERS for b in _LETTERS]
_VALUES = {pair: number for number, pair in enumerate(_PAIRS)}
_BITS = 60
_MASK = (1 << _BITS) - 1
_ODD = 0x5DEECE66D_1F123BB & _MASK | 1
_INVERSE = pow(_ODD, -1, 1 << _BITS)
_SLOT_BITS = 32
_LENGTH = 16


def product_id(prefix: str, seed: int, category: int, slot: int) -> str:
    """The id of one place.

    Args:
        prefix: Three letters for the kind of thing.
        seed: The catalogue's seed.
        category: The category's number.
        slot: The place in the category, from 0.

    Returns:
        16 characters, upper-case letters and digits.
    """
    number = _scramble((category << _SLOT_BITS | slot) ^ (seed * _ODD & _MASK))
    pairs = [_PAIRS[number >> shift & 1023] for shift in range(0, _BITS, 10)]
    return f"{prefix}E{''.join(pairs)}"


def place(identifier: str, seed: int) -> tuple[int, int] | None:
    """The category's number and the slot that an id was made for, or None for a foreign one."""
    if len(identifier) != _LENGTH:
        return None
    pairs = [_VALUES.get(identifier[at : at + 2]) for at in range(4, _LENGTH, 2)]
    number = 0
    for shift, value in enumerate(pairs):
        if value is None:
            return None
        number |= value << (10 * shift)
    packed = _unscramble(number) ^ (seed * _ODD & _MASK)
    return packed >> _SLOT_BITS, packed & ((1 << _SLOT_BITS) - 1)


def _scramble(number: int) -> int:
    number = number * _ODD & _MASK
    number ^= number >> (_BITS // 2)
    return number * _ODD & _MASK


def _unscramble(number: int) -> int:
    number = number * _INVERSE & _MASK
    number ^= number >> (_BITS // 2)  # its own inverse, since it moves by half the width
    return number * _INVERSE & _MASK
