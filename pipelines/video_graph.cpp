// SPDX-License-Identifier: LGPL-2.1-or-later
// Video tracks as graphs.
#include "pipelines/video_graph.h"

#include "pipelines/source_graph.h"

namespace butaca::pipelines {

namespace {

// Enough that decoder and encoder do not wait for each other at every frame.
constexpr unsigned decoded_frames = 4;
constexpr unsigned packets = 64;

// Properties by which each family of decoders is told to use one thread and to carry on over damage.
std::vector<Property> decoder_properties(const std::string &factory)
{
    if (factory.starts_with("avdec_"))
        return {{"max-threads", "1"}, {"output-corrupt", "true"}, {"max-errors", "-1"}};
    if (factory == "vp8dec" || factory == "vp9dec")
        return {{"threads", "1"}, {"max-errors", "-1"}};
    return {};
}

} // namespace

Graph video_decode_graph(const Origin &origin, const StreamElements &elements)
{
    Graph graph;
    auto end = add_stream(graph, origin, elements.parser);
    if (!elements.decoder.empty()) {
        graph.links.push_back({end.name, end.pad, "decoder", ""});
        end = {graph.add({elements.decoder, "decoder", decoder_properties(elements.decoder), {}}), ""};
    }
    add_sink(graph, end, decoded_frames, "video/x-raw");
    return graph;
}

Graph video_packet_graph(const Origin &origin, const std::string &parser)
{
    Graph graph;
    const auto end = add_stream(graph, origin, parser);
    std::string caps;
    if (parser == "h264parse")
        caps = "video/x-h264, stream-format=(string)avc, alignment=(string)au";
    if (parser == "h265parse")
        caps = "video/x-h265, stream-format=(string)hvc1, alignment=(string)au";
    add_sink(graph, end, packets, caps);
    return graph;
}

} // namespace butaca::pipelines
