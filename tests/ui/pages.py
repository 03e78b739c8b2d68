# SPDX-License-Identifier: GPL-3.0-or-later
"""A tour of every page that a user can reach, in any language."""
import gettext
import os
import re
import time

from desk import check, introduce
from tree import BUTTONS, plain, wait_until

# Tall enough that nothing has to be scrolled to.
SIZE = "1100x1500"
WINDOW_SIZE = ("960", "1440")
# A page that was asked for is drawn, and nothing moves on it any more.
SETTLED_S = 0.4
PERSON, OWNER = "Amina Bakari", "Lomera"
# Of no language.
MESSAGE = "10:30"
CONTROLS = ("push button", "toggle button", "radio button", "check box", "menu item", "link", "switch",
            "list item", "combo box", "slider", "spin button", "text", "entry", "password text", "page tab", "menu button")


def catalog(desk, language):
    """What stands in the translation for what is written in the source, both without mnemonics."""
    if not language:
        return {}
    folder = os.path.join(os.path.dirname(desk.programs.earshot), "resources", "po")
    texts = gettext.translation("earshot", folder, [language])._catalog
    return {plain(key): plain(text) for key, text in texts.items() if isinstance(key, str)}


class Tour:
    """after(name, window) is called on each page; window is its topmost window's node."""
    def __init__(self, desk, after, language="", env=None, name=""):
        self.desk, self.after, self.language = desk, after, language
        self.texts, self.env, self.name = catalog(desk, language), env or {}, name + language
        self.program = self.laptop = None
        self.before_end = lambda tour: None

    def word(self, english):
        return self.texts.get(english, english)

    # ---- the page that is seen ----

    def window(self):
        """The one that has the keyboard."""
        def find():
            windows = list(self.program.tree.root().children())
            if windows[-1].role != "frame":  # GTK does not tell of dialogs whether they have it
                return windows[-1]
            return next((node for node in windows if "active" in node.states()), None)
        return wait_until(find, 5, "a window with the keyboard", self.program.is_alive)

    def all(self, role=None, name=None):
        return self.program.tree.all(role, name, self.window())

    def stop_at(self, name):
        self.focus()
        time.sleep(SETTLED_S)
        self.after(name, self.window())

    # ---- what a person does ----

    def press(self, english, role=BUTTONS):
        self.program.press(self.word(english), role=role, within=self.window())

    def key(self, *names):
        self.focus()
        self.laptop.key(*names)

    def show_window(self, keys, name):
        """A window of its own, and back."""
        self.key(keys)
        self.wait_window(name)
        self.make_tall()
        self.stop_at(name)
        self.leave_window()

    def make_tall(self):
        """The newest window: all that can be scrolled to is seen."""
        self.laptop.tool("windowsize", "--sync", str(self.laptop.windows()[-1]), *WINDOW_SIZE)

    def count(self):
        """Windows, menus apart."""
        return len(list(self.program.tree.root().children()))

    def wait_window(self, name):
        wait_until(lambda: self.count() == 2 and self.focus(), 5, f"the window of {name}", self.program.is_alive)

    def leave_window(self):
        self.key("Escape")
        wait_until(lambda: self.count() == 1 and self.focus(), 5, "until the window is gone", self.program.is_alive)

    def focus(self):
        """Gives the newest window the keyboard, as window managers do."""
        def is_active():
            return "active" in list(self.program.tree.root().children())[-1].states()
        if list(self.program.tree.root().children())[-1].role != "frame":
            self.laptop.focus()
            return True
        for window in reversed(self.laptop.windows()):
            if is_active():
                return True
            self.laptop.tool("windowfocus", "--sync", str(window))
            time.sleep(0.1)
        return is_active()

    def home(self):
        self.program.find(self.word("Add a person"), role="push button", within=self.window())

    def menu(self, item):
        button = [node for node in self.all("push button", self.word("Menu")) if node.can_focus()][0]
        button.press()
        self.program.press(self.word(item), role=("menu item", "push button"), within=self.window())

    # ---- the tours ----

    def start(self, laptop):
        self.laptop = laptop
        self.program = laptop.start(env=self.env).appear()
        laptop.tool("windowsize", "--sync", str(laptop.windows()[0]), *WINDOW_SIZE)

    def first_run(self):
        self.start(self.desk.laptop("new" + self.name, language=self.language, size=SIZE))
        self.stop_at("first run, language")
        self.press("Next")
        self.program.find(role="text").write(OWNER)
        self.stop_at("first run, name")
        self.press("Next")
        self.program.find(self.word("Hear yourself"), role="heading")
        self.stop_at("first run, sound")
        self.press("Next")
        self.program.find(self.word("Add a person"), role="heading")
        self.stop_at("first run, person")
        self.press(self.last_step())
        self.home()
        self.stop_at("home without people")
        self.program.quit()

    def last_step(self):
        names = [node.name for node in self.all("push button")]
        return next(word for word in ("Later", "Done", "Finish", "Skip", "Next") if self.word(word) in names)

    def everyday(self):
        self.other = self.desk.laptop("other" + self.name)
        laptop = self.desk.laptop("known" + self.name, language=self.language, size=SIZE)
        introduce(laptop, OWNER, self.other, PERSON)
        laptop.write_settings(**{"urgent-numbers": ["112\t112\t2026-11-01"]})
        self.start(laptop)
        self.home()
        self.stop_at("home")
        self.people()
        self.messages()
        self.echo_call()
        self.menu("Calls so far")
        self.stop_at("calls so far")
        self.press("Back")
        self.home()
        self.menu_itself()
        self.windows()
        self.calling()
        self.called()
        self.before_end(self)
        self.program.quit()

    def people(self):
        self.press("Compare safety number", role="list item")
        self.wait_window("the safety number")
        self.stop_at("safety number")
        self.leave_window()
        self.key("ctrl+n")
        self.program.find(self.word("Show mine"), role="list item")
        self.stop_at("add a person")
        self.press("Show mine", role="list item")
        self.program.find(self.word("Make the invite"), role="push button")
        self.stop_at("invite, for whom")
        self.program.find(role="text", within=self.window()).write("Kasese")
        self.press("Make the invite")
        self.program.find(self.word("Save as file"), role="push button")
        self.stop_at("invite")
        self.back_home()
        self.press("Urgent help")
        self.program.find("112", role="label")
        self.stop_at("urgent help")
        self.press("Add a number")
        self.program.find(self.word("Save"), role="push button")
        self.stop_at("urgent help, a new number")
        self.press("Cancel")
        self.back_home()

    def messages(self):
        self.press("Messages")
        field = self.program.find(self.word("Your message"), role="text", within=self.window())
        self.stop_at("no message")
        field.write(MESSAGE)
        self.press("Send")
        self.program.find(MESSAGE, role="label")
        self.stop_at("messages")
        self.press("Record a voice message")
        self.program.find(self.word("Discard"), role="push button")
        self.stop_at("recording")
        self.press("Discard")
        self.back_home()
        self.press("Write a note")
        self.wait_window("a note")
        self.stop_at("note")
        self.leave_window()
        self.key("ctrl+f")
        self.program.find(self.word("Words in messages and notes"), role=("text", "entry")).write(MESSAGE)
        self.program.find(MESSAGE, role="label")
        self.stop_at("search")
        self.press("Back")

    def back_home(self):
        wait_until(self.try_home, 10, "the first page", self.program.is_alive)

    def try_home(self):
        names = [node.name for node in self.all("push button")]
        if self.word("Menu") in names:
            return True
        for english in ("Done", "Other ways", "Back"):
            if self.word(english) in names:
                self.press(english)
                time.sleep(0.3)
                return False
        return False

    def call(self, name):
        pattern = re.compile("^" + re.escape(self.word("Call %s").replace("%s", name)) + "$")
        self.program.press(pattern, role="push button", within=self.window())

    def echo_call(self):
        self.call(self.word("Echo test"))
        self.program.find(self.word("Hide"), role="push button")
        self.stop_at("call")
        self.key("F9")
        self.program.find(self.word("Notes"))
        self.stop_at("call, hidden")
        self.key("F9")
        self.program.find(self.word("Hide"), role="push button")
        self.key("ctrl+shift+h")
        self.program.find(self.word("Done"), role="push button")
        self.stop_at("after the call")
        self.press("Done")
        self.home()

    def menu_itself(self):
        button = [node for node in self.all("push button", self.word("Menu")) if node.can_focus()][0]
        button.press()
        self.program.find(self.word("Switch profile"), role="menu item")
        self.stop_at("menu")
        self.press("Switch profile", role="menu item")
        self.wait_window("the profiles")
        self.stop_at("profiles")
        self.leave_window()

    def windows(self):
        self.show_window("F1", "help")
        self.show_window("ctrl+question", "keys")
        self.key("ctrl+comma")
        self.wait_window("the preferences")
        self.make_tall()
        for page in ("General", "Sound", "Data", "Reaching", "Expert"):
            show_preferences(self, page)
            self.stop_at("preferences, " + page.lower())
        self.leave_window()

    def calling(self):
        self.other_program = self.other.start().appear()
        self.call(PERSON)
        self.other_program.find("Answer", role="push button", seconds=15)
        self.stop_at("calling")
        self.press("Stop calling")
        self.press("Done")
        self.home()
        self.other_program.press("Done", role="push button")

    def called(self):
        self.other_program.press(f"Call {OWNER}", role="push button")
        self.program.find(self.word("Answer"), role="push button", seconds=15)
        self.stop_at("called")
        self.press("Decline")
        self.press("Done")
        self.home()
        self.other_program.quit()


def show_preferences(tour, page):
    """A page of the preferences: its tab is a button of the switcher."""
    title = tour.word(page)
    tabs = [node for node in tour.all() if node.name == title and node.can_focus()
            and node.role in ("radio button", "toggle button", "page tab", "tab")]
    check(tabs, f"the preferences have no page {title}")
    tabs[0].press()

