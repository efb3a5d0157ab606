// SPDX-License-Identifier: LGPL-2.1-or-later
// Video tracks as graphs.
#include "pipelines/video_graph.h"

#include "pipelines/source_graph.h"

namespace butaca::pipelines {

namespace {

// Enough that decoder and encoder do not wait for each other at every frame.
constexpr unsigned decoded_frames = 4;
constexpr unsigned packets = 64;

// Decoders name these differently: one thread, and carrying on over damage.
std::vector<Property> decoder_properties()
{
    constexpr auto optional = Property::Kind::optional;
    return {{"max-threads", "1", optional}, {"threads", "1", optional}, {"max-errors", "-1", optional}};
}

} // namespace

Graph video_decode_graph(const Origin &origin, const StreamElements &elements)
{
    Graph graph;
    auto end = add_stream(graph, origin, elements.parser);
    if (!elements.decoder.empty()) {
        graph.links.push_back({end.name, end.pad, "decoder", ""});
        end = {graph.add({elements.decoder, "decoder", decoder_properties(), {}}), ""};
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
    if (parser == "vp9parse")
        caps = "video/x-vp9, alignment=(string)super-frame";
    if (parser == "av1parse")
        caps = "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu";
    add_sink(graph, end, packets, caps);
    return graph;
}

} // namespace butaca::pipelines
