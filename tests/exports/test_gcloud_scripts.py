from __future__ import annotations

import shlex
import stat
from typing import TYPE_CHECKING

import pytest

from exports.gcloud import apply_script, rollback_script, steps_of, verify_script
from model.bill_build import UNNAMED
from tests.exports.sample_plans import BY_HAND, EVERYTHING, change, plan
from tests.exports.shell_runs import Shell

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = (apply_script, verify_script, rollback_script)
TRAFFIC = ("run", "services", "update-traffic", "api", "--project=demo", "--region=us-central1")
EXECUTE = ("--execute", "--all-at-once")
HOSTILE = (
    'o\'brien "quoted"',
    "$(touch pwned)",
    "`touch pwned`",
    "a\nb; touch pwned",
    "a\\",
    "'; touch pwned; '",
    "${IFS}",
    "🚀 naïve",
    "x" * 10_000,
    "../../etc/passwd",
    "a\tb\r\x1b[31m",
    "#",
    "!!",
    "* ?",
)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def printed(output: str) -> list[list[str]]:
    lines = [line.strip() for line in output.splitlines() if ": gcloud " in line]
    return [shlex.split(line.split(": gcloud ", 1)[1]) for line in lines]


def updated(output: str) -> list[str]:
    return [call[3] for call in printed(output) if call[2] == "update"]


def test_dry_run_prints_every_command_and_calls_nothing(shell: Shell) -> None:
    done = shell.run(apply_script(plan(*EVERYTHING)))
    assert done.returncode == 0, done.stderr
    assert shell.calls == []
    assert printed(done.stdout) == [
        ["run", "services", "update", "api", "--max-instances=20", "--cpu=1", "--memory=2Gi", "--concurrency=40",
         "--no-cpu-throttling", "--project=demo", "--region=us-central1", "--min-instances=1", "--quiet",
         "--no-traffic"],
        *([*TRAFFIC, share, "--quiet"] for share in
          ("--to-revisions=NEW_REVISION=10", "--to-revisions=NEW_REVISION=50", "--to-latest")),
        ["sql", "instances", "patch", "main", "--availability-type=zonal", "--project=demo", "--cpu=4",
         "--memory=LIVE_MEMORY", "--quiet"],
        ["redis", "instances", "create", "sessions", "--size=5", "--tier=standard", "--project=demo",
         "--region=us-central1", "--quiet"],
        ["tasks", "queues", "update", "jobs", "--max-dispatches-per-second=50.5", "--max-attempts=5",
         "--project=demo", "--location=us-central1", "--quiet"],
        ["firestore", "databases", "update", "--database=(default)", "--no-enable-pitr", "--project=demo", "--quiet"],
    ]  # fmt: skip
    assert {path.name for path in shell.folder.iterdir()} == {"bin", "script.sh"}


def test_dry_run_needs_no_gcloud_at_all(shell: Shell) -> None:
    (shell.folder / "bin" / "gcloud").chmod(stat.S_IRUSR)
    assert shell.run(apply_script(plan(*EVERYTHING))).returncode == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_run_as_data(shell: Shell, name: str) -> None:
    changes = (
        change("cloud_run", name, "vcpu", 2, 1, region=name, project=name, reason=name),
        change("cache", name, "size_gib", 0, 5, reason=name),
        change("commitments", name, "term", "none", name, reason=name),
    )
    for write in SCRIPTS:
        dry = shell.run(write(plan(*changes, scenario_name=name)))
        assert dry.returncode in {0, 3}, dry.stderr
    shell.answer("2")
    done = shell.run(apply_script(plan(*changes, scenario_name=name)), *EXECUTE)
    assert done.returncode == 0, done.stderr
    assert shell.changes == [
        ["run", "services", "update", name, "--cpu=1", f"--project={name}", f"--region={name}", "--quiet"]
    ]
    assert not (shell.folder / "pwned").exists()
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    "name", ["-x", "--impersonate-service-account=thief@example.com", "a\0b", "\ud800", "", "all", "*", UNNAMED]
)
def test_names_that_no_command_can_carry_are_left_to_people(name: str) -> None:
    steps, by_hand = steps_of([change("cloud_run", name, "vcpu", 2, 1)])
    assert steps == []
    assert [item.change.resource for item in by_hand] == [name]


def test_no_change_is_lost(shell: Shell) -> None:
    changes = (*EVERYTHING, *BY_HAND)
    steps, by_hand = steps_of(changes)
    made = [item for step in steps for item in step.changes] + [item.change for item in by_hand]
    assert sorted(item.key for item in made) == sorted(item.key for item in changes)
    dry = shell.run(apply_script(plan(*changes)))
    for item in changes:
        assert f"{item.attribute}" in dry.stdout
    assert dry.stdout.count("by hand  ") == len(BY_HAND)


