# SPDX-License-Identifier: GPL-3.0-or-later
"""The program's window as assistive technology sees it, and as a person would use it."""
import re
import time

WAIT_S = 10.0
LOOK_EVERY_S = 0.05
# Roles as AT-SPI names them.
BUTTONS = ("push button", "toggle button", "radio button", "check box", "menu item", "link", "switch",
           "list item", "combo box", "tab", "button")


class Missing(AssertionError):
    """Something is not on the screen, or not in time."""


def wait_until(is_true, seconds, what, is_alive=None):
    """Returns what is_true returns once it is something."""
    end = time.monotonic() + seconds
    while True:
        truth = is_true()
        if truth:
            return truth
        if is_alive and not is_alive():
            raise Missing(f"{what}: the program has ended meanwhile")
        if time.monotonic() > end:
            raise Missing(f"{what}: not within {seconds:g} s")
        time.sleep(LOOK_EVERY_S)


def atspi():
    import warnings
    warnings.simplefilter("ignore")
    import gi
    gi.require_version("Atspi", "2.0")
    import pyatspi
    from gi.repository import Atspi, GLib
    # GTK 4.8 has no cache for it to fetch, which is no fault of the program.
    GLib.log_set_handler("dbind", GLib.LogLevelFlags.LEVEL_WARNING, lambda *_: None)
    return pyatspi, Atspi


def plain(name):
    """GTK 4.8 names a button "_Mute Mute": its text with the mnemonic, and the label in it."""
    words = re.sub(r"_(?=\w)", "", name)
    half = len(words) // 2
    if len(words) % 2 and words[half] == " " and words[:half] == words[half + 1:]:
        return words[:half]
    return words


class Node:
    """A widget. Everything is asked anew each time."""
    def __init__(self, accessible, depth=0):
        self.accessible, self.depth = accessible, depth

    @property
    def name(self):
        return plain(self.accessible.get_name() or "")

    def raw_name(self):
        return self.accessible.get_name() or ""

    @property
    def role(self):
        return self.accessible.get_role_name() or ""

    @property
    def description(self):
        return self.accessible.get_description() or ""

    def states(self):
        _, api = atspi()
        return {state.value_nick for state in self.accessible.get_state_set().get_states()}

    def is_on(self):
        return bool(self.states() & {"checked", "pressed"})

    def is_sensitive(self):
        return "sensitive" in self.states()

    def is_focused(self):
        return "focused" in self.states()

    def window(self):
        node = self.accessible
        while node.get_parent() is not None and node.get_parent().get_role_name() != "application":
            node = node.get_parent()
        return node

    def pick(self, x, y):
        """What lies at this point of the window it is in."""
        _, api = atspi()
        found = self.window().get_component_iface().get_accessible_at_point(x, y, api.CoordType.WINDOW)
        return Node(found) if found is not None else None

    def within(self, other):
        node = self.accessible
        while node is not None:
            if node == other.accessible:
                return True
            node = node.get_parent()
        return False

    def children(self):
        for index in range(self.accessible.get_child_count()):
            child = self.accessible.get_child_at_index(index)
            if child is not None:
                yield Node(child, self.depth + 1)

    def walk(self):
        yield self
        for child in self.children():
            yield from child.walk()

    def text(self):
        """What can be read in it: of an entry what is written, of others the name."""
        try:
            text = self.accessible.get_text_iface()
            if text is not None:
                return text.get_text(0, text.get_character_count())
        except Exception:
            pass
        return self.name

    def words(self):
        """All that can be read in it."""
        return "; ".join(node.text() for node in self.walk()
                         if node.role in ("label", "image", "heading", "status bar") and node.text())

    def write(self, words):
        editable = self.accessible.get_editable_text_iface()
        if editable is not None:
            editable.set_text_contents(words)
            return
        for child in self.children():
            if child.accessible.get_editable_text_iface() is not None:
                child.write(words)
                return
        raise Missing(f"nothing can be written into {self.role} “{self.name}”")

    def can_press(self):
        action = self.accessible.get_action_iface()
        return action is not None and action.get_n_actions() > 0

    def can_focus(self):
        return "focusable" in self.states()

    def press(self):
        self.accessible.get_action_iface().do_action(0)

    def extents(self):
        """x, y, width, height in the window; None where there are none."""
        _, api = atspi()
        component = self.accessible.get_component_iface()
        if component is None:
            return None
        place = component.get_extents(api.CoordType.WINDOW)
        return place.x, place.y, place.width, place.height

    def index(self):
        return self.accessible.get_index_in_parent()

    def parent(self):
        parent = self.accessible.get_parent()
        return Node(parent) if parent is not None else None

    def path(self):
        """Where it is: the same widget has the same path for as long as nothing moves."""
        steps, node = [], self.accessible
        while node is not None and node.get_role_name() != "application":
            steps.append(node.get_index_in_parent())
            node = node.get_parent()
        return tuple(reversed(steps))

    def __str__(self):
        return f"{self.role} “{self.name}”"


def matches(node, role, name):
    if role is not None and node.role not in ((role,) if isinstance(role, str) else role):
        return False
    if name is None:
        return True
    for said in (node.name, node.text()):
        if name.search(said) if isinstance(name, re.Pattern) else said == name:
            return True
    return False


# Parts of width and height at which a page is looked for.
POINTS = [(across / 16, down / 16) for down in (8, 3, 12, 15) for across in (8, 2, 14)]


