#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be said live still arrives: a text for somebody who is not there, a voice message in
two clicks, an urgent one; states as they are. A note, a search, a lock."""
import re
import sys
import time

import speech
import steps
from desk import Desk, Failure, check, introduce, print_figure

TEXT = "She sleeps again, thank you"
ANSWER = "Good. Call me on Friday"
NOTE = "Sleeps three hours a night"
LINES = "first line\nsecond line"
SECRET = "four words to remember"
# Somebody who comes back is asked for within five seconds, and the program has to start.
COMES_S = 30
# A deletion can be taken back for so long and a little.
UNDO_S = 20


def conversation(program, name):
    steps.go_home(program)
    program.press(re.compile(f"^More about {re.escape(name)}$"), role="push button")
    program.press("Messages", role="push button")
    program.find("Your message", role="text")


def write(program, words):
    program.type("Your message", words)
    program.press("Send", role="push button")
    program.find(words, role="label")


def text_for_later(clinic, doctor):
    """The doctor's computer is off when it is written."""
    conversation(clinic, "Dr. Amina")
    write(clinic, TEXT)
    clinic.find(re.compile("waiting for a line$"))
    begin = time.monotonic()
    doctor = doctor.start().appear()
    doctor.find("1 new message", role="push button", seconds=COMES_S)
    clinic.find(re.compile("on their computer$"))
    print_figure("start of the other program to delivery", time.monotonic() - begin, "s", 1)
    doctor.press("1 new message", role="push button")
    doctor.find(TEXT, role="label")
    clinic.find(re.compile(", read$"), seconds=COMES_S)
    write(doctor, ANSWER)
    clinic.find(ANSWER, role="label", seconds=COMES_S)
    doctor.find(re.compile(", read$"), seconds=COMES_S)
    return doctor


def focused(program, name):
    return any(node.is_focused() for node in program.all("push button", name))


def walk_to(program, keys, name):
    """With a key, until the control of this name has the focus."""
    for _ in range(10):
        program.laptop.key(keys)
        time.sleep(.2)
        if focused(program, name):
            return
    raise Failure(f"{keys} does not come to “{name}”")


def keyboard(clinic):
    """Written, sent, deleted, brought back and left with keys alone; what is deleted is gone."""
    conversation(clinic, "Dr. Amina")
    clinic.laptop.focus()
    time.sleep(.3)
    clinic.laptop.tool("type", "first line")
    clinic.key("shift+Return")
    clinic.laptop.tool("type", "second line")
    clinic.key("Return")
    clinic.find(LINES, role="label")
    check(clinic.read("Your message", role="text") == "", "what was sent is still in the field")
    walk_to(clinic, "shift+Tab", "Delete this message here")
    clinic.key("Delete")
    clinic.find("The message is deleted.")
    clinic.wait_gone(LINES, role="label")
    clinic.press("Undo", role="push button")
    clinic.find(LINES, role="label")
    clinic.wait_gone("The message is deleted.", seconds=UNDO_S)
    clinic.find(LINES, role="label")
    clinic.tree.press_node_by_hand(clinic.find("Your message", role="text"))
    walk_to(clinic, "shift+Tab", "Delete this message here")
    clinic.key("Delete")
    clinic.wait_gone(LINES, role="label")
    clinic.wait_gone("The message is deleted.", seconds=UNDO_S)
    check(not clinic.has(LINES, role="label"), "what was deleted is back")
    clinic.key("Escape")
    clinic.find("Add a person", role="push button")
    clinic.laptop.key("ctrl+f")
    clinic.type("Words in messages and notes", "second line")
    clinic.find("Nothing with these words is kept here.")


