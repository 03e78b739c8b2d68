#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Called while the window is closed: a notice without names, a window; answered and declined from
the notice."""
import re
import sys

import steps
from desk import Desk, check, introduce
from tree import wait_until


def close_window(program):
    program.press("Close", role="push button")
    wait_until(lambda: not program.laptop.windows(), 10, "until the window is closed")
    check(program.is_alive(), "the program ends with its window")


def called(desk, clinic, doctor):
    clinic.press("Call Dr. Amina", role="push button")
    notice = desk.notices.wait("Somebody calls")
    said = notice["title"] + notice["body"]
    check("Clinic" not in said and "Lomera" not in said, f"the notice tells who calls: {said}")
    wait_until(lambda: doctor.laptop.windows(), 10, "a window for the call")
    return notice


def main():
    with Desk() as desk:
        laptops = desk.laptop("clinic"), desk.laptop("doctor")
        introduce(laptops[0], "Clinic Lomera", laptops[1], "Dr. Amina")
        clinic, doctor = (laptop.start().appear() for laptop in laptops)
        close_window(doctor)
        notice = called(desk, clinic, doctor)
        desk.notices.press(notice, "Answer")
        steps.talk(clinic, doctor)
        desk.notices.wait_none()
        steps.hang_up(clinic)
        for program in (clinic, doctor):
            program.press("Done", role="push button")
        close_window(doctor)
        notice = called(desk, clinic, doctor)
        desk.notices.press(notice, "Decline")
        clinic.press("Done", role="push button")
        desk.notices.wait_none()

        # Started at log-in: no window until somebody calls.
        doctor.quit()
        doctor = laptops[1].start("--background")
        wait_until(lambda: doctor.is_on_bus(), 20, "the program without a window")
        check(not doctor.laptop.windows(), "--background shows a window")
        clinic.press("Call Dr. Amina", role="push button")
        doctor.find("Clinic Lomera is calling", role="heading")
        doctor.press("Decline", role="push button")


sys.exit(main())