def test_values_that_no_flag_takes_are_left_to_people() -> None:
    impossible = (
        change("cloud_run", "api", "min_instances", 5, 1.5),
        change("cloud_run", "api", "billing_mode", None, "free"),
        change("cloud_sql", "main", "vcpu", 8, float("nan")),
        change("cache", "c", "size_gib", 0, float("inf")),
        change("tasks", "q", "max_attempts", 1, None),
        change("cloud_run", "b", "memory_gib", 1.0, 0.7),
        change("firestore", "d", "pitr_enabled", None, "yes"),
    )
    steps, by_hand = steps_of(impossible)
    assert steps == []
    assert all("No flag takes this value" in item.why for item in by_hand)


def test_execution_asks_where_it_restarts_and_a_no_skips(shell: Shell) -> None:
    script = apply_script(plan(change("cloud_sql", "main", "vcpu", 8, 4, disruption="restart")))
    shell.answer("db-custom-8-32768|db-custom-8-32768")
    refused = shell.run(script, *EXECUTE, stdin="n\n")
    assert (refused.returncode, shell.changes) == (3, [])
    assert "This restarts it" in refused.stdout
    accepted = shell.run(script, *EXECUTE, stdin="y\n")
    assert accepted.returncode == 0, accepted.stderr
    assert shell.changes == [
        ["sql", "instances", "patch", "main", "--project=demo", "--cpu=4", "--memory=32GiB", "--quiet"]
    ]
    log = (shell.folder / "apply.log").read_text()
    assert "skipped: gcloud sql" in log
    assert "done: Cloud SQL main" in log


def test_execution_asks_where_it_costs(shell: Shell) -> None:
    script = apply_script(plan(change("cloud_run", "api", "min_instances", 1, 5)))
    shell.answer("1|1|")
    assert shell.run(script, *EXECUTE).returncode == 3
    assert shell.changes == []
    assert shell.run(script, *EXECUTE, "--yes").returncode == 0
    assert shell.changes[0][-2] == "--min-instances=5"


def test_what_cannot_be_undone_needs_its_name_even_with_yes(shell: Shell) -> None:
    script = apply_script(plan(change("cloud_run", "api", "concurrency", 80, 40, disruption="one_way")))
    shell.answer("80||")
    assert shell.run(script, *EXECUTE, "--yes").returncode == 3
    assert shell.run(script, *EXECUTE, "--yes", stdin="y\n").returncode == 3
    assert shell.changes == []
    assert shell.run(script, *EXECUTE, "--yes", stdin="api\n").returncode == 0
    assert len(shell.changes) == 1


def test_what_is_done_already_is_left_alone(shell: Shell) -> None:
    script = apply_script(plan(change("cloud_run", "api", "memory_gib", 4.0, 0.5)))
    shell.answer("512Mi||")
    done = shell.run(script, *EXECUTE)
    assert (done.returncode, shell.changes) == (0, [])
    assert "already done" in done.stdout


def test_a_live_state_that_is_not_the_plans_is_asked_about(shell: Shell) -> None:
    script = apply_script(plan(change("cloud_run", "api", "max_instances", 50, 20)))
    shell.answer("30||")
    done = shell.run(script, *EXECUTE, stdin="n\n")
    assert done.returncode == 3
    assert "drift: max_instances is 30; the plan was made when it was 50" in done.stdout
    assert shell.changes == []


@pytest.mark.parametrize(
    ("live", "flags"),
    [("5|5|", ["--min-instances=1"]), ("||5", ["--min=1"]), ("2|2|5", ["--min-instances=1", "--min=1"])],
)
def test_the_minimum_is_lowered_where_it_is_set(shell: Shell, live: str, flags: list[str]) -> None:
    shell.answer(live)
    done = shell.run(apply_script(plan(change("cloud_run", "api", "min_instances", 5, 1))), *EXECUTE)
    assert done.returncode == 0, done.stdout
    assert [word for word in shell.changes[0] if word.startswith("--min")] == flags


