"""Course covers drawn by rule: the same key and hue always give the same picture, without an upload."""

import hashlib

COLUMNS, ROWS, SIZE = 4, 3, 120

# Lightness and chroma of the four tones, dark to light. Equal steps in OKLCH give every hue the same weight.
TONES = ((0.36, 0.065), (0.56, 0.085), (0.78, 0.06), (0.93, 0.022))

# Tone of the ground and of the shape on it: never neighbours, so that the shape always stands out.
PAIRS = ((0, 2), (0, 3), (1, 3), (2, 0), (3, 0), (3, 1))

# What a cell may hold. The quarter circle stands three times because it holds the pattern together.
SHAPES = ("quarter", "quarter", "quarter", "halves", "dot", "triangle", "bars")


def cover_svg(key: str, hue: int) -> str:
    """Return the cover of `key` (a course's slug) in the colour `hue` (degrees in OKLCH) as SVG, about 3 KB.

    The picture is 480 by 360 and fills any frame it is put in, cut at its edges.
    """
    width, height = COLUMNS * SIZE, ROWS * SIZE
    tones = [f"oklch({lightness} {chroma} {hue % 360})" for lightness, chroma in TONES]
    # Taken from the digest itself, not from a seeded generator: no Python release can change the pictures.
    dice = iter(hashlib.shake_256(key.encode()).digest(3 * COLUMNS * ROWS))
    cells = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            ground, figure = PAIRS[next(dice) % len(PAIRS)]
            shape, turn = SHAPES[next(dice) % len(SHAPES)], 90 * (next(dice) % 4)
            x, y, half = column * SIZE, row * SIZE, SIZE // 2
            # One unit larger than the cell, and a hair of outline: no gaps between cells at odd sizes.
            cells.append(
                f'<rect fill="{tones[ground]}" x="{x}" y="{y}" width="{SIZE + 1}" height="{SIZE + 1}"/>'
                f'<g fill="{tones[figure]}" stroke="{tones[figure]}" stroke-width=".8" '
                f'transform="rotate({turn} {x + half} {y + half})">{_shape(shape, x, y)}</g>'
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" preserveAspectRatio="xMidYMid slice">{"".join(cells)}</svg>\n'
    )


def _shape(name: str, x: int, y: int) -> str:
    """Return the SVG of one shape in the cell whose top left corner is (x, y)."""
    size, half = SIZE, SIZE // 2
    if name == "quarter":
        return f'<path d="M{x} {y}h{size}a{size} {size} 0 0 1-{size} {size}z"/>'
    if name == "halves":
        return "".join(
            f'<path d="M{x} {top}h{size}a{half} {half} 0 0 1-{size} 0z"/>' for top in (y, y + half)
        )
    if name == "dot":
        return f'<circle cx="{x + half}" cy="{y + half}" r="{size // 3}"/>'
    if name == "triangle":
        return f'<path d="M{x} {y}h{size}L{x} {y + size}z"/>'
    quarter = size // 4
    return "".join(
        f'<rect x="{x}" y="{y + step * quarter}" width="{size}" height="{size // 8}"/>' for step in range(4)
    )
