# SPDX-License-Identifier: MIT
"""How quiet the machine is. Above one of the limits, medians mean nothing and are not printed."""
import dataclasses
import os
import pathlib
import resource
import statistics
import time

STEAL = 0.02  # of the machine's time: what the hypervisor gave to other machines
OTHERS = 0.05  # of the machine's time: what processes that are not the benchmark's took
SPREAD = 0.10  # the middle half of the first server's rounds, over their median


@dataclasses.dataclass(frozen=True)
class Clock:
    """The machine's time since its start, in seconds, summed over all cores; and the benchmark's own."""
    total: float
    busy: float
    steal: float
    own: float = 0

    @staticmethod
    def parse(text, ticks, own=0):
        """From /proc/stat."""
        user, nice, system, idle, wait, irq, softirq, steal = map(int, text.split('\n')[0].split()[1:9])
        busy = user + nice + system + irq + softirq
        return Clock((busy + idle + wait + steal) / ticks, busy / ticks, steal / ticks, own)

    @staticmethod
    def now(servers=()):
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own = sum(one.ru_utime + one.ru_stime for one in used) + sum(server.cpu() for server in servers) / 1e9
        text = pathlib.Path('/proc/stat').read_text()
        return Clock.parse(text, os.sysconf('SC_CLK_TCK'), own)


@dataclasses.dataclass(frozen=True)
class Noise:
    """Shares of the machine's time between two readings."""
    steal: float
    others: float

    @staticmethod
    def between(before, after):
        total = after.total - before.total
        if not total:  # the readings are within one tick
            return Noise(0.0, 0.0)
        others = (after.busy - before.busy) - (after.own - before.own)
        return Noise((after.steal - before.steal) / total, max(0.0, others / total))

    @staticmethod
    def look(seconds=2):
        """While the benchmark itself does nothing."""
        before = Clock.now()
        time.sleep(seconds)
        return Noise.between(before, Clock.now())

    def reasons(self):
        """Why the machine is too noisy; empty when it is not."""
        found = []
        if self.steal > STEAL:
            found.append(f'steal time {self.steal:.1%} (limit {STEAL:.0%})')
        if self.others > OTHERS:
            found.append(f'other processes took {self.others:.1%} of the machine (limit {OTHERS:.0%})')
        return found


def spread(values):
    """The middle half of the values, over their median."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method='inclusive')
    return (high - low) / middle
