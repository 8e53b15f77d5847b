"""A loop in Python: it beats once a turn, so that it is missed when a turn does not end."""
import signal
import time

from beat import beat

ending = False


def end(*_):
    global ending
    ending = True


signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, end)


def work():
    time.sleep(0.5)  # one piece of work


while not ending:
    work()
    beat()
