#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first run: language, name, hear yourself, and the Echo test within a minute."""
import re
import sys
import time

import speech
import steps
from desk import Desk, check, print_figure

FIRST_ECHO_S = 60.0


def hear_yourself(laptop, program):
    """Three seconds out of a longer sentence."""
    wav = max(speech.sentences(), key=speech.seconds)
    talking = laptop.speak(wav)
    program.press(re.compile("^Record"), role="push button")
    program.find("Stop", role="push button")
    ear = laptop.listen()
    program.find("Record again", role="push button", seconds=15)
    talking.wait()
    heard = speech.loud_part(ear.stop())
    likeness = speech.likeness(heard, speech.load(wav))
    print_figure("likeness of one's own voice played back", likeness, "")
    check(likeness >= steps.LIKE, f"the recording is not played back: likeness {likeness:.2f}")


def echo(laptop, program, wav):
    ear = laptop.listen()
    laptop.speak(wav).wait()
    time.sleep(speech.seconds(wav) + 3)
    likeness = speech.likeness(speech.load(wav), ear.stop())
    print_figure("likeness of the echo", likeness, "")
    check(likeness >= steps.LIKE, f"the Echo test does not say it back: likeness {likeness:.2f}")


def languages(program):
    """The window is made anew in the language chosen, and back."""
    program.press("Français", role=("check box", "radio button"))
    time.sleep(1)  # the window is made anew
    program.press("English", role=("check box", "radio button"))
    time.sleep(1)  # the window is made anew
    program.laptop.focus()
    program.find("Your language", role="heading")


def main():
    sentences = speech.sentences()
    with Desk() as desk:
        laptop = desk.laptop("newcomer")
        begin = time.monotonic()
        program = laptop.start().appear()
        languages(program)
        program.press("Next")
        program.find("What is your name?", role="heading")
        program.press("Next")
        program.find(re.compile("^Type a name first"))
        program.type(re.compile("What is your name"), "Nurse Grace")
        program.press("Next")
        steps.in_three_tries(lambda: hear_yourself(laptop, program))
        program.press("Next")
        program.press("Try the Echo test now")
        program.find("They hear you", role="image", seconds=20)
        seconds = time.monotonic() - begin
        print_figure("first run to the first echo call", seconds, "s", 1)
        check(seconds <= FIRST_ECHO_S, f"the first echo call comes after {seconds:.0f} s")
        steps.in_three_tries(lambda: echo(laptop, program, sentences[2]))
        steps.hang_up(program)
        program.press("Done")
        steps.go_home(program)
        program.quit()
        program = laptop.start().appear()
        check(program.has("Nobody to call yet", role="label"), "the first run comes again")


sys.exit(main())
