// SPDX-License-Identifier: LGPL-2.1-or-later
// Encoding and packing as graphs.
#include "pipelines/segment_graph.h"

#include <algorithm>

#include "pipelines/source_graph.h"
#include "pipelines/subtitle_script.h"
#include "pipelines/ticks.h"

namespace butaca::pipelines {

namespace {

// Decoded frames are big: few of them wait.
constexpr unsigned waiting_frames = 4;
// The first chunk leaves early, so that a viewer who jumps waits little; the others are few.
constexpr unsigned first_chunk_frames = 6;
constexpr unsigned chunk_frames = 24;
// Of sound, whose boxes weigh more beside it.
constexpr unsigned first_chunk_packets = 20;
constexpr unsigned chunk_packets = 100;
// Chunk numbers rise over the whole film without knowing how many each segment has.
constexpr unsigned most_chunks = 256;
// The time that the bit rate cap is kept over; the playlist's BANDWIDTH reckons with it.
constexpr unsigned buffer_ms = 2000;

// What videoflip calls an exchange of left and right, if any, and then a clockwise turn: both together are
// one exchange along another line.
std::string orientation_method(bool mirrored, unsigned degrees)
{
    if (degrees == 0)
        return "horizontal-flip";
    if (degrees == 90)
        return mirrored ? "upper-right-diagonal" : "clockwise";
    if (degrees == 180)
        return mirrored ? "vertical-flip" : "rotate-180";
    return mirrored ? "upper-left-diagonal" : "counterclockwise";
}

Node segment_mux(const Job &job)
{
    const bool video = job.is_video;
    Node node{"segmentmux",
              "mux",
              {{"timescale", std::to_string(video ? job.video.timescale : job.audio.rate)},
               {"sequence-number", std::to_string(job.segment * most_chunks + 1)}},
              {}};
    // An init segment is made from one frame, which the muxer must not take for a broken segment.
    if (!job.init_only)
        node.sample_times = video ? job.video.ticks : audio_ticks(job.audio);
    if (video) {
        node.decode_times = job.video.decode_ticks;
        node.properties.push_back({"first-chunk-samples", std::to_string(first_chunk_frames)});
        node.properties.push_back({"chunk-samples", std::to_string(chunk_frames)});
    } else if (job.audio.copy) {
        // Decoders throw away what is cut off the first frame.
        if (job.audio.codec == "opus")
            node.properties.push_back({"opus-pre-skip", std::to_string(job.audio.cut_samples)});
    } else {
        node.properties.push_back({"first-chunk-samples", std::to_string(first_chunk_packets)});
        node.properties.push_back({"chunk-samples", std::to_string(chunk_packets)});
    }
    return node;
}

void add_mux(Graph &graph, const Job &job, const std::string &after)
{
    add_sink(graph, {graph.add(segment_mux(job), after), ""}, 0);
}

void draw(Node &encode, const VideoJob &video, const media::Subtitles &subtitles)
{
    const std::int64_t zero_ns = video.burn.zero_ns;
    const SubtitleRange range{zero_ns + ns_from(video.ticks.front(), video.timescale),
                              zero_ns + ns_from(video.ticks.back(), video.timescale), zero_ns, video.width,
                              video.height};
    encode.subtitle_script = subtitle_script(subtitles, range);
    if (GVariant *pictures = subtitle_pictures(subtitles, range))
        encode.subtitle_pictures = {pictures, g_variant_unref};
}

} // namespace

std::string add_upright(Graph &graph, const Stance &stance, std::string end)
{
    // Each frame comes twice, once for each field (video_maker): a picture out for each of them, from that
    // field alone, so that what lies before the segment does not matter.
    if (stance.interlaced)
        end = graph.add({"butacafield", "field", {}, {}}, graph.add({"videoconvert", "planar", {}, {}}, end));
    if (stance.rotation == 0 && !stance.mirrored)
        return end;
    end = graph.add({"videoconvert", "convert", {}, {}}, end);
    return graph.add(
        {"videoflip", "upright", {{"method", orientation_method(stance.mirrored, stance.rotation)}}, {}},
        end);
}

Graph video_segment_graph(const Job &job, const media::Subtitles *subtitles)
{
    Graph graph;
    const VideoJob &video = job.video;
    const std::string end = add_upright(graph, {video.mirrored, video.rotation, video.interlaced},
                                        graph.add(feed_node(waiting_frames)));
    Node encode{"videotranscode",
                "transcode",
                {{"codec", element_codec(video.codec)},
                 {"width", std::to_string(video.width)},
                 {"height", std::to_string(video.height)},
                 {"constant-quality", std::to_string(video.constant_quality)},
                 {"max-bitrate-bps", std::to_string(video.max_bitrate_bps)},
                 {"buffer-ms", std::to_string(buffer_ms)},
                 {"threads", "1"},
                 // Not the frames of this segment: x264 derives how it uses references from it, so short
                 // segments would need other parameter sets than those in the one init segment.
                 {"gop-frames", "0"}},
                {}};
    if (!video.level.empty())
        encode.properties.push_back({"level", video.level});
    if (subtitles)
        draw(encode, video, *subtitles);
    add_mux(graph, job, graph.add(std::move(encode), end));
    return graph;
}

Graph audio_segment_graph(const Job &job, std::int64_t skip_packets)
{
    Graph graph;
    const AudioJob &audio = job.audio;
    Node encode{"audiocompress",
                "compress",
                {{"codec", audio.codec},
                 {"bitrate-bps", std::to_string(audio.bitrate_bps)},
                 {"channels", std::to_string(audio.channels)},
                 {"rate", std::to_string(audio.rate)},
                 {"constant-rate", audio.constant_rate ? "true" : "false"},
                 {"skip-packets", std::to_string(skip_packets)},
                 {"max-packets", std::to_string(audio.frame_count)}},
                {}};
    add_mux(graph, job, graph.add(std::move(encode), graph.add(feed_node(0))));
    return graph;
}

Graph copy_segment_graph(const Job &job)
{
    Graph graph;
    add_mux(graph, job, graph.add(feed_node(0)));
    return graph;
}

std::vector<std::int64_t> audio_ticks(const AudioJob &audio)
{
    std::vector<std::int64_t> ticks;
    ticks.reserve(static_cast<std::size_t>(audio.frame_count) + 1);
    for (std::int64_t i = 0; i <= audio.frame_count; ++i)
        ticks.push_back(
            std::max<std::int64_t>(0, (audio.first_frame + i) * audio.frame_samples - audio.cut_samples));
    if (audio.total_samples > 0 && audio.frame_count > 0)
        ticks.back() = std::clamp(audio.total_samples, ticks[ticks.size() - 2] + 1, ticks.back());
    return ticks;
}

std::string element_codec(const std::string &codec) { return codec == "hevc" ? "h265" : codec; }

std::int64_t preroll_packets(const std::string &codec) { return codec == "opus" ? 8 : 4; }

} // namespace butaca::pipelines