@pytest.mark.parametrize(
    ("changes", "tier", "flags"),
    [
        ((("vcpu", 8, 4),), "db-custom-8-32768", ["--cpu=4", "--memory=32GiB"]),
        ((("memory_gib", 32.0, 15.0),), "db-custom-8-32768", ["--cpu=8", "--memory=15GiB"]),
        ((("memory_gib", 32.0, 3.75), ("vcpu", 8, 1)), "db-custom-8-32768", ["--cpu=1", "--memory=3840MiB"]),
        ((("vcpu", 8, 4),), "db-perf-optimized-N-8", ["--tier=db-perf-optimized-N-4"]),
        ((("edition", "enterprise", "enterprise_plus"),), "db-custom-8-32768",
         ["--edition=enterprise-plus", "--tier=db-perf-optimized-N-8"]),
        ((("edition", "enterprise_plus", "enterprise"),), "db-perf-optimized-N-8",
         ["--edition=enterprise", "--cpu=8", "--memory=64GiB"]),
    ],
)  # fmt: skip
def test_sql_sizes_are_whole(shell: Shell, changes: tuple, tier: str, flags: list[str]) -> None:
    script = apply_script(plan(*(change("cloud_sql", "main", *item) for item in changes)))
    edition = "ENTERPRISE_PLUS" if "perf" in tier else "ENTERPRISE"
    shell.answer("|".join([edition if item[0] == "edition" else tier for item in changes] + [tier]))
    done = shell.run(script, *EXECUTE, "--yes")
    assert done.returncode == 0, done.stderr
    sizes = [word for word in shell.changes[0] if word.split("=")[0] in {"--cpu", "--memory", "--tier", "--edition"}]
    assert sizes == flags


def test_a_disk_grows_and_is_never_led_back(shell: Shell) -> None:
    grow = plan(change("cloud_sql", "main", "storage_gib", 1060.0, 1500.0, disruption="one_way"))
    shell.answer("1060|db-custom-8-32768")
    done = shell.run(apply_script(grow), *EXECUTE, stdin="main\n")
    assert done.returncode == 0, done.stderr
    assert "--storage-size=1500GB" in shell.changes[0]
    assert "cannot be undone" in rollback_script(grow)


def test_a_disk_grows_by_a_command_of_its_own_that_alone_needs_the_name(shell: Shell) -> None:
    both = plan(
        change("cloud_sql", "main", "storage_gib", 100.0, 200.0, disruption="one_way"),
        change("cloud_sql", "main", "availability", "regional", "zonal", disruption="restart"),
    )
    shell.answer("REGIONAL|db-custom-8-32768")
    done = shell.run(apply_script(both), *EXECUTE, "--yes")
    assert done.returncode == 3
    assert shell.changes == [
        ["sql", "instances", "patch", "main", "--availability-type=zonal", "--project=demo", "--quiet"]
    ]
    assert "This cannot be undone and costs more than before, and the live state is not the plan's." in done.stdout


def test_the_log_tells_what_was_live_before_and_rollback_points_to_it(shell: Shell) -> None:
    unknown = plan(change("tasks", "jobs", "max_attempts", None, 5), change("cache", "new", "size_gib", 0, 5),
                   change("cache", "new", "policy", None, "volatile-ttl"))  # fmt: skip
    shell.answer("100")
    shell.run(apply_script(unknown), *EXECUTE, "--yes", "--only", "jobs")
    assert "before: Cloud Tasks jobs max_attempts=100" in (shell.folder / "apply.log").read_text()
    told = shell.run(rollback_script(unknown)).stdout
    assert told.count("apply.log says what apply.sh found") == 1
    assert "policy" not in told


def test_the_largest_machine_of_enterprise_plus_has_a_memory_of_its_own(shell: Shell) -> None:
    shell.answer("db-perf-optimized-N-80|db-perf-optimized-N-80|db-perf-optimized-N-80")
    sizes = (change("cloud_sql", "main", "vcpu", 80, 128), change("cloud_sql", "main", "memory_gib", 640.0, 864.0))
    done = shell.run(apply_script(plan(*sizes)), *EXECUTE, "--yes")
    assert done.returncode == 0, done.stderr
    assert "--tier=db-perf-optimized-N-128" in shell.changes[0]


@pytest.mark.parametrize(
    ("changes", "tier", "sentence"),
    [
        ((("vcpu", None, 4),), "db-f1-micro", "give both vcpu and memory_gib"),
        ((("vcpu", 8, 4), ("memory_gib", 64, 16)), "db-perf-optimized-N-8", "8 GiB per vCPU"),
    ],
)
def test_sql_sizes_that_cannot_be_had_change_nothing(shell: Shell, changes: tuple, tier: str, sentence: str) -> None:
    shell.answer("|".join([tier] * (len(changes) + 1)))
    done = shell.run(apply_script(plan(*(change("cloud_sql", "main", *item) for item in changes))), *EXECUTE, "--yes")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert shell.changes == []


