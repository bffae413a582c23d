"""Whoever makes many things at once does so without looks for garbage in between."""

import gc

import pytest

from promises.sweeping import unswept


@pytest.fixture(autouse=True)
def _as_it_was():
    was = gc.isenabled()
    yield
    (gc.enable if was else gc.disable)()


def test_nothing_is_looked_for_inside_and_afterwards_again():
    gc.enable()
    with unswept():
        assert not gc.isenabled()
        with unswept():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_process_that_never_looks_does_not_begin_to():
    gc.disable()
    with unswept():
        pass
    assert not gc.isenabled()


def test_a_fault_leaves_it_as_it_was():
    gc.enable()
    with pytest.raises(ValueError, match="torn"), unswept():
        raise ValueError("torn")
    assert gc.isenabled()
