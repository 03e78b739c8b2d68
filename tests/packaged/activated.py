#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a desktop does with the installed program: starts it through the bus for its icon, for the file
and the link of an invite, and at login without a window."""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
import gi  # noqa: E402

gi.require_version("Atspi", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

from desk import START_S, Desk, Instance, check, wait_until  # noqa: E402
from tree import Tree  # noqa: E402

BUS_NAME = "org.earshot.Earshot"
# As a desktop does where its entry says DBusActivatable.
ICON = ("gapplication", "launch", BUS_NAME)
# Whoever shows a window does it within this.
QUIET_S = 1.5
SWITCH = ("check box", "switch", "toggle button", "list item")


def owner():
    """The process that has the program's name on the bus, or None."""
    try:
        return Gio.bus_get_sync(Gio.BusType.SESSION).call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixProcessID",
            GLib.Variant("(s)", (BUS_NAME,)), None, Gio.DBusCallFlags.NO_AUTO_START, 5000).unpack()[0]
    except GLib.Error:
        return None


def tell(laptop, *command):
    """The desktop to do something; what it starts may hold on to what is said here."""
    done = subprocess.run(command, env=laptop.env, stdout=subprocess.DEVNULL, timeout=30)
    check(done.returncode == 0, f"{' '.join(command)}: {done.returncode}")


class Activated(Instance):
    """One run that the desktop began."""
    def __init__(self, laptop, *command):
        check(owner() is None, "the program runs already")
        tell(laptop, *command)
        self.laptop, self.desk = laptop, laptop.desk
        self.pid = wait_until(owner, START_S, "the program on the bus")
        self.tree = Tree(self.pid, self.is_alive, laptop.click)
        for verb in ("find", "press", "has", "all"):
            setattr(self, verb, getattr(self.tree, verb))

    def is_alive(self):
        return os.path.exists(f"/proc/{self.pid}")

    def quit(self):
        tell(self.laptop, "gapplication", "action", BUS_NAME, "quit")
        wait_until(lambda: owner() is None, START_S, "until the program has ended")


def make_invite(laptop, name):
    other = os.path.join(laptop.desk.folder("others"), name)
    laptop.cli("identity", "--profile", other, "--name", name)
    return laptop.cli("invite", "--profile", other, "--name", "Clinic", "--at", "127.0.0.1:9").strip()


def finds(program, name):
    program.find(f"{name} is among your people now.")
    program.find(re.compile(f"^Call {name}$"), role="push button")


def by_icon(laptop):
    Activated(laptop, *ICON).appear().quit()


def by_invites(laptop):
    path = os.path.join(laptop.desk.dir, "from Juma.earshot")
    with open(path, "w") as file:
        file.write(make_invite(laptop, "Juma"))
    program = Activated(laptop, "gio", "open", path).appear()
    finds(program, "Juma")
    for name in ("Kasese", "Lomera"):
        code = re.search(r"EARSHOT:([0-9A-Z]+)", make_invite(laptop, name)).group(1)
        if name == "Kasese":  # while it runs
            tell(laptop, "gio", "open", "earshot:" + code)
        else:
            program = Activated(laptop, "gio", "open", "earshot:" + code).appear()
        finds(program, name)
        program.quit()


def at_login(laptop):
    entry = os.path.join(laptop.env["XDG_CONFIG_HOME"], "autostart", "org.earshot.Earshot.desktop")
    program = Activated(laptop, *ICON).appear()
    program.key("ctrl+comma")  # GTK 4.18 gives items of menus no names
    node = program.find("Start when I log in")
    while node.role not in SWITCH:
        node = node.parent()
    program.tree.press_node(node)
    wait_until(lambda: os.path.exists(entry), 5, "the entry of the autostart")
    program.quit()
    program = Activated(laptop, "gio", "launch", entry)
    time.sleep(QUIET_S)
    check(program.is_alive() and not laptop.windows(), "at login it opens a window")
    tell(laptop, *ICON)
    program.appear().quit()


def main():
    with Desk() as desk:
        laptop = desk.laptop("clinic")
        laptop.set_up("Clinic")
        folder = os.path.join(laptop.env["XDG_DATA_HOME"], "earshot")
        os.makedirs(folder)
        with open(os.path.join(folder, "last-profile"), "w") as file:
            file.write(laptop.profile)
        # As a session tells its bus when it begins.
        subprocess.run(["dbus-update-activation-environment", *(f"{name}={value}" for name, value in laptop.env.items())],
                       env=laptop.env, check=True, timeout=10)
        for way in (by_icon, by_invites, at_login):
            way(laptop)
            print(f"{way.__name__.replace('_', ' ')}: it starts", flush=True)


sys.exit(main())
