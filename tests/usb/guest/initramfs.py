"""The guest's initramfs: busybox, the kernel modules in their order, and init.sh as /init.

Used by machine.py. A cpio archive in the "newc" form (Documentation/driver-api/early-userspace in
the kernel's tree), written here because that is shorter than to ask for another package.
"""
import gzip
import os

FOLDERS = ["bin", "proc", "sys", "dev", "host", "memory", "new", "modules"]
FOLDER, PROGRAM, FILE = 0o040755, 0o100755, 0o100644


def pad(data):
    return data + b"\0" * (-len(data) % 4)


def entry(inode, path, mode, data=b""):
    fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path) + 1, 0]
    header = b"070701" + b"".join(b"%08x" % field for field in fields)
    return pad(header + path.encode() + b"\0") + pad(data)


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def build(parts):
    """The archive, compressed, from what fetch.py left in the folder `parts`."""
    files = [(path, FOLDER, b"") for path in FOLDERS]
    files.append(("bin/busybox", PROGRAM, read(parts, "busybox")))
    files.append(("init", PROGRAM, read(os.path.dirname(__file__), "init.sh")))
    files.append(("order", FILE, read(parts, "order")))
    for name in read(parts, "order").decode().split():
        files.append((f"modules/{name}.ko", FILE, read(parts, "modules", name + ".ko")))
    archive = b"".join(entry(inode, *file) for inode, file in enumerate(files, start=1))
    return gzip.compress(archive + entry(0, "TRAILER!!!", 0), compresslevel=1)
