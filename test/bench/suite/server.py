# SPDX-License-Identifier: MIT
"""Servers as processes of their own, and the load on them."""
import dataclasses
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

BENCH = pathlib.Path(__file__).resolve().parent.parent
TOP = BENCH.parent.parent
PATIENCE = 90  # seconds that one load may take


def cores():
    """The core of the servers, and that of the load; the same one where there is no other. Two threads of
    one core are taken only where there is nothing else."""
    usable = sorted(os.sched_getaffinity(0))
    topology = pathlib.Path(f'/sys/devices/system/cpu/cpu{usable[0]}/topology/thread_siblings_list')
    try:
        siblings = {int(core) for core in re.findall(r'\d+', topology.read_text())}
    except OSError:
        siblings = set()
    others = [core for core in usable[1:] if core not in siblings] or usable[1:] or usable
    return usable[0], others[0]


SERVER_CORE, LOAD_CORE = map(str, cores())
ALL_CORES = ','.join(map(str, sorted(os.sched_getaffinity(0))))


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


@dataclasses.dataclass(frozen=True)
class Program:
    """What can be started as a server; it takes `--port` first."""
    name: str
    command: tuple
    share: int = 1  # gets one call where the fast ones get so many
    forks: bool = False  # a process for each session
    environment: dict = dataclasses.field(default_factory=dict, hash=False)


class Server:
    """A program under test, on a core of its own unless `cores` says otherwise."""
    logs = TOP / 'build/bench'

    def __init__(self, program, *, cores=SERVER_CORE):
        self.program, self.name, self.port = program, program.name, free_port()
        name, *options = map(str, program.command)
        self.log = self.logs / f'{pathlib.Path(name).name}.log'
        with open(self.log, 'wb') as log:
            self.process = subprocess.Popen(
                ['taskset', '-c', cores, name, '--port', str(self.port), *options],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **program.environment})
        try:
            self._await_command()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _await_command(self):
        """Until it answers a call with a command, not only listens."""
        for _ in range(200):
            if self.process.poll() is not None:
                raise RuntimeError(f'{self.name} has ended: {self.log.read_text()}')
            try:
                with socket.create_connection(('127.0.0.1', self.port), 5) as connection:
                    connection.sendall(b'agi_network: yes\nagi_network_script: short\n\n')
                    if connection.recv(4096):
                        connection.sendall(b'200 result=1\n')
                        while connection.recv(4096):  # a reset would end ding-dong
                            connection.shutdown(socket.SHUT_WR)
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f'{self.name} sends no command: {self.log.read_text()}')

    def _tasks(self):
        """The threads of the process and of what it forked."""
        if not self.program.forks:
            yield from pathlib.Path(f'/proc/{self.process.pid}/task').iterdir()
            return
        for entry in pathlib.Path('/proc').glob('[0-9]*'):
            try:
                if os.getsid(int(entry.name)) == self.process.pid:
                    yield from (entry / 'task').iterdir()
            except OSError:
                pass  # it has ended meanwhile

    def cpu(self):
        """Nanoseconds on a CPU so far, in user and kernel space."""
        total = 0
        for task in self._tasks():
            try:
                total += int((task / 'schedstat').read_text().split()[0])
            except OSError:
                pass
        return total

    def resident(self):
        """Bytes of memory in use."""
        text = pathlib.Path(f'/proc/{self.process.pid}/smaps_rollup').read_text()
        return 1024 * int(re.search(r'^Rss: +(\d+)', text, re.MULTILINE)[1])

    def stop(self):
        for sig in signal.SIGTERM, signal.SIGKILL:
            try:
                os.killpg(self.process.pid, sig)
                self.process.wait(10)
                return
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                pass


class Load:
    """agi_load on a server; its figures when it has ended."""
    program = TOP / 'build/release/bin/agi_load'

    def __init__(self, server, path, *, sessions, calls, rate=0, hold=0, line_by_line=False, think=0,
                 cores=LOAD_CORE):
        self.server, self.path, self.calls = server, path, calls
        command = ['taskset', '-c', cores, self.program, '--port', server.port, '--path', path,
                   '--sessions', sessions, '--calls', calls, '--rate', rate, '--hold', hold,
                   '--think', think]
        command += ['--line-by-line'] if line_by_line else []
        self.process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def await_held(self):
        """Until all its sessions are there and wait."""
        line = self.process.stdout.readline()
        if line != 'held\n':
            raise RuntimeError(f'{self.server.name}: {line}{self.process.stderr.read()}')

    def result(self):
        try:
            out, err = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.cancel()
            raise RuntimeError(f'{self.server.name}: {self.calls} calls took more than {PATIENCE} s') from None
        if self.process.returncode != 0:
            raise RuntimeError(f'{self.server.name}: {out}{err}')
        figures = {'commands': int(re.search(r'(\d+) commands', out)[1])}
        expected = self.calls * (1 if self.path == 'short' else 10)
        if figures['commands'] != expected:  # who sends less is not cheaper
            raise RuntimeError(f'{self.server.name}: {figures["commands"]} commands, not {expected}')
        for what in 'first command', 'turn-around':
            found = re.search(what + r' us: p50 (\S+), p99 ([^\s,]+)', out)
            figures[what] = {'p50': float(found[1].rstrip(',')), 'p99': float(found[2])}
        return figures

    def cancel(self):
        self.process.kill()
        self.process.communicate()


def cpu_per_command(server, path, **how):
    """Nanoseconds of the server's CPU for each command of a load, and the load's own figures."""
    before = server.cpu()
    figures = Load(server, path, **how).result()
    time.sleep(0.05)  # the last connections are still being closed
    return (server.cpu() - before) / figures['commands'], figures
