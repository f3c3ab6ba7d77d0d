# SPDX-License-Identifier: MIT
"""What is measured. Servers take turns: only ratios within a round mean anything."""
import time

from .server import BIN, Load, Server, cpu_per_command

# Name, path, sessions at once, calls a round, environment line by line.
LOADS = [
    ('ten commands, 64 at once', 'bench', 64, 4000, False),
    ('ten commands, 1,000 at once', 'bench', 1000, 4000, False),
    ('one command, 64 at once', 'short', 64, 20000, False),
    ('one command, 1,000 at once', 'short', 1000, 20000, False),
    ('ten commands, 64 at once, line by line', 'bench', 64, 3000, True),
]
MANY = 64  # more sessions than these are not asked of servers that take a process for each


def cpu(servers, rounds):
    """({load: {server: ns of each round}}, the same of the first command's p50 in µs)."""
    times, waits = {}, {}
    for name, path, sessions, calls, line_by_line in LOADS:
        able = [server for server in servers if sessions <= MANY or not server.forks]
        times[name] = {server.name: [] for server in able}
        waits[name] = {server.name: [] for server in able}
        for turn in range(rounds + 1):
            for server in able:
                spent, figures = cpu_per_command(
                    server, path, sessions=sessions, calls=max(sessions, calls // server.share),
                    line_by_line=line_by_line)
                if turn > 0:  # the first only warms up
                    times[name][server.name].append(spent)
                    waits[name][server.name].append(figures['first command']['p50'])
    return times, waits


def deadlines(server, rounds):
    """CPU of the ten commands with a deadline on each, over that without: a ratio a round."""
    ratios = []
    for turn in range(2 * rounds + 1):
        spent = {}
        paths = ('bench', 'deadlines') if turn % 2 else ('deadlines', 'bench')
        for path in paths:
            spent[path], _ = cpu_per_command(server, path, sessions=64, calls=4000)
        if turn > 0:
            ratios.append(spent['deadlines'] / spent['bench'])
    return ratios


def threads(rounds):
    """CPU per command of two threads over that of one: both on all cores, as is the load."""
    ratios = []
    with Server('one thread', [BIN / 'bench_server', '--port', 4711], 4711, cores='0,1') as one, \
            Server('two threads', [BIN / 'bench_server', '--port', 4712, '--threads', 2], 4712,
                   cores='0,1') as two:
        for turn in range(rounds + 1):
            spent = [cpu_per_command(server, 'bench', sessions=64, calls=4000, cores='0,1')[0]
                     for server in (one, two)]
            if turn > 0:
                ratios.append(spent[1] / spent[0])
    return ratios


def guests(rounds, sessions):
    """{'one': …, 'many': …}: CPU per command of a guest on a program's own io_context with one thread,
    told or not told that it is one, over that of run(): a ratio a round."""
    ratios = {'one': [], 'many': []}
    with Server('run()', [BIN / 'bench_server', '--port', 4711], 4711) as own, \
            Server('one', [BIN / 'bench_server', '--port', 4712, '--guest', 'one'], 4712) as one, \
            Server('many', [BIN / 'bench_server', '--port', 4713, '--guest', 'many'], 4713) as many:
        servers = [own, one, many]
        for turn in range(rounds + 1):
            spent = {server.name: cpu_per_command(server, 'bench', sessions=sessions, calls=5000)[0]
                     for server in servers}
            servers.append(servers.pop(0))  # nobody is always the first
            for name in ratios if turn > 0 else ():
                ratios[name].append(spent[name] / spent['run()'])
    return ratios


def memory(server, counts):
    """Bytes of a session that is held in its only command, at each count; and resident memory when
    all have ended, over that before the first."""
    Load(server, 'bench', sessions=64, calls=640).result()
    time.sleep(0.5)
    base = server.resident()
    held = []
    for count in counts:
        load = Load(server, 'short', sessions=count, calls=count, hold=3)
        load.await_held()
        time.sleep(2)
        held.append((server.resident() - base) / count)
        load.result()
        time.sleep(1)
    time.sleep(2)
    return held, server.resident() / base


def steady(servers, rounds, held=10000):
    """{server: p99 of the turn-around in µs of each round}, 2,000 commands a second for 5 s beside
    `held` sessions that wait."""
    found = {server.name: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            others = Load(server, 'bench', sessions=held, calls=held, hold=600)
            others.await_held()
            time.sleep(1)
            figures = Load(server, 'bench', sessions=1000, calls=1000, rate=200).result()
            found[server.name].append(figures['turn-around']['p99'])
            others.cancel()
            time.sleep(1)
    return found


def burst(server, calls=5000):
    """The p99 in µs of the first command when so many calls are begun in one second; a refusal or a
    reset ends the run."""
    return Load(server, 'bench', sessions=calls, calls=calls, rate=calls).result()['first command']['p99']
