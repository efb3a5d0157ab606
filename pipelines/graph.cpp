// SPDX-License-Identifier: LGPL-2.1-or-later
// Graphs as values, and their printed form.
#include "pipelines/graph.h"

namespace butaca::pipelines {

namespace {

// gst-launch splits at spaces and treats quotes, backslashes, '!' and parentheses specially.
std::string quoted(std::string_view text)
{
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/_-+,=%*";
    if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos)
        return std::string(text);
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + '"';
}

std::string node_text(const Node &node)
{
    std::string text = node.factory + " name=" + quoted(node.name);
    for (const auto &property : node.properties)
        text += " " + property.name + "=" +
                (property.kind == Property::Kind::secret ? "(hidden)" : quoted(property.value));
    return text;
}

const Link *link_to(const Graph &graph, const std::string &name)
{
    for (const auto &link : graph.links)
        if (link.to == name)
            return &link;
    return nullptr;
}

} // namespace

std::string Graph::add(Node node, std::string_view after, std::string_view caps)
{
    if (!after.empty())
        links.push_back({std::string(after), "", node.name, std::string(caps)});
    nodes.push_back(std::move(node));
    return nodes.back().name;
}

std::string to_launch_line(const Graph &graph)
{
    std::string line;
    const Node *before = nullptr;
    for (const auto &node : graph.nodes) {
        if (const Link *link = link_to(graph, node.name)) {
            // Right behind its neighbour it needs no name; behind a chosen pad it does.
            if (!before || link->from != before->name || !link->pad.empty())
                line += " " + link->from + "." + link->pad;
            line += " ! ";
            if (!link->caps.empty())
                line += quoted(link->caps) + " ! ";
        } else if (!line.empty()) {
            line += " ";
        }
        line += node_text(node);
        before = &node;
    }
    return line;
}

} // namespace butaca::pipelines
