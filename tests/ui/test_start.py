#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long until the window can be used, how much memory, how much processor in a call."""
import sys
import time

import speech
import steps
from desk import Desk, check, introduce, print_figure

START_S, RESIDENT_MB, CALL_CPU = 1.0, 110.0, 12.0
STARTS, TALK_S = 5, 20.0
# Other programs on the machine make these larger, and never smaller: the best of all counts.


def start(laptop):
    """Until the Call button of the first page is drawn, has the focus and obeys."""
    program = laptop.start()
    window = ""
    while not window:
        window = laptop.tool("search", "--onlyvisible", "--class", "earshot")
    # The first frame: the blue of the Call button is on the screen.
    while not laptop.shows((53, 132, 228)):
        check(program.is_alive(), "the program has ended")
    seconds = time.monotonic() - program.begin_s
    program.appear()
    program.find("Call Dr. Amina", role="push button")
    return program, seconds


def main():
    with Desk() as desk:
        laptops = desk.laptop("clinic"), desk.laptop("doctor")
        introduce(laptops[0], "Clinic Lomera", laptops[1], "Dr. Amina")
        doctor = laptops[1].start().appear()
        seconds = []
        for _ in range(STARTS):
            clinic, took = start(laptops[0])
            seconds.append(took)
            if len(seconds) < STARTS:
                clinic.quit()
        print_figure("start to usable window", min(seconds), "s")
        print_figure("start to usable window, median", sorted(seconds)[STARTS // 2], "s")
        time.sleep(2)
        print_figure("resident memory", clinic.resident_mb(), "MB", 1)
        steps.call(clinic, "Dr. Amina", doctor, "Clinic Lomera")
        steps.answer(doctor)
        steps.talk(clinic, doctor)
        begin_s, begin_cpu_s = time.monotonic(), clinic.cpu_s()
        voices = [laptop.speak(wav) for laptop, wav in zip(laptops, speech.sentences())]
        time.sleep(TALK_S)
        share = 100 * (clinic.cpu_s() - begin_cpu_s) / (time.monotonic() - begin_s)
        print_figure("processor in a call", share, "% of one core", 1)
        print_figure("resident memory in a call", clinic.resident_mb(), "MB", 1)
        steps.hang_up(clinic)
        check(min(seconds) <= START_S, f"the window can be used after {min(seconds):.2f} s")
        check(share <= CALL_CPU, f"a call takes {share:.1f} % of one core")
        check(clinic.resident_mb() <= RESIDENT_MB, f"{clinic.resident_mb():.0f} MB are resident")


sys.exit(main())
