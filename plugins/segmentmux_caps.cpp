// SPDX-License-Identifier: LGPL-2.1-or-later
// Caps to track, one function per family of codecs. Caps come from parsers that read files from outside:
// nothing in them is trusted to be there.
#include "plugins/segmentmux_caps.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include <gst/pbutils/codec-utils.h>
#include <gst/video/video.h>

#include "plugins/mux/dolby.h"
#include "plugins/mux/sample_entry.h"
#include "src/base/gst.h"

namespace butaca::segmentmux {
namespace {

using mux::Bytes;
using mux::Codec;
using mux::Track;

std::optional<Codec> codec_of(const GstStructure *caps)
{
    static constexpr struct {
        std::string_view name;
        Codec codec;
    } names[] = {{"video/x-h264", Codec::avc},  {"video/x-h265", Codec::hevc}, {"video/x-vp9", Codec::vp9},
                 {"video/x-av1", Codec::av1},   {"audio/mpeg", Codec::aac},    {"audio/x-opus", Codec::opus},
                 {"audio/x-flac", Codec::flac}, {"audio/x-ac3", Codec::ac3},   {"audio/x-eac3", Codec::eac3},
                 {"audio/x-alac", Codec::alac}};
    const std::string_view name = gst_structure_get_name(caps);
    int version = 0;
    if (name == "audio/mpeg" && gst_structure_get_int(caps, "mpegversion", &version) && version == 1)
        return Codec::mp3;
    const auto *found = std::ranges::find(names, name, [](const auto &entry) { return entry.name; });
    return found == std::end(names) ? std::nullopt : std::optional(found->codec);
}

int number(const GstStructure *caps, const char *field)
{
    int value = 0;
    return gst_structure_get_int(caps, field, &value) && value > 0 ? value : 0;
}

Bytes bytes_of(GstBuffer *buffer)
{
    const MappedBuffer map(buffer);
    return map ? Bytes(map.bytes().begin(), map.bytes().end()) : Bytes();
}

Bytes codec_data(const GstStructure *caps)
{
    const GValue *value = gst_structure_get_value(caps, "codec_data");
    return value && GST_VALUE_HOLDS_BUFFER(value) ? bytes_of(gst_value_get_buffer(value)) : Bytes();
}

// The first buffer of the streamheader, borrowed from the caps; null where there is none.
GstBuffer *first_stream_header(const GstStructure *caps)
{
    const GValue *list = gst_structure_get_value(caps, "streamheader");
    if (!list || !GST_VALUE_HOLDS_ARRAY(list) || gst_value_array_get_size(list) == 0)
        return nullptr;
    const GValue *first = gst_value_array_get_value(list, 0);
    return GST_VALUE_HOLDS_BUFFER(first) ? gst_value_get_buffer(first) : nullptr;
}

std::optional<mux::Colour> colour_of(const GstStructure *caps)
{
    const char *text = gst_structure_get_string(caps, "colorimetry");
    GstVideoColorimetry colorimetry;
    if (!text || !gst_video_colorimetry_from_string(&colorimetry, text))
        return std::nullopt;
    mux::Colour colour;
    colour.primaries = static_cast<std::uint16_t>(gst_video_color_primaries_to_iso(colorimetry.primaries));
    colour.transfer = static_cast<std::uint16_t>(gst_video_transfer_function_to_iso(colorimetry.transfer));
    colour.matrix = static_cast<std::uint16_t>(gst_video_color_matrix_to_iso(colorimetry.matrix));
    colour.full_range = colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    return colour;
}

Result<Bytes> vp9_of(const GstStructure *caps, const Track &track)
{
    mux::Vp9Setup setup;
    setup.width = track.width;
    setup.height = track.height;
    setup.colour = track.colour.value_or(mux::Colour{});
    const char *profile = gst_structure_get_string(caps, "profile");
    if (profile && profile[0] >= '0' && profile[0] <= '3')
        setup.profile = static_cast<std::uint8_t>(profile[0] - '0');
    guint depth = 0;
    if (gst_structure_get_uint(caps, "bit-depth-luma", &depth) && (depth == 8 || depth == 10 || depth == 12))
        setup.bit_depth = static_cast<std::uint8_t>(depth);
    else if (setup.profile >= 2)
        return fail(ErrorCode::invalid_argument,
                    "the VP9 stream does not say its bit depth; put vp9parse before");
    const char *chroma = gst_structure_get_string(caps, "chroma-format");
    const std::string_view format = chroma ? chroma : "4:2:0";
    if (format == "4:2:2")
        setup.chroma = 2;
    else if (format == "4:4:4")
        setup.chroma = 3;
    return mux::vp9_configuration(setup);
}

Status describe_picture(const GstStructure *caps, Track &track)
{
    const int width = number(caps, "width");
    const int height = number(caps, "height");
    if (width == 0 || height == 0 || width > 0xffff || height > 0xffff)
        return fail(ErrorCode::invalid_argument, "the picture size is missing or too large");
    track.width = static_cast<std::uint16_t>(width);
    track.height = static_cast<std::uint16_t>(height);
    int aspect_width = 1;
    int aspect_height = 1;
    if (gst_structure_get_fraction(caps, "pixel-aspect-ratio", &aspect_width, &aspect_height) &&
        aspect_width > 0 && aspect_height > 0) {
        track.aspect_width = static_cast<std::uint32_t>(aspect_width);
        track.aspect_height = static_cast<std::uint32_t>(aspect_height);
    }
    track.colour = colour_of(caps);
    if (track.codec != Codec::vp9) {
        track.configuration = codec_data(caps);
        return {};
    }
    auto configuration = vp9_of(caps, track);
    if (!configuration)
        return fail(std::move(configuration.error()));
    track.configuration = std::move(*configuration);
    return {};
}

Status describe_opus(const GstStructure *caps, const TrackWishes &wishes, Track &track)
{
    const auto whole = adopt(gst_caps_new_full(gst_structure_copy(caps), nullptr));
    mux::OpusSetup setup;
    guint32 rate_hz = 0;
    if (!gst_codec_utils_opus_parse_caps(whole.get(), &rate_hz, &setup.channels, &setup.mapping_family,
                                         &setup.streams, &setup.coupled, setup.mapping.data()) ||
        setup.channels == 0 || setup.channels > 8 || setup.mapping_family > 1)
        return fail(ErrorCode::unsupported, "the Opus stream has a channel mapping other than family 0 or 1");
    GstBuffer *header = first_stream_header(caps);
    if (header) {
        guint16 pre_skip = 0;
        gint16 gain = 0;
        if (!gst_codec_utils_opus_parse_header(header, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                               &pre_skip, &gain))
            return fail(ErrorCode::invalid_argument, "the OpusHead header is broken");
        setup.pre_skip = pre_skip;
        setup.output_gain = gain;
    }
    setup.pre_skip = wishes.opus_pre_skip.value_or(setup.pre_skip);
    setup.input_rate_hz = rate_hz ? rate_hz : 48000;
    track.channels = setup.channels;
    track.sample_rate_hz = 48000;
    track.configuration = mux::opus_configuration(setup);
    return {};
}

Status describe_sound(const GstStructure *caps, const TrackWishes &wishes, Track &track)
{
    if (track.codec == Codec::opus)
        return describe_opus(caps, wishes, track);
    track.channels = static_cast<std::uint16_t>(std::min(number(caps, "channels"), 0xffff));
    track.sample_rate_hz = static_cast<std::uint32_t>(number(caps, "rate"));
    if (track.codec == Codec::mp3 || configured_by_stream(track.codec))
        return {};
    if (track.codec == Codec::alac) {
        // GStreamer carries the whole box, its head included.
        constexpr std::size_t box_head = 12;
        track.configuration = codec_data(caps);
        if (track.configuration.size() > box_head)
            track.configuration.erase(track.configuration.begin(), track.configuration.begin() + box_head);
        return {};
    }
    if (track.codec == Codec::aac) {
        track.configuration = codec_data(caps);
        return {};
    }
    auto configuration = mux::flac_configuration(bytes_of(first_stream_header(caps)));
    if (!configuration)
        return fail(std::move(configuration.error()));
    track.configuration = std::move(*configuration);
    return {};
}

} // namespace

std::uint32_t default_timescale(const GstStructure *caps, Codec codec)
{
    constexpr std::uint32_t varying = 90000;
    constexpr std::uint32_t least = 10000;
    constexpr int most = 10000000; // odd rates of broken files ("10000000/417083") may have larger ones
    if (codec == Codec::opus)
        return 48000;
    if (!mux::is_video(codec))
        return static_cast<std::uint32_t>(number(caps, "rate"));
    int rate_n = 0;
    int rate_d = 1;
    if (!gst_structure_get_fraction(caps, "framerate", &rate_n, &rate_d) || rate_n <= 0 || rate_n > most)
        return varying;
    auto timescale = static_cast<std::uint32_t>(rate_n);
    while (timescale < least)
        timescale *= 10;
    return timescale;
}

bool configured_by_stream(Codec codec) { return codec == Codec::ac3 || codec == Codec::eac3; }

Status configure(Track &track, GstBuffer *first)
{
    const Bytes frame = bytes_of(first);
    auto configuration =
        track.codec == Codec::ac3 ? mux::ac3_configuration(frame) : mux::eac3_configuration(frame);
    if (!configuration)
        return fail(std::move(configuration.error()));
    track.configuration = std::move(*configuration);
    return mux::check_track(track);
}

Result<Track> track_from_caps(const GstCaps *caps, const TrackWishes &wishes)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    const auto codec = codec_of(structure);
    if (!codec)
        return fail(ErrorCode::unsupported, "there is no way to mux this kind of stream",
                    gst_structure_get_name(structure));
    Track track;
    track.codec = *codec;
    track.language = wishes.language;
    track.timescale = wishes.timescale ? wishes.timescale : default_timescale(structure, *codec);
    Status status =
        mux::is_video(*codec) ? describe_picture(structure, track) : describe_sound(structure, wishes, track);
    if (status && !configured_by_stream(*codec))
        status = mux::check_track(track);
    if (!status)
        return fail(std::move(status.error()));
    return track;
}

} // namespace butaca::segmentmux
