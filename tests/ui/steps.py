# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do with the program, as tests name it."""
import re
import time

import speech
from desk import Failure, check
from tree import wait_until

INVITE = re.compile("^EARSHOT:[0-9A-Z]+$")
# Decoded speech is this like what was said, and no other sentence is: chosen between what the
# codec at 6 kbit/s gives over "edge" (0.7 and more) and the likeness of other sentences (below 0.4).
LIKE = 0.55
# What a line that carries words is called: on a busy machine it is late or loses some.
CARRIES = re.compile("^(They hear you|The line is (thin|poor|long|better)|Connected)")

# Smallest side of what a hand must hit.
TARGET_PX = 44


def is_hit(node):
    """Can it be hit as far from its middle as a target of this size reaches? Extents on the bus
    leave out what the theme puts around the content."""
    x, y, width, height = node.extents()
    far = TARGET_PX // 2 - 1
    middle = x + width // 2, y + height // 2
    points = []
    if width < TARGET_PX:
        points += [(middle[0] - far, middle[1]), (middle[0] + far, middle[1])]
    if height < TARGET_PX:
        points += [(middle[0], middle[1] - far), (middle[0], middle[1] + far)]
    return all((found := node.pick(*point)) and found.within(node) for point in points)


def make_invite(program, name):
    """Through the screen: the text of an invite for `name`."""
    program.press("Add a person", role="push button")
    program.press("Show mine")
    program.type(re.compile("^(Their name|Who is the invite for)"), name)
    program.press("Make the invite")
    text = program.find(INVITE, role="label").text()
    go_home(program)
    return text


def take_invite(program, text, name):
    program.press("Add a person", role="push button")
    field = program.find(role="text", seconds=5)
    field.write(text)
    program.find(re.compile(f"^Call {re.escape(name)}$"), role="push button")


def go_home(program):
    """Closes what is open above the first page."""
    def is_home():
        return program.has("Add a person", role="push button") and program.has("Menu", role="push button")

    def step():
        return is_home() or any(program.tree.try_press(name, "push button") and False
                                for name in ("Done", "Back", "Other ways"))
    wait_until(step, 10, "the first page", program.is_alive)


def menu(program, item):
    """An item of the menu of the first page."""
    def buttons():
        return [node for node in program.all("push button", "Menu") if "focusable" in node.states()]
    wait_until(buttons, 10, "the menu")[0].press()
    program.press(item, role=("menu item", "push button"))


def call(caller, name, other=None, caller_name=None, seconds=15):
    """One click; returns how long it took until it rang there."""
    begin = time.monotonic()
    caller.press(re.compile(f"^Call {re.escape(name)}$"), role="push button")
    if other:
        other.find(f"{caller_name} is calling", role="heading", seconds=seconds)
    caller.find("Done", role="image", seconds=seconds)
    return time.monotonic() - begin


def answer(program):
    program.press("Answer", role="push button")
    program.find("Hang up", role="push button")


def talk(first, second):
    """Both are in the call and each hears the other."""
    for program in (first, second):
        program.find(CARRIES, role=("status bar", "image"), seconds=15)


def in_three_tries(look):
    """Where the machine is too busy for sound in real time, that is no fault of the program: what
    is wrong in it is wrong three times."""
    for left in (2, 1, 0):
        try:
            return look()
        except Failure as failure:
            if not left:
                raise
            print(f"once more: {failure}", flush=True)
            time.sleep(2)


def say_and_hear(talker, listener, wav):
    return in_three_tries(lambda: say_and_hear_once(talker, listener, wav))


def say_and_hear_once(talker, listener, wav, more_s=3.0):
    """Says a recorded sentence on one side; which one is heard on the other?"""
    ear = listener.laptop.listen()
    time.sleep(0.3)
    talker.laptop.speak(wav).wait()
    time.sleep(more_s)
    heard = ear.stop()
    best, likeness, next_best = speech.recognise(heard)
    check(best == wav and likeness >= LIKE,
          f"{listener.laptop.name} does not hear what {talker.laptop.name} says: likeness {likeness:.2f}"
          f" to {best}, next {next_best:.2f}")
    return likeness, next_best


def light(program):
    """What the line's light says."""
    names = ("They hear you", "They may not hear you", "The line is thin", "Words are missing", "The line is long",
             "The line is gone", "No line")
    found = [node.name for node in program.all(role="image") if node.name in names]
    return found[0] if found else ""


def hang_up(program):
    program.press("Hang up", role="push button")


def wait_words(program, pattern, seconds=10):
    """Waits for a sentence; returns how long it took and the sentence."""
    begin = time.monotonic()
    node = program.find(re.compile(pattern), seconds=seconds)
    return time.monotonic() - begin, node.text()


def words_on(program):
    return [node.text() for node in program.all()]


def history(program):
    """The rows of the list of calls, newest first, as one text each."""
    menu(program, "Calls so far")
    rows = wait_until(lambda: program.all(role="list item"), 5, "the list of calls")
    return [row.words() for row in rows]
