"""From the settings in settings/ to the command line by which each IDE starts its server, as its own
source composes it, and to the words that it then waits for.

Cortex-Debug 428af02: src/stutil.ts, stlink.ts, openocd.ts, pyocd.ts, backend/server.ts. PlatformIO
145142e: debug/process/server.py. Embed CDT 4ed6716: openocd/core/Configuration.java,
dsf/GdbServerBackend.java. Zephyr: scripts/west_commands/runners. CLion: from its users' logs and run
configurations; ST's: from its users' logs.
"""
import configparser
import json
import os
import shlex
import xml.etree.ElementTree as xml

SETTINGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "settings")


# ---- reading settings ----

def launch_json(folder, kind, server=None):
    """The configuration of VS Code for this kind of debugger, variables put in."""
    with open(os.path.join(SETTINGS, "vscode/launch.json"), encoding="utf-8") as file:
        found = json.loads(file.read().replace("${workspaceFolder}", folder))
    return next(each for each in found["configurations"]
                if each["type"] == kind and each.get("servertype") == server)


def platformio_ini(environment):
    """Options of an environment; lists have a line for each item."""
    parser = configparser.ConfigParser(interpolation=None)
    assert parser.read(os.path.join(SETTINGS, "platformio.ini"))
    return parser[f"env:{environment}"]


def eclipse_launch(path):
    """{key: value} of a launch configuration; keys without what stands before the last dot."""
    root = xml.parse(os.path.join(SETTINGS, path)).getroot()
    return {each.get("key").rpartition(".")[2]: each.get("value") for each in root}


def clion_run(path):
    """Attributes of the configuration and of what is in it."""
    root = xml.parse(os.path.join(SETTINGS, path)).getroot().find("configuration")
    return dict(root.attrib, **next(iter(root)).attrib)


def program(settings_path):
    """A server by its name: the tests have theirs in a folder of their own."""
    return os.path.basename(settings_path)


# ---- composing command lines: (command line, pattern of the ready line, or None) ----

def cortex_debug(config, port):
    """The extension looks for the pattern in both outputs."""
    start = {
        "stutil": lambda: ["-p", port, "--no-reset"],
        "stlink": lambda: ["-p", port, "-cp", config["stm32cubeprogrammer"], "--swd",
                           *(["--attach"] if config["request"] == "attach" else []), "--halt"],
        "openocd": lambda: [
            "-f", "support/openocd-helpers.tcl", "-c", f"gdb_port {port}", "-c",
            f"tcl_port {int(port) + 1}", "-c", f"telnet_port {int(port) + 2}", "-s",
            config["cwd"], *(word for each in config["configFiles"] for word in ("-f", each)),
            "-c", "CDLiveWatchSetup"],
        "pyocd": lambda: ["gdbserver", "--port", port, "--telnet-port", str(int(port) + 1),
                          "--target", config["targetId"]],
    }[config["servertype"]]
    ready = {
        "stutil": r"Listening at \*",
        "stlink": r"(?i)(Waiting for debugger connection|Listening at).*",
        "openocd": r"(?i)Info\s:[^\n]*Listening on port \d+ for gdb connection",
        "pyocd": r"GDB server (listening|started) (at|on) port",
    }[config["servertype"]]
    return [program(config["serverpath"]), *start()], ready


def platformio(options, port):
    """The port is the user's; here it is another, so that tests do not meet."""
    line = options["debug_server"].split("\n")[1:]
    assert line[-1] == options["debug_port"].lstrip(":")
    return [*line[:-1], port], options["debug_server_ready_pattern"]


def platformio_pipe(options):
    """What gdb starts by itself."""
    line = options["debug_server"].split("\n")[1:]
    return [program(line[0]), "-c", "gdb_port pipe; tcl_port disabled; telnet_port disabled",
            *line[1:]]


def west_openocd(command, port):
    """`west debug` and `west debugserver`; west waits for nothing, gdb tries again."""
    return ["openocd", "-s", "support", "-f", "support/openocd.cfg", "-c", "tcl_port 6333", "-c",
            "telnet_port 4444", "-c", f"gdb_port {port}", "-c", "init", "-c", "targets", "-c",
            {"debug": "halt", "debugserver": "reset halt"}[command]], None


def west_stlink_gdbserver(port):
    return ["ST-LINK_gdbserver", "--stm32cubeprogrammer-path", "/usr/local/bin", "--port-number",
            port, "--apid", "0", "--halt", "--swd", "--initialize-reset"], None


def west_pyocd(port):
    return ["pyocd", "gdbserver", "-p", port, "-T", "4444", "-t", "stm32f401xc"], None


def embed_cdt_openocd(launch, port):
    """The marker is waited for on stderr."""
    return [program(launch["gdbServerExecutable"]), "-c", f"gdb_port {port}", "-c",
            f"telnet_port {launch['gdbServerTelnetPortNumber']}", "-c",
            f"tcl_port {launch['gdbServerTclPortNumber']}",
            *shlex.split(launch["gdbServerOther"]), "-c",
            'echo "Started by GNU MCU Eclipse"'], "Started by GNU MCU Eclipse"


def clion_openocd(run, port, elf):
    return ["openocd", "-c", "tcl_port disabled", "-c", f"gdb_port {port}", "-c",
            f"telnet_port {run['telnet-port']}", "-f", run["board-config"], "-c",
            f'program "{elf}"', "-c", f"init;reset {run['reset-type'].lower()};", "-c",
            "echo (((READY)))"], r"\(\(\(READY\)\)\)"


def clion_gdb_server(run, port):
    """CLion waits for a time that the user sets, not for words."""
    words = shlex.split(run["PROGRAM_PARAMS"])
    assert run["gdb-connect"].endswith(f":{words[-1]}")
    return [program(run["executable"]), *words[:-1], port], None


def cubeide(port):
    """What STM32CubeIDE starts for "ST-LINK (ST-LINK GDB server)"."""
    return ["ST-LINK_gdbserver", "-p", port, "-l", "1", "-d", "-s", "-cp", "/opt/st/bin", "-m",
            "0", "-k"], "Waiting for debugger connection"
