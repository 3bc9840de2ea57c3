"""The OpenAPI document of the HTTP API, from its routes and the types that they take and return."""
