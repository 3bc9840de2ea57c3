"""Every limit of the service that is not a parameter of the template."""

from typing import Final

ID_CHARACTERS_MAX: Final = 64
"""Length of the id of a match, tournament, user or message. Longer ones are `invalid_schema`."""

SCORE_MAX: Final = 10**12
"""Largest score of one participant, and largest negative one. Others are `invalid_schema`."""

SCALE_MAX: Final = 3
"""Decimal places of a score: scores are integers in units of 10^-scale."""

BEST_OF_MAX: Final = 99
"""Sets or maps that a match may be the best of."""

UNIT_CHARACTERS_MAX: Final = 24
"""Length of the word for what a score counts."""

PERIODS_MAX: Final = 32
"""Periods of a match: sets, maps, halves. More are `invalid_schema`."""

PERIOD_NAME_CHARACTERS_MAX: Final = 24
"""Length of a period's name. With `PERIODS_MAX` it bounds them to 7 KB of a message."""

SHOOTOUT_SCORE_MAX: Final = 1_000
"""Highest score of one participant in a shoot-out."""

CLOCK_MS_MAX: Final = 7 * 24 * 60 * 60 * 1_000
"""Longest time that a match's clock can show: a week."""

INTEGER_MAX: Final = 2**53 - 1
"""Largest integer that every JSON parser keeps exact (RFC 8259 §6)."""

METADATA_BYTES_MAX: Final = 2048
"""Size of the `metadata` of a match, a participant or a tournament as compact JSON. Larger ones
are `invalid_schema`."""

METADATA_DEPTH_MAX: Final = 8
"""Nesting of `metadata`. Deeper ones are `invalid_schema`."""

REVISION_AHEAD_MS_MAX: Final = 60_000
"""How far a `client_revision` may be ahead of the server's time: one wrong clock must not refuse
all other officials until it has passed."""

JSON_DEPTH_MAX: Final = 32
"""Nesting of a message. Deeper ones are `invalid_json`."""

DETAILS_BYTES_MAX: Final = 2048
"""Size of a score's `details` as compact JSON. Larger ones are `invalid_schema`."""

DETAILS_DEPTH_MAX: Final = 8
"""Nesting of a score's `details`. Deeper ones are `invalid_schema`."""

BODY_BYTES_MAX: Final = 64 * 1024
"""Size of an HTTP body. Larger ones are `payload_too_large`, unread; API Gateway allows 10 MB."""

REFUSAL_BYTES_MAX: Final = 512
"""Size of the error for a malformed message. Wrong fields that do not fit are not named."""

REASON_CHARACTERS_MAX: Final = 500
"""Length of a reason or a note."""

DISPUTES_MAX: Final = 10
"""Disputes of one match, resolved ones included. More are `forbidden`."""

NAME_CHARACTERS_MAX: Final = 120
"""Length of the name of a tournament, participant or user. Longer names in tokens are cut."""

TOKEN_CHARACTERS_MAX: Final = 4096
"""Length of a token. It can be part of a URL, where API Gateway accepts no more."""

TOKEN_TOURNAMENTS_MAX: Final = 100
"""Tournaments in one token, and matches: an authorizer's response holds 8 KB. More get status
401."""

TOKEN_LEEWAY_SECONDS: Final = 10
"""Allowed difference between the clocks of an identity provider and of a Lambda."""

SECRET_BYTES_MIN: Final = 32
"""Shorter HS256 secrets are rejected at start-up (RFC 7518 §3.2)."""

SECRET_CACHE_SECONDS: Final = 300
"""How long a warm Lambda caches a secret, so that it notices a rotation."""

CONNECTION_SECONDS_MAX: Final = 2 * 60 * 60
"""API Gateway closes a connection after two hours."""

CONNECTION_ROW_SECONDS: Final = CONNECTION_SECONDS_MAX + 5 * 60
"""After this a connection's items count as deleted, whether TTL has deleted them or not."""

TOMBSTONE_SECONDS: Final = 10 * 60
"""Lifetime of the tombstone of a connection that was closed before it was admitted: longer than its
`$connect` can still take."""

RATE_LIMIT_ROW_SECONDS: Final = 3 * 60 * 60
"""Lifetime of the item of an unused rate limit. By then the limit has recovered and a penalty is
over."""

