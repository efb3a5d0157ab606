// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/lengths.h"

#include <gst/audio/audio.h>

#include "src/origin/caps_fields.h"
#include "src/origin/codecs.h"

namespace butaca::origin {

namespace {

void drop_hidden(std::vector<Packet> &packets)
{
    std::erase_if(packets, [](const Packet &packet) { return packet.hidden; });
}

// vorbisparse knows each packet's length, but counts from 0 whatever the container says.
std::vector<Packet> vorbis_packets(std::vector<Packet> parsed, std::vector<Packet> demuxed)
{
    drop_hidden(parsed);
    drop_hidden(demuxed);
    if (demuxed.size() != parsed.size())
        return demuxed;
    for (std::size_t i = 0; i < parsed.size(); i++)
        parsed[i].pts_ns = demuxed[i].pts_ns;
    return parsed;
}

} // namespace

std::vector<Packet> with_true_lengths(std::vector<Packet> packets, const TrackRun &run,
                                      const Container &container)
{
    const GstCaps *caps = run.parsed_caps ? run.parsed_caps.get() : run.demuxed_caps.get();
    if (container.grid_ns == 0)
        return packets;
    if (run.has_parser && codec_of(caps) == "vorbis")
        return vorbis_packets(std::move(packets), run.demuxed);
    GstAudioInfo raw;
    const GstStructure *structure = first(caps);
    if (structure && gst_structure_has_name(structure, "audio/x-raw") &&
        gst_audio_info_from_caps(&raw, caps)) {
        for (Packet &packet : packets)
            packet.duration_ns = static_cast<std::int64_t>(gst_util_uint64_scale_round(
                packet.size_bytes / GST_AUDIO_INFO_BPF(&raw), GST_SECOND, GST_AUDIO_INFO_RATE(&raw)));
    }
    return packets;
}

// STREAMINFO (RFC 9639, 8.2) stands in the first of the caps' headers, behind what Ogg puts before it.
std::int64_t flac_length_ns(const GstCaps *caps)
{
    constexpr std::size_t info_at = 17;
    const GstStructure *structure = first(caps);
    if (!structure || !gst_structure_has_name(structure, "audio/x-flac"))
        return 0;
    const GValue *headers = gst_structure_get_value(structure, "streamheader");
    if (!headers || !GST_VALUE_HOLDS_ARRAY(headers) || gst_value_array_get_size(headers) == 0)
        return 0;
    const GValue *head = gst_value_array_get_value(headers, 0);
    MappedBuffer map(GST_VALUE_HOLDS_BUFFER(head) ? gst_value_get_buffer(head) : nullptr);
    if (!map || map.bytes().size() < info_at + 18)
        return 0;
    std::uint64_t fields = 0;
    for (std::size_t i = 10; i < 18; i++)
        fields = fields << 8 | map.bytes()[info_at + i];
    std::uint64_t rate = fields >> 44;
    std::uint64_t samples = fields & ((std::uint64_t{1} << 36) - 1);
    return rate == 0 ? 0 : static_cast<std::int64_t>(gst_util_uint64_scale_round(samples, GST_SECOND, rate));
}

} // namespace butaca::origin
