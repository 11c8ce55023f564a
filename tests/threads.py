"""Several people at the same moment: real threads, each with its own connection, on a database that commits."""

import threading

from django.db import connection
from django.utils import translation


def at_once(*acts, refused):
    """Start all acts together, each in a thread; give what each returned, or its refusal in English words.

    `refused` are the exceptions that are answers; any other is given back as it is, for the test to fail on.
    """
    barrier = threading.Barrier(len(acts))
    found = [None] * len(acts)

    def run(index, act):
        try:
            with translation.override("en"):
                barrier.wait(timeout=20)
                found[index] = act()
        except refused as refusal:
            found[index] = str(refusal)
        except Exception as error:  # noqa: BLE001 - a thread's exception would be lost
            found[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found
