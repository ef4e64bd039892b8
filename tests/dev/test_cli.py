"""The command line."""

import subprocess
import sys

import pytest

from devtools import addons, bench, cli, serve
from devtools.common import ROOT


def test_it_starts_with_the_standard_library_alone():
    done = subprocess.run([sys.executable, "-I", "-S", ROOT / "dev", "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for command in ("serve", "test", "lint", "picture", "shell", "psql", "stop", "bench"):
        assert command in done.stdout


def test_an_unknown_option_is_refused(capsys):
    with pytest.raises(SystemExit):
        cli.main(["serve", "--prot", "8069"])
    assert "unrecognized arguments: --prot" in capsys.readouterr().err


def test_an_unknown_sample_names_the_known_ones(capsys):
    assert cli.main(["serve", "--sample", "nowhere"]) == 2
    assert "There is no sample 'nowhere': choose one of" in capsys.readouterr().err


def test_an_unknown_benchmark_names_the_known_ones(capsys):
    assert cli.main(["bench", "nowhere"]) == 2
    assert "There is no benchmark 'nowhere': choose one of" in capsys.readouterr().err


def test_every_benchmark_says_what_it_needs():
    written = {path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py")} - {"harness"}
    runnable = {name for name, needs in bench.available().items() if needs in bench.NEEDS}
    assert runnable <= written


def test_a_taken_port_is_passed_over_unless_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(serve, "_is_free", lambda port: port >= 8080)
    assert serve.free_port(None) == 8081
    with pytest.raises(serve.DevError, match="choose another one by --port"):
        serve.free_port(8070)


def test_the_state_of_the_add_on_is_that_of_its_installed_files(tmp_path, monkeypatch):
    folder = tmp_path / "crm_plus"
    for name in ("models", "tests", "static"):
        (folder / name).mkdir(parents=True)
    (folder / "__manifest__.py").write_text("{'depends': []}")
    monkeypatch.setattr(addons, "ROOT", tmp_path)
    before = addons.state()
    (folder / "tests" / "test_x.py").write_text("")
    (folder / "static" / "x.js").write_text("")
    assert addons.state() == before
    (folder / "models" / "x.py").write_text("")
    assert addons.state() != before


def test_a_bridge_without_its_app_is_left_out(tmp_path, monkeypatch):
    for name, depends in {
        "crm_plus": ["crm"],
        "crm_plus_pos": ["crm_plus", "pos"],
        "crm_plus_x": ["crm_plus", "x"],
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__manifest__.py").write_text(repr({"depends": depends}))
    monkeypatch.setattr(addons, "ROOT", tmp_path)
    assert addons.names({"crm", "pos"}) == ["crm_plus", "crm_plus_pos"]
