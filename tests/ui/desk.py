# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk with laptops for tests of the desktop program: each laptop has a screen (Xvfb), a room
(sinks of a sound server of its own) and a home; the desk has one session bus and the accessibility
bus on it. All of it is gone with the desk, whatever happens."""
import atexit
import contextlib
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import speech
from tree import Tree, Missing, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
# Several runs at a time share the processor; what is late by so much is broken.
START_S = 20.0
# What GLib, GTK and Adwaita say when something is wrong.
COMPLAINT = re.compile(r"-(?:WARNING|CRITICAL|ERROR) \*\*|^\*\* ?ERROR|AddressSanitizer|runtime error", re.M)
PR_SET_PDEATHSIG = 1
FRAME = 5
# A null sink hands its sound on in pieces as long as those who play to it ask for.
QUICK = ["--latency-msec=20"]


class Failure(AssertionError):
    """What the program did is not what it should do."""


def check(truth, sentence):
    if not truth:
        raise Failure(sentence)


def prepare():
    """What a killed test leaves behind would disturb the next one."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)


def free_port():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::", 0))
        return probe.getsockname()[1]


class Programs:
    """What is under test, from the command line: EARSHOT EARSHOT_CLI LINK_BETWEEN."""
    def __init__(self, build):
        self.earshot = os.path.join(build, "earshot")
        self.cli = os.path.join(build, "earshot-cli")
        self.link_between = os.path.join(build, "tests", "ui", "link_between")


