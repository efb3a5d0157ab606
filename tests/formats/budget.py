# SPDX-License-Identifier: LGPL-2.1-or-later
"""So long and no longer: what is looked at must not keep the others waiting."""
import subprocess
import time


class Failed(Exception):
    """Why a file did not get through, in words for the table."""


class Budget:
    def __init__(self, seconds):
        self.end = time.monotonic() + seconds
        self.seconds = seconds

    def left_s(self):
        left = self.end - time.monotonic()
        if left <= 0:
            raise Failed(f'not done in {self.seconds:.0f} s')
        return left


def said_by(command, budget, given=None):
    """What ffprobe or ffmpeg printed; '' when they could make nothing of it."""
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=budget.left_s(), check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f'{command[0]} was not done in time') from None
    return done.stdout.decode(errors='replace')
