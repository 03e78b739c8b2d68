#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without a window: started to ring, called, answered and declined through notices and the bus;
second starts, invites as files and links, start at login, and the end with the window."""
import os
import re
import subprocess
import sys
import time

import steps
from desk import Desk, check, introduce, print_figure, wait_until

BUS_NAME = "org.earshot.Earshot"
CLINIC, DOCTOR = "Clinic Lomera", "Dr. Amina"
# Whoever shows a window does it within this; nobody waits for nothing for longer.
QUIET_S = 1.5
END_S = 10.0
SWITCH = ("check box", "switch", "toggle button")


def window_gone(program):
    wait_until(lambda: not program.laptop.windows(), 5, "until the window is gone")


def close(program):
    """The cross in the corner."""
    program.laptop.focus()
    program.press("Close", role="push button")


def close_and_stay(program):
    close(program)
    window_gone(program)
    time.sleep(QUIET_S)
    check(program.is_alive(), "the program ended with its window")


def action(program, name):
    subprocess.run(["gapplication", "action", BUS_NAME, name], env=program.laptop.env, check=True, timeout=10)


def again(laptop, *words):
    """A second start that hands its words on to the first; returns what it says."""
    done = subprocess.run([laptop.desk.programs.earshot, *words], env=laptop.env, timeout=20,
                          capture_output=True, text=True)
    check(done.returncode == 0 and not done.stderr, f"a second start: {done.returncode} {done.stderr}")


def begin(laptop):
    """Without --profile, as from a menu: the profile of last time, one program for all."""
    folder = os.path.join(laptop.env["XDG_DATA_HOME"], "earshot")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "last-profile"), "w") as file:
        file.write(laptop.profile)
    program = laptop.start("--background", profile=False)
    wait_until(lambda: subprocess.run(["gdbus", "wait", "--session", "--timeout", "1", BUS_NAME],
                                      env=laptop.env).returncode == 0, 20, "the program on the bus")
    time.sleep(QUIET_S)
    check(program.is_alive() and not laptop.windows(), "--background opens a window")
    return program


def ring(clinic, doctor):
    """A call opens the window on the page that answers it."""
    seconds = steps.call(doctor, CLINIC, clinic, DOCTOR)
    print_figure("click to ringing without a window", seconds, "s")
    return clinic.desk.notices.wait("Somebody calls")


def part(clinic, doctor):
    steps.talk(clinic, doctor)
    clinic.desk.notices.wait_none()
    steps.hang_up(doctor)
    done(clinic, doctor)


def done(*programs):
    for program in programs:
        program.press("Done", role="push button")


def answer_by_click(clinic, doctor):
    notice = ring(clinic, doctor)
    said = notice["title"] + notice["body"]
    check("Amina" not in said and CLINIC not in said, f"the notice tells passers-by who calls: {said}")
    steps.answer(clinic)
    part(clinic, doctor)
    close_and_stay(clinic)


def answer_by_notice(clinic, doctor):
    clinic.desk.notices.press(ring(clinic, doctor), "Answer")
    part(clinic, doctor)
    close_and_stay(clinic)


def answer_by_bus(clinic, doctor):
    ring(clinic, doctor)
    action(clinic, "answer")
    part(clinic, doctor)
    close_and_stay(clinic)


def decline(clinic, doctor, way):
    notice = ring(clinic, doctor)
    if way == "notice":
        clinic.desk.notices.press(notice, "Decline")
    else:
        action(clinic, "decline")
    doctor.find("They cannot take the call now.")
    clinic.find("You declined the call.")
    clinic.desk.notices.wait_none()
    done(clinic, doctor)
    close_and_stay(clinic)


def second_start(laptop, clinic):
    again(laptop)
    clinic.find("Menu", role="push button")
    rival = laptop.start()
    rival.find("This profile is in use", role="heading")
    rival.press("Quit", role="push button")
    rival.process.wait(END_S)
    rival.quit()
    check(clinic.is_alive(), "a second program with the same profile ends the first")


def invites(laptop, clinic, desk):
    for name, folder in (("Juma", "juma"), ("Kasese", "kasese")):
        other = os.path.join(desk.folder("others"), folder)
        laptop.cli("identity", "--profile", other, "--name", name)
        text = laptop.cli("invite", "--profile", other, "--name", CLINIC, "--at", "127.0.0.1:9").strip()
        code = re.search(r"EARSHOT:([0-9A-Z]+)", text).group(1)
        if name == "Juma":
            path = os.path.join(desk.dir, "from Juma.earshot")
            with open(path, "w") as file:
                file.write(text)
            again(laptop, path)
        else:
            again(laptop, "earshot:" + code)
        clinic.find(f"{name} is among your people now.")
        clinic.find(re.compile(f"^Call {name}$"), role="push button")


def preference(program, name):
    """Presses a switch of the preferences."""
    steps.menu(program, "Preferences")
    row = program.find(name)
    node = row
    while node.role not in ("list item", *SWITCH):
        node = node.parent()
    program.tree.press_node(node)
    program.key("Escape")
    wait_until(lambda: len(program.laptop.windows()) == 1, 5, "until the preferences are closed")


def start_at_login(laptop, clinic):
    entry = os.path.join(laptop.env["XDG_CONFIG_HOME"], "autostart", "org.earshot.Earshot.desktop")
    check(not os.path.exists(entry), "the program starts at login though nobody asked for it")
    preference(clinic, "Start when I log in")
    wait_until(lambda: os.path.exists(entry), 5, "the entry of the autostart")
    with open(entry) as file:
        check("\nExec=earshot --background\n" in file.read(), "the entry does not start without a window")
    preference(clinic, "Start when I log in")
    wait_until(lambda: not os.path.exists(entry), 5, "until the entry of the autostart is gone")


def end_with_window(clinic):
    preference(clinic, "Ring while the window is closed")
    close(clinic)
    clinic.process.wait(END_S)
    clinic.quit()


def main():
    with Desk() as desk:
        laptop, other = desk.laptop("clinic"), desk.laptop("doctor")
        for each, name in ((laptop, CLINIC), (other, DOCTOR)):
            each.set_up(name)
        introduce(laptop, CLINIC, other, DOCTOR)
        clinic, doctor = begin(laptop), other.start().appear()
        answer_by_click(clinic, doctor)
        answer_by_notice(clinic, doctor)
        answer_by_bus(clinic, doctor)
        decline(clinic, doctor, "notice")
        decline(clinic, doctor, "bus")
        second_start(laptop, clinic)
        invites(laptop, clinic, desk)
        start_at_login(laptop, clinic)
        end_with_window(clinic)


sys.exit(main())
