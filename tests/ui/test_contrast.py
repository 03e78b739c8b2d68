#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text on every page, in light, dark and high contrast, against what is behind it (WCAG 1.4.3)."""
import os
import sys

import numpy

from desk import FRAME, Desk, build_folder, check
from pages import Tour

RATIO, RATIO_LARGE = 4.5, 3.0
# Height of a line of text in px from which it counts as large: 24 px of type.
LARGE_LINE_PX = 32
# The part of a label's pixels that are drawn in its colour, not smoothed at an edge.
INK = 0.05
# Of so few pixels nothing can be said.
PIXELS_LEAST = 60
LOOKS = {
    "light": {},
    "dark": {"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"},
    "high contrast": {"ADW_DEBUG_HIGH_CONTRAST": "1"},
    "dark, high contrast": {"ADW_DEBUG_COLOR_SCHEME": "prefer-dark", "ADW_DEBUG_HIGH_CONTRAST": "1"},
}
# What need not hold, with the reason: page, text.
EXCEPTIONS = {
    ("keys", None): "GTK's own window",
    ("menu", None): "where a menu lies on the screen is not on the bus",
}


def luminance(pixels):
    part = pixels / 255.0
    linear = numpy.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return linear @ numpy.array([0.2126, 0.7152, 0.0722])


def contrast(pixels):
    """Of the text in these pixels with the most common colour; None where there is no text."""
    flat = pixels.reshape(-1, 3)
    colours, counts = numpy.unique(flat, axis=0, return_counts=True)
    behind = luminance(colours[counts.argmax()].astype(float))
    light = luminance(flat.astype(float))
    ratios = (numpy.maximum(light, behind) + 0.05) / (numpy.minimum(light, behind) + 0.05)
    # Edges and what is empty beside the text apart.
    drawn = numpy.sort(ratios[ratios > 1.1])[::-1]
    if len(drawn) < PIXELS_LEAST:
        return None
    return float(numpy.median(drawn[:max(1, int(len(drawn) * INK))]))


class Looker:
    def __init__(self, look):
        self.look, self.found, self.labels, self.least = look, [], 0, (99.0, "")

    def at(self, page, window):
        screen = self.tour.laptop.pixels()
        for node in self.tour.all(role=("label", "heading", "status bar")):
            if not node.text() or not self.counts(node) or (page, None) in EXCEPTIONS:
                continue
            x, y, width, height = node.extents()
            ratio = contrast(screen[y + FRAME:y + FRAME + height, x + FRAME:x + FRAME + width])
            if ratio is None:
                continue
            self.labels += 1
            wanted = RATIO_LARGE if self.is_large(node) else RATIO
            self.least = min(self.least, (ratio, f"{page}: {node}"))
            if ratio < wanted:
                self.found.append(f"{self.look}, {page}: “{node.text()[:60]}” has {ratio:.2f}, not {wanted}")
                print("  !!", self.found[-1], flush=True)

    @staticmethod
    def counts(node):
        """What cannot be used is exempt, and letters of a round picture say nothing that its
        name beside it does not say."""
        while node is not None and node.role != "application":
            if not node.is_sensitive() or node.raw_name() == "AdwAvatar":
                return False
            node = node.parent()
        return True

    @staticmethod
    def is_large(node):
        text = node.text()
        return len(text) < 40 and node.extents()[3] >= LARGE_LINE_PX


def main():
    found = []
    with Desk(build_folder()) as desk:
        for name, env in LOOKS.items():
            looker = Looker(name)
            looker.tour = Tour(desk, looker.at, env=env, name=name.replace(", ", "-").replace(" ", "-"))
            looker.tour.first_run()
            looker.tour.everyday()
            found += looker.found
            print(f"{name}: {looker.labels} texts, the least contrast {looker.least[0]:.2f} ({looker.least[1]})",
                  flush=True)
    check(not found, "\n".join(found))


sys.exit(main())
