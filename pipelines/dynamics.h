// SPDX-License-Identifier: LGPL-2.1-or-later
// Loudness of sound as a function of its samples alone: the same ones get the same gain in whatever piece
// they come, so that segments that are made apart join. Pure.
#pragma once

#include <cstdint>
#include <span>

namespace butaca::pipelines {

// Samples on either side of a piece that night_mode() looks at, for a rate.
constexpr std::int64_t night_reach(std::int64_t rate) { return rate; }

// Every sample times so many thousandths of a decibel. What then lies beyond full scale stays there for the
// encoder to clip: whoever wants none asks for less.
void amplify(std::span<float> samples, std::int32_t gain_mdb);

// Less between loud and quiet: what is above -24 dBFS (mean power of all channels over some tenths of a
// second) is brought nearer to it by two thirds, what is below by half, up to 12 dB; noise that is hardly
// there is left. Peaks stay below full scale. `samples` are interleaved and begin at sample `first` of the
// whole; those nearer than night_reach() to either end are only looked at and come out undefined.
void night_mode(std::span<float> samples, unsigned channels, std::int64_t first, std::int64_t rate);

} // namespace butaca::pipelines
