"""Every number that the service enforces and that is no template parameter."""

from typing import Final

ID_CHARACTERS_MAX: Final = 64
"""Length of a match, tournament, user or frame id. A longer one is refused as `invalid_schema`."""

SCORE_MAX: Final = 1_000_000
"""Highest score of one participant. A higher one is refused as `invalid_schema`."""

INTEGER_MAX: Final = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly (RFC 8259 §6)."""

JSON_DEPTH_MAX: Final = 32
"""Nesting of a frame. A deeper one is refused as `invalid_json`."""

DETAILS_BYTES_MAX: Final = 2048
"""Size of a score's `details` as compact JSON. Larger ones are refused as `invalid_schema`."""

DETAILS_DEPTH_MAX: Final = 8
"""Nesting of a score's `details`. Deeper ones are refused as `invalid_schema`."""

BODY_BYTES_MAX: Final = 64 * 1024
"""Larger HTTP bodies are refused unread as `payload_too_large`; API Gateway's own end is 10 MB."""

REFUSAL_BYTES_MAX: Final = 512
"""The answer to a malformed frame. Wrong fields that do not fit are not named."""

REASON_CHARACTERS_MAX: Final = 500
"""Length of a dispute's reason."""

NAME_CHARACTERS_MAX: Final = 120
"""Length of the name of a tournament, a participant or a user. A token's longer name is cut."""

TOKEN_CHARACTERS_MAX: Final = 4096
"""Length of a token, which may stand in a URL, of which API Gateway takes as much."""

TOKEN_TOURNAMENTS_MAX: Final = 100
"""Tournaments one token may name: an authorizer's answer holds 8 KB. More are refused as 401."""

TOKEN_LEEWAY_SECONDS: Final = 10
"""How far the clocks of an identity provider and of a Lambda may differ."""

SECRET_BYTES_MIN: Final = 32
"""HS256 secrets shorter than this are refused at start-up (RFC 7518 §3.2)."""

SECRET_CACHE_SECONDS: Final = 300
"""How long a warm Lambda keeps a secret before it asks again, so that a rotation is noticed."""

CONNECTION_SECONDS_MAX: Final = 2 * 60 * 60
"""API Gateway cuts a connection at two hours."""

CONNECTION_ROW_SECONDS: Final = CONNECTION_SECONDS_MAX + 5 * 60
"""After this a connection's rows count as gone, whether TTL deleted them or not."""

TOMBSTONE_SECONDS: Final = 60 * 60
"""How long a closed connection's id is remembered, so that a late `$connect` finds it closed."""

RATE_LIMIT_ROW_SECONDS: Final = 60 * 60
"""How long an unused allowance stays. It is full again long before."""

HANDSHAKE_SECONDS_MAX: Final = 10
"""A connection younger than this may still be in its handshake: a 410 says nothing about it."""

OPENING_WAIT_MS_MAX: Final = 3_000
"""How long `welcome` waits for a handshake to end before it leaves the record to a redelivery."""

OPENING_POLL_MS: Final = 40
"""Pause between two looks at a connection whose handshake has not ended."""

SHARD_MEMBERS_MAX: Final = 500
"""Members per membership shard: one Query page and one fan-out's worth."""

POSTS_IN_FLIGHT_MAX: Final = 128
"""Posts of one fan-out under way at once: at 10 ms each, 12,800 a second."""

REQUESTS_IN_FLIGHT_MAX: Final = 512
"""Requests of one process to one endpoint, which has 1,024 files at most; further ones wait."""

POST_TIMEOUT_MS: Final = 1_500
"""One post. Slower ones count as failed, so that a few that hang hold up no room."""

FAN_OUT_MS_MAX: Final = 5_000
"""One fan-out. What has not been posted by then is skipped: the next frame is newer."""

WINDOW_MS_MAX: Final = 5_000
"""Longest window, whatever the load. The rest of the load is skipped posts (429)."""

CLAIM_MS: Final = 15
"""What a last look at a window and its claim take."""

WINDOW_POLL_MS: Final = 50
"""How often a waiting `flush` looks whether a decisive event has closed its window."""

WINDOW_LEASE_MS: Final = 2_000
"""A window open for longer has lost its tick; the next update sends another."""

CONTENTION_ATTEMPTS_MAX: Final = 12
"""Tries at a write that others raced. Then the command ends as `internal_error`."""

CONTENTION_MS_MAX: Final = 3_000
"""No try begins later than this after the first: the function's own time is bounded."""

CONTENTION_PAUSE_MS: Final = 25
"""Mean pause before the second try; it doubles, with full jitter, up to 16 times as much."""

HOLDERS_CHECKED_MAX: Final = 20
"""Holders of slots that a refused connect looks at."""