def is_stack(node, children):
    """Does it show one of its children at a time? AdwViewStack tells it by their place alone."""
    if children[0].raw_name() == "GtkStackPage" or node.raw_name() == "AdwSqueezer":
        return True
    if node.role != "panel" or any(child.role != "panel" for child in children):
        return False
    places = {child.extents() for child in children if not has_no_room(child)}
    return len(places) == 1 and None not in places


def page_on_top(node, children):
    """The page of a stack that lies where the stack is."""
    x, y, width, height = node.extents()
    for attempt in range(2):
        for across, down in POINTS:
            found = node.pick(x + int(width * across), y + int(height * down))
            page = found and next((child for child in children if found.within(child)), None)
            if page:
                return [page]
        # GTK tells nothing of widgets for which nobody has ever asked.
        for child in children:
            for _ in child.walk():
                pass
    return []


def leaves_on_top(node, children):
    """A leaflet shows one or more of its children beside each other."""
    return [child for child in children if not has_no_room(child) and page_on_top(child, [child])]


def has_no_room(node):
    place = node.extents()
    return place is not None and (place[2] <= 0 or place[3] <= 0)


class Tree:
    """click clicks at a point of the newest window; button 5 turns the wheel down."""
    knows_bus = False

    def __init__(self, pid, is_alive, click):
        self.pid, self.is_alive, self.click = pid, is_alive, click
        self.application = None

    def root(self):
        pyatspi, api = atspi()
        from gi.repository import GLib as glib
        if self.application is None:
            desktop = pyatspi.Registry.getDesktop(0)
            # GTK does not tell of all changes: ask each time.
            desktop.set_cache_mask(api.Cache.NONE)
            # Who came and who went is told on the bus; clear_cache() of libatspi 2.46 does not bear it
            # that one of them has gone.
            if not Tree.knows_bus:
                desktop.clear_cache()
                Tree.knows_bus = True
            while glib.MainContext.default().iteration(False):
                pass
            for index in range(desktop.get_child_count()):
                child = desktop.get_child_at_index(index)
                if child is not None and child.get_process_id() == self.pid:
                    child.set_cache_mask(api.Cache.NONE)
                    self.application = child
        return Node(self.application) if self.application is not None else None

    def shown(self, node=None):
        """All that is shown, and what can be scrolled to, from the top down. GTK says of the hidden
        pages of a stack too that they are visible."""
        node = node or self.root()
        if node is None:
            return
        children = list(node.children())
        if len(children) > 1 and is_stack(node, children):
            children = page_on_top(node, children)
        elif len(children) > 1 and node.raw_name() == "AdwLeaflet":
            children = leaves_on_top(node, children)
        for child in children:
            if has_no_room(child):
                continue
            yield child
            yield from self.shown(child)

    def all(self, role=None, name=None, within=None):
        for attempt in range(5):
            try:
                return [node for node in self.shown(within) if matches(node, role, name)]
            except Exception:  # what was walked through went away meanwhile
                if attempt == 4 or not self.is_alive():
                    raise
                time.sleep(LOOK_EVERY_S)

    def has(self, name=None, role=None, within=None):
        try:
            return bool(self.all(role, name, within))
        except Exception:
            if not self.is_alive():
                raise Missing("the program has ended") from None
            return False

    def find(self, name=None, role=None, seconds=WAIT_S, within=None):
        what = f"{role or 'something'} “{name.pattern if isinstance(name, re.Pattern) else name}”"
        found = wait_until(lambda: self.has(name, role, within) and self.all(role, name, within), seconds,
                           what, self.is_alive)
        return found[0]

    wait_for = find

    def wait_gone(self, name=None, role=None, seconds=WAIT_S):
        wait_until(lambda: not self.has(name, role), seconds, f"until {role} “{name}” is gone", self.is_alive)

    def press(self, name, role=BUTTONS, seconds=WAIT_S, within=None):
        what = f"“{name.pattern if isinstance(name, re.Pattern) else name}” to be pressed"

        def try_it():
            for node in self.all(role, name, within):
                if node.is_sensitive() and (node.can_press() or node.can_focus()):
                    self.press_node(node)
                    return node
            return None
        return wait_until(try_it, seconds, what, self.is_alive)

    def press_node(self, node):
        if node.can_press():
            node.press()
            return
        # Rows of lists have no action in GTK 4.8, and no focus from outside: the hand must.
        self.press_node_by_hand(node)

    def press_node_by_hand(self, node):
        self.bring_up(node)
        x, y, width, height = node.extents()
        self.click(x + width // 2, y + height // 2, 1)

    def bring_up(self, node):
        """Scrolls until it can be clicked at."""
        for button in [5] * 30 + [4] * 60:
            x, y, width, height = node.extents()
            found = node.pick(x + width // 2, y + height // 2)
            # What is in a row for text is not told by its place.
            if node.role == "text" or found and found.within(node):
                return
            self.click(x + width // 2, 200, button)
        raise Missing(f"{node} cannot be scrolled to")

    def read(self, name=None, role="label", seconds=WAIT_S):
        return self.find(name, role, seconds).text()

    def type(self, name, words, role=("text", "entry", "password text"), seconds=WAIT_S):
        node = self.find(name, role, seconds)
        node.write(words)
        return node

    def dump(self):
        lines = []
        for node in self.shown():
            states = node.states()
            marks = "".join(f" {state}" for state in ("focusable", "focused", "checked", "pressed") if state in states)
            if "sensitive" not in states:
                marks += " insensitive"
            said = node.text()
            more = f" = “{said}”" if said != node.name else ""
            lines.append("  " * node.depth + f"{node}{more}{marks}")
        return "\n".join(lines) + "\n"
