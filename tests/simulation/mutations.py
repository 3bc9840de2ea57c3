"""The checker is checked: bugs planted one by one in the handlers, each of which it must find.

`python -m tests.simulation.mutations` plants each in a process of its own and explores seeds until
one fails. A bug is a replacement in a module's source, made when the module is imported; the files
stay as they are.
"""

import importlib
import importlib.abc
import importlib.machinery
import os
import re
import subprocess
import sys
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pytest


@dataclass(frozen=True, slots=True)
class Mutation:
    """One planted bug: in `module`, every `(right, wrong)` of `changes`, each found once.

    It is found by seeds of a `profile`, or by a `test` of `tests/simulation`.
    """

    name: str
    profile: str
    module: str
    changes: tuple[tuple[str, str], ...]
    test: str = ""


def _one(name: str, profile: str, module: str, right: str, wrong: str) -> Mutation:
    return Mutation(name, profile, f"scorecast.{module}", ((right, wrong),))


def _late(name: str, test: str, module: str, right: str, wrong: str) -> Mutation:
    """Nothing wrong at rest, but something too late, or someone ended for nothing."""
    return _shown(name, f"stress/{test}", module, right, wrong)


def _shown(name: str, test: str, module: str, right: str, wrong: str) -> Mutation:
    return Mutation(name, "", f"scorecast.{module}", ((right, wrong),), test)


def _of_moves(name: str, module: str, right: str, wrong: str) -> Mutation:
    """Of a tournament's move between two cells."""
    return Mutation(name, "", module, ((right, wrong),), "cells/test_moves.py")


