// SPDX-License-Identifier: LGPL-2.1-or-later
// Values over json-glib's tree, which is only read after parsing and so may be shared between threads.
#include "src/base/json.h"

#include <json-glib/json-glib.h>

#include "src/base/gobject.h"

namespace butaca::json {

struct Value::Node {
    std::shared_ptr<JsonNode> document;
    JsonNode *node; // within `document`
};

namespace {

// The node when it is a scalar of this GType.
bool holds(const JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(const_cast<JsonNode *>(node)) &&
           json_node_get_value_type(const_cast<JsonNode *>(node)) == type;
}

} // namespace

Result<Value> Value::parse(std::string_view text, Limits limits)
{
    if (auto checked = check(text, limits); !checked)
        return fail(std::move(checked).error());
    auto parser = adopt(json_parser_new_immutable());
    Owned<GError> error;
    if (!json_parser_load_from_data(parser.get(), text.data(), static_cast<gssize>(text.size()), Out(error)))
        return fail(ErrorCode::invalid_argument, "the JSON document cannot be read",
                    error ? error->message : "");
    std::shared_ptr<JsonNode> document(json_parser_steal_root(parser.get()), json_node_unref);
    Value value;
    JsonNode *root = document.get();
    value.node_ = std::make_shared<const Node>(Node{std::move(document), root});
    return value;
}

bool Value::is_null() const { return !node_ || JSON_NODE_HOLDS_NULL(node_->node); }
bool Value::is_object() const { return node_ && JSON_NODE_HOLDS_OBJECT(node_->node); }
bool Value::is_array() const { return node_ && JSON_NODE_HOLDS_ARRAY(node_->node); }
bool Value::is_string() const { return node_ && holds(node_->node, G_TYPE_STRING); }

Value Value::operator[](std::string_view name) const
{
    Value member;
    // A C string would end at a NUL and match a shorter name.
    if (!is_object() || name.find('\0') != std::string_view::npos)
        return member;
    JsonObject *object = json_node_get_object(node_->node);
    if (JsonNode *node = json_object_get_member(object, std::string(name).c_str()))
        member.node_ = std::make_shared<const Node>(Node{node_->document, node});
    return member;
}

std::vector<Value> Value::items() const
{
    std::vector<Value> values;
    if (!is_array())
        return values;
    JsonArray *array = json_node_get_array(node_->node);
    guint length = json_array_get_length(array);
    values.resize(length);
    for (guint i = 0; i < length; ++i)
        values[i].node_ =
            std::make_shared<const Node>(Node{node_->document, json_array_get_element(array, i)});
    return values;
}

std::vector<std::string> Value::keys() const
{
    std::vector<std::string> names;
    if (!is_object())
        return names;
    JsonObjectIter position;
    const char *name = nullptr;
    json_object_iter_init_ordered(&position, json_node_get_object(node_->node));
    while (json_object_iter_next_ordered(&position, &name, nullptr))
        names.emplace_back(name);
    return names;
}

std::optional<std::string> Value::string() const
{
    if (!is_string())
        return std::nullopt;
    return json_node_get_string(node_->node);
}

std::optional<std::int64_t> Value::integer() const
{
    if (!node_ || !holds(node_->node, G_TYPE_INT64))
        return std::nullopt;
    return json_node_get_int(node_->node);
}

std::optional<double> Value::number() const
{
    if (!node_ || !(holds(node_->node, G_TYPE_INT64) || holds(node_->node, G_TYPE_DOUBLE)))
        return std::nullopt;
    return json_node_get_double(node_->node);
}

std::optional<bool> Value::boolean() const
{
    if (!node_ || !holds(node_->node, G_TYPE_BOOLEAN))
        return std::nullopt;
    return json_node_get_boolean(node_->node) != FALSE;
}

std::string Value::string_or(std::string_view fallback) const
{
    return string().value_or(std::string(fallback));
}
std::int64_t Value::integer_or(std::int64_t fallback) const { return integer().value_or(fallback); }
double Value::number_or(double fallback) const { return number().value_or(fallback); }
bool Value::boolean_or(bool fallback) const { return boolean().value_or(fallback); }

} // namespace butaca::json
