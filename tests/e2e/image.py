"""Programs as bytes: reading the committed firmware, making odd ones.

Formats: TIS ELF 1.2; Intel, Hexadecimal Object File Format Specification, revision A.
"""
import os
import struct

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FLIGHT_HEX = os.path.join(TESTS, "firmware", "flight.hex")
FLIGHT_ELF = os.path.join(TESTS, "firmware", "flight.elf")

ELF_HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
ELF_SECTION = struct.Struct("<10I")
ELF_PROGRAM = struct.Struct("<8I")
ELF_SYMBOL = struct.Struct("<IIIBBH")
PROGBITS, SYMTAB, STRTAB = 1, 2, 3
ALLOC_WRITE_EXECUTE = 7
ARM, EXECUTABLE, PT_LOAD = 40, 2, 1


# ---- reading ----

def read_hex(path):
    """{address: bytes}, runs that touch joined."""
    runs, base = {}, 0
    last = None
    with open(path, encoding="ascii") as file:
        for line in file:
            record = bytes.fromhex(line.strip()[1:])
            assert sum(record) & 0xFF == 0, f"{path}: checksum of {line}"
            size, offset, kind = record[0], record[1] << 8 | record[2], record[3]
            data = record[4:4 + size]
            if kind == 4:
                base = int.from_bytes(data, "big") << 16
            elif kind == 0:
                address = base + offset
                if last is not None and last + len(runs[last]) == address:
                    runs[last] += data
                else:
                    last = address
                    runs[last] = data
    return runs


def symbols(path):
    """{name: address} of an ELF file."""
    with open(path, "rb") as file:
        elf = file.read()
    header = ELF_HEADER.unpack_from(elf)
    sections = [ELF_SECTION.unpack_from(elf, header[6] + i * header[11])
                for i in range(header[12])]
    table = next(section for section in sections if section[1] == SYMTAB)
    names = sections[table[6]][4]
    found = {}
    for at in range(table[4], table[4] + table[5], ELF_SYMBOL.size):
        name, value = ELF_SYMBOL.unpack_from(elf, at)[:2]
        end = elf.index(b"\0", names + name)
        found[elf[names + name:end].decode()] = value
    return found


def in_flash(runs, size, start=0x08000000):
    """What a flash of that size holds after a load of these runs into blank flash."""
    flash = bytearray(b"\xff" * size)
    for address, data in runs.items():
        flash[address - start:address - start + len(data)] = data
    return bytes(flash)


# ---- making ----

def write_elf(path, sections, entry=0x08000101):
    """`sections`: [(name, address, bytes)], in the order of the file."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name, _, _ in sections) + b".shstrtab\0"
    offset = ELF_HEADER.size + ELF_PROGRAM.size * len(sections)
    programs, rows, contents = b"", [b"\0" * ELF_SECTION.size], b""
    for name, address, data in sections:
        programs += ELF_PROGRAM.pack(
            PT_LOAD, offset, address, address, len(data), len(data), ALLOC_WRITE_EXECUTE, 1)
        rows.append(ELF_SECTION.pack(
            names.index(b"\0" + name.encode() + b"\0") + 1, PROGBITS, ALLOC_WRITE_EXECUTE, address,
            offset, len(data), 0, 0, 1, 0))
        contents += data
        offset += len(data)
    rows.append(ELF_SECTION.pack(
        names.index(b"\0.shstrtab\0") + 1, STRTAB, 0, 0, offset, len(names), 0, 0, 1, 0))
    header = ELF_HEADER.pack(
        b"\x7fELF\x01\x01\x01" + b"\0" * 9, EXECUTABLE, ARM, 1, entry, ELF_HEADER.size,
        offset + len(names), 0x05000000, ELF_HEADER.size, ELF_PROGRAM.size, len(sections),
        ELF_SECTION.size, len(rows), len(rows) - 1)
    with open(path, "wb") as file:
        file.write(header + programs + contents + names + b"".join(rows))
    return path


def _record(kind, offset, data):
    record = bytes([len(data)]) + offset.to_bytes(2, "big") + bytes([kind]) + data
    return f":{(record + bytes([-sum(record) & 0xFF])).hex().upper()}\n"


def write_hex(path, runs, per_line=16):
    """`runs`: [(address, bytes)], in the order of the file."""
    with open(path, "w", encoding="ascii") as file:
        for start, data in runs:
            base = None
            at = 0
            while at < len(data):
                address = start + at
                if address >> 16 != base:
                    base = address >> 16
                    file.write(_record(4, 0, base.to_bytes(2, "big")))
                size = min(per_line, len(data) - at, 0x10000 - (address & 0xFFFF))
                file.write(_record(0, address & 0xFFFF, data[at:at + size]))
                at += size
        file.write(_record(1, 0, b""))
    return path


def pattern(size, seed=1):
    """Bytes that repeat nowhere near, none of them special."""
    data, state = bytearray(), seed * 2654435761 & 0xFFFFFFFF or 1
    while len(data) < size:
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        data += state.to_bytes(4, "little")
    return bytes(data[:size])