HANDSHAKE_SECONDS_MAX: Final = 10
"""A connection younger than this may still be in its handshake: a 410 says nothing about it."""

OPENING_WAIT_MS_MAX: Final = 3_000
"""How long `welcome` waits for a handshake to end before it leaves the record to redelivery."""

OPENING_POLL_MS: Final = 40
"""Pause between two checks whether a handshake has ended."""

SHARD_MEMBERS_MAX: Final = 500
"""Members of a membership shard: one Query page, and the posts of one fan-out."""

POSTS_IN_FLIGHT_MAX: Final = 128
"""Concurrent posts of one fan-out: at 10 ms each, 12,800 a second."""

REQUESTS_IN_FLIGHT_MAX: Final = 512
"""Concurrent requests of a process, which may open 1,024 files. Further requests wait."""

POST_TIMEOUT_MS: Final = 1_500
"""Duration of one post. Slower ones count as failed, so that a few hanging posts delay no room."""

FAN_OUT_MS_MAX: Final = 5_000
"""Duration of one fan-out. Posts left after that are skipped: the next message is newer."""

WINDOW_MS_MAX: Final = 5_000
"""Longest window, whatever the load. Load beyond that shows as skipped posts (429)."""

LANES_WINDOW_MS_MAX: Final = 500
"""Longest window that is caused by the other matches of a large room, whose lanes also coalesce."""

CLAIM_MS: Final = 15
"""Duration of the last read of a window and of its claim."""

WINDOW_POLL_MS: Final = 50
"""How often a waiting `flush` checks whether a decisive event has closed its window."""

WINDOW_LEASE_MS: Final = 2_000
"""A window that is open for longer has lost its flush request; the next update sends another."""

CONTENTION_ATTEMPTS_MAX: Final = 12
"""Attempts at a write that lost races against others. After that the command fails as
`internal_error`."""

CONTENTION_MS_MAX: Final = 2_000
"""Latest start of an attempt after the first one, which bounds a request's duration."""

VERSION_MS_MAX: Final = 300
"""How long posts wait while the update of a tournament's version is refused; then they are sent
without it."""

UNPROCESSED_TRIES_MAX: Final = 6
"""Attempts at reading keys that DynamoDB returns as unprocessed while it throttles."""

CONTENTION_PAUSE_MS: Final = 25
"""Mean pause before the second attempt; it doubles, with full jitter, up to 16 times as much."""

HOLDERS_CHECKED_MAX: Final = 2
"""Slot holders that a `$connect` at its limit checks with the gateway."""

STALE_CHECK_SECONDS: Final = 10
"""The holders of a user's or an address's slots are checked at most this often."""

ADDRESS_RESERVE: Final = 10
"""Connections beyond an address's limit, for officials and the match's participants."""

ROOM_RESERVE: Final = 20
"""Members beyond a room's capacity, for officials and the match's participants."""

SENT_BYTES_MAX: Final = 30_000
"""Largest message or response of the service: below what API Gateway meters as one, headers
included."""

MESSAGE_METERED_BYTES: Final = 32 * 1024
"""Largest frame that counts as one message: API Gateway meters and splits at 32 KB."""

KEY_SET_PAUSE_SECONDS: Final = 60
"""At most this often, an unknown key id makes the authorizer fetch the key set again."""

KEY_SET_SECONDS_MAX: Final = 3_600
"""An older key set is fetched again: a withdrawn key is accepted for at most this long."""

KEY_SET_TIMEOUT_SECONDS: Final = 3
"""Time-out for fetching a key set; after it, the token is refused with a 5xx."""

ROOM_FULL_RETRY_MS: Final = 10_000
"""When a client may retry a full room; it is not known when a place becomes free."""

STREAM_RECORDS_MAX: Final = 100
"""Records of a batch of a table's stream; the template's BatchSize."""

STREAM_RECORDS_AT_ONCE: Final = 25
"""Stream records that are processed together: if that fails, all are delivered again."""

HISTORY_PAGE_MAX: Final = 100
"""Entries of one page of a match's history. A page may have fewer, so that it stays small."""

HISTORY_READ_MAX: Final = 25
"""Entries that are read first: more are read if the page has room for them."""

