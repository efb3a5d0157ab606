// SPDX-License-Identifier: LGPL-2.1-or-later
// How many channels become two or one. Pure.
#pragma once

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

} // namespace butaca::audio
