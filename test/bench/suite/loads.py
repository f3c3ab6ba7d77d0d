# SPDX-License-Identifier: MIT
"""CPU time per command under each load. Servers take turns: only ratios within a round mean anything."""
import contextlib
import dataclasses
import time

from . import noise
from .server import LOAD_CORE, SERVER_CORE, Server, cpu_per_command

MANY = 64  # more sessions than these are not asked of servers that take a process for each
PAUSES = {'bench': 25000, 'short': 8000}  # a second, of all calls as Asterisk: the server has time to spare
SIZES = (64, 1000, 5000)


@dataclasses.dataclass(frozen=True)
class Case:
    """A load: a call of ten commands or of one, how many at once, where the load runs, how it behaves."""
    path: str
    sessions: int
    calls: int
    same_core: bool = False
    as_asterisk: bool = False  # the environment line by line, a pause before each reply and each call

    @property
    def name(self):
        commands = 'one command' if self.path == 'short' else 'ten commands'
        return (f'{commands}, {self.sessions:,} at once' + (', same core' if self.same_core else '')
                + (', as Asterisk' if self.as_asterisk else ''))

    @property
    def for_peers(self):
        return not self.same_core and self.sessions <= (MANY if self.as_asterisk else 1000)

    def put_on(self, server):
        calls = max(self.sessions, self.calls // server.program.share)
        return cpu_per_command(
            server, self.path, sessions=self.sessions, calls=calls,
            cores=SERVER_CORE if self.same_core else LOAD_CORE, line_by_line=self.as_asterisk,
            think=1000 * self.sessions / PAUSES[self.path] if self.as_asterisk else 0)


def cases(quick=False):
    """All loads; `quick`: the same with a few calls, whose times mean nothing."""
    found = []
    for same_core, as_asterisk in (False, False), (True, False), (False, True):
        for path in 'bench', 'short':
            for sessions in SIZES:
                calls = {'bench': 2500, 'short': 5000} if as_asterisk else {'bench': 4000, 'short': 20000}
                most = max(calls[path], sessions if as_asterisk else 2 * sessions)
                if quick:
                    sessions, most = (sessions + 49) // 50, 100
                found.append(Case(path, sessions, most, same_core, as_asterisk))
    return found if SERVER_CORE != LOAD_CORE else [case for case in found if case.same_core]


@dataclasses.dataclass
class Measured:
    """What the rounds of a case gave, by the name of the server."""
    case: Case
    times: dict  # ns of CPU per command
    waits: dict  # µs from connect to first command, p50
    noise: noise.Noise
    wanted: int  # rounds

    def ratios(self, name, base):
        return [one / other for one, other in zip(self.times[name], self.times[base])]

    def base(self):
        """The first server's rounds."""
        return next(iter(self.times.values()))

    def reasons(self):
        """Why the medians would mislead; empty when they do not."""
        found = self.noise.reasons()
        if len(self.base()) < self.wanted:
            found.append(f'only {len(self.base())} of {self.wanted} rounds before the time was up')
        spread = noise.spread(self.base())
        if spread > noise.SPREAD:
            found.append(f'rounds of {next(iter(self.times))} spread by {spread:.0%} (limit {noise.SPREAD:.0%})')
        return found


def measure(case, programs, rounds, until):
    """Each case has servers of its own, so that none carries what a greater load left in it."""
    programs = [program for program in programs if case.sessions <= MANY or not program.forks]
    times, waits = {each.name: [] for each in programs}, {each.name: [] for each in programs}
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server(program)) for program in programs]
        for server in servers:
            case.put_on(server)  # only warms up
        before = noise.Clock.now(servers)
        for turn in range(rounds):
            if time.monotonic() > until:
                break
            for server in in_turn(servers, turn):
                spent, figures = case.put_on(server)
                times[server.name].append(spent)
                waits[server.name].append(figures['first command']['p50'])
        return Measured(case, times, waits, noise.Noise.between(before, noise.Clock.now(servers)), rounds)


def in_turn(servers, turn):
    """None is always the first, or always after the same one."""
    start = turn // 2 % len(servers)
    order = servers[start:] + servers[:start]
    return order if turn % 2 else order[::-1]
