// SPDX-License-Identifier: LGPL-2.1-or-later
// Audio tracks as graphs.
#include "pipelines/audio_graph.h"

#include "pipelines/source_graph.h"

namespace butaca::pipelines {

namespace {

constexpr unsigned packets = 64;

std::string caps_at(std::uint32_t rate)
{
    return "audio/x-raw, format=(string)F32LE, layout=(string)interleaved, rate=(int)" + std::to_string(rate);
}

} // namespace

Graph audio_packet_graph(const Origin &origin, const std::string &parser)
{
    Graph graph;
    const auto end = add_stream(graph, origin, parser);
    const bool aac = parser == "aacparse";
    add_sink(graph, end, packets, aac ? "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw" : "");
    return graph;
}

Graph byte_graph(const Origin &origin)
{
    Graph graph;
    add_sink(graph, {add_source(graph, origin), ""}, packets);
    return graph;
}

Graph framing_graph(const std::string &parser)
{
    Graph graph;
    Node feed = feed_node(0);
    feed.properties.front().value = "bytes";
    const auto name = graph.add({parser, "parser", {}, {}}, graph.add(std::move(feed)));
    add_sink(graph, {name, ""}, 0);
    return graph;
}

Graph audio_decode_graph(const std::string &decoder, std::uint32_t rate)
{
    Graph graph;
    std::string end = graph.add(feed_node(0));
    if (!decoder.empty())
        end = graph.add({decoder, "decoder", {{"max-errors", "-1", Property::Kind::optional}}, {}}, end);
    end = graph.add({"audioconvert", "convert", {{"dithering", "none"}}, {}}, end);
    // Only for decoders that find another rate than the container declares.
    end = graph.add({"audioresample", "resample", {}, {}}, end);
    add_sink(graph, {end, ""}, 0, caps_at(rate));
    return graph;
}

Graph resample_graph(std::uint32_t rate)
{
    Graph graph;
    std::string end = graph.add(feed_node(0));
    end = graph.add({"audioresample", "resample", {{"quality", "8"}}, {}}, end);
    add_sink(graph, {end, ""}, 0, caps_at(rate));
    return graph;
}

} // namespace butaca::pipelines