BATCH_RECORDS_MAX: Final = 10
"""Records of an SQS batch; the template's BatchSize. FIFO queues take no more."""

ORGANIZERS_MAX: Final = 100
"""Organizers of one tournament. More get status 422."""

LAST_SEEN_WRITE_SECONDS: Final = 10
"""A connection's last activity is written at most this often, however many messages arrive."""

SWEEP_PERIOD_SECONDS: Final = 12
"""Time between sweeps of a connection. A schedule fires each minute; delayed messages do the
rest."""

SWEEP_LATE_SECONDS_MAX: Final = 15
"""A sweep that is later than planned by more is dropped: the next one is due."""

REQUEUE_PERIOD_SECONDS: Final = 8
"""Interval between two searches for stalled matches and undelivered messages."""

SCHEDULING_MS_MAX: Final = 20_000
"""How long the schedule's event retries to put a minute's tasks on a failing queue."""

SCHEDULING_PAUSE_MS: Final = 1_000
"""Pause between two such attempts."""

PINGS_SHARE: Final = 0.1
"""Share of the posting budget for the pings of all portions of the sweep."""

PINGS_MISSED_MAX: Final = 20
"""Connections that one sweep records as not pinged; more mean that the quota was used up."""

CONNECTION_SHARDS: Final = 32
"""Partitions of connections. Each takes 1,000 writes a second, and DynamoDB splits one with more
load: together they are enough for a million quiet viewers."""

SWEEP_PORTION_CONNECTIONS: Final = 2_500
"""Above this number of connections per portion of the sweep, the number of portions is doubled."""

SWEEP_PAGE_CONNECTIONS: Final = 1_000
"""Connections that a sweep handles between two checks of its remaining time."""

SWEEPS_COUNTED_SECONDS: Final = 60
"""Older sweeps are not used to estimate the number of connections."""

SETTLED_MAX: Final = 500
"""Rows of closed connections that one sweep of a portion settles."""

SETTLE_SECONDS: Final = 30
"""An item that has been closed for longer was left behind by a Lambda that died: the sweep settles
it."""

SLOTS_PER_ITEM: Final = 25
"""Slots of a user or an address in one item, which is then smaller than a write unit's 1 KB."""

SWEEPS_REMEMBERED: Final = 12
"""Sweeps that a portion records: enough for any sensible heartbeat timeout."""

SWEEP_MS_MAX: Final = 20_000
"""Duration of one sweep of a portion. The next sweep handles the rest."""

REFRESH_GRACE_SECONDS: Final = 25
"""After `token_expired` a client has this long to send `refresh`."""

DRAIN_BEFORE_SECONDS: Final = 5 * 60
"""Goodbye 4012 is sent at the latest this long before API Gateway closes the connection."""

DRAIN_SPREAD_SECONDS: Final = 15 * 60
"""Goodbyes 4012 to connections of the same age are spread over this long before that."""

RECONCILE_SECONDS: Final = 60
"""Interval between two checks of a counter that seems too high."""

RECONCILE_LOOKS: Final = 3
"""Checks that must all find a surplus before the smallest one found is subtracted."""

RECONCILED_MAX: Final = 100
"""Counters that one task compares with what they count."""

COUNTER_ROW_SECONDS: Final = 2 * CONNECTION_ROW_SECONDS
"""How long an unused counter is stored: longer than any connection that it may count."""

STALLED_AFTER_MS: Final = 5_000
"""A match whose events have been pending for longer gets another flush request."""

GONE_CONFIRMED_MAX: Final = 100
"""Connection ids in one message about connections that answered 410."""

GONE_RETRY_SECONDS: Final = 10
"""Pause before a 410 from a connection that may have been in its handshake is checked again."""

ABUSE_REFUSALS_MAX: Final = 10
"""Above this number of dropped messages in ten seconds, a connection is closed with goodbye
4008."""

ABUSE_WINDOW_SECONDS: Final = 10
"""The time in which dropped messages of a connection are counted."""

PENALTY_SECONDS: Final = 10
"""The wait of the user, or the anonymous address, after that goodbye; it doubles each time."""

PENALTY_SECONDS_MAX: Final = 60 * 60
"""The longest wait after a goodbye 4008 for abuse."""

