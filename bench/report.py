# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures as lines: what, ratio, the goal, and what they came from."""

import dataclasses
import statistics


@dataclasses.dataclass
class Line:
    what: str
    ratio: float
    goal: float
    note: str
    at_least: bool = False

    def holds(self):
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def __str__(self):
        sign = ">=" if self.at_least else "<="
        return (f"{'ok  ' if self.holds() else 'MISS'} {self.what:<58} {self.ratio:7.4g}  {sign} {self.goal:<6g} "
                f"{self.note}")


median = statistics.median


def medians(values):
    """Median and range, short."""
    return f"{median(values):.3f} ({min(values):.3f}-{max(values):.3f})"
