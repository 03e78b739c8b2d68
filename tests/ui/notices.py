#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's notification service, played: a line of JSON on stdout for each notice shown or
closed; a line "ID ACTION" on stdin presses a button of one."""
import json
import sys

from gi.repository import Gio, GLib

INTERFACE = "org.freedesktop.Notifications"
PLACE = "/org/freedesktop/Notifications"
XML = f"""<node><interface name="{INTERFACE}">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
<arg type="a{{sv}}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
<arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>"""
# Reasons of the specification.
CLOSED_BY_USER, CLOSED_BY_CALL = 2, 3
last = 0


def say(**words):
    print(json.dumps(words), flush=True)


def close(bus, number, reason):
    say(kind="closed", id=number)
    bus.emit_signal(None, PLACE, INTERFACE, "NotificationClosed", GLib.Variant("(uu)", (number, reason)))


def on_call(bus, sender, path, interface, method, words, call):
    global last
    words = words.unpack()
    if method == "Notify":
        last = words[1] or last + 1
        say(kind="shown", id=last, sender=sender, title=words[3], body=words[4], buttons=words[5])
        call.return_value(GLib.Variant("(u)", (last,)))
    elif method == "CloseNotification":
        call.return_value(None)
        close(bus, words[0], CLOSED_BY_CALL)
    elif method == "GetCapabilities":
        call.return_value(GLib.Variant("(as)", (["actions", "body"],)))
    else:
        call.return_value(GLib.Variant("(ssss)", ("notices", "tests", "1", "1.2")))


def on_line(channel, condition, bus):
    line = sys.stdin.readline()
    if not line:
        loop.quit()
        return False
    number, action = line.split(None, 1)
    bus.emit_signal(None, PLACE, INTERFACE, "ActionInvoked", GLib.Variant("(us)", (int(number), action.strip())))
    close(bus, int(number), CLOSED_BY_USER)
    return True


loop = GLib.MainLoop()
session = Gio.bus_get_sync(Gio.BusType.SESSION)
session.register_object(PLACE, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], on_call, None, None)
Gio.bus_own_name_on_connection(session, INTERFACE, Gio.BusNameOwnerFlags.NONE,
                               lambda *_: say(kind="ready"), None)
GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP,
                  on_line, session)
loop.run()
