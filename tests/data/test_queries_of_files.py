"""Query files: facts, ids that stay, texts without secrets, and errors that say where."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cli import cli
from data.sources.demo import SAMPLES
from data.sources.queries import MOST_QUERIES, read_queries
from data.sources.query_text import is_write, normalised, query_id, shown
from data.sources.refusal import SourceRefused

HEADER = "query,calls,mean_time_ms_before,mean_time_ms_after,cacheable_share,rows\n"


@pytest.fixture
def read(tmp_path):
    def write_and_read(*texts, names=None):
        paths = []
        for i, text in enumerate(texts):
            path = tmp_path / (names[i] if names else f"queries{i or ''}.csv")
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            paths.append(path)
        return {fact.key.removeprefix("queries."): fact for fact in read_queries(paths)}

    return write_and_read


def refused(read, text):
    with pytest.raises(SourceRefused) as caught:
        read(text)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_the_plan_s_queries_are_facts():
    facts = {fact.key: fact for fact in read_queries([SAMPLES / "phase4_queries.csv"])}
    work = {"pipelines_of_user": 412000 * 850, "user_by_email": 1860000 * 450,
            "reports_of_pipeline": 655000 * 320, "pending_jobs": 97000 * 680}  # fmt: skip
    for name, spent in work.items():
        assert facts[f"queries.{name}.work_share"].value == pytest.approx(spent / sum(work.values()))
    assert facts["queries.user_by_email.time_after_ms"].value == 45.0
    assert facts["queries.pending_jobs.cacheable_share"].value == 0.0
    assert "phase4_queries.csv" in facts["queries.user_by_email.work_share"].source


def test_the_rest_counts_in_the_shares_and_is_no_query(read):
    facts = read(HEADER + "a,10,5,1,,\nother,30,5,,,\n")
    assert facts["a.work_share"].value == 0.25
    assert {key.split(".")[0] for key in facts} == {"a"}


def test_a_stated_share_is_taken_as_it_is(read):
    facts = read("query,calls,mean_time_ms_before,work_share\na,10,5,0.2\nb,10,5,0.3\n")
    assert (facts["a.work_share"].value, facts["b.work_share"].value) == (0.2, 0.3)
    assert "÷" not in facts["a.work_share"].source


def test_what_is_not_told_is_no_fact(read):
    facts = read(HEADER + "a,10,5,,,\n")
    assert "a.time_after_ms" not in facts
    assert "a.cacheable_share" not in facts


PG12 = "userid,dbid,queryid,query,calls,total_time,min_time,max_time,mean_time,stddev_time,rows\n"
PG14 = (
    "userid,dbid,toplevel,queryid,query,plans,total_plan_time,calls,total_exec_time,min_exec_time,max_exec_time,"
    "mean_exec_time,stddev_exec_time,rows\n"
)


def test_pg_stat_statements_of_old_and_new_servers(read):
    old = read(PG12 + '10,5,-42,"SELECT a FROM t WHERE b = $1",100,600,1,9,6,1,100\n'
               '11,5,-42,"SELECT a FROM t WHERE b = $1",50,150,1,9,3,1,50\n'
               '10,5,7,"UPDATE t SET a = $1",10,250,1,9,25,1,10\n')  # fmt: skip
    assert old["q-42.work_share"].value == 0.75
    assert old["q-42.time_before_ms"].value == 5.0
    assert old["q-42.calls"].value == 150
    assert old["q7.cacheable_share"].value == 0.0
    assert "q-42.cacheable_share" not in old
    assert "q-42.time_after_ms" not in old
    new = read(PG14 + '10,5,t,99,"SELECT 1",0,0,100,600,1,9,6,1,100\n')
    assert (new["q99.work_share"].value, new["q99.time_before_ms"].value, new["q99.rows"].value) == (1.0, 6.0, 1.0)


def test_of_a_long_list_only_the_dearest_are_named_and_all_count(read):
    rows = "".join(f"q_{i},1,{i + 1},,,\n" for i in range(100))
    facts = read(HEADER + rows)
    names = [key.removesuffix(".work_share") for key in facts if key.endswith("work_share")]
    assert len(names) == MOST_QUERIES
    assert names[0] == "q_99"
    assert facts["q_99.work_share"].value == pytest.approx(100 / 5050)


def test_an_instance_has_its_own_whole(read):
    facts = read("query,calls,mean_time_ms_before,instance\na,1,5,main\nb,1,15,main\na,1,7,p:us-central1:staging\n")
    assert facts["a@main.work_share"].value == 0.25
    assert facts["a@p:us-central1:staging.work_share"].value == 1.0
    assert facts["b.database"].value == "main"


def test_several_files_are_one_list(read):
    facts = read(HEADER + "a,1,5,,,\n", HEADER + "b,1,15,,,\n")
    assert facts["a.work_share"].value == 0.25
    assert facts["a.work_share"].source.startswith("queries.csv, queries1.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["line 1", "column query"]),
        ("query,calls\na,1\n", ["line 1", "column mean_time_ms_before"]),
        ("query;calls;mean_time_ms_before\na;1;2\n", ["line 1", "column query", "commas"]),
        (HEADER, ["no queries"]),
        (HEADER + "a,ten,5,,,\n", ["line 2", "'ten'", "column calls"]),
        (HEADER + "a,1,5,,,\nb,1,-5,,,\n", ["line 3", "'-5'", "column mean_time_ms_before"]),
        (HEADER + "a,1,nan,,,\n", ["line 2", "'nan'", "column mean_time_ms_before"]),
        (HEADER + "a,1,5,1e999,,\n", ["line 2", "column mean_time_ms_after"]),
        (HEADER + "a,1,5,,1.5,\n", ["line 2", "column cacheable_share", "from 0 to 1"]),
        (HEADER + ",1,5,,,\n", ["line 2", "column query"]),
        (HEADER + "a\n", ["line 2", "column calls"]),
        (HEADER + "a,0,5,,,\n", ["line 2", "no time"]),
        (HEADER + '"a\nb",1,5,,,\nc,x,5,,,\n', ["line 4", "'x'"]),
        (HEADER + "a,1,5,2,,\na,1,5,3,,\n", ["line 3", "mean_time_ms_after"]),
        (PG12 + "10,5,12x,SELECT 1,1,1,1,1,1,1,1\n", ["line 2", "'12x'", "column queryid"]),
        (HEADER + '"a,1,5,,,\n', ["CSV"]),
        (b"\xff\xfe\x00q", ["UTF-8"]),
    ],
)
def test_a_file_that_cannot_be_read_says_where(read, text, words):
    sentence = refused(read, text)
    assert all(word in sentence for word in words), sentence


def test_spaces_case_bom_and_extra_columns_do_no_harm(read):
    facts = read("\ufeff Query , CALLS,mean_time_ms_before,comment\n a ,10, 5 ,x,y,z\n")
    assert facts["a.work_share"].value == 1.0


SECRET = "hunter2"
HIDING = [
    f"SELECT * FROM t WHERE a = '{SECRET}'", f"SELECT '{SECRET}", f"SELECT $${SECRET}$$", f"SELECT $x$ {SECRET} $x$",
    f"SELECT 1 -- {SECRET}", f"SELECT /* {SECRET} */ 1", f"SELECT E'a\\'{SECRET}'", f"SELECT 'a--b'\n, '{SECRET}'",
    f"SELECT 'C:\\', '{SECRET}'", f'ALTER USER u IDENTIFIED BY "{SECRET}"', f"SELECT 'it''s {SECRET}'",
    f'SELECT * FROM t WHERE a = "{SECRET}"', f"SET password TO '{SECRET}'", f"SELECT U&'{SECRET}'",
]  # fmt: skip


@pytest.mark.parametrize("text", HIDING)
def test_secrets_in_queries_are_not_kept(read, text):
    quoted = text.replace('"', '""')
    facts = read(HEADER + f'"{quoted}",1,5,,,\n')
    assert not any(SECRET in str(fact) for fact in facts.values())


def test_numbers_and_lists_are_literals_too_and_names_stay():
    found = normalised("select a1 from t2 where b in (1, -2, 3.5e3) and c=$1")
    assert found == "select a1 from t2 where b in (?) and c=?"
    assert normalised('SELECT "u"."id" FROM "u" LIMIT 10') == 'SELECT "u"."id" FROM "u" LIMIT ?'
    assert len(shown("SELECT " + "a, " * 500)) <= 120


def test_ids_stay_and_can_stand_in_a_key():
    assert query_id("SELECT * FROM t WHERE id = 7") == query_id("select *  from t where id = 8")
    assert query_id("SELECT a FROM t") != query_id("SELECT b FROM t")
    assert query_id("orders by user.name") == "orders_by_user_name" or re.fullmatch(r"q[0-9a-f]{8}", query_id("a.b c"))


@given(st.text(min_size=1, max_size=80))
def test_any_text_makes_a_key_safe_id_and_one_short_line(text):
    assert re.fullmatch(r"[A-Za-z0-9_\-]+", query_id(text))
    assert len(shown(text).splitlines()) <= 1
    assert len(shown(text)) <= 120


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("select 1", False), ("WITH a AS (SELECT 1) SELECT * FROM a", False), ("SELECT a INTO b FROM c", True),
        ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", True), ("INSERT INTO t VALUES (1)", True),
        ("BEGIN", True), ("SELECT a FROM t FOR UPDATE", True), ("/* hint */ SELECT updated_at FROM t", False),
        ("SELECT 'delete' FROM t", False), ("user_by_email", None),
    ],
)  # fmt: skip
def test_what_writes_is_never_cacheable(text, writes):
    assert is_write(text) is writes


def test_the_command_line_reads_them_and_a_new_list_replaces_the_old(tmp_path):
    workspace = ["--workspace", str(tmp_path / "w"), "--json"]
    bill = str(Path(__file__).parents[1] / "golden" / "tiny_service" / "bill.csv")
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(HEADER + f"{name},10,5,1,0.5,\n")
        done = CliRunner().invoke(cli, ["import", bill, "--queries", str(tmp_path / f"{name}.csv"), *workspace])
        assert done.exit_code == 0, done.output
    shown_keys = CliRunner().invoke(cli, ["settings", *workspace]).stdout
    assert "queries.b.applied" in shown_keys
    assert "queries.a.applied" not in shown_keys
    (tmp_path / "bad.csv").write_text(HEADER + "a,x,5,,,\n")
    done = CliRunner().invoke(cli, ["import", bill, "--queries", str(tmp_path / "bad.csv"), *workspace])
    assert done.exit_code == 1
    assert "bad.csv line 2" in done.stdout
