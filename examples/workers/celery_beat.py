"""Copy this file beside beat.py. A heartbeat for a Celery worker:  watch(app, task_limit=600)

Its main process beats every ten seconds as long as no task runs for longer than `task_limit` seconds: a main process that
stands still is missed, and so is a task that never ends, which keeps one of its processes for ever.

While the broker is away the main process does nothing but wait for it, longer and longer, and gives up in the end: here it asks
each second, for as long as it takes, and beats meanwhile.
"""
import time

from celery import bootsteps
from celery.worker import state
from kombu import Connection

from beat import beat


class PatientConnection(Connection):
    def ensure_connection(self, *args, callback=None, **options):
        def waiting():
            if callback:
                callback()
            beat()

        steady = {"interval_start": 1, "interval_step": 0, "interval_max": 1}
        return super().ensure_connection(*args, callback=waiting, **{**steady, **options})


def watch(app, task_limit, every=10):
    class Heartbeat(bootsteps.StartStopStep):
        requires = {"celery.worker.components:Timer"}

        def start(self, worker):
            self.since = {}
            self.timer = worker.timer.call_repeatedly(every, self.beat, priority=10)

        def stop(self, worker):
            self.timer.cancel()

        def beat(self):
            now = time.monotonic()
            self.since = {request.id: self.since.get(request.id, now) for request in state.active_requests}
            if all(now - since < task_limit for since in self.since.values()):
                beat()

    app.steps["worker"].add(Heartbeat)
    app.amqp.Connection = PatientConnection
    app.conf.broker_connection_max_retries = None
