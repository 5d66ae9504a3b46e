"""Runs and the desk, with work that only counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from cvdemo.background import BackgroundRun, Desk
from cvdemo.errors import UsageError


class Counting(BackgroundRun):
    """Counts until it has counted enough or is stopped."""

    def __init__(self, until: int = 10**9, error: Exception | None = None, **options: object) -> None:
        super().__init__("counting", options.get("alive", lambda: True), 0.2, failed="It broke; try again.")  # type: ignore[arg-type]
        self.count, self._until, self._error = 0, until, error
        self.discarded = False

    @property
    def seconds_left(self) -> float | None:
        return 90.0 if self.active else None

    def _work(self) -> bool:
        while self.count < self._until:
            self.count += 1
            if self._error:
                raise self._error
            time.sleep(0.002)
            if not self._checkpoint():
                return False
        return True

    def discard(self) -> None:
        super().discard()
        self.discarded = True


def wait(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def test_states_from_beginning_to_end() -> None:
    run = Counting(until=5)
    assert run.state == "running"
    run.start()
    assert run.join(30)
    assert (run.state, run.message, run.count, run.active) == ("finished", "", 5, False)
    worked = run.seconds
    time.sleep(0.05)
    assert run.seconds == worked
    run.cancel("too late")
    assert (run.state, run.message) == ("finished", "")


def test_pause_takes_no_time_and_cancel_ends_it_also_while_paused() -> None:
    run = Counting()
    run.start()
    wait(lambda: run.count > 3)
    run.pause()
    time.sleep(0.1)
    held, worked = run.count, run.seconds
    time.sleep(0.1)
    assert (run.state, run.count, run.seconds) == ("paused", held, worked)
    run.resume()
    wait(lambda: run.count > held)
    run.pause()
    run.cancel("Cancelled.")
    assert run.join(30)
    assert (run.state, run.message) == ("cancelled", "Cancelled.")


@pytest.mark.parametrize(
    ("error", "said"),
    [(UsageError("Not this; try that."), "Not this; try that."), (KeyError("x"), "It broke; try again.")],
)
def test_whatever_goes_wrong_is_a_sentence(error: Exception, said: str) -> None:
    run = Counting(error=error)
    run.start()
    assert run.join(30)
    assert (run.state, run.message) == ("failed", said)


def test_a_run_ends_some_time_after_its_owner_left_but_not_at_once() -> None:
    here = threading.Event()
    here.set()
    run = Counting(alive=here.is_set)
    run.start()
    wait(lambda: run.count > 3)
    here.clear()
    time.sleep(0.05)
    here.set()  # a reload: back soon enough
    time.sleep(0.4)
    assert run.active
    here.clear()
    assert run.join(30)
    assert (run.state, run.message) == ("cancelled", "Ended because its page was closed.")


def test_a_full_desk_says_how_long_to_wait() -> None:
    desk: Desk[Counting] = Desk("count", most=1)
    desk.begin("ann", Counting)
    with pytest.raises(UsageError, match="Your count is still under way"):
        desk.begin("ann", Counting)
    with pytest.raises(UsageError, match=r"1 counts are under way, .*; try again when one has ended, in about 2 min\."):
        desk.begin("ben", Counting)
    desk.close()


def test_what_cannot_be_made_leaves_the_old_result() -> None:
    desk: Desk[Counting] = Desk("count", most=1)
    first = desk.begin("ann", lambda: Counting(until=1))
    assert first.join(30)

    def fails() -> Counting:
        raise UsageError("No room; try later.")

    with pytest.raises(UsageError, match="No room"):
        desk.begin("ann", fails)
    assert desk.of("ann") is first
    assert not first.discarded
    second = desk.begin("ann", lambda: Counting(until=1))
    assert first.discarded
    assert desk.of("ann") is second
    desk.close()


def test_results_of_those_who_are_gone_go_without_anybody_asking() -> None:
    desk: Desk[Counting] = Desk("count", most=2, gone_after=0.1)
    run = desk.begin("ann", lambda: Counting(until=1), alive=lambda: False)
    wait(lambda: run.discarded)
    wait(lambda: not any(thread.name == "sweeper of counts" for thread in threading.enumerate()))
    again = desk.begin("ann", lambda: Counting(until=1), alive=lambda: False)
    wait(lambda: again.discarded)


def test_only_so_many_results_are_kept() -> None:
    desk: Desk[Counting] = Desk("count", most=20)
    runs = [desk.begin(str(i), lambda: Counting(until=1)) for i in range(10)]
    assert all(run.join(30) for run in runs)
    assert desk.of("9") is runs[9]
    assert desk.of("0") is None
    assert runs[0].discarded
    assert sum(run.discarded for run in runs) == 2
    desk.close()
