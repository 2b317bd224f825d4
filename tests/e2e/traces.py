"""What a debugger leaves in the chip: the private peripheral bus and DBGMCU before it and after."""
from board import C_DEBUGEN, DHCSR
from process import wait_until
from scenario import Scenario

# Of the private peripheral bus, without what counts, pends or is cleared by reading: ITM, DWT, FPB,
# SysTick's settings, NVIC enables and priorities, SCB from VTOR on, fault status, MPU, FPU, TPIU,
# DBGMCU. CFSR, HFSR and DFSR too: decoding changes nothing. Of SHCSR the enables; which handler is
# active or pends is the program's.
PPB = [(0xE0000E00, 0x84), (0xE0001020, 0x40), (0xE0002000, 0x28), (0xE000E010, 8),
       (0xE000E100, 0x20), (0xE000E400, 0x60), (0xE000ED08, 0x38), (0xE000ED88, 0x68),
       (0xE000EDFC, 4), (0xE000EF34, 12), (0xE0040000, 16), (0xE0042000, 16)]
SHCSR, SHCSR_ENABLES = 0xE000ED24, 7 << 16


class Traces(Scenario):
    def dump(self):
        words = {at: self.board.register(at) for start, size in PPB
                 for at in range(start, start + size, 4)}
        words[SHCSR] &= SHCSR_ENABLES
        return words

    def assert_as_before(self, before, way):
        wait_until(f"debugging to be off: {way}",
                   lambda: not self.board.register(DHCSR) & C_DEBUGEN)
        after = self.dump()
        self.assertEqual({hex(at): (hex(value), hex(after[at])) for at, value in before.items()
                          if after[at] != value}, {}, way)
        self.assert_runs()
