#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each page: every control has a name, Tab comes to each and leaves each, targets are 44 px, texts
stand out from what is behind them 4.5:1."""
import re
import sys

import steps
from desk import Desk, check, introduce, print_figure
from tree import wait_until

TARGET_PX, CONTRAST = 44, 4.5
CONTROLS = ("push button", "toggle button", "check box", "radio button", "text", "list item", "combo box", "switch",
            "slider", "menu item", "link")
# Names that GTK makes up where there is none.
NAMELESS = re.compile(r"^(Gtk|Adw|Earshot)[A-Z]\w*$|^$")
# The buttons of the window itself are GTK's.
WINDOW_BUTTONS = ("Minimize", "Maximize", "Close")
TABS_MOST = 60


def is_control(node):
    return node.role in CONTROLS and "focusable" in node.states()


def names(program, page):
    controls = [node for node in program.all() if is_control(node)]
    check(controls, f"{page}: there are no controls")
    nameless = [str(node) + " in " + node.parent().words() for node in controls if NAMELESS.match(node.name)]
    return controls, [f"{page}: no name: {what}" for what in nameless]


def focused(program):
    return next((node for node in program.all() if node.is_focused()), None)


def tab_through(program, page, key="Tab"):
    """What gets the focus until it comes round; a row's controls may follow by arrow keys."""
    reached, first = [], None
    for _ in range(TABS_MOST):
        program.laptop.key(key)
        node = focused(program)
        if node is None:
            continue
        place = (node.path(), node.name)
        if place == first:
            return reached, []
        first = first or place
        reached.append(node)
    return reached, [f"{page}: Tab does not come round"]


def is_reached(node, reached):
    """Itself, or, of a list, a row: arrow keys go on within a list and a group of radio buttons."""
    def group(one):
        parent = one.parent()
        return parent.path() if parent and one.role in ("list item", "radio button", "check box") else None
    return any(other.path() == node.path() or other.name == node.name and other.role == node.role or
               group(node) is not None and group(other) == group(node) or
               node.path()[:len(other.path())] == other.path() or
               other.path()[:len(node.path())] == node.path() for other in reached)


def sizes(program, page, controls):
    """GTK tells the room inside of padding: the target ends where another thing is hit."""
    small = []
    for node in controls:
        if node.name in WINDOW_BUTTONS or node.role in ("text", "link"):
            continue
        x, y, width, height = node.extents()
        across, down = node_reach(node, x, y, width, height)
        if min(across, down) < TARGET_PX:
            small.append(f"{page}: {node} is {across} x {down} px")
    return small


def node_reach(node, x, y, width, height):
    def hits(px, py):
        found = node.pick(px, py)
        return found is not None and found.within(node)
    middle_x, middle_y = x + width // 2, y + height // 2
    if not hits(middle_x, middle_y):
        return TARGET_PX, TARGET_PX  # scrolled out of sight: measured where it is seen
    spans = []
    for size, at in ((width, lambda d: (middle_x + d, middle_y)), (height, lambda d: (middle_x, middle_y + d))):
        before, after = -(size // 2), size - size // 2
        while before > -200 and hits(*at(before - 1)):
            before -= 1
        while after < 200 and hits(*at(after)):
            after += 1
        spans.append(after - before)
    return spans


def luminance(rgb):
    import numpy
    share = numpy.asarray(rgb, float) / 255
    linear = numpy.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def contrasts(program, page):
    """Of each text: the most frequent colour against the one farthest from it, by WCAG 2."""
    import numpy
    pixels, faint = program.laptop.pixels(), []
    for node in program.all(("label", "heading", "status bar")):
        x, y, width, height = (value + 5 * (index < 2) for index, value in enumerate(node.extents()))
        part = pixels[max(y, 0):y + height, max(x, 0):x + width].reshape(-1, 3)
        if len(part) < 40 or not node.text().strip() or is_insensitive(node) or y + height > 590:
            continue
        colours, counts = numpy.unique(part, axis=0, return_counts=True)
        back = luminance(colours[counts.argmax()])
        lights = luminance(colours)
        ratio = max((max(lights.max(), back) + 0.05) / (back + 0.05), (back + 0.05) / (lights.min() + 0.05))
        if ratio < CONTRAST:
            faint.append(f"{page}: “{node.text()}” {ratio:.1f}:1")
    return faint


def is_insensitive(node):
    """Switched off, it or what it is in; or initials, which the name beside them says too."""
    while node is not None and node.role != "frame":
        if not node.is_sensitive() or node.raw_name() == "AdwAvatar":
            return True
        node = node.parent()
    return False


class Walk:
    def __init__(self):
        self.faults, self.controls, self.reached = [], 0, 0

    def page(self, program, page):
        program.laptop.focus()
        controls, faults = names(program, page)
        reached, more = tab_through(program, page)
        missed = [node for node in controls if node.is_sensitive() and not is_reached(node, reached)]
        self.controls += len(controls)
        self.reached += len(controls) - len(missed)
        self.faults += faults + more + [f"{page}: Tab does not reach {node}" for node in missed]
        self.faults += sizes(program, page, controls) + contrasts(program, page)
        print(f"{page}: {len(controls)} controls, {len(reached)} stops of Tab", flush=True)


def first_run(desk, walk):
    newcomer = desk.laptop("newcomer").start().appear()
    walk.page(newcomer, "first run, language")
    newcomer.press("Next")
    newcomer.type(re.compile("What is your name"), "Grace")
    walk.page(newcomer, "first run, name")
    newcomer.press("Next")
    walk.page(newcomer, "first run, sound")
    newcomer.press("Next")
    walk.page(newcomer, "first run, person")
    newcomer.press("Later", role="push button")
    walk.page(newcomer, "home, nobody")
    newcomer.quit()


def main():
    walk = Walk()
    with Desk() as desk:
        first_run(desk, walk)
        laptops = desk.laptop("clinic"), desk.laptop("doctor")
        introduce(laptops[0], "Clinic Lomera", laptops[1], "Dr. Amina")
        clinic, doctor = (laptop.start().appear() for laptop in laptops)
        walk.page(clinic, "home")
        clinic.press("Urgent help", role="push button")
        walk.page(clinic, "urgent")
        steps.go_home(clinic)
        clinic.press("Add a person", role="push button")
        clinic.find("Paste")
        walk.page(clinic, "add person")
        steps.go_home(clinic)
        clinic.press("Call Dr. Amina", role="push button")
        doctor.find("Clinic Lomera is calling", role="heading")
        walk.page(clinic, "calling")
        walk.page(doctor, "incoming")
        steps.answer(doctor)
        steps.talk(clinic, doctor)
        walk.page(clinic, "call")
        clinic.press("Hide", role="push button")
        clinic.find("Notes", role="text")
        walk.page(clinic, "neutral")
        clinic.press("Back", role="push button")
        steps.hang_up(clinic)
        clinic.find("Done", role="push button")
        walk.page(clinic, "after")
        clinic.press("Done")
        steps.history(clinic)
        walk.page(clinic, "history")
        print_figure("controls named and reached by Tab", 100 * walk.reached / walk.controls, "%", 1)
        check(not walk.faults, "\n" + "\n".join(walk.faults))


sys.exit(main())
