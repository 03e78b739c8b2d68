#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gave no invite, but called once, is written to where that line stood: the message arrives as
soon as their program runs there again, without a call from them."""
import re
import sys
import time

import steps
from desk import Desk, check, print_figure

TEXT = "The results are here: all is well"
# An address that a line has kept for a second is told.
STAYS_S = 2
# Somebody who comes back is asked for after 5, 10 and 20 seconds.
COMES_S = 40


def meet(caller, called):
    """The one who is called gives an invite; the caller gives none."""
    called.set_up("Dr. Juma")
    caller.set_up("Kasese Health Post")
    invite = called.cli("invite", "--profile", called.profile, "--name", "Kasese Health Post",
                        "--at", f"127.0.0.1:{called.port}")
    caller.cli("people", "--profile", caller.profile, "import", "-", stdin=invite)


def talk_once(post, doctor):
    steps.call(post, "Dr. Juma", doctor, "Kasese Health Post")
    steps.answer(doctor)
    post.find("Hang up", role="push button")
    time.sleep(STAYS_S)
    steps.hang_up(post)
    for program in (post, doctor):
        program.press("Done", role="push button")


def write(doctor):
    doctor.press(re.compile("^More about Kasese Health Post$"), role="push button")
    doctor.press("Messages", role="push button")
    doctor.type("Your message", TEXT)
    doctor.press("Send", role="push button")
    doctor.find(re.compile("waiting for a line$"))


def main():
    with Desk() as desk:
        laptops = desk.laptop("post"), desk.laptop("doctor")
        meet(*laptops)
        doctor = laptops[1].start().appear()
        post = laptops[0].start().appear()
        talk_once(post, doctor)
        post.quit()
        write(doctor)
        begin = time.monotonic()
        post = laptops[0].start().appear()
        post.find("1 new message", role="push button", seconds=COMES_S)
        print_figure("from the start of their program to the message", time.monotonic() - begin, "s", 1)
        doctor.find(re.compile("on their computer$"), seconds=COMES_S)
        post.press("1 new message", role="push button")
        check(post.find(TEXT, role="label") is not None, "the message says something else")


sys.exit(main())
