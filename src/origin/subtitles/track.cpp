// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/track.h"

#include <algorithm>

#include "src/base/encoding.h"
#include "src/origin/caps_fields.h"
#include "src/origin/codecs.h"
#include "src/origin/subtitles/ass.h"
#include "src/origin/subtitles/cue_text.h"
#include "src/origin/subtitles/lines.h"
#include "src/origin/subtitles/pgs.h"
#include "src/origin/subtitles/spu.h"
#include "src/origin/subtitles/ttml.h"
#include "src/origin/subtitles/vobsub.h"
#include "src/origin/subtitles/webvtt.h"

namespace butaca::origin {

namespace {

// For how long a cue is shown when neither its end nor another cue comes.
constexpr std::int64_t shown_at_most_ns = 10'000'000'000;

// Where the container tells no end, the next packet is it.
void find_ends(std::vector<TextPacket> &packets)
{
    for (std::size_t i = 0; i < packets.size(); i++) {
        if (packets[i].end_ns > packets[i].start_ns)
            continue;
        std::int64_t end_ns = packets[i].start_ns + shown_at_most_ns;
        if (i + 1 < packets.size() && packets[i + 1].start_ns > packets[i].start_ns)
            end_ns = std::min(end_ns, packets[i + 1].start_ns);
        packets[i].end_ns = end_ns;
    }
}

std::string codec_data_of(const GstCaps *caps)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    const GValue *value = gst_structure_get_value(structure, "codec_data");
    if (!value || !GST_VALUE_HOLDS_BUFFER(value))
        return {};
    MappedBuffer data(gst_value_get_buffer(value));
    return data ? std::string(data.bytes().begin(), data.bytes().end()) : "";
}

std::string valid_utf8(const std::string &bytes)
{
    auto text = adopt(g_utf8_make_valid(bytes.data(), static_cast<gssize>(bytes.size())));
    return text.get();
}

// A cue's name, its settings and its text, each from a line of its own on (WebM's "WebVTT in WebM").
void add_webm_packet(std::string_view text, const TextPacket &packet, media::Subtitles &subtitles)
{
    auto name_end = text.find('\n');
    auto settings_end = name_end == std::string_view::npos ? name_end : text.find('\n', name_end + 1);
    if (settings_end == std::string_view::npos) {
        subtitles.skipped++;
        return;
    }
    std::string settings = webvtt_settings(text.substr(name_end + 1, settings_end - name_end - 1));
    add_cue(subtitles, {packet.start_ns,
                        packet.end_ns,
                        marked_cue_text(text.substr(settings_end + 1), true),
                        std::move(settings),
                        "",
                        {}});
}

// Matroska's packets are a cue's text; those that qtdemux makes of MP4's are a file of one cue, whose times
// it took from the packet.
void add_webvtt_packet(const TextPacket &packet, bool webm, media::Subtitles &subtitles)
{
    std::string text = valid_utf8(packet.bytes);
    if (webm)
        return add_webm_packet(text, packet, subtitles);
    if (!looks_like_time_line(text))
        return add_cue(subtitles, {packet.start_ns, packet.end_ns, marked_cue_text(text, true), "", "", {}});
    auto cues = parse_webvtt(text.starts_with("WEBVTT") ? text : "WEBVTT\n\n" + text);
    if (!cues)
        return;
    for (auto &cue : cues->cues) {
        cue.start_ns = packet.start_ns;
        cue.end_ns = packet.end_ns;
        add_cue(subtitles, std::move(cue));
    }
}

media::Subtitles pgs_of_track(const std::vector<TextPacket> &packets)
{
    PgsReader reader;
    for (const auto &packet : packets)
        reader.take(packet.start_ns, packet.bytes);
    return reader.finish(shown_at_most_ns);
}

// Matroska has the colours in words and as an event, MP4 as an event only, and a disc's own files nowhere.
media::Subtitles sub_pictures_of_track(const GstCaps *caps, const std::vector<TextPacket> &packets,
                                       const TrackHints &hints)
{
    SpuHead head = vobsub_head(codec_data_of(caps));
    if (!head.palette && hints.palette)
        head.palette = spu_palette_of(*hints.palette);
    head.video_width = hints.video_width;
    head.video_height = hints.video_height;
    SpuReader reader(head);
    for (const auto &packet : packets)
        reader.take(packet.start_ns, packet.end_ns, packet.bytes);
    return reader.finish();
}

Result<media::Subtitles> if_any(media::Subtitles subtitles)
{
    if (subtitles.cues.empty())
        return fail(ErrorCode::unsupported, "there is no subtitle in the track");
    return subtitles;
}

} // namespace

Result<media::Subtitles> subtitles_of_track(const GstCaps *caps, std::vector<TextPacket> packets,
                                            const TrackHints &hints)
{
    std::string format = subtitle_format(caps);
    bool plain = format.empty();
    bool styled = format == "ass" || format == "ssa";
    if (format == "pgs")
        return if_any(pgs_of_track(packets));
    if (format == "vobsub")
        return if_any(sub_pictures_of_track(caps, packets, hints));
    if (!plain && !styled && format != "webvtt" && format != "ttml")
        return fail(ErrorCode::unsupported, "subtitles of this kind (" + format + ") cannot be read here");
    find_ends(packets);
    bool webm = gst_structure_has_field(gst_caps_get_structure(caps, 0), "webm");
    media::Subtitles subtitles;
    if (styled)
        take_ass_header(valid_utf8(codec_data_of(caps)), subtitles);
    for (const auto &packet : packets) {
        if (styled)
            add_ass_packet(valid_utf8(packet.bytes), packet.start_ns, packet.end_ns, subtitles);
        else if (format == "ttml")
            add_ttml_packet(valid_utf8(packet.bytes), packet.start_ns, packet.end_ns, subtitles);
        else if (plain)
            add_cue(subtitles, {packet.start_ns,
                                packet.end_ns,
                                marked_cue_text(valid_utf8(packet.bytes), false),
                                "",
                                "",
                                {}});
        else
            add_webvtt_packet(packet, webm, subtitles);
    }
    // A packet of Matroska is a cue; samples of MP4 hold pieces of cues.
    if (format == "webvtt" || format == "ttml")
        finish_cut_cues(subtitles);
    else
        finish_cues(subtitles);
    return if_any(std::move(subtitles));
}

std::string describe_cues(const Result<media::Subtitles> &cues, media::SubtitleTrack &track)
{
    if (!cues) {
        track.decodable = false;
        track.reason = cues.error().message;
        return {};
    }
    std::string bytes = cues->serialize();
    track.form = cues->form;
    track.digest = sha256_hex(bytes);
    track.cues = static_cast<unsigned>(cues->cues.size());
    track.skipped = cues->skipped;
    return bytes;
}

} // namespace butaca::origin
