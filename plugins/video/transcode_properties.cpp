// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/transcode_properties.h"

#include <array>
#include <string>

#include "plugins/codec/library.h"

namespace butaca::video {

namespace {

enum Property : guint {
    prop_codec = 1,
    prop_width,
    prop_height,
    prop_frame_rate,
    prop_constant_quality,
    prop_max_bitrate_bps,
    prop_buffer_ms,
    prop_level,
    prop_profile,
    prop_speed,
    prop_threads,
    prop_gop_frames,
    prop_encoder,
    prop_subtitle_script,
    prop_subtitle_pictures,
    prop_active_encoder,
    prop_encoder_version,
};

constexpr auto writable =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto readable = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

void install(GObjectClass *object, guint id, GParamSpec *spec)
{
    g_object_class_install_property(object, id, spec);
}

void install_number(GObjectClass *object, guint id, const char *name, const char *nick, const char *blurb,
                    int min, int max, int standard)
{
    install(object, id, g_param_spec_int(name, nick, blurb, min, max, standard, writable));
}

void install_count(GObjectClass *object, guint id, const char *name, const char *nick, const char *blurb,
                   guint max, guint standard)
{
    install(object, id, g_param_spec_uint(name, nick, blurb, 0, max, standard, writable));
}

void install_text(GObjectClass *object, guint id, const char *name, const char *nick, const char *blurb,
                  const char *standard, GParamFlags flags = writable)
{
    install(object, id, g_param_spec_string(name, nick, blurb, standard, flags));
}

void install_picture(GObjectClass *object)
{
    install_number(
        object, prop_width, "width", "Width",
        "Width in square pixels, rounded to an even number (0 = follow the height and the source's shape)", 0,
        16384, 0);
    install_number(object, prop_height, "height", "Height",
                   "Height in pixels, rounded to an even number (0 = follow the width, or keep the source's)",
                   0, 16384, 0);
    install(object, prop_frame_rate,
            gst_param_spec_fraction("frame-rate", "Frame rate",
                                    "Frames per second (0/1 = every frame once, at its own time)", 0, 1,
                                    G_MAXINT, 1, 0, 1, writable));
}

void install_encoder(GObjectClass *object)
{
    install_text(object, prop_codec, "codec", "Codec",
                 "h264, h265, vp9 or av1; all properties take effect when the element goes to READY", "h264");
    install_number(
        object, prop_constant_quality, "constant-quality", "Constant quality",
        "The codec's quality scale, low is good: 0-51 for H.264 and H.265 (CRF), 0-63 for VP9 and AV1 (-1 "
        "= default)",
        -1, 63, -1);
    install(object, prop_max_bitrate_bps,
            g_param_spec_uint64(
                "max-bitrate-bps", "Maximum bit rate",
                "No more than this in bits per second over buffer-ms from the first frame on (0 = no cap)", 0,
                4'000'000'000ULL, 0, writable));
    install_count(object, prop_buffer_ms, "buffer-ms", "Buffer",
                  "What max-bitrate-bps is measured over, in ms: one segment", 10'000, 2000);
    install_text(object, prop_level, "level", "Level",
                 "Level to write into the stream, such as 3.1 (empty = automatic)", "");
    install_text(object, prop_profile, "profile", "Profile",
                 "Profile as in caps, such as high (empty = automatic)", "");
    install_text(object, prop_speed, "speed", "Speed", "x264's preset name, translated for other encoders",
                 "veryfast");
    install_count(object, prop_threads, "threads", "Threads",
                  "Encoder threads (only 1 makes the same bytes with every encoder)", 64, 1);
    install_count(object, prop_gop_frames, "gop-frames", "GOP frames",
                  "Frames from one keyframe to the next: a segment's frame count (0 = only the first is one)",
                  1U << 20, 0);
    install_text(object, prop_encoder, "encoder", "Encoder",
                 "Name of the encoder element to use (empty = the first one installed)", "");
}

void install_subtitles(GObjectClass *object)
{
    install_text(object, prop_subtitle_script, "subtitle-script", "Subtitle script",
                 "An ASS script to draw into the scaled pictures, as subtitleburn takes it (empty = none)",
                 "");
    install(object, prop_subtitle_pictures,
            g_param_spec_variant("subtitle-pictures", "Subtitle pictures",
                                 "Pictures to draw into the scaled pictures, as subtitleburn takes them",
                                 G_VARIANT_TYPE("a(xxuua(uuuuay))"), nullptr, writable));
}

void install_facts(GObjectClass *object)
{
    install_text(object, prop_active_encoder, "active-encoder", "Active encoder",
                 "Name of the encoder element that these properties lead to", "", readable);
    install_text(object, prop_encoder_version, "encoder-version", "Encoder version",
                 "Names the exact code that makes the bytes: equal here, equal bytes", "", readable);
}

} // namespace

void install_properties(GObjectClass *object)
{
    install_picture(object);
    install_encoder(object);
    install_subtitles(object);
    install_facts(object);
}

bool set_property(TranscodeProperties &asked, guint id, const GValue *value)
{
    switch (id) {
    case prop_subtitle_script: {
        std::string text = codec::text_of(value);
        asked.subtitle_script = text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text));
        break;
    }
    case prop_subtitle_pictures: {
        GVariant *pictures = g_value_dup_variant(value);
        asked.subtitle_pictures = {pictures, [](GVariant *last) {
                                       if (last)
                                           g_variant_unref(last);
                                   }};
        break;
    }
    case prop_codec:
        asked.wish.codec = codec::text_of(value);
        break;
    case prop_encoder:
        asked.wish.encoder = codec::text_of(value);
        break;
    case prop_profile:
        asked.wish.profile = codec::text_of(value);
        break;
    case prop_level:
        asked.wish.level = codec::text_of(value);
        break;
    case prop_speed:
        asked.wish.speed = codec::text_of(value);
        break;
    case prop_width:
        asked.width = g_value_get_int(value);
        break;
    case prop_height:
        asked.height = g_value_get_int(value);
        break;
    case prop_frame_rate:
        asked.rate_n = gst_value_get_fraction_numerator(value);
        asked.rate_d = gst_value_get_fraction_denominator(value);
        break;
    case prop_constant_quality:
        asked.wish.constant_quality = g_value_get_int(value);
        break;
    case prop_max_bitrate_bps:
        asked.wish.max_bitrate_bps = g_value_get_uint64(value);
        break;
    case prop_buffer_ms:
        asked.wish.buffer_ms = g_value_get_uint(value);
        break;
    case prop_threads:
        asked.wish.threads = g_value_get_uint(value);
        break;
    case prop_gop_frames:
        asked.wish.gop_frames = g_value_get_uint(value);
        break;
    default:
        return false;
    }
    return true;
}

bool get_property(const TranscodeProperties &asked, guint id, GValue *value)
{
    const Encoder *row = choose(asked.wish, codec::is_installed);
    switch (id) {
    case prop_subtitle_script:
        g_value_set_string(value, asked.subtitle_script ? asked.subtitle_script->c_str() : "");
        break;
    case prop_subtitle_pictures:
        g_value_set_variant(value, asked.subtitle_pictures.get());
        break;
    case prop_codec:
        g_value_set_string(value, asked.wish.codec.c_str());
        break;
    case prop_encoder:
        g_value_set_string(value, asked.wish.encoder.c_str());
        break;
    case prop_profile:
        g_value_set_string(value, asked.wish.profile.c_str());
        break;
    case prop_level:
        g_value_set_string(value, asked.wish.level.c_str());
        break;
    case prop_speed:
        g_value_set_string(value, asked.wish.speed.c_str());
        break;
    case prop_width:
        g_value_set_int(value, asked.width);
        break;
    case prop_height:
        g_value_set_int(value, asked.height);
        break;
    case prop_frame_rate:
        gst_value_set_fraction(value, asked.rate_n, asked.rate_d);
        break;
    case prop_constant_quality:
        g_value_set_int(value, asked.wish.constant_quality);
        break;
    case prop_max_bitrate_bps:
        g_value_set_uint64(value, asked.wish.max_bitrate_bps);
        break;
    case prop_buffer_ms:
        g_value_set_uint(value, asked.wish.buffer_ms);
        break;
    case prop_threads:
        g_value_set_uint(value, asked.wish.threads);
        break;
    case prop_gop_frames:
        g_value_set_uint(value, asked.wish.gop_frames);
        break;
    case prop_active_encoder:
        g_value_set_string(value, row ? row->factory : "");
        break;
    case prop_encoder_version: {
        const std::array libraries = {row ? row->library : std::string_view(),
                                      std::string_view("libzimg.so")};
        g_value_set_string(value, codec::version_of(row ? row->factory : nullptr, libraries).c_str());
        break;
    }
    default:
        return false;
    }
    return true;
}

} // namespace butaca::video
