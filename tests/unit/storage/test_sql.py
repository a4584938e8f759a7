"""Statements written once for both drivers."""

from __future__ import annotations

import pytest

from storage.store import Sql, chunks, in_list


def test_parameters_and_locks_are_written_for_each_driver() -> None:
    sql = Sql("SELECT a\n  FROM b WHERE c = :c_d AND e = :e FOR UPDATE SKIP LOCKED")
    assert sql.sqlite == "SELECT a FROM b WHERE c = :c_d AND e = :e"
    assert sql.postgresql == "SELECT a FROM b WHERE c = %(c_d)s AND e = %(e)s FOR UPDATE SKIP LOCKED"


@pytest.mark.parametrize("count", [1, 26, 27, 500, 703])
def test_every_item_of_a_list_has_a_parameter_of_its_own(count: int) -> None:
    marks, values = in_list([str(number) for number in range(count)])
    assert len(values) == count == len(marks.split(", "))
    assert list(values.values()) == [str(number) for number in range(count)]
    assert Sql(marks).postgresql.count("%(") == count


def test_chunks_hold_every_item_once() -> None:
    items = [str(number) for number in range(1001)]
    assert [len(one) for one in chunks(items, 500)] == [500, 500, 1]
    assert [one for group in chunks(items, 500) for one in group] == items
