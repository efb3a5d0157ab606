// SPDX-License-Identifier: LGPL-2.1-or-later
// What each sound codec takes: bit rates, sample rates, frames. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "src/media/facts.h"
#include "src/media/profile.h"

namespace butaca::media {

// What sound of this quality takes when nothing else was asked for; stereo counts as the measure.
std::uint64_t audio_bitrate_bps(Quality quality, const std::string &codec, unsigned channels);

// The sample rate of the output: the source's own where the codec has it, else one that players know.
unsigned audio_rate(const std::string &codec, unsigned source_rate);

// Samples in one packet of our encodes.
unsigned audio_frame_samples(const std::string &codec);

// The bit rates of MPEG-1 layer III (ISO/IEC 11172-3, 2.4.2.3); a frame header counts them from 1.
inline constexpr std::array<std::uint64_t, 14> mp3_steps_kbps = {32,  40,  48,  56,  64,  80,  96,
                                                                 112, 128, 160, 192, 224, 256, 320};

// The bit rate that the codec has nearest to the wished one: a step of MP3 (ISO/IEC 11172-3, 2.4.2.3), whole
// bytes to each packet of Opus; 0 for FLAC, which takes what it needs.
std::uint64_t legal_audio_bitrate_bps(const std::string &codec, std::uint64_t wished_bps);

// Packets before the first sample without which a decoder does not give it whole: overlapping transforms
// (AAC, MP3), 80 ms for Opus (RFC 7845, 4.2), none for FLAC.
unsigned audio_lead_frames(const std::string &codec);

// By how many thousandths of a decibel to raise (or, below 0, lower) sound of this loudness so that all
// titles sound alike: to -18 LUFS, but never so far that true peaks come above -1 dBTP (EBU R 128 s1).
std::int32_t normalising_gain_mdb(const Loudness &loudness);

} // namespace butaca::media
