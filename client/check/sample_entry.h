// SPDX-License-Identifier: LGPL-2.1-or-later
// What a sample description says of its format, and the name of that format in CODECS (RFC 6381 and the
// bindings of each codec). Pure.
#pragma once

#include <string>
#include <string_view>

#include "client/check/boxes.h"

namespace butaca::client::check {

struct Format {
    std::string entry;  // "avc1", "mp4a"
    std::string codecs; // "avc1.64001f"; the entry alone when nothing more could be read
    unsigned width = 0;
    unsigned height = 0;
    double pixel_aspect = 1; // how much wider than high a pixel is (pasp)
    unsigned channels = 0;
    unsigned nal_length_bytes = 0; // of H.264 and HEVC in MP4; 0: no such format
    unsigned profile = 0;          // H.264: profile_idc; HEVC: general_profile_idc
    unsigned level = 0;            // H.264: level_idc (52 is 5.2); HEVC: general_level_idc (153 is 5.1)
};

// The first entry of an stsd box's payload.
Format read_sample_description(const Box &stsd);

// Are these sides what the pictures have, or what they have when they are stretched to square pixels?
bool is_size_of(const Format &format, unsigned width, unsigned height);

// "avc1.64001f" of the three bytes that follow the NAL header of a sequence parameter set.
std::string avc_codecs(std::string_view entry, std::string_view profile_bytes);

// Do two names mean the same format? Case and the zeros that may be left away do not count.
bool same_codecs(std::string_view one, std::string_view other);

bool is_picture_codec(std::string_view codecs);
bool is_h264(std::string_view codecs);
bool is_hevc(std::string_view codecs);

} // namespace butaca::client::check
