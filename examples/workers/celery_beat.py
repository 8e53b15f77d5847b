"""Copy this file beside beat.py. A heartbeat for a Celery worker:  watch(app, task_limit=600)

Its main process beats every ten seconds as long as no task runs for longer than `task_limit` seconds: a main process that
stands still is missed, and so is a task that never ends, which keeps one of its processes for ever.
"""
import time

from celery import bootsteps
from celery.worker import state

from beat import beat

EVERY_SECONDS = 10


def watch(app, task_limit):
    class Heartbeat(bootsteps.StartStopStep):
        requires = {"celery.worker.components:Timer"}

        def start(self, worker):
            self.since = {}
            self.timer = worker.timer.call_repeatedly(EVERY_SECONDS, self.beat, priority=10)

        def stop(self, worker):
            self.timer.cancel()

        def beat(self):
            now = time.monotonic()
            self.since = {request.id: self.since.get(request.id, now) for request in state.active_requests}
            if all(now - since < task_limit for since in self.since.values()):
                beat()

    app.steps["worker"].add(Heartbeat)