def test_a_cache_is_created_or_resized_as_it_is_found(shell: Shell) -> None:
    script = apply_script(plan(change("cache", "sessions", "size_gib", None, 5)))
    shell.answer("3")
    shell.run(script, *EXECUTE, "--yes")
    shell.say_error("ERROR: (gcloud.redis.instances.describe) NOT_FOUND: Resource was not found.")
    shell.run(script, *EXECUTE, "--yes")
    assert [call[2] for call in shell.changes] == ["update", "create"]
    assert "--tier=basic" in shell.changes[1]


def test_a_resource_that_is_missing_or_not_readable_stops_before_any_change(shell: Shell) -> None:
    script = apply_script(plan(change("cloud_run", "api", "vcpu", 2, 1)))
    shell.say_error("ERROR: Cannot find service [api]")
    missing = shell.run(script, *EXECUTE, "--yes")
    shell.say_error("ERROR: PERMISSION_DENIED")
    denied = shell.run(script, *EXECUTE, "--yes")
    assert (missing.returncode, denied.returncode, shell.changes) == (1, 1, [])
    assert "does not exist" in missing.stderr
    assert "PERMISSION_DENIED" in denied.stderr


def test_the_first_failing_command_stops_and_is_logged(shell: Shell) -> None:
    shell.refuse()
    shell.answer("2||")
    script = apply_script(plan(change("cloud_run", "a", "vcpu", 2, 1), change("cloud_run", "b", "vcpu", 2, 1)))
    done = shell.run(script, *EXECUTE)
    assert done.returncode == 1
    assert [call[3] for call in shell.changes] == ["a"]
    assert "Stopped at Cloud Run a: 0 done before it" in done.stderr
    assert "ERROR: refused" in (shell.folder / "apply.log").read_text()


def test_an_unknown_place_must_be_given(shell: Shell) -> None:
    script = apply_script(plan(change("cloud_run", "api", "vcpu", 2, 1, project="", region="")))
    dry = shell.run(script)
    assert dry.returncode == 0
    assert "give it with --project NAME" in dry.stdout
    assert "give it with --region NAME" in dry.stdout
    assert shell.run(script, *EXECUTE, "--project", "p").returncode == 2
    assert shell.calls == []
    shell.answer("2||")
    assert shell.run(script, *EXECUTE, "--project", "p 1", "--region", "r").returncode == 0
    assert shell.changes == [["run", "services", "update", "api", "--cpu=1", "--project=p 1", "--region=r", "--quiet"]]


def test_only_and_project_select(shell: Shell) -> None:
    script = apply_script(
        plan(change("cloud_run", "a", "vcpu", 2, 1), change("cloud_run", "b", "vcpu", 2, 1, project="other"), *BY_HAND)
    )
    assert updated(shell.run(script, "--only", "b").stdout) == ["b"]
    assert updated(shell.run(script, "--project", "demo").stdout) == ["a"]
    assert updated(shell.run(script, "--only", "a", "--only", "b").stdout) == ["a", "b"]
    assert updated(shell.run(script, "--week", "3").stdout) == ["a", "b"]
    assert updated(shell.run(script, "--week", "5").stdout) == []
    assert shell.run(script, "--week", "2").returncode == 2
    wrong = shell.run(script, "--only", "c")
    assert (wrong.returncode, wrong.stderr.count("names nothing")) == (2, 1)
    assert shell.run(script, "--project", "nobody", "--only", "a").returncode == 2


@pytest.mark.parametrize("options", [["--force"], ["--only"], ["--project", ""], ["x"]])
def test_wrong_options_are_refused_in_one_sentence(shell: Shell, options: list[str]) -> None:
    done = shell.run(apply_script(plan()), *options)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("live", "code", "state"),
    [("1||", 0, "done "), ("2000m||", 3, "pending "), ("4||", 4, "drift ")],
)
def test_verify_tells_done_pending_and_drift(shell: Shell, live: str, code: int, state: str) -> None:
    shell.answer(live)
    done = shell.run(verify_script(plan(change("cloud_run", "api", "vcpu", 2, 1))))
    assert done.returncode == code, done.stdout
    assert state in done.stdout
    assert "before 2, wanted 1, live" in done.stdout
    assert all("describe" in call for call in shell.calls)


def test_verify_goes_on_after_what_it_cannot_read(shell: Shell) -> None:
    shell.say_error("ERROR: PERMISSION_DENIED")
    done = shell.run(verify_script(plan(*EVERYTHING)))
    assert done.returncode == 1
    assert len(shell.calls) == 5
    assert "5 not readable" in done.stdout


