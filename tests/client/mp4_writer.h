// SPDX-License-Identifier: LGPL-2.1-or-later
// Small MP4 files for tests of what reads them, written by the letter of ISO/IEC 14496-12.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace butaca::test {

std::string big_endian(std::uint64_t value, unsigned size_bytes);
std::string box(std::string_view type, const std::string &payload);
std::string full_box(std::string_view type, unsigned version, std::uint32_t flags,
                     const std::string &payload);

struct TrackWish {
    std::uint32_t id = 1;
    std::string handler = "vide";
    std::uint32_t timescale = 24000;
    std::string sample_entry;
    std::uint32_t header_duration = 0; // tkhd and mvhd
    std::uint32_t table_samples = 0;
    bool extends = true; // a trex for it
};
std::string init_file(const std::vector<TrackWish> &tracks, bool with_ftyp = true);

// An avc1 (or, by `type`, avc3) sample entry with this profile and level, and more boxes if there are any.
std::string avc_entry(unsigned width, unsigned height, unsigned profile = 100, unsigned level = 31,
                      std::string_view type = "avc1", const std::string &more = "");
std::string hevc_entry(unsigned width, unsigned height, unsigned profile, unsigned level,
                       std::string_view type = "hvc1");
std::string vp9_entry(unsigned width, unsigned height);
// mp4a with this audio object type (2: AAC-LC, 5: HE-AAC).
std::string aac_entry(unsigned rate, unsigned object_type = 2);
std::string opus_entry();

struct SampleWish {
    std::uint32_t duration = 0;
    std::string bytes;
    bool sync = true;
    std::int32_t offset = 0; // composition
};

struct FragmentWish {
    std::uint32_t track = 1;
    std::uint64_t tfdt = 0;
    std::vector<SampleWish> samples;
    bool with_tfdt = true;
    bool with_mdat = true;
    std::int32_t data_shift = 0; // added to where the samples are said to lie
};
std::string fragment(const FragmentWish &wish);

// One NAL unit with its length in 4 bytes: an IDR slice (5) or another one (1) of H.264, filled up to the
// size.
std::string avc_sample(unsigned nal_type, std::size_t size_bytes);

} // namespace butaca::test