PENALTY_MEMORY_SECONDS: Final = 2 * PENALTY_SECONDS_MAX
"""After this long without abuse, the wait starts again from its minimum."""

RESERVE_PER_SECOND: Final = 5
"""Reports per second of a user that pass although its other messages have used up its rate
limit."""

RESERVE_BURST: Final = 10
"""The same, in a burst."""

HANDSHAKES_PER_SECOND: Final = 1
"""Handshakes per second of a user, or of an address for clients without one, on average."""

HANDSHAKE_BURST: Final = 20
"""Handshakes of a user, or of an address, in a burst. More are refused with status 429."""

SUBSCRIPTIONS_PER_SECOND: Final = 1
"""Subscriptions per second of a user, or of an address for clients without one, on average: each
join and leave may change a count that is sent to a whole room."""

SUBSCRIPTION_BURST: Final = 30
"""The same, in a burst: three tabs that each follow ten rooms."""

FULL_READ_SECONDS: Final = 5
"""Average interval between two tournaments that a user, or an address for clients without one,
reads in full over HTTP; a 304 is not counted. More get status 429."""

FULL_READ_BURST: Final = 30
"""The same, in a burst."""

PAGE_READS_PER_SECOND: Final = 1
"""Pages of lists, and structures, per second that a user, or an address for clients without one,
reads over HTTP on average. More get status 429."""

PAGE_READ_BURST: Final = 60
"""The same, in a burst: a page that shows a large tournament reads five."""

REFUSALS_REMEMBERED_MAX: Final = 1_000
"""Clients that a warm Lambda refuses without reading the table, since it has just refused them."""

THROTTLE_LEVEL_SECONDS: Final = 10
"""How long windows stay wider after API Gateway has throttled a fan-out."""

THROTTLE_LEVEL_MAX: Final = 5
"""How often throttling may double a window."""

SLOW_SUSPECTS_SHARE: Final = 0.05
"""Up to this share of a fan-out's clients may be suspected of reading nothing; if more stay
throttled, the account's quota is the cause."""

SLOW_SUSPECTS_MIN: Final = 20
"""Number of clients of a fan-out that may be suspected, however small it is."""

PROBES_MAX: Final = 4
"""Rounds of pings that a slow client has to leave unread before it is disconnected."""

PROBE_PAUSE_SECONDS: Final = 5
"""Interval between two rounds of pings to a client that reads nothing."""

PROBE_POSTS_MAX: Final = 3
"""Pings of one round: the account's quota may throttle one of them, but hardly all."""

PROBE_LEASE_SECONDS: Final = 40
"""How long a slow client is under probation: it is not suspected a second time meanwhile."""

REPOST_DELAYS_SECONDS: Final = (1, *([4] * 12))
"""Pauses before each repost of a message that was not delivered and is still the newest."""

REPOSTS_SHARE: Final = 0.1
"""Share of the posting budget for reposts, so that they do not delay newer messages."""

REPOST_MS_MAX: Final = 10_000
"""Duration of one round of reposts. The rest waits for the next round."""

UNDELIVERED_SECONDS: Final = 15 * 60
"""After this long, an undelivered message is no longer posted."""

PLANNED_SHARE: Final = 0.8
"""Share of the posting budget that windows and lanes are planned with; the rest is in hand for
welcomes, pings, reposts and answers."""

FANOUT_BATCH_MEMBERS_MAX: Final = 500
"""Connections in one fan-out batch: with a message of 32 KB about 50 KB of an SQS message."""

ADVICE_REMEMBERED_MAX: Final = 1_000
"""Values that a warm Lambda caches for use while they cannot be read."""

QUOTA_PAUSE_MS: Final = 50
"""Pause before the second post to clients whose first was throttled: the account's quota refills by
thousands of posts a second."""

QUOTA_POSTS_MANY: Final = 5
"""If this many throttled posts of one fan-out pass the second time, the account's quota was
certainly the cause."""

VIEWERS_QUICK_MAX: Final = 100
"""A room with up to this many viewers gets its count each second, a larger one every five."""

VIEWERS_CHANGE_PERCENT: Final = 1
"""In a larger room the count is published only if it has changed by this share."""