MUTATIONS: Final = (
    _of_moves(
        "nobody_asks_where_a_tournament_is",
        "scorecast.app.maintenance.moves",
        "elif tournament.move.phase is Phase.ARRIVING:",
        "elif tournament.move.phase is Phase.LEFT:",
    ),
    _of_moves(
        "a_move_that_goes_on_is_given_up",
        "scorecast.domain.matches.move",
        'if source["state"] == "moving" or source',
        "if source",
    ),
    _of_moves(
        "an_old_answer_is_believed",
        "scorecast.domain.matches.move",
        ' or source["move"] < number:',
        ":",
    ),
    _of_moves(
        "nobody_is_sent_after",
        "scorecast.app.maintenance.departures",
        "for _ in self.pool.map(lambda room: self._begin(room, over_seconds), rooms):",
        "for _ in ():",
    ),
    _of_moves(
        "commit_of_a_move_that_was_given_up",
        "scorecast.aws.dynamodb.moves",
        """            "SET move_phase = :left REMOVE listed_as, listed_key, move_lease_until_ms",
            _IN_PHASE,
""",
        """            "SET move_phase = :left REMOVE listed_as, listed_key, move_lease_until_ms",
            "move_number = :number AND :phase <> :left",
""",
    ),
    _of_moves(
        "a_lease_without_end",
        "scorecast.domain.matches.move",
        "lease_until_ms < now_ms",
        "lease_until_ms < 0 * now_ms",
    ),
    _one(
        "history_gives_a_failed_batch_up",
        "scores",
        "app.process_stream",
        "            return stream_response(some[0].sequence_number)",
        "            return stream_response(None)",
    ),
    _one(
        "history_has_only_what_was_published",
        "scores",
        "aws.dynamodb.match_changes",
        'has_window = "window_id" in change.new',
        'has_window = change.new["window_id"] == change.new["revision"] - 1',
    ),
    _one(
        "history_counts_what_comes_again",
        "scores",
        "aws.dynamodb.history",
        '        "sk": place_key(entry.place),',
        '        "sk": f"{place_key(entry.place)}{id(entry)}",',
    ),
    _one(
        "history_places_events_by_their_number_alone",
        "completion",
        "domain.matches.history",
        "place=Place(event.revision, event.sequence)",
        "place=Place(event.sequence, event.revision)",
    ),
    _one(
        "nothing_is_posted_again",
        "scores",
        "app.redelivery",
        "        for repost in reposts:\n",
        "        for repost in ():\n",
    ),
    _late(
        "who_is_falsely_gone_gets_nothing",
        "test_lost_posts.py",
        "app.redelivery",
        "put_gone, gone, reposts)",
        "put_gone, gone)",
    ),
    _late(
        "what_the_queue_refuses_is_forgotten",
        "test_lost_posts.py",
        "app.redelivery",
        "        self.undelivered.keep(replace(repost, tries=0))",
        "        return",
    ),
    _late(
        "a_given_number_supersedes",
        "test_lost_posts.py",
        "aws.dynamodb.matches",
        "return min(stored.unsent) - 2 if stored.unsent else stored.sequence",
        "return stored.sequence",
    ),
    _late(
        "reposts_wait_for_dynamodb",
        "test_lost_posts.py",
        "app.maintenance.reposts",
        "            return 0  # A needless",
        "            raise  # A needless",
    ),
    _late(
        "lambda_alone_unlocks_matches",
        "test_lost_posts.py",
        "app.process_batch",
        "if record.is_fifo or len(by_group) > 1:",
        "if len(by_group) > 1:",
    ),
    _late(
        "lambda_alone_unlocks_lanes",
        "test_lost_posts.py",
        "app.lane",
        "            self.queue.settle(record)",
        "            pass",
    ),
    _one(
        "records_are_settled_before_they_are_done",
        "scores",
        "app.process_batch",
        "            if not _process_record(record, process, time_left_ms):",
        "            queue.settle(record)\n"
        "            if not _process_record(record, process, time_left_ms):",
    ),
    _late(
        "lanes_follow_arrival",
        "test_large_rooms.py",
        "domain.publication",
        "return crc32(connection_id.encode()) % buckets",
        "return 0",
    ),
    _late(
        "lanes_post_each_message_by_itself",
        "test_large_rooms.py",
        "app.lane",
        "        for posts, connection_ids in by_recipients(\n"
        "            [(batch.posted, batch.connection_ids) for batch in batches]\n"
        "        ):\n",
        "        for posts, connection_ids in (\n"
        "            ([batch.posted], batch.connection_ids) for batch in batches\n"
        "        ):\n",
    ),
    _late(
        "windows_stay_short_whatever_they_cost",
        "test_large_rooms.py",
        "domain.matches.window",
        "    planned = int(pace.posts_per_second * PLANNED_SHARE)\n",
        "    return 0\n    planned = int(pace.posts_per_second * PLANNED_SHARE)\n",
    ),
    _late(
        "what_follows_a_fan_out_fails_it",
        "test_advice.py",
        "app.post",
        "all(attempt(step) for step in steps)",
        "[step() for step in steps]",
    ),
    _late(
        "no_advice_no_score",
        "test_advice.py",
        "app.load",
        "            known: T = self.known.get(name, default)\n            return known\n",
        "            raise\n",
    ),
    _late(
        "advice_is_asked_for_until_it_comes",
        "test_advice.py",
        "wiring.tables",
        "    return Table(table_name, clients.dynamodb(1), lambda: clients.dynamodb(1),",
        "    return Table(table_name, clients.dynamodb(6), lambda: clients.dynamodb(6),",
    ),
    _late(
        "throttled_keys_are_read_until_they_come",
        "test_database.py",
        "aws.dynamodb.table",
        "        for attempt in self._attempts():\n"
        "            if attempt == UNPROCESSED_TRIES_MAX:\n"
        "                break\n"
        "            reply = self._client.batch_get_item(",
        "        while True:\n            reply = self._client.batch_get_item(",
    ),
    _late(
        "throttled_writes_are_tried_for_ever",
        "test_database.py",
        "aws.dynamodb.table",
        "            if self._system.now_ms() - begun_ms > within_ms:",
        "            if self._system.now_ms() - begun_ms > 60_000:",
    ),
    _late(
        "missed_events_are_sent_whatever_their_size",
        "test_sizes.py",
        "app.subscribe",
        "fits = len(compact(missed).encode()) <= EVENTS_BYTES_MAX",
        "fits = True",
    ),
    _late(
        "tournaments_are_welcomed_with_every_match",
        "test_sizes.py",
        "domain.matches.payloads",
        "    if is_all and len(compact(full).encode()) <= SNAPSHOT_BYTES_MAX:",
        "    if full:",
    ),
    _late(
        "lagging_lanes_post_everything_at_once",
        "test_sizes.py",
        "domain.publication",
        "if portion and size_bytes + bytes_of_one > SENT_BYTES_MAX - _BATCH_BYTES:",
        "if False:",
    ),
    _late(
        "deaf_is_who_is_suspected",
        "test_slow_consumers.py",
        "app.maintenance.slow_consumers",
        "throttled = tuple(each for each, got in outcomes.items() if got is Delivery.THROTTLED)",
        "throttled = tuple(outcomes)",
    ),
    _late(
        "full_buffers_count_as_the_quota",
        "test_slow_consumers.py",
        "domain.delivery",
        "quota_posts=passed + (len(stayed) if is_account else 0)",
        "quota_posts=passed + 5 * len(stayed)",
    ),
    _late(
        "records_wait_for_the_slowest_group",
        "test_flushes.py",
        "app.process_batch",
        "            if record.is_fifo or len(by_group) > 1:\n",
        "            if False:\n",
    ),
    _late(
        "failed_records_wait_for_their_queue",
        "test_welcomes.py",
        "aws.sqs.records",
        "        for record in records:\n            try:\n                self.client.change",
        "        for record in ():\n            try:\n                self.client.change",
    ),
    _late(
        "a_minute_that_no_queue_takes_is_skipped",
        "test_queues.py",
        "app.maintenance.tasks",
        "                if self.system.now_ms() > until_ms:\n",
        "                if until_ms:\n",
    ),
    Mutation(
        "claims_are_pending_no_more",
        "",
        "scorecast.aws.dynamodb.scores",
        (
            (" pending_since_ms = window_opened_at_ms", " claimed_at_ms = :now"),
            (" claimed_at_ms = :now,", ""),
            ("REMOVE {WINDOW", "REMOVE pending, pending_since_ms, {WINDOW"),
        ),
        "stress/test_flushes.py",
    ),
    _late(
        "streams_count_as_stalled",
        "test_flushes.py",
        "aws.dynamodb.scores",
        "pending_since_ms = window_opened_at_ms",
        "pending_since_ms = if_not_exists(pending_since_ms, :now)",
    ),
    _one(
        "ties_pass",
        "ties",
        "aws.dynamodb.score_acceptance",
        "OR client_revision < :revision",
        "OR client_revision <= :revision",
    ),
    _one(
        "ids_are_forgotten",
        "ties",
        "aws.dynamodb.score_acceptance",
        "*self._conditions(), _NOT_RECENT, *fits",
        "*self._conditions(), *fits",
    ),
    _late(
        "late_sweeps_are_swept",
        "test_sweeps.py",
        "app.maintenance.tasks",
        "> SWEEP_LATE_SECONDS_MAX * 1_000:",
        "> SWEEP_LATE_SECONDS_MAX * 1_000_000:",
    ),
    _late(
        "pings_count_from_when_they_were_planned",
        "test_sweeps.py",
        "app.maintenance.idle",
        "sent_at_ms=self.system.now_ms(), reached_ms",
        "sent_at_ms=self.system.now_ms() - 60_000, reached_ms",
    ),
    _late(
        "the_largest_look_is_believed",
        "test_counters.py",
        "domain.drift",
        "sure = min(look.surplus",
        "sure = max(look.surplus",
    ),
    _late(
        "deficits_stay",
        "test_counters.py",
        "app.maintenance.counters",
        "case Undercounted(deficit):",
        "case Undercounted(deficit) if deficit < 0:",
    ),
    _late(
        "a_match_and_its_tournament_share_ids",
        "test_ids.py",
        "domain.publication",
        "id=f\"{stream.replace(':', '-')}-{sequence}\"",
        'id=f"{room.id}-{sequence}"',
    ),
    _one(
        "one_connection_too_many",
        "admission",
        "aws.dynamodb.slots",
        "size(holders) < :share",
        "size(holders) <= :share",
    ),
    _one(
        "no_tombstone",
        "admission",
        "aws.dynamodb.registry",
        "return isinstance(self.table.put(Put(tombstone)), Written)",
        "return True",
    ),
    # At random it shows seldom: whoever needs the slot next takes it.
    _shown(
        "release_forgets_the_user",
        "faults/test_connections.py",
        "aws.dynamodb.registry",
        'if user_id is not None and "user_slot" in item:',
        "if False:",
    ),
    _one(
        "release_leaves_no_room",
        "rooms",
        "aws.dynamodb.registry",
        "for room, shard in connection.rooms:",
        "for room, shard in ():",
    ),
    _one(
        "connections_are_stale_unverified",
        "sweep",
        "app.maintenance.stale",
        "if self.gateway.is_open(connection_id):",
        "if False:",
    ),
    _one(
        "one_viewer_too_many",
        "rooms",
        "aws.dynamodb.occupancy",
        "members < :capacity",
        "members <= :capacity",
    ),
    _one(
        "leaving_twice_counts_twice",
        "rooms",
        "aws.dynamodb.memberships",
        "        if isinstance(outcome, Committed):\n            self.occupancy.count_out",
        "        if True:\n            self.occupancy.count_out",
    ),
    _one(
        "leaving_counts_what_is_closed",
        "rooms",
        "aws.dynamodb.memberships",
        "rooms.#room = :shard AND attribute_not_exists(closed_at_ms)",
        "rooms.#room = :shard",
    ),
    _one(
        "joining_twice_counts_twice",
        "rooms",
        "aws.dynamodb.memberships",
        "        self.occupancy.count_out(room.key)\n        return not_entered",
        "        return not_entered",
    ),
    _one(
        "counting_is_sent_again",
        "rooms",
        "aws.dynamodb.occupancy",
        "self.table.update(less, once=True)",
        "self.table.update(less)",
    ),
    _one(
        "only_the_first_page_of_members",
        "scores",
        "aws.dynamodb.memberships",
        "for page in self.table.query(membership_pk(room.key, shard)):",
        "for page in [next(self.table.query(membership_pk(room.key, shard)))]:",
    ),
    Mutation(
        "snapshot_before_membership",
        "scores",
        "scorecast.app.subscribe",
        (
            (
                "        refused = self._not_here(room)",
                "        state = self.room_state(connection, room)\n"
                "        refused = self._not_here(room)",
            ),
            ("                state = self.room_state(connection, room)\n", ""),
        ),
    ),
    Mutation(
        "versions_are_advanced_after_the_posts",
        "scores",
        "scorecast.app.flush",
        (
            (
                "        is_advanced = attempt("
                "partial(self.versions.advance, tournament_id, once=True))\n"
                "        self.broadcast.publish(rooms, posted)\n",
                "        self.broadcast.publish(rooms, posted)\n"
                "        is_advanced = attempt(partial(self.versions.advance, tournament_id))\n",
            ),
        ),
    ),
    _one(
        "a_lost_welcome_is_ignored",
        "admission",
        "app.welcome",
        "        raise NotOpenYet\n\n    def _await_opening",
        "\n    def _await_opening",
    ),
    _one(
        "late_scores_pass",
        "scores",
        "aws.dynamodb.score_acceptance",
        "yield _RECEIVED_LATER if self.update.client_revision is None else _REVISED_LATER",
        'yield "attribute_exists(pk)"',
    ),
    _one(
        "scores_after_the_end",
        "completion",
        "aws.dynamodb.score_acceptance",
        "[_TAKES_SCORES, NOT_FROZEN",
        '[f"(attribute_exists(pk) OR {_TAKES_SCORES})", NOT_FROZEN',
    ),
    _one(
        "bases_are_not_looked_at",
        "scores",
        "aws.dynamodb.score_acceptance",
        "yield _UPON_BASE",
        'yield f"({_UPON_BASE} OR attribute_exists(pk))"',
    ),
    Mutation(
        "a_tap_wipes_the_periods",
        "scores",
        "scorecast.domain.matches.play_state",
        (
            ("if update.periods is not None:", "if True:"),
            ("for period in update.periods]", "for period in update.periods or ()]"),
        ),
    ),
    _one(
        "merged_messages_have_the_periods_before",
        "scores",
        "aws.dynamodb.scores",
        "claimed_periods = if_not_exists(periods, :absent)",
        "claimed_periods = if_not_exists(claimed_periods, :absent)",
    ),
    _one(
        "viewers_keep_the_names_before",
        "registrations",
        "domain.matches.registration",
        '"match_updated", stored, {**after,',
        '"match_updated", stored, {**before,',
    ),
    _one(
        "new_matches_wait_for_somebody_to_look",
        "registrations",
        "aws.dynamodb.registrations",
        '            "unsent": match.unsent,\n',
        '            "unsent": frozenset({0}),\n',
    ),
    _one(
        "numbers_begin_anew_after_a_deletion",
        "registrations",
        "domain.matches.registration",
        "sequence=stored.sequence + 1 if stored else 1",
        "sequence=1",
    ),
    _one(
        "reopened_matches_keep_their_winner",
        "second_thoughts",
        "domain.matches.endings",
        "        result=result,\n        score=score_before_play",
        "        result=match.result,\n        score=score_before_play",
    ),
    _one(
        "a_user_disputes_twice",
        "disputes",
        "domain.matches.disputes",
        "if occasion.user_id in stored.open.values():",
        "if occasion.user_id in ():",
    ),
    _one(
        "claim_keeps_the_window",
        "scores",
        "aws.dynamodb.score_items",
        '"window_id, window_opened_at_ms, window_updates,',
        '"window_opened_at_ms, window_updates,',
    ),
    _one(
        "decision_overlooks_scores",
        "completion",
        "aws.dynamodb.match_writes",
        "match_state = :read_state AND revision = :read_revision",
        "match_state = :read_state AND (attribute_exists(pk) OR revision = :read_revision)",
    ),
    _one(
        "published_before_it_is_stored",
        "completion",
        "app.flush",
        "        room = match_room(match.id)\n",
        "        room = match_room(match.id)\n        self.matches.mark_sent(room, match.unsent)\n",
    ),
    _late(
        "claim_is_not_published_again",
        "test_flushes.py",
        "app.flush",
        "claimed is not None and claimed.claimed_by == request_id",
        "False",
    ),
    _one(
        "failures_are_not_reported",
        "scores",
        "app.process_batch",
        "return from_first_failure(group, record)",
        "return []",
    ),
    _one(
        "each_try_is_a_new_transaction",
        "rooms",
        "aws.dynamodb.table",
        "(TransactItems=items, ClientRequestToken=token)",
        "(TransactItems=items)",
    ),
    _late(
        "claim_does_not_know_itself",
        "test_flushes.py",
        "aws.dynamodb.scores",
        "            return self._claimed_before(outcome, request_id)",
        "            return None",
    ),
    _one(
        "published_matches_stay_pending",
        "completion",
        "aws.dynamodb.matches",
        'expression="REMOVE pending, pending_since_ms",\n'
        '                condition="attribute_not_exists(unsent)',
        'expression="REMOVE pending, pending_since_ms",\n'
        '                condition="attribute_exists(unsent)',
    ),
    _one(
        "second_update_ticks",
        "scores",
        "domain.matches.scoring",
        "window.id == self.revision - 1",
        "window.id == self.revision - 2",
    ),
    _one(
        "windows_share_an_id",
        "scores",
        "aws.sqs.flush_queue",
        'f"w{window.id}-{leases}"',
        'f"w-{leases}"',
    ),
    _one(
        "nothing_is_rescued",
        "scores",
        "app.maintenance.stalled",
        "until_ms=now_ms - STALLED_AFTER_MS",
        "until_ms=0",
    ),
    _one(
        "a_ticket_can_be_spent_twice",
        "http",
        "aws.dynamodb.tickets",
        "item = self.table.get(pk, _SK) and self.table.take(pk, _SK)",
        "item = self.table.get(pk, _SK)",
    ),
    _one(
        "an_expired_token_is_announced_for_ever",
        "tokens",
        "domain.connections.idle",
        "return IdleAction.END_EXPIRED if is_over else IdleAction.NOTHING",
        "return IdleAction.NOTHING",
    ),
    _one(
        "the_cut_is_not_announced",
        "tokens",
        "domain.connections.idle",
        "(CONNECTION_SECONDS_MAX - early_s)",
        "(CONNECTION_SECONDS_MAX + early_s)",
    ),
    _one(
        "one_look_proves_a_surplus",
        "reconcile",
        "domain.drift",
        "        return Suspected(seen)\n",
        "        return Overcounted(counter - counted)\n",
    ),
    _one(
        "surpluses_stay",
        "reconcile",
        "domain.drift",
        "return Overcounted(sure) if sure > 0 else",
        "return",
    ),
    _one(
        "silence_is_not_looked_at_again",
        "sweep",
        "aws.dynamodb.registry",
        '" AND last_seen_ms <= :silent_since"',
        '" AND (last_seen_ms <= :silent_since OR attribute_exists(pk))"',
    ),
)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, mutation: Mutation, path: str) -> None:
        super().__init__(mutation.module, path)
        self._mutation = mutation

    def get_code(self, fullname: str) -> types.CodeType:
        source = self.get_source(fullname)
        assert source is not None
        for right, wrong in self._mutation.changes:
            if source.count(right) != 1:
                raise LookupError(f"{self._mutation.name}: {right!r} is not once in {fullname}")
            source = source.replace(right, wrong)
        return compile(source, self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutation: Mutation) -> None:
        self._mutation = mutation

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._mutation.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        assert spec is not None and spec.origin is not None
        spec.loader = _Loader(self._mutation, spec.origin)
        return spec


