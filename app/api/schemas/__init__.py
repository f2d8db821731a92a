"""Shapes of requests and answers: they check what comes in, and write the OpenAPI document."""
