"""What becomes of a described schema on its way through the client, which has to leave everything else alone."""

LIST_OF_VIEW = {"list_view": "list", "large_list_view": "large_list"}


def normalised_schema(schema):
    return {**schema, "fields": [normalised_field(field) for field in schema["fields"]]}


def normalised_field(field):
    nullable = field["nullable"] or field["type"].get("valueNullable", False)
    return {**field, "nullable": nullable, "type": normalised_type(field["type"])}


def normalised_type(type_):
    """apache-arrow has no list views, no run-end encoding and no dictionary index of 64 bits."""
    kind = type_["kind"]
    if kind == "run_end_encoded":
        return normalised_type(type_["value"])
    changed = {**type_, "kind": LIST_OF_VIEW.get(kind, kind)}
    if kind == "dictionary":
        changed["value"] = normalised_type(type_["value"])
        if type_["index"] in ("int64", "uint64"):
            changed["index"] = "int32"
    if "children" in type_:
        changed["children"] = [normalised_field(child) for child in type_["children"]]
    return changed
