"""JSON Schema, as much of it as event.schema.json uses."""
import json
import os
import re

import image

PATH = os.path.join(os.path.dirname(image.TESTS), "server", "event.schema.json")
TYPES = {"integer": int, "string": str, "object": dict}


def event_schema():
    with open(PATH, encoding="utf-8") as file:
        return json.load(file)


def problem(value, schema):
    """What is wrong with a value."""
    if "oneOf" in schema:
        problems = [problem(value, each) for each in schema["oneOf"]]
        return None if problems.count(None) == 1 else f"{value}: {problems}"
    if "const" in schema and value != schema["const"]:
        return f"not {schema['const']}"
    if "enum" in schema and value not in schema["enum"]:
        return f"not in {schema['enum']}"
    if "type" in schema and type(value) is not TYPES[schema["type"]]:
        return f"{value} is no {schema['type']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return f"{value} does not match {schema['pattern']}"
    for name in schema.get("required", []):
        if name not in value:
            return f"no {name}"
    for name, each in schema.get("properties", {}).items():
        if name in value and problem(value[name], each):
            return problem(value[name], each)
    for pattern, each in schema.get("patternProperties", {}).items():
        for name in value:
            if re.search(pattern, name) and problem(value[name], each):
                return f"{name}: {problem(value[name], each)}"
    if schema.get("additionalProperties") is False and set(value) - set(schema["properties"]):
        return f"unknown {set(value) - set(schema['properties'])}"
    return None
