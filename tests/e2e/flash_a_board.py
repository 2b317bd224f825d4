"""Loads flight.hex into a board and keeps its state for the scenarios that begin with it."""
import os
import shutil

import image
from scenario import FLASHED, Scenario, main


class FlashABoard(Scenario):
    def test_flash_a_board(self):
        state = self.path("state")
        self.start_board("--state", state)
        self.start_server()
        self.start_gdb()(f"load {image.FLIGHT_HEX}")
        self.assert_flash_holds(image.read_hex(image.FLIGHT_HEX))
        self.end_server()
        self.board.stop()
        shutil.copy(state, FLASHED + ".new")
        os.replace(FLASHED + ".new", FLASHED)


if __name__ == "__main__":
    main()
