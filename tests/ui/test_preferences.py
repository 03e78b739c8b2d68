#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each setting: changed through the screen, in force, and still there after a restart."""
import os
import re
import sys
import time

from desk import Desk, check, introduce
from pages import OWNER, PERSON, Tour, catalog, show_preferences
from tree import wait_until

NEW_NAME, PRICE, CURRENCY = "Clinic Kasese", "12,5", "KES"
ADDRESS, RELAY, PORT = "clinic.example.org:4321", "relay.example.org:4400", "43210"
SECRET = "blue heron at noon"
SAVED_S = 5
# A page that was asked for has been drawn.
DRAWN_S = 0.5
# The window is made anew; libatspi does not bear one that goes while it is looked at.
RENEWED_S = 2


class Screen(Tour):
    """The preferences of one program."""
    def open(self, page):
        if self.count() == 1:
            self.key("ctrl+comma")
            self.wait_window("the preferences")
            self.laptop.tool("windowsize", "--sync", str(self.laptop.windows()[-1]), "900", "1400")
        show_preferences(self, page)
        time.sleep(DRAWN_S)

    def node(self, role, name, index=0):
        found = wait_until(lambda: [node for node in self.all(role, self.word(name)) if node.can_focus()][index:],
                           5, f"{role} “{name}”", self.program.is_alive)
        return found[0]

    def hit(self, node, part=2):
        x, y, width, height = node.extents()
        self.laptop.click(x + width // part, y + height // 2)

    def flip(self, name):
        self.node("check box", name).press()

    def write(self, name, words, index=0, apply=True):
        """As a person does it: into the field, all that stands there away, Enter."""
        self.hit(self.node("text", name, index), 3)
        self.laptop.key("ctrl+a")
        self.laptop.tool("type", words)
        if apply:
            self.laptop.key("Return")

    def choose(self, name, value):
        """Of a list that opens; keys find their way in it."""
        self.hit(self.node("combo box", name))
        time.sleep(DRAWN_S)
        self.laptop.key("Home", *["Down"] * value, "Return")

    def kept(self, key, value):
        """It stands in the file."""
        wait_until(lambda: self.laptop.read_settings().get(key) == value, SAVED_S,
                   f"{key} to be kept as {value}: {self.laptop.read_settings().get(key)}")


def general(screen):
    screen.open("General")
    screen.write("Your name, as others see it", NEW_NAME)
    for name, key, value in (("Ring while the window is closed", "ring-in-background", "false"),
                             ("Start when I log in", "start-at-login", "true"),
                             ("Small call page", "compact", "true")):
        screen.flip(name)
        screen.kept(key, value)
    entry = os.path.join(screen.laptop.env["XDG_CONFIG_HOME"], "autostart", "org.earshot.Earshot.desktop")
    wait_until(lambda: os.path.exists(entry), SAVED_S, "the autostart entry")
    screen.flip("Start when I log in")
    wait_until(lambda: not os.path.exists(entry), SAVED_S, "until the autostart entry is gone")
    screen.flip("Small call page")
    screen.kept("compact", "false")


def sound(screen):
    """Two cards by name; when echo is taken away; the volume with keys."""
    screen.open("Sound")
    for name, key in (("Microphone", "microphone"), ("Loudspeaker", "loudspeaker")):
        screen.choose(name, 1)
        wait_until(lambda: screen.laptop.read_settings().get(key), SAVED_S, f"a {key} to be kept")
        print(f"{key}: {screen.laptop.read_settings()[key]}")
    for row, echo in ((2, "never"), (0, "measured")):
        screen.choose("Take away the echo of the loudspeaker", row)
        wait_until(lambda: screen.laptop.read_settings().get("echo", "measured") == echo, SAVED_S,
                   f"{echo} to be kept")
    screen.hit(screen.node("slider", "Volume of their voice"), 4)
    wait_until(lambda: screen.laptop.read_settings().get("volume"), SAVED_S, "the volume to be kept")
    for name, key in (("Microphone", "microphone"), ("Loudspeaker", "loudspeaker")):
        screen.choose(name, 0)
        wait_until(lambda: not screen.laptop.read_settings().get(key), SAVED_S, f"{key} to follow the system")


def data(screen):
    screen.open("Data")
    screen.hit(screen.node("list item", "Clear"))
    screen.kept("quality", "clear")
    screen.write("Price of one megabyte", PRICE, apply=False)
    screen.write("Currency", CURRENCY, apply=False)
    screen.flip("Hide when I speak")
    screen.kept("hide-pattern", "true")
    screen.kept("currency", CURRENCY)
    check(float(screen.laptop.read_settings()["price-per-mb"]) == 12.5, "the price is not kept")


def reaching(screen):
    screen.open("Reaching")
    field = "Add, such as clinic.example.org:4321"
    screen.write(field, "no address at all")
    sentence = screen.program.find(re.compile("such as|number"), role="alert", within=screen.window()).text()
    print(f"a bad address: {sentence}")
    check("no address" not in screen.laptop.read_settings().get("addresses", ""), "a bad address is kept")
    screen.write(field, ADDRESS)
    screen.kept("addresses", ADDRESS + ";")
    screen.write(field, RELAY, index=1)
    screen.kept("relays", RELAY + ";")
    before = screen.laptop.read_settings().get("port")
    screen.write("Port", "70000")
    screen.program.find("A port is a number from 1 to 65535, or empty.", within=screen.window())
    check(screen.laptop.read_settings().get("port") == before, "a bad port is kept")
    screen.write("Port", PORT)
    screen.kept("port", PORT)


def call_with_money(screen):
    screen.leave_window()
    screen.call("Echo test")
    screen.program.find(re.compile(f"\\d.*{CURRENCY}|{CURRENCY}.*\\d"), role="label", seconds=20)
    screen.program.type("Text for their screen", SECRET)
    screen.press("Send")
    screen.program.find(SECRET, role="label")
    screen.open("Expert")
    screen.program.find(re.compile("[0-9].*kbit/s"), role="label", seconds=15, within=screen.window())
    screen.press("Support report…")
    wait_until(lambda: screen.count() == 3, 5, "the support report")
    report = screen.program.find(re.compile("^Earshot \\d"), role="text").text()
    for private in (NEW_NAME, OWNER, PERSON, SECRET, ADDRESS, RELAY, "127.0.0.1", screen.laptop.profile):
        check(private not in report, f"the support report tells “{private}”:\n{report}")
    check(len(report.splitlines()) > 5, f"the support report says nothing: {report}")
    screen.program.key("Escape")
    wait_until(lambda: screen.count() == 2 and screen.focus(), 5, "until the report is gone")
    screen.leave_window()
    screen.press("Hang up")
    screen.program.find(re.compile(CURRENCY))
    screen.press("Done")
    screen.home()


def history(screen):
    screen.menu("Calls so far")
    screen.program.find("Echo test", role="label", within=screen.window())
    screen.press("Back")
    for answer, left in (("Keep", True), ("Delete", False)):
        screen.open("Data")
        screen.press("Delete the list of calls…")
        wait_until(lambda: screen.count() == 3 and screen.focus(), 5, "the question")
        screen.press(answer)
        wait_until(lambda: screen.count() == 2 and screen.focus(), 5, "until the question is gone")
        screen.leave_window()
        screen.menu("Calls so far")
        if left:
            screen.program.find("Echo test", role="label", within=screen.window())
        else:
            screen.program.find("No call yet", role="label", within=screen.window())
        screen.press("Back")


def language(screen):
    """Kept over a restart; then English again."""
    for place, code in ((2, "fr"), (1, "")):
        screen.open("General")
        screen.choose("Language (opens the window anew)", place)
        time.sleep(RENEWED_S)
        screen.program.quit()
        screen.texts = catalog(screen.desk, code)
        screen.start(screen.laptop)
        screen.home()


def restart(screen):
    """What was chosen is on the screen again."""
    kept = screen.laptop.read_settings()
    screen.program.quit()
    screen.start(screen.laptop)
    now = screen.laptop.read_settings()
    for settings in kept, now:
        settings.pop("ended")  # whether the program ran to its end: that changes
    check(now == kept, f"settings change with a restart: {kept} {now}")
    screen.open("General")
    check(screen.node("text", "Your name, as others see it").text() == NEW_NAME, "the name is not kept")
    check(not screen.node("check box", "Ring while the window is closed").is_on(), "ringing is not kept")
    screen.open("Data")
    check(screen.node("check box", "Clear").is_on(), "the quality is not kept")
    check(screen.node("check box", "Hide when I speak").is_on(), "hiding is not kept")
    check(screen.node("text", "Currency").text() == CURRENCY, "the currency is not kept")
    screen.open("Reaching")
    for words in (ADDRESS, RELAY):
        screen.program.find(words, role="label", within=screen.window())
    check(screen.node("text", "Port").text() == PORT, "the port is not kept")
    screen.leave_window()


def main():
    with Desk() as desk:
        other, laptop = desk.laptop("other"), desk.laptop("own", size="1100x1500")
        introduce(laptop, OWNER, other, PERSON)
        screen = Screen(desk, None)
        screen.start(laptop)
        for part in (general, sound, data, reaching, call_with_money, history, restart, language):
            part(screen)
            print(f"{part.__name__}: as chosen", flush=True)
        screen.program.quit()


sys.exit(main())
