"""The exam domain as a pure library: criteria, items, blueprints, assembly, scoring, judgement."""
