# SPDX-License-Identifier: GPL-3.0-or-later
"""The program's window as assistive technology sees it, and as a person would use it."""
import re
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402  of Atspi nothing but the names of roles and states

WAIT_S = 10.0
LOOK_EVERY_S = 0.05
# A program that does not answer for so long hangs.
ANSWER_MS = 10000
ACCESSIBLE, COMPONENT, TEXT, EDITABLE, ACTION = (
    "org.a11y.atspi." + name for name in ("Accessible", "Component", "Text", "EditableText", "Action"))
ROOT, NULL = "/org/a11y/atspi/accessible/root", "/org/a11y/atspi/null"
COORD_WINDOW = int(Atspi.CoordType.WINDOW)
# Roles as AT-SPI names them; since 2.54 (Debian 13) some have other names for the same numbers.
RENAMED = {"button": "push button"}
BUTTONS = ("push button", "toggle button", "radio button", "check box", "menu item", "link", "switch",
           "list item", "combo box", "tab", "button")
ROLES = {int(role): RENAMED.get(name := role.value_nick.replace("-", " "), name)
         for role in (Atspi.Role(number) for number in range(int(Atspi.Role.LAST_DEFINED)))}
STATES = [Atspi.StateType(number).value_nick for number in range(int(Atspi.StateType.LAST_DEFINED))]


class Missing(AssertionError):
    """Something is not on the screen, or not in time."""


class Gone(Exception):
    """A widget or the program is not there any more."""


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


def plain(words):
    """What is written in the source, without its mnemonic."""
    return re.sub(r"_(?=\w)", "", words)


class Bus:
    """The accessibility bus. Questions of which none needs another's answer are asked all at once."""
    only = None

    @classmethod
    def get(cls):
        cls.only = cls.only or cls()
        return cls.only

    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None,
                                    Gio.DBusCallFlags.NONE, ANSWER_MS, None).unpack()[0]
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)

    def try_all(self, questions):
        """The answers to (place, interface, method, words or None); None where there is none."""
        answers, left = [None] * len(questions), len(questions)

        def on_answer(connection, result, index):
            nonlocal left
            left -= 1
            try:
                answers[index] = connection.call_finish(result).unpack()
            except GLib.Error:
                pass
        for index, ((name, path), interface, method, words) in enumerate(questions):
            self.connection.call(name, path, interface, method, words, None, Gio.DBusCallFlags.NONE,
                                 ANSWER_MS, None, on_answer, index)
        while left:
            GLib.MainContext.default().iteration(True)
        return answers

    def ask_all(self, questions):
        answers = self.try_all(questions)
        for answer, (place, _, method, _) in zip(answers, questions):
            if answer is None:
                raise Gone(f"{method} of {place}")
        return answers

    def ask(self, place, interface, method, words=None):
        return self.ask_all([(place, interface, method, words)])[0]

    def programs(self):
        """Where programs begin."""
        return self.ask(("org.a11y.atspi.Registry", ROOT), ACCESSIBLE, "GetChildren")[0]

    def process(self, name):
        answer = self.try_all([(("org.freedesktop.DBus", "/org/freedesktop/DBus"), "org.freedesktop.DBus",
                                "GetConnectionUnixProcessID", GLib.Variant("(s)", (name,)))])[0]
        return answer and answer[0]


def property_of(place, interface, name):
    return place, "org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (interface, name))


