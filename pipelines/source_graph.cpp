// SPDX-License-Identifier: LGPL-2.1-or-later
// Source, demuxer and parser as graph nodes.
#include "pipelines/source_graph.h"

namespace butaca::pipelines {

namespace {

// A silent origin is given up within 9 s, before AppS takes the worker for hung, and a restarting one (it
// refuses connections for a second or two) is waited for.
constexpr const char *read_timeout_ms = "1400";
constexpr const char *attempts = "5";

std::string location(const Origin &origin)
{
    if (origin.addresses.empty())
        return {};
    if (origin.scheme == "file")
        return origin.addresses.front();
    return origin.scheme + "://" + origin.addresses.front() + "/items/" + origin.digest + "/bytes";
}

std::string replicas(const Origin &origin)
{
    std::string text;
    for (std::size_t i = 1; i < origin.addresses.size(); ++i)
        text += (text.empty() ? "" : ",") + origin.addresses[i];
    return text;
}

} // namespace

std::string add_source(Graph &graph, const Origin &origin)
{
    if (origin.scheme == "file")
        return graph.add({"filesrc", "source", {{"location", location(origin)}}, {}});
    Node node{origin.scheme + "src",
              "source",
              {{"location", location(origin)}, {"read-timeout-ms", read_timeout_ms}, {"retries", attempts}},
              {}};
    if (!origin.ticket.empty())
        node.properties.push_back({"ticket", origin.ticket, Property::Kind::secret});
    if (auto more = replicas(origin); !more.empty())
        node.properties.push_back({"replicas", more});
    return graph.add(std::move(node));
}

StreamEnd add_stream(Graph &graph, const Origin &origin, const std::string &parser)
{
    StreamEnd end{add_source(graph, origin), ""};
    end = {graph.add({origin.demuxer, "demuxer", {}, {}}, end.name), origin.pad};
    // A bare stream's demuxer is the parser itself.
    if (parser.empty() || parser == origin.demuxer)
        return end;
    graph.links.push_back({end.name, end.pad, "parser", ""});
    return {graph.add({parser, "parser", {}, {}}), ""};
}

void add_sink(Graph &graph, const StreamEnd &after, unsigned max_buffers, std::string_view caps)
{
    graph.links.push_back({after.name, after.pad, "sink", std::string(caps)});
    // Not in step with the clock: as fast as it is taken.
    graph.add({"appsink",
               "sink",
               {{"sync", "false"}, {"wait-on-eos", "false"}, {"max-buffers", std::to_string(max_buffers)}},
               {}});
}

Node feed_node(unsigned max_buffers)
{
    Node node{"appsrc", "feed", {{"format", "time"}}, {}};
    if (max_buffers > 0)
        node.properties.insert(
            node.properties.end(),
            {{"block", "true"}, {"max-buffers", std::to_string(max_buffers)}, {"max-bytes", "0"}});
    else
        node.properties.push_back({"max-bytes", "0"});
    return node;
}

} // namespace butaca::pipelines
