"""Runs an emulator for as long as somebody holds this program's standard input open.

A test process that is killed cannot stop what it started. It does close its end of the pipe, so this program ends
the emulator then, and no server is left behind.

usage: keeper.py COMMAND [ARGUMENT]...
"""

import signal
import subprocess
import sys
import threading


def main() -> int:
    emulator = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_input, args=(emulator,), daemon=True).start()
    return emulator.wait()


def end_with_input(emulator: subprocess.Popen) -> None:
    sys.stdin.read()
    emulator.kill()


if __name__ == "__main__":
    sys.exit(main())
