#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page with keys and a screen reader alone: each control has a name, Tab reaches it and comes
round, and a hand in a hurry hits it."""
import re
import sys
import time

from desk import Desk, check
from pages import CONTROLS, Tour
from steps import TARGET_PX, is_hit
from tree import states_all

# A key is answered within this time on a busy machine.
KEY_S = 1.5
BLANK_S = 0.4
LOOK_EVERY_S = 0.02
# So many looks in a row at which nothing has the focus are none in between.
BLANKS = 4
NO_NAME = re.compile(r"-symbolic$|^(Gtk|Adw|Earshot)[A-Z]\w+$|^$")
# A mnemonic's line is not spoken, and nothing is said twice.
ODD = re.compile(r"_|^(.+) \1$")
# What need not hold, with the reason: (rule, page, role, name).
EXCEPTIONS = {
    ("size", ".*", "push button", "Minimize|Maximize|Close"): "the theme's own title bar",
    ("tab", ".*", "push button", "Minimize|Maximize|Close"): "the window manager has keys for them",
    ("size", ".*", "check box", ".*"): "its row is pressed instead",
    ("tab", ".*", "check box", ".*"): "its row is reached instead",
    ("tab", "preferences, .*", "page tab", ".*"): "arrows move among tabs",
    ("size", ".*", "link|slider", ".*"): "a line of text; a rail that takes keys",
}
# Ringing ends by itself: one way round has to do.
SHORT = ("calling", "called")
COUNTS = {"pages": 0, "controls": 0}


def is_excepted(rule, page, node):
    return any(re.fullmatch(which, rule) and re.fullmatch(pages, page) and re.fullmatch(roles, node.role)
               and re.fullmatch(names, node.name) for which, pages, roles, names in EXCEPTIONS)


class Walk:
    def __init__(self):
        self.found = []

    def complain(self, rule, page, node, sentence):
        if not is_excepted(rule, page, node):
            self.found.append(f"{page}: {node} {sentence}")
            print("  !!", self.found[-1], flush=True)

    def look(self, page, window):
        if page == "keys":
            return  # GTK's own window; Escape leaves it
        nodes = self.tour.all()
        usable = [node for node, states in zip(nodes, states_all(nodes)) if {"focusable", "sensitive"} <= states]
        controls = [node for node in usable if node.role in CONTROLS]
        for node in controls:
            if NO_NAME.search(node.name):
                self.complain("name", page, node, "has no name")
            if ODD.search(node.name):
                self.complain("name", page, node, "is not named as one would say it")
            if not is_hit(node):
                self.complain("size", page, node, f"cannot be hit within {TARGET_PX} px: {node.extents()}")
        if page != "menu":  # arrows there
            self.keys(page, usable)
        COUNTS["pages"] += 1
        COUNTS["controls"] += len(controls)
        print(f"{page}: {len(controls)} controls", flush=True)

    def keys(self, page, focusable):
        for key in ("Tab",) if page in SHORT else ("Tab", "shift+Tab"):
            reached, blanks = self.round(key, page, focusable)
            left = self.left(focusable, reached)
            if any(node.role != "text" for node in left) and page not in SHORT:
                # On a busy machine a step may be over before it was seen: what Tab passes by, it passes by twice.
                reached |= self.round(key, page, focusable)[0]
                left = self.left(focusable, reached)
            # The entry within an AdwEntryRow of libadwaita 1.2 tells nobody that it has the focus.
            silent = [node for node in left if node.role == "text"]
            for node in left:
                if (node in silent and blanks >= len(silent)) or self.has_reached(node, reached, focusable):
                    continue
                self.complain("tab", page, node, f"is not reached with {key}")

    @staticmethod
    def left(focusable, reached):
        return [node for index, node in enumerate(focusable) if node.role in CONTROLS and index not in reached]

    @staticmethod
    def has_reached(node, reached, focusable):
        """Rows that open have another row of the same name within."""
        return any(focusable[index].name == node.name and focusable[index].role == node.role
                   and focusable[index].within(node) for index in reached)

    def round(self, key, page, focusable):
        """Presses until it comes round; the indices of what had the focus, and how often nothing
        that is known had it."""
        order, blanks, row, last = [], 0, 0, None
        silent = sum(node.role == "text" for node in focusable)
        for _ in range(2 * len(focusable) + 4):
            self.tour.laptop.key(key)
            at = self.wait_focus(focusable, last)
            if at is not None and at == last:
                self.complain("trap", page, focusable[at], f"keeps the keyboard: {key} does not leave it")
                break
            if order and at == order[0]:
                break
            row = row + 1 if at is None else 0
            blanks += at is None
            if row > silent + 1:
                if order:
                    self.complain("trap", page, focusable[order[0]], f"is lost with {key}")
                break
            if at is not None and at not in order:
                order.append(at)
            last = at
        else:
            if order:
                self.complain("trap", page, focusable[order[0]], f"is never come back to with {key}")
        return set(order), blanks

    @staticmethod
    def wait_focus(focusable, last):
        """What has the focus after a key; what had it before when nothing else gets it; None for
        what does not tell."""
        # Of one that does not tell after another nothing shows that the key was answered.
        end, blanks = time.monotonic() + (KEY_S if last is not None else BLANK_S), 0
        while True:
            focused = [index for index, states in enumerate(states_all(focusable)) if "focused" in states]
            others = [index for index in focused if index != last]
            if others:
                return others[0]
            # The focus goes from one to another at once; looked at in between it is nowhere.
            blanks = 0 if focused or last is None else blanks + 1
            if blanks == BLANKS or time.monotonic() > end:
                return last if focused else None
            time.sleep(LOOK_EVERY_S)


def keys_of_a_call(tour):
    """What keys do, and what they do not."""
    tour.key("Return")  # the favourite's Call button has the focus
    tour.program.find("Stop calling", role="push button")
    tour.key("Escape")
    time.sleep(KEY_S)
    check(tour.program.has("Stop calling", role="push button"), "Escape ends a call")
    tour.press("Stop calling")
    tour.press("Done")
    tour.home()
    tour.call("Echo test")
    tour.program.find("Hang up", role="push button")
    tour.key("Escape")
    tour.key("ctrl+m")
    tour.program.find(re.compile("^You are muted"))
    tour.key("ctrl+m")
    tour.program.wait_gone(re.compile("^You are muted"))
    tour.key("F9")
    tour.program.wait_gone("Hang up", role="push button")
    check(tour.window().name == "Notes", "the hidden call's window tells what it is")
    tour.key("Escape")
    tour.key("F9")
    tour.program.find("Hang up", role="push button")
    tour.press("Hang up")
    tour.press("Done")
    tour.home()


def main():
    walk = Walk()
    with Desk() as desk:
        walk.tour = Tour(desk, walk.look)
        walk.tour.before_end = keys_of_a_call
        walk.tour.first_run()
        walk.tour.everyday()
    print(f"{COUNTS['pages']} pages, {COUNTS['controls']} controls, {len(walk.found)} faults")
    check(not walk.found, "\n".join(walk.found))


sys.exit(main())
