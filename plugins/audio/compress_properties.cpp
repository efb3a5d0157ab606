// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/audio/compress_properties.h"

#include <array>
#include <string>

#include "plugins/codec/library.h"

namespace butaca::audio {

namespace {

enum Property : guint {
    prop_codec = 1,
    prop_bitrate_bps,
    prop_channels,
    prop_rate,
    prop_constant_rate,
    prop_skip_samples,
    prop_skip_packets,
    prop_max_packets,
    prop_first_packet,
    prop_encoder,
    prop_frame_samples,
    prop_delay_samples,
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
                    int max)
{
    install(object, id, g_param_spec_int(name, nick, blurb, 0, max, 0, writable));
}

void install_count(GObjectClass *object, guint id, const char *name, const char *nick, const char *blurb)
{
    install(object, id, g_param_spec_uint64(name, nick, blurb, 0, G_MAXINT64, 0, writable));
}

void install_fact(GObjectClass *object, guint id, const char *name, const char *nick, const char *blurb)
{
    install(object, id, g_param_spec_uint(name, nick, blurb, 0, G_MAXUINT, 0, readable));
}

void install_text(GObjectClass *object, guint id, const char *name, const char *nick, const char *blurb,
                  const char *standard, GParamFlags flags)
{
    install(object, id, g_param_spec_string(name, nick, blurb, standard, flags));
}

void install_wish(GObjectClass *object)
{
    install_text(object, prop_codec, "codec", "Codec",
                 "aac, opus, mp3 or flac; takes effect when the element goes to READY", "aac", writable);
    install_text(
        object, prop_encoder, "encoder", "Encoder",
        "Name of the encoder element to use (empty = the first one installed); takes effect when the "
        "element goes to READY",
        "", writable);
    install(object, prop_bitrate_bps,
            g_param_spec_uint64("bitrate-bps", "Bit rate",
                                "Bits per second of all channels together (0 = the "
                                "codec's default); takes effect with the next caps",
                                0, 2'000'000, 0, writable));
    install_number(
        object, prop_channels, "channels", "Channels",
        "Number of channels (0 = as they come, as far as the codec can); takes effect with the next caps", 8);
    install_number(
        object, prop_rate, "rate", "Rate",
        "Samples per second (0 = as they come, or the nearest that the codec has); takes effect with the "
        "next caps",
        192000);
    install(
        object, prop_constant_rate,
        g_param_spec_boolean("constant-rate", "Constant rate",
                             "Packets of equal size, where the codec can (Opus; MP3 always); takes effect "
                             "with the next caps",
                             FALSE, writable));
}

void install_grid(GObjectClass *object)
{
    install_count(
        object, prop_skip_samples, "skip-samples", "Skip samples",
        "Samples, at the output's rate, to drop from the start before they are encoded; takes effect with "
        "the next caps");
    install(
        object, prop_skip_packets,
        g_param_spec_uint("skip-packets", "Skip packets",
                          "Packets to drop from the start: delay and run-up; takes effect with the next caps",
                          0, G_MAXUINT, 0, writable));
    install_count(
        object, prop_max_packets, "max-packets", "Maximum packets",
        "Packets to give before the end of the stream (0 = no limit); takes effect with the next caps");
    install_count(
        object, prop_first_packet, "first-packet", "First packet",
        "Number of the first packet given: packet n starts at n * frame-samples / rate seconds; takes "
        "effect with the next caps");
}

void install_facts(GObjectClass *object)
{
    install_fact(object, prop_frame_samples, "frame-samples", "Frame samples", "Samples in each packet");
    install_fact(
        object, prop_delay_samples, "delay-samples", "Delay samples",
        "How many samples a decoder's output lags the input, before skip-packets: a whole number of packets");
    install_text(object, prop_active_encoder, "active-encoder", "Active encoder",
                 "Name of the encoder element that these properties lead to", "", readable);
    install_text(object, prop_encoder_version, "encoder-version", "Encoder version",
                 "Names the exact code that makes the bytes: equal here, equal bytes", "", readable);
}

} // namespace

void install_properties(GObjectClass *object)
{
    install_wish(object);
    install_grid(object);
    install_facts(object);
}

bool set_property(CompressProperties &asked, guint id, const GValue *value)
{
    switch (id) {
    case prop_codec:
        asked.wish.codec = codec::text_of(value);
        break;
    case prop_encoder:
        asked.wish.encoder = codec::text_of(value);
        break;
    case prop_bitrate_bps:
        asked.wish.bitrate_bps = g_value_get_uint64(value);
        break;
    case prop_channels:
        asked.wish.channels = g_value_get_int(value);
        break;
    case prop_rate:
        asked.wish.rate = g_value_get_int(value);
        break;
    case prop_constant_rate:
        asked.wish.constant_rate = g_value_get_boolean(value);
        break;
    case prop_skip_samples:
        asked.skip_samples = g_value_get_uint64(value);
        break;
    case prop_skip_packets:
        asked.skip_packets = g_value_get_uint(value);
        break;
    case prop_max_packets:
        asked.max_packets = g_value_get_uint64(value);
        break;
    case prop_first_packet:
        asked.first_packet = g_value_get_uint64(value);
        break;
    default:
        return false;
    }
    return true;
}

bool get_property(const CompressProperties &asked, guint id, GValue *value)
{
    const Encoder *row = choose(asked.wish, codec::is_installed);
    switch (id) {
    case prop_codec:
        g_value_set_string(value, asked.wish.codec.c_str());
        break;
    case prop_encoder:
        g_value_set_string(value, asked.wish.encoder.c_str());
        break;
    case prop_bitrate_bps:
        g_value_set_uint64(value, asked.wish.bitrate_bps);
        break;
    case prop_channels:
        g_value_set_int(value, asked.wish.channels);
        break;
    case prop_rate:
        g_value_set_int(value, asked.wish.rate);
        break;
    case prop_constant_rate:
        g_value_set_boolean(value, asked.wish.constant_rate);
        break;
    case prop_skip_samples:
        g_value_set_uint64(value, asked.skip_samples);
        break;
    case prop_skip_packets:
        g_value_set_uint(value, static_cast<guint>(asked.skip_packets));
        break;
    case prop_max_packets:
        g_value_set_uint64(value, asked.max_packets);
        break;
    case prop_first_packet:
        g_value_set_uint64(value, asked.first_packet);
        break;
    case prop_frame_samples:
        g_value_set_uint(value, row ? static_cast<guint>(row->frame_samples) : 0);
        break;
    case prop_delay_samples:
        g_value_set_uint(value, row ? static_cast<guint>(delay_samples(*row)) : 0);
        break;
    case prop_active_encoder:
        g_value_set_string(value, row ? row->factory : "");
        break;
    case prop_encoder_version: {
        const std::array libraries = {row ? row->library : std::string_view()};
        g_value_set_string(value, codec::version_of(row ? row->factory : nullptr, libraries).c_str());
        break;
    }
    default:
        return false;
    }
    return true;
}

} // namespace butaca::audio