class Node:
    """A widget. All but its role is asked anew each time."""
    def __init__(self, place, above=None):
        self.place, self.above = place, above
        self.depth = above.depth + 1 if above else 0
        self.kids = []  # as they were when they were looked at, as is what was seen
        self.seen_name = self.seen_extents = self.seen_role = self.first = None

    def ask(self, interface, method, signature="", *words):
        return Bus.get().ask(self.place, interface, method, GLib.Variant(f"({signature})", words) if words else None)[0]

    def get(self, name):
        return Bus.get().ask(*property_of(self.place, ACCESSIBLE, name))[0]

    def raw_name(self):
        return self.get("Name") or ""

    name = property(raw_name)

    @property
    def role(self):
        if self.seen_role is None:
            self.seen_role = ROLES[self.ask(ACCESSIBLE, "GetRole")]
        return self.seen_role

    def states(self):
        low, high = self.ask(ACCESSIBLE, "GetState")
        return states_of(low, high)

    def is_on(self):
        return bool(self.states() & {"checked", "pressed"})

    def is_sensitive(self):
        return "sensitive" in self.states()

    def is_focused(self):
        return "focused" in self.states()

    def can_focus(self):
        return "focusable" in self.states()

    def parent(self):
        if self.above is None:
            place = tuple(self.get("Parent"))
            self.above = Node(place) if place[1] != NULL else None
        return self.above

    def window(self):
        node = self
        while node.parent() is not None and node.parent().role != "application":
            node = node.parent()
        return node

    def pick(self, x, y):
        """What lies at this point of the window it is in."""
        window = self.window()
        place = tuple(window.ask(COMPONENT, "GetAccessibleAtPoint", "iiu", x, y, COORD_WINDOW))
        return Node(place) if place[1] != NULL else None

    def lineage(self):
        """Its place and those of all that it lies in."""
        node, places = self, []
        while node is not None and node.place[1] != ROOT:
            places.append(node.place)
            node = node.parent()
        return places

    def within(self, other):
        return other.place in self.lineage()

    def children(self):
        return [Node(tuple(place), self) for place in self.ask(ACCESSIBLE, "GetChildren") if place[1] != NULL]

    def walk(self):
        """All below it, shown or not, from the top down."""
        look([self], lambda node: node.kids)
        return list(self.below())

    def below(self):
        yield self
        for kid in self.kids:
            yield from kid.below()

    def text(self):
        """What can be read in it: of an entry what is written, of others the name."""
        return texts([self])[0]

    def words(self):
        """All that can be read in it."""
        nodes = [node for node in self.walk() if node.role in ("label", "image", "heading", "status bar")]
        return "; ".join(text for text in texts(nodes) if text)

    def write(self, words):
        if not self.try_write(words):
            raise Missing(f"nothing can be written into {self}")

    def try_write(self, words):
        question = self.place, EDITABLE, "SetTextContents", GLib.Variant("(s)", (words,))
        return (Bus.get().try_all([question])[0] is not None or
                any(child.try_write(words) for child in self.children()))

    def can_press(self):
        answer = Bus.get().try_all([property_of(self.place, ACTION, "NActions")])[0]
        return bool(answer and answer[0])

    def press(self):
        self.ask(ACTION, "DoAction", "i", 0)

    def extents(self):
        """x, y, width, height in the window."""
        return tuple(self.ask(COMPONENT, "GetExtents", "u", COORD_WINDOW))

    def __str__(self):
        return f"{self.role} “{self.name}”"


def states_of(low, high):
    bits = low | high << 32
    return {name for number, name in enumerate(STATES) if bits >> number & 1}


def states_all(nodes):
    """The states of each."""
    answers = Bus.get().ask_all([(node.place, ACCESSIBLE, "GetState", None) for node in nodes])
    return [states_of(*answer[0]) for answer in answers]


def texts(nodes):
    """What can be read in each."""
    whole = GLib.Variant("(ii)", (0, 2**31 - 1))
    said = Bus.get().try_all([(node.place, TEXT, "GetText", whole) for node in nodes])
    names = Bus.get().ask_all([property_of(node.place, ACCESSIBLE, "Name") for node in nodes])
    return [text[0] if text else name[0] for text, name in zip(said, names)]


def see(nodes):
    """Role, name and place of each."""
    in_window = GLib.Variant("(u)", (COORD_WINDOW,))
    answers = iter(Bus.get().ask_all(
        [question for node in nodes
         for question in ((node.place, ACCESSIBLE, "GetRole", None), property_of(node.place, ACCESSIBLE, "Name"),
                          (node.place, COMPONENT, "GetExtents", in_window))]))
    for node in nodes:
        (role,), (name,), (place,) = next(answers), next(answers), next(answers)
        node.seen_role, node.seen_name, node.seen_extents = ROLES.get(role, ""), name, tuple(place)


def look(level, choose):
    """Sees all below these, level by level; of the children of a node those that choose(node)
    returns."""
    while level:
        found = Bus.get().ask_all([(node.place, ACCESSIBLE, "GetChildren", None) for node in level])
        for node, (places,) in zip(level, found):
            node.kids = [Node(tuple(place), node) for place in places if place[1] != NULL]
        see([kid for node in level for kid in node.kids])
        several = [node for node in level if len(node.kids) > 1 and node.role == "panel"]
        firsts = Bus.get().ask_all([(node.place, ACCESSIBLE, "GetChildAtIndex", GLib.Variant("(i)", (0,)))
                                    for node in several])
        for node, (first,) in zip(several, firsts):
            node.first = tuple(first)
        for node in level:
            node.kids = choose(node)
        level = [kid for node in level for kid in node.kids]


