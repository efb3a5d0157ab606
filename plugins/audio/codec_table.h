// SPDX-License-Identifier: LGPL-2.1-or-later
// THE TABLE of audio encoders: facts (packet length, delay, legal rates) measured or specified, and how one
// wish is said to each. Pure values; nothing here touches an element.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace butaca::audio {

// What audiocompress's properties ask for.
struct Wish {
    std::string codec = "aac";
    std::string encoder;           // the element to use; empty: the first installed
    std::uint64_t bitrate_bps = 0; // all channels together; 0: the codec's default for each channel
    int channels = 0;              // 0: as they come, as far as the codec can
    int rate = 0;                  // samples per second; 0: as they come, or the nearest legal rate
    bool constant_rate = false;    // every packet of the same size, where the codec can
};

using Settings = std::vector<std::pair<std::string, std::string>>;

// One encoder. `delay_samples`: how far what a decoder puts out lags what the encoder took in, the two
// together.
struct Encoder {
    std::string_view codec;
    const char *factory;
    const char *parser; // cuts its output into packets; null: it comes in packets
    const char *format; // the raw sample format that it takes
    const char *caps;   // what leaves audiocompress
    int max_channels;
    std::span<const int> rates; // legal rates, rising
    int frame_samples;          // samples in a packet
    int delay_samples;
    std::uint64_t bitrate_per_channel_bps; // default; 0: the codec has no bit rate
    std::string_view library;              // start of the file name of the library behind it
    Settings (*settings)(std::uint64_t bitrate_bps, bool constant_rate);
};

std::vector<const Encoder *> encoders_for(std::string_view codec);

// The row for a wish: the encoder it names, or the first of its codec for which `installed` holds; null when
// there is none.
const Encoder *choose(const Wish &wish, bool (*installed)(const char *factory));

// The rate to encode at: `wished` or, when 0, the source's; if it is not legal the next legal one above, or
// the highest.
int legal_rate(const Encoder &encoder, int wished, int source);
int legal_channels(const Encoder &encoder, int wished, int source);

// Silence to put before the first sample so that the delay becomes a whole number of packets; and that delay.
// With it, packet delay/frame of the output starts exactly at the first sample of the input, and a stream
// needs no edit list, no pre-skip and no padding, wherever it was started.
int lead_samples(const Encoder &encoder);
int delay_samples(const Encoder &encoder);

// The properties to set on the encoder, as text.
Settings settings_for(const Encoder &encoder, const Wish &wish, int channels);

} // namespace butaca::audio
