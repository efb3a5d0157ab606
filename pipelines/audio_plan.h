// SPDX-License-Identifier: LGPL-2.1-or-later
// Which samples and which packets one audio segment needs, by fixed rules from presentation time alone, so
// that any worker feeds decoder, resampler and encoder with exactly the same. Pure.
//
// Three axes: packets have times on the source's own axis; source samples are counted at the source's rate
// and output samples at the output's, both from presentation time 0.
#pragma once

#include <cstdint>
#include <string_view>

#include "pipelines/job.h"

namespace butaca::pipelines {

// What audiocompress says of its encoder.
struct EncoderDelay {
    std::int64_t frame_samples = 0;
    std::int64_t delay_samples = 0;
};

struct AudioPlan {
    // Output samples to feed to the encoder: [first_out, end_out).
    std::int64_t first_out = 0;
    std::int64_t end_out = 0;
    std::int64_t skip_packets = 0;
    // Output samples to work on: more than those where their surroundings have a say.
    std::int64_t first_shaped = 0;
    std::int64_t end_shaped = 0;
    // Source samples to feed to the resampler: [first_source, end_source). The first one falls on an output
    // sample.
    std::int64_t first_source = 0;
    std::int64_t end_source = 0;
    std::int64_t resampled_from = 0; // the output sample that first_source falls on
    // Packets to decode: those that begin in [packets_from_ns, packets_to_ns) on the source's axis.
    std::int64_t packets_from_ns = 0;
    std::int64_t packets_to_ns = 0;
};

// `unsupported` when the encoder's packets are not of the length that the timeline counts in.
Result<AudioPlan> plan_audio(const AudioJob &audio, std::string_view caps, EncoderDelay delay);

// Where a packet that begins at `time_ns` belongs, in source samples.
std::int64_t source_sample(const AudioJob &audio, std::int64_t time_ns);

} // namespace butaca::pipelines
