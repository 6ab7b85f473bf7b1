"""What is known of each kind of change: what it does, what must be ready, what shows that it worked, risks and undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Danger:
    """What may go wrong, and what helps against it."""

    risk: str
    mitigation: str


@dataclass(frozen=True)
class Guidance:
    """How one lever is carried out, for people; files are named within the folder that holds ``apply.sh``."""

    what: str
    before: tuple[str, ...]
    tests: tuple[str, ...]
    dangers: tuple[Danger, ...]
    undo: str


_SCRIPT_UNDO: Final = "rollback.sh (dry run first, then with --execute) sets the values that the plan recorded before."

GUIDANCE: Final[dict[str, Guidance]] = {
    "queries": Guidance(
        "Adds indexes and rewrites queries so that each call takes less of the database's time. It saves through a "
        "smaller database that then fits and through shorter requests, never by itself.",
        (
            "Run explain.sql of sql/ on a copy of the database and keep the times before.",
            "Check free disk and the load: building an index reads its whole table while the database serves.",
        ),
        (
            "EXPLAIN of each query on the live database uses the new index.",
            "The mean time of each call reaches the time after that the plan states.",
            "Writes to the indexed tables take no longer than in the weeks before.",
        ),
        (
            Danger(
                "Each index makes every write of its table slower.",
                "Watch write times for a day; drop the index with undo.sql of sql/.",
            ),
            Danger(
                "A build that is interrupted leaves an index behind that nothing uses.",
                "Drop it with undo.sql of sql/ and build it again in quiet hours.",
            ),
        ),
        "undo.sql of sql/ drops each index that was made; put a query's old text back into the application.",
    ),
    "cache": Guidance(
        "Puts a Redis cache in front of what is read often. It saves by fewer Firestore reads, a smaller database and "
        "shorter requests; what the cache itself costs is counted against it.",
        (
            "Agree how old an answer may be: redis/ lists what is cached under which key, and for how long.",
            "Deploy the code that reads through the cache switched off, as in redis/look_aside.py.",
        ),
        (
            "The hit rate of a whole week reaches what the plan counts on.",
            "After a write, readers see the new value within the time to live.",
            "With the cache stopped on a copy, the application still answers from the database.",
        ),
        (
            Danger(
                "The cache is lost and every read falls on the database at once.",
                "The plan holds the database's size against this case; redis/look_aside.py lets one request refill a "
                "key while the others wait.",
            ),
            Danger(
                "Readers see values that are no longer true.",
                "Keep times to live short and delete the key when its value is written.",
            ),
        ),
        "Switch the reading code off first; then rollback.sh deletes the cache after its name is typed.",
    ),
    "firestore": Guidance(
        "Lets expired documents go, leaves out indexes that no query needs, or stops point-in-time recovery. It saves "
        "storage and index writes.",
        (
            "Fill in firestore_fields.csv where it is asked for: the bill names no fields.",
            "Export the collections that will expire to a bucket.",
        ),
        (
            "Storage and document counts fall over the following days, as fast as documents expire.",
            "Every query of the application still answers: one that needs an index that is gone fails at once.",
        ),
        (
            Danger(
                "Documents that expire cannot be brought back.",
                "Export them first, and let one small collection expire before the others.",
            ),
            Danger(
                "A query needs an index that was left out.",
                "Run the application's tests against a copy; taking the exemption back rebuilds the index.",
            ),
        ),
        "rollback.sh takes expiry and exemptions back; documents that have expired stay gone.",
    ),
    "cloud_sql": Guidance(
        "Gives each database the size, edition, availability and replicas that its peak needs. It saves what is paid "
        "for idle processors and memory.",
        (
            "Agree on a time for the restart and tell those who use the database.",
            "Take a backup on demand and check that the application connects again by itself.",
        ),
        (
            "After the change the application connects, reads and writes.",
            "Processor and memory at the busiest hour of a week stay within the limits below.",
            "Replicas follow their primary without growing behind.",
        ),
        (
            Danger(
                "A change of size restarts the instance and drops every connection.",
                "Do it in the agreed time; replicas first, then the primary.",
            ),
            Danger(
                "Demand grows beyond the smaller size.",
                "monitoring/ alerts at the plan's limit; rollback.sh gives the old size back, with another restart.",
            ),
        ),
        f"{_SCRIPT_UNDO} A size restarts the instance again; storage that was added cannot be taken away.",
    ),
    "cloud_run": Guidance(
        "Sets how many instances each service keeps and may reach, how large they are and how many requests each "
        "takes. It saves what is paid for idle and oversized instances.",
        (
            "Run load_test/ against a copy at twice the busiest hour and keep the times before.",
            "Start monitoring/monitoring.sh, so that errors and times are watched while traffic moves.",
        ),
        (
            "The load test against a copy with the new settings keeps errors and times within the limits below.",
            "All traffic goes to the new revision after apply.sh, and errors are no more than before.",
            "Times of requests and rejected requests of the first busy day stay within the limits below.",
        ),
        (
            Danger(
                "The new revision fails or is slower.",
                "apply.sh moves 10, 50, then 100 % of the traffic and gives all of it back to the old revision where "
                "errors or times get worse.",
            ),
            Danger(
                "A lower maximum turns requests away in a peak beyond the bill's.",
                "monitoring/ alerts before the maximum is reached; rollback.sh raises it within minutes.",
            ),
            Danger(
                "Fewer instances kept ready make some first requests wait for a start.",
                "The limits below count these waits; raise the minimum where users notice.",
            ),
        ),
        f"{_SCRIPT_UNDO} Each service gets a revision as before within minutes.",
    ),
    "tasks": Guidance(
        "Sets how fast and how often a queue hands out tasks. By itself it saves only what repeated attempts cost; it "
        "caps how many instances of the target service run at once.",
        ("Look at the longest backlog of the last weeks in the console.",),
        (
            "The backlog of the busiest day drains within the limit below.",
            "Tasks that fail all their attempts are no more than in the weeks before.",
        ),
        (
            Danger(
                "Tasks wait longer, or the target service gets more of them at once than it can serve.",
                "monitoring/ alerts on the delay; rollback.sh restores the queue within seconds.",
            ),
        ),
        _SCRIPT_UNDO,
    ),
    "housekeeping": Guidance(
        "Stops paying for what nobody needs: logs that nobody reads, old copies, colder data in warm storage.",
        (
            "List what each rule will touch and have its owners agree.",
            "Note what an audit or a law asks you to keep.",
        ),
        (
            "The rows of these charges fall in the bill of the following days.",
            "Nobody misses what was filtered, moved or deleted in the first two weeks.",
        ),
        (
            Danger(
                "Something is needed again after it was filtered or deleted.",
                "Begin with the rule that deletes nothing; keep filters narrow and named.",
            ),
        ),
        "Filters and lifecycle rules can be removed at any time; what was deleted does not come back.",
    ),
    "commitments": Guidance(
        "Promises Google a steady amount of spend for one or three years in return for a discount. It is bought last, "
        "on the usage that the other changes leave.",
        (
            "Wait until the other changes have been live for two weeks and their usage is as planned.",
            "Get the approval in writing: the fee runs every hour of the term, used or not.",
            "Make the decision memo (commitments --memo) and read what happens if usage falls.",
        ),
        (
            "The console shows the commitment as active, with the amount and term that were approved.",
            "From the first full day on the commitment is used at least as much as breaks even.",
            "The next invoice shows the fee and what it covers, as the decision memo expects.",
        ),
        (
            Danger(
                "Usage falls below what was promised and the fee is paid for nothing.",
                "Buy after the other changes, in steps where the future is open; the memo says what each fall costs.",
            ),
            Danger(
                "The wrong amount or region is typed.",
                "Two people read the amount against the plan before it is bought: nothing can be cancelled.",
            ),
        ),
        "Cannot be undone: a commitment runs to the end of its term. Leave automatic renewal off and decide anew then.",
    ),
}
"""By lever; every lever of the model is named."""
