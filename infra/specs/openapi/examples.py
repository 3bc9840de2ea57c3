"""Examples for the OpenAPI document: a match from its registration to its end, in this order."""

from typing import Final

from scorecast.protocol.errors import Json

IDS: Final = {
    "tournament_id": "world-cup",
    "match_id": "mex-per",
    "room_id": "mex-per",
    "user_id": "ann",
}
_PARTICIPANTS: Final = [{"id": "mex", "name": "Mexico"}, {"id": "per", "name": "Peru"}]

BODIES_SENT: Final[dict[str, dict[str, Json]]] = {
    "put_tournament": {"a tournament": {"name": "World Cup", "organizers": ["ann", "bob"]}},
    "put_match": {
        "a match": {
            "tournament_id": "world-cup",
            "participants": _PARTICIPANTS,
            "scheduled_at": "2026-06-11T13:00:00-06:00",
        },
        "a quarter-final in chess": {
            "tournament_id": "world-cup",
            "participants": [
                {"id": "mex", "name": "Mexico", "metadata": {"colour": "#006847"}},
                {"placeholder": "Winner of group B"},
            ],
            "scheduled_at": None,
            "scoring": {"scale": 1, "unit": "points", "best_of": 4},
            "metadata": {"venue": "Hall 2", "round": "Quarter-final"},
        },
    },
    "put_matches": {
        "a schedule": {
            "matches": [
                {
                    "match_id": "world-cup-1",
                    "participants": _PARTICIPANTS,
                    "scheduled_at": "2026-06-11T13:00:00-06:00",
                }
            ]
        }
    },
    "put_structure": {
        "a group and a final": {
            "groups": [{"name": "Group A", "matches": ["mex-per"]}],
            "rounds": [
                {
                    "name": "Semi-finals",
                    "matches": [
                        {"match_id": "semi-1", "slots": [None, None]},
                        {"match_id": "semi-2", "slots": [None, None]},
                    ],
                },
                {
                    "name": "Final",
                    "matches": [
                        {
                            "match_id": "final",
                            "slots": [{"winner_of": "semi-1"}, {"winner_of": "semi-2"}],
                        }
                    ],
                },
            ],
        }
    },
    "post_match_event": {
        "the start": {"type": "match_start"},
        "a pause": {"type": "match_state_change", "new_state": "paused"},
        "a dispute": {"type": "dispute_create", "reason": "The second goal was offside."},
        "the end": {
            "type": "match_complete",
            "winner_id": "mex",
            "participant1_score": 2,
            "participant2_score": 1,
            "details": {"penalties": None},
        },
        "a corrected result": {
            "type": "match_amend",
            "participant1_score": 3,
            "participant2_score": 1,
            "reason": "The goal of the 88th minute counts.",
        },
        "back to play": {
            "type": "match_reopen",
            "new_state": "live",
            "reason": "Completed by mistake.",
        },
        "a walkover": {"type": "match_complete", "winner_id": "mex", "outcome": "walkover"},
    },
    "put_score": {
        "a goal": {"participant1_score": 1, "participant2_score": 0, "details": {"minute": 37}},
        "with an order of one's own": {
            "participant1_score": 2,
            "participant2_score": 0,
            "client_revision": 2,
        },
        "a set": {
            "participant1_score": 1,
            "participant2_score": 0,
            "periods": [
                {
                    "name": "Set 1",
                    "participant1_score": 6,
                    "participant2_score": 4,
                    "final": True,
                }
            ],
            "clock": {"period": "Set 2", "running": True, "elapsed_ms": 2_460_000},
        },
    },
    "post_tournament_event": {
        "a bracket": {"type": "bracket_updated", "data": {"round": 2}},
        "the end": {"type": "tournament_completed", "data": {"winner": "mex"}},
    },
}
"""By operation and name, what is sent."""

_MATCH: Final[Json] = {
    "match_id": "mex-per",
    "tournament_id": "world-cup",
    "state": "live",
    "participants": _PARTICIPANTS,
    "scheduled_at": "2026-06-11T13:00:00-06:00",
    "participant1_score": 1,
    "participant2_score": 0,
    "details": {"minute": 37},
    "winner_id": None,
    "outcome": None,
    "decided_by": None,
    "open_disputes": 0,
    "revision": 1,
    "sequence": 3,
    "registration": 1,
    "updated_at": 1795360252114,
    "updated_by": "ann",
}

RESULTS: Final[dict[str, Json]] = {
    "MatchSnapshot": _MATCH,
    "TournamentSnapshot": {
        "tournament_id": "world-cup",
        "name": "World Cup",
        "organizers": ["ann", "bob"],
        "state": "open",
        "sequence": 0,
        "matches": [_MATCH],
        "complete": True,
        "next": None,
    },
    "TournamentPage": {
        "tournaments": [
            {
                "tournament_id": "world-cup",
                "name": "World Cup",
                "state": "open",
                "sequence": 0,
                "archived": False,
            }
        ],
        "next": None,
    },
    "MatchPage": {"matches": [_MATCH], "next": None},
    "MatchesPut": {
        "tournament_id": "world-cup",
        "results": [{"match_id": "world-cup-1", "outcome": "registered", "sequence": 1}],
    },
    "TournamentEndpoint": {
        "tournament_id": "world-cup",
        "state": "moved",
        "move": 1,
        "endpoint": {
            "socket_url": "wss://live-2.example.com",
            "http_url": "https://api-2.example.com",
        },
    },
    "TournamentKept": {"tournament_id": "world-cup", "archived": True},
    "DeletedTournament": {"tournament_id": "world-cup"},
    "StructureStored": {"tournament_id": "world-cup", "version": 1},
    "Structure": {
        "tournament_id": "world-cup",
        "version": 1,
        "groups": [{"name": "Group A", "matches": ["mex-per"]}],
        "rounds": [],
    },
    "History": {
        "match_id": "mex-per",
        "entries": [
            {
                "type": "match_started",
                "data": {
                    "started_by": "ann",
                    "server_time": 1795360250313,
                    "match_id": "mex-per",
                    "tournament_id": "world-cup",
                    "sequence": 1,
                },
            },
            {
                "type": "score_accepted",
                "data": {
                    "participant1_score": 1,
                    "participant2_score": 0,
                    "details": {"minute": 37},
                    "updated_at": 1795360252114,
                    "updated_by": "ann",
                    "revision": 1,
                },
            },
        ],
        "next": None,
    },
    "MatchDisputes": {
        "match_id": "mex-per",
        "disputes": [
            {
                "dispute_id": "KxY2cFlkoAMEVOQ",
                "initiated_by": "per",
                "reason": "The second goal was offside.",
                "created_at": 1795360252114,
                "status": "open",
                "resolution": None,
                "note": None,
                "resolved_by": None,
                "resolved_at": None,
            }
        ],
    },
    "DeletedMatch": {"match_id": "mex-per", "tournament_id": "world-cup", "sequence": 2},
    "AcceptedData": {"match_id": "mex-per", "revision": 1},
    "TournamentEventAccepted": {"tournament_id": "world-cup", "sequence": 1},
    "Room": {"room": "match", "viewers": 187, "capacity": 2000},
    "Ticket": {"ticket": "Vqcxo3zJ2mQfG0pK8sXw1dYbH5tRnLuA", "expires_at": 1795360312114},
    "Disconnected": {"disconnected": 2},
}
