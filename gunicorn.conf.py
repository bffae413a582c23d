"""Read by gunicorn from the folder it is started in: its workers count requests together, in files."""

import gc
import os
import shutil
import sys
import tempfile

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# A folder of one's own is emptied by whoever made it; this one lives as long as the server.
OURS = None if FOLDER in os.environ else os.environ.setdefault(FOLDER, tempfile.mkdtemp(prefix="promises-"))


def post_worker_init(_worker):
    # What is loaded by now stays: it isn't to be looked through again and again for what may be let go.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    # Many short requests wait for the one thread that writes: it is to let them in between.
    sys.setswitchinterval(0.0005)


def child_exit(_server, worker):
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def on_exit(_server):
    if OURS is not None:
        shutil.rmtree(OURS, ignore_errors=True)
