"""The environment of every function, as the template sets it; a test changes what it is about."""

from typing import Final

ISSUER: Final = "https://issuer.test"
AUDIENCE: Final = "scorecast"

PARAMETERS: Final = {
    "CONNECTIONS_PER_USER": "3",
    "CONNECTIONS_PER_IP": "10",
    "CONNECTION_LIMIT_POLICY": "reject",
    "ROOM_CAPACITY": "2000",
    "ROOMS_PER_CONNECTION": "10",
    "MESSAGE_BYTES_MAX": "16384",
    "MESSAGES_PER_SECOND_PER_USER": "10",
    "MESSAGE_BURST_PER_USER": "20",
    "MESSAGES_PER_SECOND_PER_IP": "20",
    "MESSAGE_BURST_PER_IP": "40",
    "HEARTBEAT_INTERVAL_SECONDS": "25",
    "HEARTBEAT_TIMEOUT_SECONDS": "50",
    "COALESCE_WINDOW_MS": "100",
    "COALESCE_MAX_WAIT_MS": "250",
    "COALESCE_LEADING": "false",
    "POSTS_PER_SECOND_BUDGET": "8000",
    "CONNECTS_PER_SECOND_BUDGET": "400",
    "ALLOWED_ORIGINS": "",
    "REQUIRE_ORIGIN": "false",
    "ALLOW_ANONYMOUS": "false",
    "PUBLISH_USER_IDS": "false",
    "JWT_ALGORITHM": "HS256",
    "JWT_SECRET_ARN": "arn:jwt",
    "JWKS_URL": "",
    "JWT_ISSUER": ISSUER,
    "JWT_AUDIENCE": AUDIENCE,
    "JWT_USER_CLAIM": "sub",
    "JWT_ROLE_CLAIM": "role",
    "IP_HASH_SECRET_ARN": "arn:ip",
    "EDGE_SECRET_ARN": "arn:edge",
    "SOCKET_URL": "wss://socket.invalid/live",
    "HTTP_URL": "https://api.invalid",
    "EVENT_LOG_DAYS": "7",
    "HISTORY_DAYS": "365",
    "EVENT_BUS_NAME": "default",
    "PUBLISH_SCORES": "true",
}
UNLIMITED_MESSAGES: Final = {
    "MESSAGES_PER_SECOND_PER_USER": "1000",
    "MESSAGE_BURST_PER_USER": "1000000",
    "MESSAGES_PER_SECOND_PER_IP": "1000",
    "MESSAGE_BURST_PER_IP": "1000000",
}
"""Rates that no test reaches."""

RESOURCES: Final = {
    "CONNECTIONS_TABLE": "connections",
    "MATCHES_TABLE": "matches",
    "HISTORY_TABLE": "history",
    "FLUSH_QUEUE_URL": "https://sqs.invalid/flush.fifo",
    "WELCOME_QUEUE_URL": "https://sqs.invalid/welcome",
    "FANOUT_QUEUE_URL": "https://sqs.invalid/fanout.fifo",
    "SWEEP_QUEUE_URL": "https://sqs.invalid/sweep",
    "HISTORY_DEAD_LETTER_QUEUE_URL": "https://sqs.invalid/history-dead-letters",
    "EVENT_BUS_DEAD_LETTER_QUEUE_URL": "https://sqs.invalid/event-bus-dead-letters",
    "GATEWAY_ENDPOINT": "https://gateway.invalid/live",
}
"""Names that nothing on the network answers to."""

LAMBDA: Final = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "POWERTOOLS_SERVICE_NAME": "scorecast",
    "POWERTOOLS_METRICS_NAMESPACE": "Scorecast",
}
"""What Lambda and the layer set."""
