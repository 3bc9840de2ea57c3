from scorecast.protocol.commands import COMMANDS


def test_commands_are_those_of_the_protocol() -> None:
    replies = {kind: command.reply for kind, command in COMMANDS.items()}
    assert replies == {
        "ping": "pong",
        "pong": None,
        "subscribe": "subscribed",
        "unsubscribe": "unsubscribed",
        "score_update": "accepted",
        "match_start": "accepted",
        "match_complete": "accepted",
        "match_state_change": "accepted",
        "match_amend": "accepted",
        "match_reopen": "accepted",
        "dispute_create": "accepted",
        "dispute_resolve": "accepted",
        "refresh": "refreshed",
    }
