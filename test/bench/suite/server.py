# SPDX-License-Identifier: MIT
"""Servers as processes of their own, and the load on them."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

BENCH = pathlib.Path(__file__).resolve().parent.parent
TOP = BENCH.parent.parent
BIN = TOP / 'build/release/bin'
SERVER_CORE, LOAD_CORE = '0', '1'


class Server:
    """A server under test, on a core of its own unless `cores` says otherwise."""

    def __init__(self, name, command, port, *, share=1, forks=False, cores=SERVER_CORE,
                 environment=None):
        self.name, self.port = name, port
        self.share = share  # gets one call where the fast ones get so many
        self.forks = forks  # a process for each session
        self.log = BIN.parent / f'{pathlib.Path(str(command[0])).name}.log'
        with open(self.log, 'wb') as log:
            self.process = subprocess.Popen(
                ['taskset', '-c', cores, *map(str, command)], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **(environment or {})})
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
        for _ in range(100):
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
            time.sleep(0.1)
        raise RuntimeError(f'{self.name} sends no command: {self.log.read_text()}')

    def _tasks(self):
        """The threads of the process and of what it forked."""
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

    def __init__(self, server, path, *, sessions, calls, rate=0, hold=0, line_by_line=False,
                 cores=LOAD_CORE):
        self.server = server
        command = ['taskset', '-c', cores, BIN / 'agi_load', '--port', server.port, '--path', path,
                   '--sessions', sessions, '--calls', calls, '--rate', rate, '--hold', hold]
        command += ['--line-by-line'] if line_by_line else []
        self.process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def await_held(self):
        """Until all its sessions are there and wait."""
        line = self.process.stdout.readline()
        if line != 'held\n':
            raise RuntimeError(f'{self.server.name}: {line}{self.process.stderr.read()}')

    def result(self):
        out, err = self.process.communicate()
        if self.process.returncode != 0:
            raise RuntimeError(f'{self.server.name}: {out}{err}')
        figures = {'commands': int(re.search(r'(\d+) commands', out)[1])}
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