def voice(clinic, doctor, sentence):
    steps.go_home(clinic)
    clinic.press("Leave a message", role="push button")
    clinic.find("Discard", role="push button")
    time.sleep(1)
    clinic.laptop.speak(sentence).wait()
    time.sleep(.5)
    clinic.press("Send", role="push button", within=clinic.find("Discard", role="push button").parent())
    print_figure("leave a voice message", 2, "clicks", 0)
    clinic.find(re.compile("^Voice message, "), role="label")
    doctor.find(re.compile("^Voice message, "), role="label", seconds=COMES_S)
    ear = doctor.laptop.listen()
    time.sleep(.3)
    doctor.press("Play this voice message", role="push button")
    doctor.find("Stop", role="push button")
    doctor.wait_gone("Stop", role="push button", seconds=COMES_S)
    best, likeness, next_best = speech.recognise(ear.stop())
    check(best == sentence and likeness >= steps.LIKE,
          f"the message sounds like {best}: {likeness:.2f}, next {next_best:.2f}")
    print_figure(f"likeness of the message, next best sentence {next_best:.2f}", likeness, "")
    clinic.find(re.compile(", heard$"), seconds=COMES_S)


def urgent(clinic, doctor):
    steps.go_home(clinic)
    clinic.press("Urgent help", role="push button")
    clinic.type("Place of the patient", "Lomera, room 2")
    clinic.type("Call-back number", "+256 700 1")
    clinic.press("Send the urgent message", role="push button")
    clinic.find(re.compile("^It is kept here"))
    doctor.find(re.compile(r"Lomera, room 2\s+\+256 700 1"), role="label", seconds=COMES_S)
    doctor.find(re.compile(", urgent, "), role="label")
    steps.go_home(clinic)


def note(doctor):
    steps.go_home(doctor)
    doctor.press(re.compile("^More about Clinic Lomera$"), role="push button")
    doctor.press("Write a note", role="push button")
    doctor.type("Note", NOTE)
    doctor.find("Kept on this computer only.")
    doctor.laptop.key("Escape")
    doctor.find(NOTE)


def search(doctor):
    steps.go_home(doctor)
    doctor.laptop.key("ctrl+f")
    doctor.type("Words in messages and notes", "SLEEPS")
    doctor.find(TEXT)
    doctor.find(NOTE)
    doctor.type("Words in messages and notes", "nowhere to be found")
    doctor.find("Nothing with these words is kept here.")
    steps.go_home(doctor)


def lock(doctor):
    steps.menu(doctor, "Preferences")
    doctor.press("Data", role=("radio button", "toggle button", "page tab", "push button"))
    doctor.press(re.compile("^Set a passphrase"))
    doctor.type("Passphrase", SECRET)
    doctor.type("The same once more", SECRET)
    doctor.press("Set the passphrase", role="push button")
    doctor.find("The passphrase is set.", seconds=15)
    doctor.laptop.key("Escape")
    steps.menu(doctor, "Lock")
    doctor.find("Unlock", role="push button")
    check(not doctor.has(re.compile("^Call Clinic Lomera$"), role="push button"), "a locked program shows people")
    doctor.type("Passphrase", "something else")
    doctor.press("Unlock", role="push button")
    doctor.find("This passphrase is not the right one.", seconds=15)
    doctor.type("Passphrase", SECRET)
    doctor.press("Unlock", role="push button")
    doctor.find(re.compile("^Call Clinic Lomera$"), role="push button", seconds=15)


def start_locked(laptop):
    doctor = laptop.start().appear()
    doctor.type("Passphrase", SECRET)
    doctor.press("Unlock", role="push button")
    doctor.find(re.compile("^Call Clinic Lomera$"), role="push button", seconds=15)
    conversation(doctor, "Clinic Lomera")
    doctor.find(TEXT, role="label")


def main():
    with Desk() as desk:
        laptops = desk.laptop("clinic"), desk.laptop("doctor")
        introduce(laptops[0], "Clinic Lomera", laptops[1], "Dr. Amina")
        clinic = laptops[0].start().appear()
        doctor = text_for_later(clinic, laptops[1])
        keyboard(clinic)
        voice(clinic, doctor, speech.sentences()[0])
        urgent(clinic, doctor)
        note(doctor)
        search(doctor)
        lock(doctor)
        doctor.quit()
        start_locked(laptops[1])


sys.exit(main())