def plant(name: str) -> Mutation:
    """Plant a bug; its module must not have been imported yet.

    Raises LookupError if the lines that it changes are no longer there.
    """
    mutation = next(each for each in MUTATIONS if each.name == name)
    assert mutation.module not in sys.modules, f"{mutation.module} is already there, unharmed"
    sys.meta_path.insert(0, _Finder(mutation))
    importlib.import_module(mutation.module)
    return mutation


def _is_shown_by_its_test(mutation: Mutation) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "tests.simulation.planting"]
    command += [f"tests/simulation/{mutation.test}", "--no-header", "--tb=line"]
    environment = os.environ | {"PLANTED_BUG": mutation.name}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    lines = run.stdout.strip().splitlines() or run.stderr.strip().splitlines()
    print(f"{mutation.name}: {mutation.test}: {lines[-1].strip()[:120]}", flush=True)
    return run.returncode == pytest.ExitCode.TESTS_FAILED


def _is_found(mutation: Mutation) -> bool:
    if mutation.test:
        return _is_shown_by_its_test(mutation)
    command = [sys.executable, "-m", "tests.simulation", "--mutation", mutation.name]
    command += ["--profile", mutation.profile, "--seeds", "0-5000", "--first"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = run.stdout.strip().splitlines() or run.stderr.strip().splitlines()
    example = re.search(r"--profile \w+ --replay [0-9]+", run.stdout)
    where = example.group() if example else "not found"
    print(f"{mutation.name}: {where}: {lines[-1].strip()[:120]}", flush=True)
    return run.returncode == 1 and example is not None


def main() -> int:
    wanted = sys.argv[1:] or [mutation.name for mutation in MUTATIONS]
    planted = [mutation for mutation in MUTATIONS if mutation.name in wanted]
    survivors = [mutation.name for mutation in planted if not _is_found(mutation)]
    print(f"{len(planted) - len(survivors)} of {len(planted)} were found", *survivors)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
