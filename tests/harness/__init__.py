"""The real handlers in this process, between emulated AWS services and test clients.

`MotoCloud` has the tables, the queues and the wired parts; `FakeApi` stands for API Gateway and
drives the handlers as they are deployed; `EngineHarness` runs them on virtual time.
"""
