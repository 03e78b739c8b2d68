#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""People: the same safety number on both sides, other names, block, remove and undo; the numbers
for urgent help."""
import re
import sys

import steps
from desk import Desk, check, introduce
from tree import wait_until

GROUP = re.compile(r"^\d{5}$")


def safety_number(program):
    program.press("Compare safety number")
    program.find("They are the same", role="push button")
    return [node.text() for node in program.all("label", GROUP)]


def compare(clinic, doctor):
    numbers = [safety_number(program) for program in (clinic, doctor)]
    check(len(numbers[0]) == 6 and numbers[0] == numbers[1], f"the safety numbers are {numbers}")
    clinic.press("They are the same")
    clinic.find(re.compile("^Verified: you have compared it"))
    doctor.press("They differ")
    doctor.find(re.compile("Do not speak about anything private"))
    window = ("frame", "dialog", "window")
    doctor.press("Close", role="push button", within=doctor.find("Safety number", role=window))
    doctor.wait_gone("Safety number", role=window)
    doctor.find("Not compared yet")


def rename(doctor):
    field = doctor.find("Name", role="text")
    doctor.tree.press_node_by_hand(field)
    doctor.laptop.key("ctrl+a")
    doctor.laptop.tool("type", "Lomera")
    doctor.laptop.key("Return")
    doctor.find("Call Lomera", role="push button")


def block(doctor):
    doctor.press("Block", role=("check box", "switch"))
    wait_until(lambda: not [node for node in doctor.all("push button", re.compile("^Call Lomera$"))
                            if node.is_sensitive()], 5, "a blocked person cannot be called")
    doctor.press("Block", role=("check box", "switch"))
    wait_until(lambda: [node for node in doctor.all("push button", re.compile("^Call Lomera$"))
                        if node.is_sensitive()], 5, "an unblocked person can be called")


def remove(doctor):
    doctor.press("Remove this person", role="push button")
    doctor.find("Lomera is removed")
    check(not doctor.has("Call Lomera", role="push button"), "a removed person is still there")
    doctor.press("Undo", role="push button")
    doctor.find("Call Lomera", role="push button")


def urgent(clinic):
    clinic.press("Urgent help", role="push button")
    clinic.find(re.compile("^This program cannot call emergency services"))
    clinic.press("Add a number", role="push button")
    clinic.type(re.compile("^What it is"), "Ambulance")
    clinic.type(re.compile("^Telephone number"), "0800 12 34")
    clinic.press("Save", role="push button")
    clinic.find("0800 12 34")
    clinic.find(re.compile("^Checked "))
    steps.go_home(clinic)


def main():
    with Desk() as desk:
        laptops = desk.laptop("clinic"), desk.laptop("doctor")
        introduce(laptops[0], "Clinic Lomera", laptops[1], "Dr. Amina")
        clinic, doctor = (laptop.start().appear() for laptop in laptops)
        compare(clinic, doctor)
        rename(doctor)
        block(doctor)
        remove(doctor)
        urgent(clinic)
        clinic.quit()
        clinic = laptops[0].start().appear()
        clinic.press("Urgent help", role="push button")
        clinic.find("0800 12 34")
        doctor.quit()
        doctor = laptops[1].start().appear()
        doctor.find("Call Lomera", role="push button")


sys.exit(main())
