"""Scenario files that people mistype: refused in one sentence, never read as something else."""

import pytest

from model.parameter import Parameter
from model.scenario import Assumption, Scenario, ScenarioError

GROWTH = '[assumptions]\n"growth.usage_per_year" = {}\n'


def parameter(key, kind="assumption", unit="ratio", minimum=-0.9, maximum=5.0):
    return Parameter(key, "", unit, kind, 0.0, "", "modelled", "", minimum=minimum, maximum=maximum)


@pytest.mark.parametrize(
    "given",
    [
        "{ value = 0.1, low = 0.5, high = 0.2 }",
        "{ value = 0.1, low = 0.2, high = 0.5 }",
        '{ value = 0.1, low = "little", high = 0.2 }',
        "{ value = 0.1, low = nan, high = 0.2 }",
        "{ value = 0.1, low = false, high = true }",
        "{ value = 0.1, low = 0.0 }",
        "{ value = 0.1, high = 0.2 }",
    ],
)
def test_a_range_that_is_none_is_refused(given):
    with pytest.raises(ScenarioError, match=r"growth\.usage_per_year needs numbers with low ≤ value ≤ high"):
        Scenario.from_toml(GROWTH.format(given))


def test_a_range_stays_within_what_can_be_assumed():
    scenario = Scenario.from_toml(GROWTH.format("{ value = 0.1, low = -5, high = 0.2 }"))
    with pytest.raises(ScenarioError, match=r"growth\.usage_per_year = -5 is outside"):
        scenario.check([parameter("growth.usage_per_year")])


def test_a_table_with_a_mistyped_name_is_refused():
    with pytest.raises(ScenarioError, match="setings is not read; did you mean settings"):
        Scenario.from_toml('[setings]\n"cloud_run.api.min_instances" = 1\n')
    with pytest.raises(ScenarioError, match="has version '1'; this program reads version 1"):
        Scenario.from_toml('version = "1"\n')


def test_what_is_counted_is_set_in_whole_numbers():
    known = [parameter("cloud_run.api.min_instances", "setting", "instances", 0, 100)]
    Scenario(settings={"cloud_run.api.min_instances": 2.0}).check(known)
    with pytest.raises(ScenarioError, match=r"min_instances = 1\.5 is not a whole number of instances"):
        Scenario(settings={"cloud_run.api.min_instances": 1.5}).check(known)


def test_a_link_that_was_cut_is_refused_and_not_read_in_part():
    word = Scenario(settings={f"cloud_run.s{i}.min_instances": i for i in range(40)}).to_link()
    assert len(Scenario.from_link(word).settings) == 40
    for cut in range(1, 40):
        with pytest.raises(ScenarioError, match="The scenario in this link is damaged"):
            Scenario.from_link(word[:-cut])


@pytest.mark.parametrize(
    ("value", "unit", "minimum", "maximum", "words"),
    [
        (15, "ratio", 0.0, 1.0, "= 15 is outside 0 to 1 (a share, as 0.15 for 15 %)."),
        (-1, "ratio", 0.0, 1.0, "= -1 is outside 0 to 1."),
        (-1, "USD", 0.0, 1e9, "= -1 is outside 0 to 1,000,000,000 USD."),
        (7, "s", 0.0, 5.0, "= 7 is outside 0 to 5 s."),
        ("much", "ratio", 0.0, 1.0, "needs a number, as 0.25 for 25 %, not much."),
        ("much", "USD", 0.0, 1.0, "needs a number in USD, not much."),
        ("much", "GiB", 0.0, 1.0, "needs a number in GiB, not much."),
    ],
)
def test_errors_speak_of_shares_and_amounts_not_of_units_of_the_declarations(value, unit, minimum, maximum, words):
    known = [parameter("a.b", "assumption", unit, minimum, maximum)]
    with pytest.raises(ScenarioError) as refused:
        Scenario(assumptions={"a.b": Assumption(value)}).check(known)
    assert str(refused.value) == f"a.b {words}"
