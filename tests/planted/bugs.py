"""The bugs: of the kinds that a tired engineer makes and a review overlooks.

Values that come from another place, glue that passes on half, one member of a set of errors, a
bound that is none, a list that is not complete.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """In `file`, `right` stands once; with `wrong` in its place `test` fails."""

    name: str
    what: str
    file: str
    right: str
    wrong: str
    test: str

    def planted_in(self, text: str) -> str:
        assert text.count(self.right) == 1, f"{self.name}: {self.right}"
        return text.replace(self.right, self.wrong)


BUGS: Final = (
    Bug(
        name="fanout_runs_as_often_as_flush",
        what="the fan-out queue is read by as many as are reserved for `flush`",
        file="template.yaml",
        right="MaximumConcurrency: !Ref FanoutConcurrency",
        wrong="MaximumConcurrency: !Ref FlushConcurrency",
        test="tests/template/test_concurrency.py::test_a_queue_is_read_by_as_many_as_are_reserved",
    ),
    Bug(
        name="history_lasts_as_long_as_events",
        what="the history is kept for the days of the event log",
        file="template.yaml",
        right="HISTORY_DAYS: !Ref HistoryDays",
        wrong="HISTORY_DAYS: !Ref EventLogDays",
        test="tests/template/test_wiring.py::test_a_variable_comes_from_what_has_its_name",
    ),
    Bug(
        name="burst_of_connects_is_that_of_reads",
        what="the burst of new connections is the budget of reads",
        file="template.yaml",
        right="ThrottlingBurstLimit: !Ref ConnectsPerSecondBudget",
        wrong="ThrottlingBurstLimit: !Ref ReadsPerSecondBudget",
        test="tests/template/test_addresses.py::test_new_connections_are_throttled_under_the_quota",
    ),
    Bug(
        name="history_begins_with_its_deployment",
        what="the stream is read from now on, not from its start",
        file="template.yaml",
        right=(
            "            # What is written before the mapping exists comes as well.\n"
            "            StartingPosition: TRIM_HORIZON"
        ),
        wrong=(
            "            # What is written before the mapping exists comes as well.\n"
            "            StartingPosition: LATEST"
        ),
        test="tests/template/test_storage.py::test_a_record_of_the_stream_comes_again_until_it_is_a_dead_letter",
    ),
    Bug(
        name="reserve_of_one_passes",
        what="one execution may be reserved for `sweep`",
        file="template.yaml",
        right="- Assert: !Not [!Equals [!Ref SweepConcurrency, 1]]",
        wrong="- Assert: !Not [!Equals [!Ref FanoutConcurrency, 1]]",
        test="tests/template/test_refused_parameters.py::test_a_queue_that_one_execution_would_read_is_refused",
    ),
    Bug(
        name="sweep_takes_ten_tasks",
        what="one sweep has ten tasks, which wait for each other",
        file="template.yaml",
        right=(
            "            # The sweep of a large shard is slow, and no task should wait for it.\n"
            "            BatchSize: 1"
        ),
        wrong=(
            "            # The sweep of a large shard is slow, and no task should wait for it.\n"
            "            BatchSize: 10"
        ),
        test="tests/template/test_concurrency.py::test_a_task_of_the_sweep_waits_for_no_other",
    ),
    Bug(
        name="fanout_alarm_watches_the_flush_queue",
        what="the alarm on the age of the fan-out queue looks at another queue",
        file="infra/observability.yaml",
        right="Dimensions: [{Name: QueueName, Value: !Ref FanoutQueue}]",
        wrong="Dimensions: [{Name: QueueName, Value: !Ref FlushQueue}]",
        test="tests/template/test_wiring.py::test_an_alarm_of_waiting_messages_looks_at_the_queue_of_its_name",
    ),
    Bug(
        name="dead_letter_is_averaged_away",
        what="the alarm on dead letters takes the mean",
        file="infra/observability.yaml",
        right="Value: !Ref SweepDeadLetterQueue}], Statistic: Maximum",
        wrong="Value: !Ref SweepDeadLetterQueue}], Statistic: Average",
        test="tests/template/test_wiring.py::test_one_dead_letter_is_enough_for_an_alarm",
    ),
    Bug(
        name="every_task_is_a_retry",
        what="the first delivery of a task counts as a repeated one",
        file="functions/sweep.py",
        right="is_retry=record.receives > 1",
        wrong="is_retry=record.receives > 0",
        test="tests/engine/test_viewers.py::test_a_leave_is_published_and_so_is_the_next",
    ),
    Bug(
        name="retry_after_is_rounded_down",
        what="`Retry-After` is a second too short",
        file="functions/connect.py",
        right="str(-(-retry_after_ms // 1_000))",
        wrong="str(retry_after_ms // 1_000)",
        test="tests/integration/test_connect.py::test_a_handshake_over_the_rate_gets_an_exact_retry_after",
    ),
    Bug(
        name="event_bus_shows_users",
        what="events carry user ids unless scores are sent too",
        file="functions/event_bus.py",
        right="return found if own.publish_user_ids else",
        wrong="return found if not own.publish_scores else",
        test="tests/acceptance/test_event_bus.py::test_scores_stay_here_unless_they_are_asked_for",
    ),
    Bug(
        name="second_post_has_all_the_time",
        what="the second post may take ten seconds",
        file="layers/core/scorecast/app/post.py",
        right="time_ms_max=FAN_OUT_MS_MAX // 2",
        wrong="time_ms_max=FAN_OUT_MS_MAX * 2",
        test="tests/unit/test_post.py::test_the_second_post_takes_no_longer_than_half_of_the_first",
    ),
    Bug(
        name="only_the_first_record_returns_soon",
        what="of a failed group only the first record comes again soon",
        file="layers/core/scorecast/app/process_batch.py",
        right="        queue.return_soon(left)\n",
        wrong="        queue.return_soon(left[:1])\n",
        test="tests/integration/test_batch.py::test_what_failed_comes_again_soon",
    ),
    Bug(
        name="load_is_as_it_was_first",
        what="without DynamoDB the load is what was read first, not last",
        file="layers/core/scorecast/app/load.py",
        right="        self.known[name] = value\n",
        wrong="        self.known.setdefault(name, value)\n",
        test="tests/unit/test_load.py::test_what_cannot_be_read_is_as_it_was_read_last",
    ),
    Bug(
        name="expiry_is_notified_at_every_sweep",
        what="the expiry of a token is announced again and again",
        file="layers/core/scorecast/app/maintenance/idle.py",
        right="        self.connections.note_expiry_notified(idle.connection_id)\n",
        wrong="",
        test="tests/integration/test_sweep.py::test_an_expired_token_is_announced_and_then_ends_the_connection",
    ),
    Bug(
        name="reposts_go_at_full_pace",
        what="reposts take the whole budget of posts",
        file="layers/core/scorecast/app/maintenance/reposts.py",
        right="posts_per_second=self.posts_per_second * REPOSTS_SHARE",
        wrong="posts_per_second=self.posts_per_second",
        test="tests/integration/test_reposts.py::test_reposts_leave_most_of_the_budget_to_scores",
    ),
    Bug(
        name="two_movers_of_one_number",
        what="two movers of a tournament may have the same number",
        file="layers/core/scorecast/aws/dynamodb/moves.py",
        right="attribute_not_exists(move_number) OR move_number < :number",
        wrong="attribute_not_exists(move_number) OR move_number <= :number",
        test="tests/integration/test_moves.py::test_of_two_movers_that_take_the_same_number_one_begins",
    ),
    Bug(
        name="marks_close_nothing",
        what="the mark of a move does not close its match",
        file="layers/core/scorecast/aws/dynamodb/match_keys.py",
        right='"attribute_not_exists(frozen_by)"',
        wrong='"attribute_exists(pk)"',
        test="tests/integration/test_moves.py::test_a_mark_closes_its_match_to_what_has_seen_no_move",
    ),
    Bug(
        name="failed_post_is_not_tried_again",
        what="a post that failed is not tried once more",
        file="layers/core/scorecast/aws/gateway.py",
        right="failed = [each for each, got in outcomes.items() if got is Delivery.FAILED]",
        wrong="failed = [each for each, got in outcomes.items() if got is Delivery.SKIPPED]",
        test="tests/integration/test_gateway.py::test_a_post_that_failed_is_tried_once_more_and_no_other",
    ),
    Bug(
        name="one_region_of_china",
        what="only one region of China has the domain of China",
        file="layers/core/scorecast/aws/secrets_manager.py",
        right='"amazonaws.com.cn" if region.startswith("cn-")',
        wrong='"amazonaws.com.cn" if region == "cn-north-1"',
        test="tests/integration/test_secrets.py::test_the_address_is_the_one_that_boto3_uses",
    ),
    Bug(
        name="eleven_events_a_request",
        what="a request to EventBridge has eleven entries",
        file="layers/core/scorecast/aws/event_bus.py",
        right="len(some) == _ENTRIES_MAX or",
        wrong="len(some) > _ENTRIES_MAX or",
        test="tests/acceptance/test_event_bus.py::test_events_of_different_matches_share_a_request",
    ),
    Bug(
        name="second_failure_waits_as_the_first",
        what="a record that failed twice comes again as soon as at first",
        file="layers/core/scorecast/aws/sqs/records.py",
        right="RECORD_RETRY_SECONDS if receives <= 1 else",
        wrong="RECORD_RETRY_SECONDS if receives <= 2 else",
        test="tests/unit/test_fifo.py::test_a_record_waits_longer_from_its_second_failure_on",
    ),
    Bug(
        name="verification_carries_one_message",
        what="of several lost messages the verification of a 410 carries the first",
        file="layers/core/scorecast/aws/sqs/sweep_queue.py",
        right="self.put(VerifyGone(some, tuple(reposts)), delay_s=delay_s)",
        wrong="self.put(VerifyGone(some, tuple(reposts[:1])), delay_s=delay_s)",
        test="tests/integration/test_sweep.py::test_a_410_to_several_messages_together_is_verified_with_all_of_them",
    ),
    Bug(
        name="ticket_expires_in_milliseconds",
        what="the time to live of a ticket is in milliseconds",
        file="layers/core/scorecast/aws/dynamodb/tickets.py",
        right='"expires_at": expires_at_ms // 1_000',
        wrong='"expires_at": expires_at_ms',
        test="tests/integration/test_tickets.py::test_the_table_does_not_hold_the_ticket",
    ),
    Bug(
        name="page_of_live_matches_skips_one",
        what="a page of live matches ends one too late",
        file="layers/core/scorecast/aws/dynamodb/listings.py",
        right=(
            'last = str(items[limit - 1]["listed_key"]) if len(items) > limit else None\n'
            "        return Page(sorted"
        ),
        wrong=(
            'last = str(items[limit]["listed_key"]) if len(items) > limit else None\n'
            "        return Page(sorted"
        ),
        test="tests/integration/test_listings.py::test_M11_live_matches_of_all_tournaments_are_listed",
    ),
    Bug(
        name="deleted_tournament_never_expires",
        what="a deleted tournament expires in thousands of years",
        file="layers/core/scorecast/aws/dynamodb/tournament_removal.py",
        right="self.system.now_ms() // 1_000 + self.log_days",
        wrong="self.system.now_ms() + self.log_days",
        test="tests/integration/test_listings.py::test_M10_an_empty_tournament_is_deleted_and_its_numbers_go_on",
    ),
    Bug(
        name="private_snapshot_is_public",
        what="a shared cache keeps what not everyone may read",
        file="layers/core/scorecast/http/caching.py",
        right="'public' if is_anonymous else 'private'",
        wrong="'public' if not is_anonymous else 'private'",
        test="tests/http/test_caching.py::test_what_anyone_may_read_may_be_kept_by_every_cache",
    ),
    Bug(
        name="busy_table_is_our_fault",
        what="a table that is busy is answered with 500",
        file="layers/core/scorecast/http/middleware.py",
        right="    return isinstance(error, Contention)",
        wrong="    return False",
        test="tests/unit/test_http_middleware.py::test_a_busy_table_is_distinguished_from_a_fault",
    ),
    Bug(
        name="address_has_the_burst_of_a_user",
        what="an address has the burst of a user",
        file="layers/core/scorecast/http/rate_limits.py",
        right="Rate(settings.messages_per_second_per_ip, settings.message_burst_per_ip)",
        wrong="Rate(settings.messages_per_second_per_ip, settings.message_burst_per_user)",
        test="tests/http/test_rate_limits.py::test_anonymous_reads_spend_the_limit_of_their_address",
    ),
    Bug(
        name="disconnect_revokes_nothing",
        what="disconnecting a user leaves the stolen token good",
        file="layers/core/scorecast/http/users.py",
        right='!= "keep"',
        wrong='== "revoke"',
        test="tests/acceptance/test_fairness.py::test_a_revoked_token_opens_nothing",
    ),
    Bug(
        name="edge_counts_as_the_viewer",
        what="all viewers behind CloudFront share its address",
        file="layers/core/scorecast/http/sender.py",
        right=("    if addresses[-1] == request.source_ip:\n        addresses.pop()\n"),
        wrong="",
        test="tests/unit/test_sender.py::test_the_viewer_is_the_last_before_the_edge",
    ),
    Bug(
        name="room_shows_another_limit",
        what="the capacity of a room is that of an address",
        file="layers/core/scorecast/http/rooms.py",
        right='"capacity": call.services.settings().room_capacity',
        wrong='"capacity": call.services.settings().connections_per_ip',
        test="tests/integration/test_api.py::test_a_room_shows_how_many_watch_and_how_many_fit",
    ),
    Bug(
        name="list_keeps_its_spaces",
        what="origins keep the spaces after their commas",
        file="layers/core/scorecast/runtime/settings.py",
        right='tuple(part.strip() for part in text.split(",") if part.strip())',
        wrong='tuple(part for part in text.split(",") if part.strip())',
        test="tests/unit/test_settings.py::test_values_have_the_types_of_their_fields",
    ),
    Bug(
        name="read_timeout_sent_nothing",
        what="a read timeout counts as nothing sent, so a POST goes out twice",
        file="clients/python/scorecast_client/retries.py",
        right="(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)",
        wrong="(httpx.ConnectError, httpx.TimeoutException)",
        test="tests/clients/python/test_retries.py::test_what_may_have_arrived_is_not_sent_twice_unless_that_is_harmless",
    ),
    Bug(
        name="status_500_is_final",
        what="a 500 is not tried again",
        file="clients/python/scorecast_client/retries.py",
        right="response.status_code < 500",
        wrong="response.status_code <= 500",
        test="tests/clients/python/test_retries.py::test_a_status_says_whether_a_request_is_sent_again",
    ),
    Bug(
        name="backoff_is_never_reset",
        what="the backoff stays long after a connection that has settled",
        file="clients/python/scorecast_client/session.py",
        right="            self._backoff.reset()\n",
        wrong="            pass\n",
        test="tests/clients/python/test_session.py::test_a_connection_that_has_settled_makes_the_next_wait_short_again",
    ),
    Bug(
        name="refusal_425_is_final",
        what="a handshake that was too early counts as refused for good",
        file="clients/python/scorecast_client/reconnect_policy.py",
        right="frozenset({408, 410, 425, 429})",
        wrong="frozenset({408, 410, 429})",
        test="tests/clients/python/test_reconnect_policy.py::test_a_refusal_may_pass_only_by_a_status_that_says_so",
    ),
    Bug(
        name="all_viewers_ask_at_once",
        what="viewers that miss the same event ask at the same time",
        file="clients/python/scorecast_client/resync.py",
        right="self._random() * self._spread_seconds(room)",
        wrong="self._spread_seconds(room)",
        test="tests/clients/python/test_memberships.py::test_viewers_that_miss_the_same_event_ask_at_times_of_their_own",
    ),
    Bug(
        name="spread_of_questions_has_no_end",
        what="viewers of a large room ask after minutes",
        file="clients/python/scorecast_client/resync.py",
        right="return min(viewers / GAP_REQUESTS_PER_SECOND, GAP_SPREAD_SECONDS_MAX)",
        wrong="return max(viewers / GAP_REQUESTS_PER_SECOND, GAP_SPREAD_SECONDS_MAX)",
        test="tests/clients/python/test_memberships.py::test_a_gap_is_asked_for_at_a_random_time_that_grows_with_the_room",
    ),
    Bug(
        name="short_token_is_renewed_at_once",
        what="a token of a short life is renewed again and again",
        file="clients/python/scorecast_client/token_refresh.py",
        right="left_seconds / 2)",
        wrong="left_seconds * 2)",
        test="tests/clients/python/test_session.py::test_a_token_of_a_short_life_is_renewed_in_the_middle_of_it_and_not_at_once",
    ),
    Bug(
        name="failed_renewal_counts_as_shown",
        what="a token that the server did not take is never shown again",
        file="clients/python/scorecast_client/token_refresh.py",
        right="self._credentials.shown = before  # so that the same one may be tried again",
        wrong="pass",
        test="tests/clients/python/test_session.py::test_a_token_that_the_server_has_not_taken_may_be_shown_again",
    ),
    Bug(
        name="reads_stay_slow",
        what="reads of a full room stay slow after a change",
        file="clients/python/scorecast_client/overflow.py",
        right='response.headers.get("etag", ""), self._timings.poll_seconds',
        wrong='response.headers.get("etag", ""), seconds',
        test="tests/clients/python/test_overflow.py::test_reads_slow_down_until_something_changes",
    ),
    Bug(
        name="reads_have_no_longest_pause",
        what="reads of a full room have no longest pause",
        file="clients/python/scorecast_client/overflow.py",
        right="min(seconds * SLOWDOWN, self._timings.poll_seconds_max)",
        wrong="max(seconds * SLOWDOWN, self._timings.poll_seconds_max)",
        test="tests/clients/python/test_overflow.py::test_reads_slow_down_until_something_changes",
    ),
    Bug(
        name="history_is_two_pages",
        what="a history ends after its second page",
        file="clients/python/scorecast_client/publisher.py",
        right='        while page["next"] is not None:\n',
        wrong='        if page["next"] is not None:\n',
        test="tests/clients/python/test_publisher.py::test_a_history_is_read_page_by_page",
    ),
    Bug(
        name="numbers_of_the_busiest_are_forgotten",
        what="the number that was known first is forgotten, however busy its match",
        file="clients/python/scorecast_client/sequences.py",
        right=(
            "            self._newest.pop(numbered, None)\n"
            "            self._newest[numbered] = sequence"
        ),
        wrong="            self._newest[numbered] = sequence",
        test="tests/clients/python/test_feed.py::test_of_too_many_numbers_those_of_the_longest_silence_are_forgotten",
    ),
    Bug(
        name="slow_answer_sets_the_clock_back",
        what="an answer that is 31 ms late sets the client's clock back",
        file="clients/python/scorecast_client/server_clock.py",
        right="max(self._windows) - STEP_BACK_MS",
        wrong="max(self._windows) - STEP_BACK_MS / 1000",
        test="tests/clients/python/test_clocks.py::test_of_several_answers_the_one_furthest_ahead_is_the_most_exact",
    ),
    Bug(
        name="revisions_go_on_from_a_wrong_clock",
        what="revisions stay ahead after the server's clock was set back",
        file="clients/python/scorecast_client/revisions.py",
        right=(
            "            if self._newest > now_ms + AHEAD_MS_MAX:\n"
            "                self._newest = 0  # the server's clock was set back\n"
        ),
        wrong="",
        test="tests/clients/python/test_clocks.py::test_revisions_are_strictly_increasing_and_never_far_ahead_of_the_server",
    ),
)
