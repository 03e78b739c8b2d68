#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page in light, dark and high contrast, in English, French and Arabic: text stands out from
what is behind it (WCAG 1.4.3), and nothing is left in English."""
import concurrent.futures
import multiprocessing
import re
import sys

import numpy

from desk import FRAME, Desk, build_folder, check
from pages import OWNER, PERSON, Tour
from tree import states_all, texts

# So many tours at a time: each waits much of its time.
AT_ONCE = 2
RATIO, RATIO_LARGE = 4.5, 3.0
# Height of a line of text in px from which it counts as large: 24 px of type.
LARGE_LINE_PX = 32
# The part of a label's pixels that are drawn in its colour, not smoothed at an edge.
INK = 0.05
# Of so few pixels nothing can be said.
PIXELS_LEAST = 60
# A tour sees so many texts; one that sees less has not looked.
TEXTS_LEAST = 200
# Each look in a language of its own: what must be seen in one is seen in all.
TOURS = {
    "light": ("fr", {}),
    "dark": ("ar", {"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"}),
    "high contrast": ("", {"ADW_DEBUG_HIGH_CONTRAST": "1"}),
    "dark, high contrast": ("", {"ADW_DEBUG_COLOR_SCHEME": "prefer-dark", "ADW_DEBUG_HIGH_CONTRAST": "1"}),
}
# Names and their first letters, the languages' own names, invites and addresses, sound cards, keys,
# and what GTK says itself in this language.
NAMES = re.compile(rf"^(Earshot|{OWNER}|{PERSON}|AB|Kasese|English|Français|Español|Português|Kiswahili|"
                   r"EARSHOT:.*|Minimize|Maximize|Close|[\w.-]+:\d+|desk_mic|desk_speaker|Ctrl\+.)$")
LETTERS = re.compile(r"[A-Za-z]{2}")
# Words that are written alike in both languages.
ALIKE = {"fr": {"Menu", "Messages", "Note", "Notes", "Port", "Expert", "Urgent"}, "ar": set()}
ROLES = ("label", "heading", "status bar", "push button", "toggle button", "list item", "text", "image",
         "check box", "page tab", "menu item", "combo box", "level bar", "slider")


def luminance(pixels):
    part = pixels / 255.0
    linear = numpy.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return linear @ numpy.array([0.2126, 0.7152, 0.0722])


def contrast(pixels):
    """Of the text in these pixels with the most common colour; None where there is no text."""
    # A colour as one number: what a row of three takes to sort is ten times as long.
    packed = pixels.reshape(-1, 3).astype(numpy.uint32) @ numpy.array([65536, 256, 1], numpy.uint32)
    colours, counts = numpy.unique(packed, return_counts=True)
    light = luminance(numpy.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=-1))
    behind = light[counts.argmax()]
    ratios = numpy.repeat((numpy.maximum(light, behind) + 0.05) / (numpy.minimum(light, behind) + 0.05), counts)
    # Edges and what is empty beside the text apart.
    drawn = numpy.sort(ratios[ratios > 1.1])[::-1]
    if len(drawn) < PIXELS_LEAST:
        return None
    return float(numpy.median(drawn[:max(1, int(len(drawn) * INK))]))


class Looker:
    """Contrast and words of the pages of one tour."""
    def __init__(self, look):
        self.look, self.found, self.labels, self.least = look, [], 0, (99.0, "")
        self.words, self.unusable = {}, set()

    def at(self, page, window):
        if page == "keys":
            return  # GTK's own window
        nodes = self.tour.all()
        self.words[page] = self.latin(nodes)
        if page == "menu":
            return  # where a menu lies on the screen is not on the bus
        screen = self.tour.laptop.pixels()
        self.unusable = {node.place for node, states in zip(nodes, states_all(nodes)) if "sensitive" not in states}
        labels = [node for node in nodes if node.role in ("label", "heading", "status bar")]
        for node, text in zip(labels, texts(labels)):
            if text and self.counts(node):
                self.look_at(page, node, text, screen, window.extents())

    def look_at(self, page, node, text, screen, window):
        x, y, width, height = node.seen_extents
        if y + height > window[3]:
            return self.found.append(f"{self.look}, {page}: {node} is below what is seen")
        ratio = contrast(screen[y + FRAME:y + FRAME + height, x + FRAME:x + FRAME + width])
        if ratio is None:
            return None
        self.labels += 1
        large = len(text) < 40 and height >= LARGE_LINE_PX
        self.least = min(self.least, (ratio, f"{page}: {node}"))
        if ratio < (RATIO_LARGE if large else RATIO):
            self.found.append(f"{self.look}, {page}: “{text[:60]}” has {ratio:.2f}")
        return None

    @staticmethod
    def latin(nodes):
        """What is written with Latin letters on a page, names apart."""
        nodes = [node for node in nodes if node.role in ROLES]
        said = {node.seen_name for node in nodes}
        said |= {text for node, text in zip(nodes, texts(nodes)) if node.role != "text"}
        return {words for words in said if LETTERS.search(words) and not NAMES.match(words)
                and not words.startswith(("Gtk", "Adw"))}

    def counts(self, node):
        """What cannot be used is exempt, and letters of a round picture say nothing that its
        name beside it does not say."""
        while node is not None and node.role != "application":
            if node.seen_name == "AdwAvatar" or node.place in self.unusable:
                return False
            node = node.above
        return True


def tour(look):
    language, env = TOURS[look]
    looker = Looker(look)
    with Desk(build_folder()) as desk:
        looker.tour = Tour(desk, looker.at, language, env)
        looker.tour.first_run()
        looker.tour.everyday()
    least, where = looker.least
    print(f"{look}: {looker.labels} texts on {len(looker.words)} pages, the least contrast {least:.2f} ({where})",
          flush=True)
    if looker.labels < TEXTS_LEAST:
        looker.found.append(f"{look}: only {looker.labels} texts were seen")
    return looker.found, looker.words


def left_in_english(language, words, english):
    return [f"{language}, {page}: “{text}” is left in English" for page, said in words.items()
            for text in sorted(said & english[page] - ALIKE[language])]


def main():
    # A desk has buses of its own, and a process can be on one session bus alone.
    workers = concurrent.futures.ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn"),
                                                     max_tasks_per_child=1)
    with workers:
        done = dict(zip(TOURS, workers.map(tour, TOURS)))
    found = [line for lines, _ in done.values() for line in lines]
    english = next(words for look, (_, words) in done.items() if not TOURS[look][0])
    for look, (language, _) in TOURS.items():
        if language:
            found += left_in_english(language, done[look][1], english)
    check(not found, "\n".join(found))


if __name__ == "__main__":
    sys.exit(main())
