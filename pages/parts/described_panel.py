"""Descriptions of live resources that people give on the Export page: held by their browser tab, kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from exports.described import DescribedRefused, describe_commands, described_by, read_described, unused_file
from exports.knative import knative_files
from exports.steps import own_name
from exports.terraform import terraform_files
from pages.parts.terminal_described import SUFFIXES
from pages.parts.wording import counted, escaped

if TYPE_CHECKING:
    from exports.described import Described
    from model.plan import Plan

KEY: Final = "described_files"


def described_files(plan: Plan) -> tuple[Described, ...]:
    """The panel; returns the descriptions that can be carried over, and says of each other file why it cannot."""
    with st.expander("Complete Terraform and YAML of what is live", key="described_panel"):
        st.markdown(
            "A plan knows the attributes that it changes. Give the whole description of a resource, and its complete "
            "configuration is written with the values of the plan: Terraform with import blocks, and a Cloud Run "
            "service as YAML. Files are read for this download alone; nothing of them enters the workspace."
        )
        st.code("\n".join(describe_commands(plan)), language="bash")
        given = st.file_uploader(
            "Descriptions (JSON or YAML)", list(SUFFIXES), accept_multiple_files=True, key=KEY, max_upload_size=4,
        )  # fmt: skip
        found: list[Described] = []
        for file in given or []:
            found += _usable(plan, file.name, file.getvalue())
        if found:
            names = ", ".join(dict.fromkeys(each.name for each in found if _is_changed(plan, each)))
            many = counted(len({each.file for each in found}), "file is", "files are")
            st.success(escaped(f"{many} carried over whole: {names}. See terraform/whole/ and knative/ in the ZIP."))
    return tuple(found)


def _usable(plan: Plan, name: str, content: bytes) -> list[Described]:
    """What a file describes, if every form of it can be written; else its sentence is shown."""
    try:
        found = read_described(name, content)
        terraform_files(plan, found)
        knative_files(plan, found)
    except DescribedRefused as problem:
        st.warning(escaped(str(problem)))
        return []
    unused = unused_file(plan, found)
    if unused:
        st.warning(escaped(f"{unused} describes nothing that this plan changes: leave it out."))
    return [] if unused else found


def _is_changed(plan: Plan, described: Described) -> bool:
    return any(
        described_by([described], change.lever, own_name(change), change.project, change.region) is not None
        for change in plan.changes
    )
