"""A source as plain values: its settings, and what it is compiled to."""

import ast
from dataclasses import dataclass

from odoo.fields import Domain

from .paths import PathError
from .statements import Statements


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """The settings of one source, as plain values."""

    id: int
    model_name: str
    domain: str = "[]"
    partner_path: str = ""
    date_path: str = ""
    latest_path: str = ""
    duration_path: str = ""
    summary_path: str = ""
    user_path: str = ""
    owner_path: str = ""
    company_path: str = ""
    lead_path: str = ""
    amount_path: str = ""
    currency_path: str = ""
    document_path: str = ""
    document_models: str = ""
    about_path: str = ""
    shared_path: str = ""
    apart_path: str = ""
    occurrence_path: str = ""
    private_domain: str = ""
    channel_id: int = 0
    direction: str = "none"
    keep: bool = False
    feeds_profile: bool = False
    variants: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """The table of a queue, and which of partner_id and lead_id it takes of what a capture touches."""

    table: str
    columns: tuple


@dataclass(frozen=True, slots=True)
class CompiledSource:
    """A source ready to run: its statements, and which fields of which models change them."""

    source_id: int
    model_name: str
    table: str
    statements: Statements
    own_fields: frozenset
    required: tuple
    hops: tuple[tuple[str, str, frozenset], ...]


def parse_domain(env, setting, text):
    """The domain written in ``text``; only literals. Raises `PathError` that names the setting."""
    try:
        value = ast.literal_eval(text or "[]")
        return Domain(value)
    except (ValueError, SyntaxError, TypeError) as error:
        raise PathError(
            setting,
            env._(
                "“%(text)s” is not a domain: %(error)s. Enter a list such as [('state', '=', 'sale')].",
                text=text,
                error=error,
            ),
        ) from error
