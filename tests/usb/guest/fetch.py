#!/usr/bin/env python3
"""Fetches what the guest is made of: Debian's kernel, the modules that are needed, a static busybox.

    fetch.py FOLDER     leaves vmlinuz, busybox, modules/ and their load order there

Packages are downloaded and unpacked, nothing is installed. What is there already is left alone.
Exit status 77, with a line that says why, when the packages cannot be had.
"""
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

SKIP = 77

# Wanted; what these depend on comes along. One that is not a file is built into the kernel.
MODULES = ["virtio_pci", "virtio_net", "9pnet_virtio", "9p", "overlay", "vhci_hcd", "usbmon",
           "veth", "sch_netem"]
WANTED = " ".join(MODULES)
# Only these folders are looked at: the whole tree is 400 MB.
FOLDERS = re.compile(r"/kernel/(fs/(9p|fscache|netfs|overlayfs)|net/(9p|core)"
                     r"|net/sched/sch_netem|drivers/(virtio|usb|net/(veth|virtio_net|net_failover)))\b")


class Unavailable(Exception):
    """The packages cannot be had."""


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def kernel_package():
    """The package that linux-image-amd64 stands for at the moment."""
    answer = run("apt-cache", "depends", "linux-image-amd64")
    found = re.search(r"Depends: (linux-image-\S+)", answer.stdout)
    return found.group(1) if found else "linux-image-amd64"


def refresh_lists():
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and not shutil.which("sudo"):
        return
    run(*as_root, "apt-get", "update", "-qq")


def download(folder):
    """The paths of the two packages. The lists may be older than the archive: two attempts."""
    if not shutil.which("apt-get"):
        raise Unavailable("the kernel comes from a Debian package, and there is no apt-get")
    packages = [kernel_package(), "busybox-static"]
    answer = run("apt-get", "download", *packages, cwd=folder)
    if answer.returncode:
        refresh_lists()
        packages = [kernel_package(), "busybox-static"]
        answer = run("apt-get", "download", *packages, cwd=folder)
    if answer.returncode:
        reason = (answer.stderr.strip() or "apt-get failed").splitlines()[-1]
        raise Unavailable(f"cannot download {' and '.join(packages)}: {reason}")
    return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".deb")]


def unpack(package, wanted):
    """Yields (path, bytes) of the files of the package that are wanted."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as source:
        with tarfile.open(fileobj=source.stdout, mode="r|") as archive:
            for member in archive:
                if member.isfile() and wanted(member.name):
                    yield member.name, archive.extractfile(member).read()


def module_name(path):
    return os.path.basename(path)[:-len(".ko")].replace("-", "_")


def dependencies(module):
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    names = found.group(1).decode() if found else ""
    return [name.replace("-", "_") for name in names.split(",") if name]


def load_order(modules):
    """The wanted modules, each one behind those it depends on."""
    order = []

    def add(name):
        if name in modules and name not in order:
            for needed in dependencies(modules[name]):
                add(needed)
            order.append(name)

    for name in MODULES:
        add(name)
    return order


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def store(packages, folder):
    modules = {}

    def is_wanted(path):
        return (path.startswith("./boot/vmlinuz-") or path == "./bin/busybox"
                or (path.endswith(".ko") and FOLDERS.search(path)))

    for package in packages:
        for path, data in unpack(package, is_wanted):
            if path.endswith(".ko"):
                modules[module_name(path)] = data
            else:
                write(os.path.join(folder, os.path.basename(path).split("-")[0]), data)
    order = load_order(modules)
    if "vhci_hcd" not in order:
        raise Unavailable("this kernel has no vhci_hcd")
    os.makedirs(os.path.join(folder, "modules"), exist_ok=True)
    for name in order:
        write(os.path.join(folder, "modules", name + ".ko"), modules[name])
    write(os.path.join(folder, "order"), "\n".join(order).encode())


def is_complete(stamp):
    """What was fetched for another list of modules is not."""
    try:
        with open(stamp, encoding="utf-8") as file:
            return file.readline().rstrip("\n") == WANTED
    except FileNotFoundError:
        return False


def main(folder):
    stamp = os.path.join(folder, "complete")
    if is_complete(stamp):
        return 0
    os.makedirs(folder, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder) as work:
            packages = download(work)
            store(packages, folder)
            write(stamp, "\n".join([WANTED, *map(os.path.basename, packages)]).encode())
    except Unavailable as error:
        print(f"skipped: {error}")
        return SKIP
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
