// SPDX-License-Identifier: LGPL-2.1-or-later
// How many channels become two or one. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <gst/audio/audio.h>

namespace butaca::audio {

// Gain of each input channel (inner) in each output channel (outer), by ITU-R BS.775-4 annex 4: centre and
// surrounds at -3 dB, no LFE; then all scaled down together so that full scale on every input cannot clip.
// audioconvert's own matrix is not used because it mixes the LFE into both sides. Empty when `out` is not 1
// or 2, or there is nothing to mix down, or the channels have no positions: audioconvert then does what it
// does.
std::vector<std::vector<float>> downmix_matrix(std::span<const GstAudioChannelPosition> in, int out);

// 5.0 and 5.1 come with surrounds named "side" (films) or "rear" (what the encoders know): the same channels
// in the same order. Gives the mask with "rear" for input that says "side" and is to keep its channels; 0 for
// all other input.
std::uint64_t mask_with_rear_for_side(std::span<const GstAudioChannelPosition> in, int out);

// Each channel to itself.
std::vector<std::vector<float>> identity_matrix(int channels);

} // namespace butaca::audio