def matching(nodes, role, name):
    """Those of a role, or of one of several, with a name or text."""
    roles = (role,) if isinstance(role, str) else role
    nodes = [node for node in nodes if roles is None or node.role in roles]
    if name is None:
        return nodes
    is_it = (lambda said: name.search(said)) if isinstance(name, re.Pattern) else (lambda said: said == name)
    return [node for node, text in zip(nodes, texts(nodes)) if is_it(node.seen_name) or is_it(text)]


# Parts of width and height at which a page is looked for.
POINTS = [(across / 16, down / 16) for down in (8, 3, 12, 15) for across in (8, 2, 14)]


def is_stack(node):
    """Does it show one of its children at a time? The first child of a GtkStack is its first page
    when asked for by number; AdwViewStack tells it by their place alone."""
    if node.seen_name == "AdwSqueezer":
        return True
    if node.role != "panel":
        return False
    if node.first != node.kids[0].place:
        return True
    if any(kid.role != "panel" for kid in node.kids):
        return False
    return len({kid.seen_extents for kid in node.kids if not has_no_room(kid)}) == 1


def page_on_top(node, children):
    """The page of a stack that lies where the stack is."""
    x, y, width, height = node.extents()
    for attempt in range(2):
        for across, down in POINTS:
            found = node.pick(x + int(width * across), y + int(height * down))
            around = found.lineage() if found else ()
            page = next((child for child in children if child.place in around), None)
            if page:
                return [page]
        # GTK tells nothing of widgets for which nobody has ever asked.
        for child in children:
            Node(child.place, node).walk()
    return []


def has_no_room(node):
    return node.seen_extents[2] <= 0 or node.seen_extents[3] <= 0


def kids_shown(node):
    """GTK says of the hidden pages of a stack too that they are visible; a leaflet shows one or
    more of its children beside each other."""
    shown = node.kids
    if len(shown) > 1 and is_stack(node):
        shown = page_on_top(node, shown)
    elif len(shown) > 1 and node.seen_name == "AdwLeaflet":
        shown = [kid for kid in shown if not has_no_room(kid) and page_on_top(kid, [kid])]
    return [kid for kid in shown if not has_no_room(kid)]


class Tree:
    """click clicks at a point of the newest window; button 5 turns the wheel down."""
    def __init__(self, pid, is_alive, click):
        self.pid, self.is_alive, self.click = pid, is_alive, click
        self.application = None

    def root(self):
        if self.application is None:
            bus = Bus.get()
            self.application = next((tuple(place) for place in bus.programs()
                                     if bus.process(place[0]) == self.pid), None)
        if self.application is None:
            return None
        node = Node(self.application)
        node.seen_role, node.seen_name = "application", ""
        return node

    def shown(self, node=None):
        """All that is shown, and what can be scrolled to, from the top down."""
        node = node or self.root()
        if node is None:
            return []
        node = Node(node.place, node.above)
        if node.role != "application":
            see([node])
        look([node], kids_shown)
        return list(node.below())[1:]

    def all(self, role=None, name=None, within=None):
        for attempt in range(5):
            try:
                return matching(self.shown(within), role, name)
            except Gone:  # what was walked through went away meanwhile
                if attempt == 4 or not self.is_alive():
                    raise
                time.sleep(LOOK_EVERY_S)

    def has(self, name=None, role=None, within=None):
        try:
            return bool(self.all(role, name, within))
        except Gone:
            if not self.is_alive():
                raise Missing("the program has ended") from None
            return False

    def find(self, name=None, role=None, seconds=WAIT_S, within=None):
        what = f"{role or 'something'} “{name.pattern if isinstance(name, re.Pattern) else name}”"

        def try_it():
            try:
                return self.all(role, name, within)
            except Gone:
                return None
        return wait_until(try_it, seconds, what, self.is_alive)[0]

    wait_for = find

    def wait_gone(self, name=None, role=None, seconds=WAIT_S):
        wait_until(lambda: not self.has(name, role), seconds, f"until {role} “{name}” is gone", self.is_alive)

    def press(self, name, role=BUTTONS, seconds=WAIT_S, within=None):
        what = f"“{name.pattern if isinstance(name, re.Pattern) else name}” to be pressed"
        return wait_until(lambda: self.try_press(name, role, within), seconds, what, self.is_alive)

    def try_press(self, name, role=BUTTONS, within=None):
        """Presses it if it is there now, and can be; returns what was pressed."""
        try:
            for node in self.all(role, name, within):
                if node.is_sensitive() and (node.can_press() or node.can_focus()):
                    self.press_node(node)
                    return node
        except Gone:
            pass
        return None

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