MESSAGE_METERED_BYTES: Final = 32 * 1024
"""Largest frame that counts as one message (API Gateway meters and splits at 32 KB)."""

KEY_SET_PAUSE_SECONDS: Final = 60
"""An unknown key id makes the authorizer fetch the key set again, at most this often."""

KEY_SET_SECONDS_MAX: Final = 3_600
"""A key set that is older is fetched again: a key that was withdrawn is good for no longer."""

KEY_SET_TIMEOUT_SECONDS: Final = 3
"""A key set that takes longer is not waited for: the token is refused with a 5xx."""

ROOM_FULL_RETRY_MS: Final = 10_000
"""When a refused client may ask again: places fall free as viewers leave, not at a known time."""

BATCH_RECORDS_MAX: Final = 10
"""Records of an SQS batch; the template's BatchSize. FIFO queues take no more."""

ORGANIZERS_MAX: Final = 100
"""Organizers of one tournament. More are refused with status 422."""

LAST_SEEN_WRITE_SECONDS: Final = 10
"""A connection's life is written at most this often, however many frames it sends."""

SWEEP_PERIOD_SECONDS: Final = 10
"""Between two sweeps of a shard. A schedule fires once a minute; delayed messages do the rest."""

SWEEP_SHARDS: Final = 4
"""Shards of the index of quiet connections, each swept by an invocation of its own."""

SWEEPS_REMEMBERED: Final = 12
"""Sweeps that a shard remembers: enough to cover any sensible heartbeat time-out."""

SWEEP_MS_MAX: Final = 20_000
"""One sweep of a shard. What is left then is done by a message to itself."""

REFRESH_GRACE_SECONDS: Final = 25
"""After `token_expired` a client has this long to send `refresh`."""

DRAIN_BEFORE_SECONDS: Final = 5 * 60
"""Goodbye 4012 comes at the latest this long before API Gateway's cut."""

DRAIN_SPREAD_SECONDS: Final = 15 * 60
"""Goodbyes 4012 of connections of the same age are spread over this long before that."""

RECONCILE_SECONDS: Final = 60
"""A counter's surplus is repaired when it has been seen twice, this far apart."""

RECONCILED_MAX: Final = 100
"""Counters that one message compares with what they count."""

COUNTER_ROW_SECONDS: Final = 2 * CONNECTION_ROW_SECONDS
"""After its last use a counter's row is kept for longer than any connection that it may count."""

STALLED_AFTER_MS: Final = 5_000
"""A match that has been waiting to be told for longer gets another tick."""

GONE_CONFIRMED_MAX: Final = 100
"""Connection ids in one message about connections that answered 410."""

GONE_RETRY_SECONDS: Final = 10
"""When a 410 of a connection that may still have been in its handshake is looked at again."""

ABUSE_PER_SECOND: Final = 1
ABUSE_BURST: Final = 10
"""More refusals than ten in ten seconds end the connection with goodbye 4008."""

THROTTLE_LEVEL_SECONDS: Final = 10
"""How long windows stay widened after API Gateway throttled a fan-out."""

THROTTLE_LEVEL_MAX: Final = 5
"""Doublings of a window under pressure."""

THROTTLED_SHARE: Final = 0.05
"""More throttled posts in a fan-out mean the account's quota; fewer, slow clients."""

SLOW_STRIKES_MAX: Final = 3
"""Throttled posts in a row after which a slow client is shown out."""

SLOW_STRIKE_SECONDS: Final = 30
"""Strikes further apart than this are not in a row."""

VIEWERS_QUICK_MAX: Final = 100
"""Up to so many viewers a room is told its count every second, above every five."""

VIEWERS_DELAY_SECONDS: Final = 1
VIEWERS_DELAY_SECONDS_LARGE: Final = 5

VIEWERS_LEASE_MS: Final = 15_000
"""A room marked for longer has lost its message; the next join or leave sends another."""

SNAPSHOT_BYTES_MAX: Final = MESSAGE_METERED_BYTES * 3 // 4
"""Size of a tournament's summary in a message; a larger one comes without its scores' details."""

EVENT_DATA_BYTES_MAX: Final = 16 * 1024
"""Size of a tournament event's data as compact JSON."""

FLUSH_RETRY_SECONDS: Final = 2
"""A tick that failed once is delivered again after this long."""

FLUSH_RETRY_SECONDS_LATER: Final = 20
"""A tick that failed twice is delivered again after this long; the third failure ends it."""

RATE_LIMIT_ATTEMPTS_MAX: Final = 20
"""Tries at a bucket that other frames of the same client raced; then `internal_error`."""

TICKET_SECONDS: Final = 60
"""How long a ticket may be spent after it was bought."""

FANOUT_LANES: Final = 4
"""Lambdas that post one frame of one large room at once. One core posts more than a quota takes."""