VIEWERS_DELAY_SECONDS: Final = 1
VIEWERS_DELAY_SECONDS_LARGE: Final = 5

VIEWERS_LEASE_MS: Final = 15_000
"""If a room has been marked for longer, its record is lost; the next join or leave sends
another."""

UPDATES_BYTES_MAX: Final = 8_000
"""Size of the merged updates in a `score_updated`; later ones are only in the history."""

UPDATE_NAMES_BYTES: Final = 140
"""Bytes that field names and the revision add to an update in a message."""

SNAPSHOT_BYTES_MAX: Final = 17_500
"""Size of a tournament's summary in a message; from a larger one, first the scores' details and
then matches that are not being played are omitted. A match's snapshot is always smaller."""

EVENTS_BYTES_MAX: Final = SENT_BYTES_MAX - SNAPSHOT_BYTES_MAX - 1_000
"""Size of the missed events in a `subscribed`; with more, `recovered` is false."""

EVENT_DATA_BYTES_MAX: Final = 16 * 1024
"""Size of a tournament event's data as compact JSON."""

RECORD_RETRY_SECONDS: Final = 1
"""A record that failed once is delivered again after this long."""

RECORD_RETRY_SECONDS_LATER: Final = 4
"""A record that failed before is delivered again after this long, until the queue gives it up."""

RECORD_MS_MAX: Final = 6_000
"""A record is not begun with less time left, since its Lambda might be stopped in the middle of
it."""

RATE_LIMIT_ATTEMPTS_MAX: Final = 20
"""Attempts at a rate limit that concurrent messages of the same client change; then
`internal_error`."""

TICKET_SECONDS: Final = 60
"""How long a ticket can be redeemed after it was issued."""

FANOUT_LANES: Final = 4
"""Lambdas that share the posts of one message to one large room."""

IDEMPOTENCY_SECONDS: Final = 24 * 60 * 60
"""A request with an `Idempotency-Key` that is repeated within this time is not executed again."""

PAGE_ITEMS_MAX: Final = 100
"""Matches or tournaments in one page of a list."""

LISTED_MATCHES_MAX: Final = 500
"""Matches in a tournament's snapshot. With more it is incomplete; the rest can be read in pages."""

ROOM_MATCHES_KEPT_MAX: Final = 8
"""Tournaments whose rooms' matches a warm function keeps in memory."""

ROOM_MATCHES_MS: Final = 5_000
"""How long it keeps them at most, even if the version does not change."""

ROOM_DAY_MS: Final = 24 * 60 * 60 * 1_000
"""The snapshot of an incomplete tournament's room has the live matches, and the next ones that
begin after this long ago."""

BATCH_MATCHES_MAX: Final = 100
"""Matches of one `PUT /tournaments/{id}/matches`. More get status 422."""

STRUCTURE_BYTES_MAX: Final = 256 * 1024
"""Size of a tournament's structure as compact JSON: a DynamoDB item holds 400 KB."""

MOVE_LEASE_SECONDS: Final = 30
"""After this long without a sign of its mover, a leaving tournament is open in its old cell again.

Clients retry a score for longer than that.
"""

MOVING_RETRY_MS: Final = 500
"""When to retry what was refused because the tournament is moving."""

DRAIN_SECONDS: Final = 30
"""The time over which the clients of a moved tournament are redirected."""

DRAIN_SECONDS_MAX: Final = 890
"""Its maximum. Together with the delay of the first, it is the longest delay of an SQS message."""

DRAIN_PARTS: Final = 5
"""Parts in which a shard of a room, 500 members, is redirected."""

DRAIN_DELAY_SECONDS: Final = 2
"""Delay of the first part after the move: by then the other cell is open."""

MOVE_ITEMS_MAX: Final = 50
"""Items of a tournament that are copied in one transaction, besides its own item."""

MOVE_STUCK_SECONDS: Final = 10 * 60
"""A move that is undecided for longer raises an alarm, and so does a history that is not copied."""

CELL_ANSWER_SECONDS_MAX: Final = 3
"""Time-out for asking another cell about a tournament. The request is repeated later."""

CELL_ANSWER_BYTES_MAX: Final = 16 * 1024
"""A longer response is not accepted."""
