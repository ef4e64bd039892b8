"""Which PostgreSQL is used."""

import pytest

from devtools import postgres
from devtools.common import DevError


def test_a_named_server_that_does_not_answer_is_one_sentence(tmp_path):
    with pytest.raises(DevError, match=r"No PostgreSQL answers at .*start it, or unset PGHOST"):
        postgres.ensure(str(tmp_path))


def test_a_port_that_is_no_number_is_one_sentence(monkeypatch):
    monkeypatch.setenv("PGPORT", "none")
    with pytest.raises(DevError, match="No PostgreSQL answers"):
        postgres.ensure("localhost")


def test_the_user_postgres_is_refused_as_odoo_does(monkeypatch, tmp_path):
    monkeypatch.setenv("PGUSER", "postgres")
    with pytest.raises(DevError, match="set PGUSER"):
        postgres.ensure(str(tmp_path))


def test_a_folder_too_deep_for_a_socket_is_replaced(monkeypatch, tmp_path):
    monkeypatch.setenv("CRM_PLUS_DEV_HOME", str(tmp_path / ("d" * 100)))
    assert len(str(postgres._place())) < postgres.SOCKET_LIMIT