def test_verify_of_a_cache_that_is_not_there_yet(shell: Shell) -> None:
    shell.say_error("NOT_FOUND")
    new = shell.run(verify_script(plan(change("cache", "sessions", "size_gib", 0, 5))))
    gone = shell.run(verify_script(plan(change("cache", "sessions", "size_gib", 5, 0))))
    lost = shell.run(verify_script(plan(change("cache", "sessions", "size_gib", 5, 6))))
    assert [run.returncode for run in (new, gone, lost)] == [3, 0, 4]


@pytest.mark.parametrize(
    ("attribute", "after", "live"),
    [
        ("min_instances", 0, "||"),
        ("min_instances", 5, "2|2|5"),
        ("max_instances", 100, "||"),
        ("vcpu", 0.5, "500m||"),
        ("vcpu", 0.5, "0.5||"),
        ("vcpu", 2, "2000m||"),
        ("memory_gib", 0.5, "||"),
        ("memory_gib", 4.0, "4096Mi||"),
        ("memory_gib", 1.0, "1073741824||"),
        ("concurrency", 80, "||"),
        ("billing_mode", "instance_based", "false||"),
        ("billing_mode", "request_based", "||"),
    ],
)
def test_live_notations_mean_the_same(shell: Shell, attribute: str, after: object, live: str) -> None:
    shell.answer(live)
    done = shell.run(verify_script(plan(change("cloud_run", "api", attribute, None, after))))
    assert done.returncode == 0, done.stdout


def test_a_live_size_of_parts_of_a_mebibyte_is_no_drift(shell: Shell) -> None:
    shell.answer("500M||")
    done = shell.run(verify_script(plan(change("cloud_run", "api", "memory_gib", 500_000_000 / 2**30, 1.0))))
    assert (done.returncode, "pending  memory_gib: before 477Mi" in done.stdout) == (3, True), done.stdout


def test_rollback_leads_back_in_reverse_and_says_what_it_cannot(shell: Shell) -> None:
    changes = (*EVERYTHING, change("tasks", "other", "max_attempts", None, 5), *BY_HAND)
    done = shell.run(rollback_script(plan(*changes)))
    assert done.returncode == 0
    assert printed(done.stdout) == [
        ["firestore", "databases", "update", "--database=(default)", "--enable-pitr", "--project=demo", "--quiet"],
        ["tasks", "queues", "update", "jobs", "--max-attempts=100", "--max-dispatches-per-second=500",
         "--project=demo", "--location=us-central1", "--quiet"],
        ["redis", "instances", "delete", "sessions", "--project=demo", "--region=us-central1", "--quiet"],
        ["sql", "instances", "patch", "main", "--availability-type=regional", "--project=demo", "--cpu=8",
         "--memory=LIVE_MEMORY", "--quiet"],
        ["run", "services", "update", "api", "--cpu-throttling", "--concurrency=80", "--memory=4Gi", "--cpu=2",
         "--max-instances=50", "--project=demo", "--region=us-central1", "--min-instances=5", "--quiet"],
    ]  # fmt: skip
    assert "one_way: gcloud redis instances delete" in done.stdout
    assert "What it was before is not known" in done.stdout
    assert shell.calls == []


def test_a_created_cache_is_deleted_only_after_its_name_is_typed(shell: Shell) -> None:
    script = rollback_script(plan(change("cache", "sessions", "size_gib", 0, 5)))
    shell.answer("5")
    assert shell.run(script, *EXECUTE, "--yes").returncode == 3
    assert shell.run(script, *EXECUTE, "--yes", stdin="sessions\n").returncode == 0
    assert [call[2] for call in shell.changes] == ["delete"]
    shell.say_error("NOT_FOUND")
    again = shell.run(script, *EXECUTE)
    assert (again.returncode, len(shell.changes)) == (0, 1)


def test_same_names_in_two_places_go_by_their_own_name() -> None:
    steps, _ = steps_of(
        [
            change("cloud_run", "api@us-central1", "vcpu", 2, 1),
            change("cloud_run", "api@europe-west1@demo", "vcpu", 2, 1, region="europe-west1"),
            change("cloud_run", "api@elsewhere", "vcpu", 2, 1),
        ]
    )
    assert [step.describe[-1] for step in steps] == ["api", "api", "api@elsewhere"]


def test_an_empty_plan_is_a_script_too(shell: Shell) -> None:
    for write in SCRIPTS:
        assert shell.run(write(plan())).returncode == 0
