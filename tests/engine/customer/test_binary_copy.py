"""The binary COPY format as PostgreSQL documents it."""

import struct

import numpy as np
import pytest

from crm_plus.engine.customer.binary_copy import decode, encode

COLUMNS = [("id", "int4"), ("value", "float8")]


def test_one_row_is_byte_for_byte_what_the_manual_says():
    header = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
    row = struct.pack(">hiiid", 2, 4, 7, 8, 2.5)
    assert encode(COLUMNS, {"id": [7], "value": [2.5]}) == header + row + struct.pack(">h", -1)


def test_numbers_come_back_as_they_went():
    values = {"id": np.array([1, -5, 2**31 - 1]), "value": np.array([0.1, np.nan, -np.inf])}
    back = decode(COLUMNS, encode(COLUMNS, values))
    assert back["id"].tolist() == [1, -5, 2**31 - 1]
    np.testing.assert_array_equal(back["value"], values["value"])


def test_no_rows_are_no_rows():
    assert len(decode(COLUMNS, encode(COLUMNS, {"id": [], "value": []}))["id"]) == 0


def test_a_null_is_refused_and_not_read_as_a_number():
    null = encode(COLUMNS, {"id": [7], "value": [2.5]})[:-14] + struct.pack(">i", -1) + struct.pack(">h", -1)
    with pytest.raises(ValueError, match="NULL"):
        decode(COLUMNS, null)


def test_rows_of_other_types_are_refused():
    with pytest.raises(ValueError, match="another type"):
        decode([("a", "float8"), ("b", "int4")], encode(COLUMNS, {"id": [7], "value": [2.5]}))