class Desk:
    def __init__(self, build=None, notices=True):
        self.programs = Programs(build or build_folder())
        self.dir = tempfile.mkdtemp(prefix="earshot-ui-")
        self.children, self.laptops, self.instances = [], [], []
        self.runs = self.warnings = 0
        atexit.register(self.clear)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(3))
        with contextlib.suppress(PermissionError):
            os.nice(-10)  # sound in real time, on machines that do other things too
        self.run_dir = self.folder("run")
        os.chmod(self.run_dir, 0o700)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": self.folder("desk-home"),
            "XDG_RUNTIME_DIR": self.run_dir,
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "GSETTINGS_BACKEND": "memory",
        }
        self.start_bus()
        # Small desktops have nobody who shows notices.
        self.notices = Notices(self) if notices else None
        self.start_sound()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        try:
            if error is None:
                for instance in list(self.instances):
                    instance.quit()
                if self.runs:
                    print(f"{self.runs} runs of the program, {self.warnings} warnings", flush=True)
                check(self.warnings == 0, "a warning was printed")
            elif not isinstance(error, SystemExit):
                self.tell(error)
        finally:
            self.clear()

    def folder(self, *names):
        path = os.path.join(self.dir, *names)
        os.makedirs(path, exist_ok=True)
        return path

    def spawn(self, command, env=None, **more):
        child = subprocess.Popen(command, env=env or self.env, preexec_fn=prepare, **more)
        self.children.append(child)
        return child

    def start_bus(self):
        read, write = os.pipe()
        self.spawn(["dbus-daemon", "--session", "--nofork", "--nosyslog", f"--print-address={write}"],
                   pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            self.env["DBUS_SESSION_BUS_ADDRESS"] = pipe.readline().strip()
        # The tests are on it themselves.
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "AT_SPI_BUS_ADDRESS"):
            os.environ.pop(name, None)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.env["DBUS_SESSION_BUS_ADDRESS"]
        os.environ["XDG_RUNTIME_DIR"] = self.run_dir

    def start_sound(self):
        place = os.path.join(self.run_dir, "sound")
        self.spawn(["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-n",
                    "-L", f"module-native-protocol-unix auth-anonymous=1 socket={place}"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.env["PULSE_SERVER"] = f"unix:{place}"
        wait_until(lambda: self.pactl("info", quiet=True) is not None, START_S, "the sound server")

    def pactl(self, *words, quiet=False):
        done = subprocess.run(["pactl", *words], env=self.env, capture_output=True, text=True)
        if done.returncode and not quiet:
            raise RuntimeError(f"pactl {' '.join(words)}: {done.stderr}")
        return done.stdout if done.returncode == 0 else None

    def noise(self):
        """Ten minutes of the noise of a quiet room, -70 dBFS."""
        path = os.path.join(self.dir, "noise.raw")
        if not os.path.exists(path):
            import numpy
            chance = numpy.random.default_rng(1)
            chance.normal(0, 10, 600 * 8000).astype(numpy.int16).tofile(path)
        return path

    def laptop(self, name, **options):
        laptop = Laptop(self, name, **options)
        self.laptops.append(laptop)
        return laptop

    def link(self, first, second, link="clean"):
        """Puts a simulated link between two laptops that have not been introduced yet."""
        return Link(self, first, second, link)

    def tell(self, error):
        """What a person needs to know about a failure."""
        shots = os.environ.get("EARSHOT_UI_SHOTS") or os.path.join(HERE, "shots")
        for instance in self.instances:
            sys.stderr.write(f"\n---- {instance.laptop.name}: what is on the screen\n")
            with contextlib.suppress(Exception):
                sys.stderr.write(instance.tree.dump())
            sys.stderr.write(f"\n---- {instance.laptop.name}: what the program said; it ended with {instance.process.poll()}\n")
            with contextlib.suppress(Exception):
                sys.stderr.write(instance.said()[-4000:])
            with contextlib.suppress(Exception):
                self.tell_crash(instance)
            with contextlib.suppress(Exception):
                os.makedirs(shots, exist_ok=True)
                path = os.path.join(shots, f"failed-{os.path.basename(sys.argv[0])}-{instance.laptop.name}.png")
                instance.laptop.shoot(path)
                sys.stderr.write(f"\n---- see {path}\n")

    def tell_crash(self, instance):
        """Where it crashed, if that can be known here."""
        cores = [name for name in os.listdir(self.folder(instance.laptop.name)) if name.startswith("core")]
        if cores and shutil.which("gdb"):
            core = os.path.join(self.folder(instance.laptop.name), cores[0])
            done = subprocess.run(["gdb", "-batch", "-ex", "bt 30", self.programs.earshot, core],
                                  capture_output=True, text=True)
            sys.stderr.write("\n".join(line for line in done.stdout.split("\n") if line.startswith("#")) + "\n")

    def clear(self):
        if not os.path.isdir(self.dir):
            return
        for child in reversed(self.children):
            if child.poll() is None:
                child.kill()
        for child in self.children:
            with contextlib.suppress(Exception):
                child.wait(5)
        shutil.rmtree(self.dir, ignore_errors=True)


class Notices:
    """What the desktop's notification service was asked to show."""
    def __init__(self, desk):
        self.process = desk.spawn(["/usr/bin/python3", os.path.join(HERE, "notices.py")],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.rest, self.shown, self.is_ready = b"", {}, False
        self.titles = []
        os.set_blocking(self.process.stdout.fileno(), False)
        wait_until(lambda: self.look() or self.is_ready, START_S, "the notification service")

    def look(self):
        self.rest += self.process.stdout.read() or b""
        *lines, self.rest = self.rest.split(b"\n")
        for line in lines:
            said = json.loads(line)
            self.is_ready = self.is_ready or said["kind"] == "ready"
            if said["kind"] == "shown":
                self.shown[said["id"]] = said
                self.titles.append(said["title"])
            elif said["kind"] == "closed":
                self.shown.pop(said["id"], None)

    def wait(self, title, seconds=10):
        def find():
            self.look()
            return next((said for said in self.shown.values() if said["title"] == title), None)
        return wait_until(find, seconds, f"the notice “{title}”")

    def count(self, title):
        """How often one of this title was shown, or shown anew."""
        self.look()
        return self.titles.count(title)

    def wait_none(self, seconds=10):
        wait_until(lambda: self.look() or not self.shown, seconds, "until no notice is shown")

    def press(self, notice, label):
        """Its button of this label."""
        keys = dict(zip(notice["buttons"][1::2], notice["buttons"][::2]))
        self.process.stdin.write(f"{notice['id']} {keys[label]}\n".encode())
        self.process.stdin.flush()


class Laptop:
    """A screen, a room and a home."""
    def __init__(self, desk, name, language="", text_dpi=96, dark=False, size="1366x768"):
        self.desk, self.name = desk, name
        self.profile = os.path.join(desk.folder(name), "profile")
        self.door = self.port = None
        self.env = dict(desk.env)
        home = desk.folder(name, "home")
        self.env.update({
            "HOME": home,
            "XDG_CONFIG_HOME": desk.folder(name, "config"),
            "XDG_DATA_HOME": desk.folder(name, "data"),
            "XDG_CACHE_HOME": desk.folder(name, "cache"),
            "XDG_STATE_HOME": desk.folder(name, "state"),
            "EARSHOT_LINKS": os.path.join(TOP, "resources", "links"),
            "GDK_BACKEND": "x11",
            "GSK_RENDERER": "cairo",
            "GTK_A11Y": "atspi",
            "G_DEBUG": "fatal-warnings",
            "ADW_DISABLE_PORTAL": "1",
        })
        for kept in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if kept in os.environ:
                self.env[kept] = os.environ[kept]
        if language:
            self.env["LANGUAGE"] = language
        self.settings_ini(text_dpi, dark)
        self.open_screen(size)
        self.open_room(home)

    def settings_ini(self, text_dpi, dark):
        folder = os.path.join(self.env["XDG_CONFIG_HOME"], "gtk-4.0")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "settings.ini"), "w") as file:
            file.write("[Settings]\ngtk-enable-animations=false\ngtk-cursor-blink=false\n"
                       f"gtk-xft-dpi={text_dpi * 1024}\n")
        if dark:
            self.env["GTK_THEME"] = "Adwaita:dark"

    def open_screen(self, size):
        read, write = os.pipe()
        self.desk.spawn(["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp",
                         "-noreset"], pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            self.env["DISPLAY"] = ":" + pipe.readline().strip()

    def open_room(self, home):
        """What is said into the room is heard by the microphone; what the loudspeaker says is
        heard by ears. They are apart, as with a headset."""
        self.mouth, self.ear = f"{self.name}_mouth", f"{self.name}_ear"
        for sink in (self.mouth, self.ear):
            self.desk.pactl("load-module", "module-null-sink", f"sink_name={sink}", "rate=48000")
        # No room is without noise: exact silence is a microphone that is switched off.
        self.desk.spawn(["pacat", f"--device={self.mouth}", "--rate=8000", "--channels=1",
                         "--format=s16le", *QUICK, self.desk.noise()], stderr=subprocess.DEVNULL)
        self.env.update({"PULSE_SINK": self.ear, "PULSE_SOURCE": f"{self.mouth}.monitor"})
        # Two more cards by name, for whoever chooses.
        with open(os.path.join(home, ".asoundrc"), "w") as file:
            file.write(f"""pcm.desk_speaker {{ type pulse device "{self.ear}" hint {{ show on description "Speaker on the desk" }} }}
pcm.desk_mic {{ type pulse device "{self.mouth}.monitor" hint {{ show on description "Microphone" }} }}
""")

    # ---- home ----

    def cli(self, *words, stdin=None):
        done = subprocess.run([self.desk.programs.cli, *words], env=self.env, input=stdin,
                              capture_output=True, text=True, timeout=60)
        self.desk.warnings += len(COMPLAINT.findall(done.stderr))
        check(done.returncode == 0, f"earshot-cli {' '.join(words)}: {done.stderr}{done.stdout}")
        return done.stdout

    def set_up(self, name, **settings):
        """The first run is behind us; keys are those of ui/bridge/settings.h."""
        self.cli("identity", "--profile", self.profile, "--name", name)
        self.port = self.port or free_port()
        self.write_settings(**{"set-up": True, "port": self.port, "microphone": "desk_mic",
                               "loudspeaker": "desk_speaker", **settings})

    def write_settings(self, **settings):
        lines = self.read_settings()
        for key, value in settings.items():
            if isinstance(value, bool):
                value = "true" if value else "false"
            elif isinstance(value, (list, tuple)):
                value = "".join(f"{part};" for part in value)
            lines[key] = str(value)
        os.makedirs(self.profile, exist_ok=True)
        with open(os.path.join(self.profile, "settings"), "w") as file:
            file.write("[earshot]\n" + "".join(f"{key}={value}\n" for key, value in lines.items()))

    def read_settings(self):
        try:
            with open(os.path.join(self.profile, "settings")) as file:
                pairs = (line.rstrip("\n").split("=", 1) for line in file if "=" in line)
                return dict(pairs)
        except FileNotFoundError:
            return {}

    def start(self, *options, profile=True, **more):
        return Instance(self, (["--profile", self.profile] if profile else []) + list(options), **more)

    # ---- room ----

    def speak(self, wav):
        return self.desk.spawn(["paplay", f"--device={self.mouth}", wav], stderr=subprocess.DEVNULL)

    def listen(self):
        return speech.Recorder(self.desk, f"{self.ear}.monitor")

    # ---- screen ----

    def tool(self, *words):
        return subprocess.run(["xdotool", *words], env=self.env, capture_output=True, text=True).stdout

    def windows(self):
        """Those on the screen, the newest last."""
        return [int(word) for word in self.tool("search", "--onlyvisible", "--class", "earshot").split()]

    def focus(self):
        windows = self.windows()
        check(windows, f"{self.name}: no window is on the screen")
        self.tool("windowfocus", "--sync", str(windows[-1]))

    def key(self, *names):
        self.tool("key", *names)

    def click(self, x, y, button=1):
        # The frame that GTK draws around a window's content, where no window manager does.
        self.tool("mousemove", str(x + FRAME), str(y + FRAME), "click", str(button))

    def shoot(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        subprocess.run(["import", "-window", "root", path], env=self.env, check=True, timeout=30)

    def pixels(self):
        """The screen as rows of RGB."""
        import numpy
        done = subprocess.run(["import", "-window", "root", "-depth", "8", "ppm:-"], env=self.env,
                              check=True, capture_output=True, timeout=30)
        head, size, depth, data = done.stdout.split(b"\n", 3)
        width, height = (int(word) for word in size.split())
        return numpy.frombuffer(data, numpy.uint8, width * height * 3).reshape(height, width, 3)


    def shows(self, colour):
        return bool((self.pixels() == colour).all(2).any())


class Instance:
    """One run of the program."""
    def __init__(self, laptop, options, env=None):
        self.laptop, self.desk = laptop, laptop.desk
        self.log = os.path.join(self.desk.folder(laptop.name), f"said-{len(self.desk.instances)}")
        with open(self.log, "wb") as log:
            self.begin_s = time.monotonic()
            self.process = self.desk.spawn([*os.environ.get("EARSHOT_UI_WRAP", "").split(), self.desk.programs.earshot, *options],
                                           env={**laptop.env, **(env or {})}, stdout=log, stderr=log,
                                           stdin=subprocess.DEVNULL, cwd=self.desk.folder(laptop.name))
        self.pid = self.process.pid
        self.tree = Tree(self.pid, self.is_alive, laptop.click)
        self.desk.instances.append(self)
        self.desk.runs += 1
        for verb in ("find", "press", "read", "has", "wait_for", "wait_gone", "type", "all", "dump"):
            setattr(self, verb, getattr(self.tree, verb))

    def key(self, *names):
        self.laptop.focus()
        self.laptop.key(*names)

    def is_alive(self):
        return self.process.poll() is None

    def said(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def appear(self):
        """Waits for the window."""
        wait_until(lambda: self.tree.has(role="frame"), START_S, f"the window of {self.laptop.name}",
                   self.is_alive)
        self.laptop.focus()
        return self

    def activate(self, action):
        """An action of the application (app.NAME) through the bus, as the desktop does it."""
        from gi.repository import Gio, GLib
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        bus.call_sync(self.bus_name(), "/org/earshot/Earshot", "org.gtk.Actions", "Activate",
                      GLib.Variant("(sava{sv})", (action, [], {})), None, Gio.DBusCallFlags.NONE, 5000)

    def is_on_bus(self):
        with contextlib.suppress(Failure):
            return bool(self.bus_name())
        return False

    def bus_name(self):
        from gi.repository import Gio, GLib
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)

        def ask(method, *words):
            what = GLib.Variant("(" + "s" * len(words) + ")", words) if words else None
            return bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 method, what, None, Gio.DBusCallFlags.NONE, 5000).unpack()[0]
        for name in ask("ListNames"):
            if not name.startswith(":"):
                continue
            with contextlib.suppress(GLib.Error):
                if ask("GetConnectionUnixProcessID", name) == self.pid:
                    return name
        raise Failure("the program is not on the session bus")

    def quit(self):
        """Ends in order; looks at what it left behind."""
        if self in self.desk.instances:
            self.desk.instances.remove(self)
        if self.is_alive():
            try:
                self.activate("quit")
            except Exception as error:  # what it said tells more
                print(f"{self.laptop.name}: {error}", flush=True)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                raise Failure(f"{self.laptop.name}: the program does not end") from None
        said = self.said()
        self.desk.warnings += len(COMPLAINT.findall(said))
        check(self.process.returncode == 0 and not COMPLAINT.search(said),
              f"{self.laptop.name}: ended with {self.process.returncode}\n{said[-4000:]}")

    # ---- what it costs ----

    def resident_mb(self):
        with open(f"/proc/{self.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024

    def cpu_s(self):
        with open(f"/proc/{self.pid}/stat") as file:
            words = file.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Link:
    """A simulated link between two laptops: the invites of each name its door."""
    def __init__(self, desk, first, second, link):
        for laptop in (first, second):
            laptop.port = laptop.port or free_port()
            laptop.door = free_port()
        env = {**desk.env, "EARSHOT_LINKS": os.path.join(TOP, "resources", "links")}
        self.process = desk.spawn(
            [desk.programs.link_between, link] +
            [str(port) for laptop in (first, second) for port in (laptop.port, laptop.door)],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        check(self.process.stdout.readline().strip() == "ready", "the simulated link does not start")

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        check(self.process.stdout.readline().strip() == word, "the simulated link does not obey")

    def cut(self):
        self.tell("cut")

    def heal(self):
        self.tell("heal")


def introduce(laptop, name, other, other_name):
    """Gives `other` an invite of `laptop`, so that both can call each other."""
    for who, its_name in ((laptop, name), (other, other_name)):
        if not os.path.exists(who.profile):
            who.set_up(its_name, **({"addresses": [f"127.0.0.1:{who.door}"]} if who.door else {}))
    for giver, taker, taker_name in ((laptop, other, other_name), (other, laptop, name)):
        invite = giver.cli("invite", "--profile", giver.profile, "--name", taker_name,
                           "--at", f"127.0.0.1:{giver.door or giver.port}")
        taker.cli("people", "--profile", taker.profile, "import", "-", stdin=invite)


def build_folder():
    return os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "build"))


def print_figure(name, value, unit, digits=2):
    print(f"{name}: {value:.{digits}f} {unit}", flush=True)


__all__ = ["Desk", "Failure", "Missing", "check", "introduce", "print_figure", "wait_until", "json"]
