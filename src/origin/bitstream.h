// SPDX-License-Identifier: LGPL-2.1-or-later
// The little that has to be read from compressed pictures themselves. Pure.
#pragma once

#include <functional>
#include <span>

#include "src/base/gst.h"
#include "src/origin/packets.h"

namespace butaca::origin {

// Corrects `packet` by the picture's own bytes: VP8 and VP9 frames that are never shown; which pictures a
// stream can begin with, and which of those that are shown before them need nothing from before; and, with
// `find_keyframes` (the container does not say), H.264 and HEVC pictures that decoding can start at anywhere.
// The parsers of GStreamer call every intra picture a keyframe, although later ones may refer to what is
// before it.
void judge_picture(const GstCaps *caps, GstBuffer *buffer, bool find_keyframes, Packet &packet);

// How many bytes tell the length of each NAL unit, from avcC (ISO/IEC 14496-15, 5.3.3.1) or hvcC (8.3.3.1) in
// the caps; 0 for a byte stream.
unsigned length_bytes_of(const GstStructure *caps, bool hevc);

// Calls `visit` for the NAL units of a packet (length-prefixed with `length_bytes`, or byte stream where that
// is 0), none of them empty, until it returns true or the bytes are not cut so.
void each_unit(std::span<const std::uint8_t> packet, unsigned length_bytes,
               const std::function<bool(std::span<const std::uint8_t>)> &visit);

// Does the access unit (length-prefixed with `length_bytes`, or byte stream where that is 0) hold a random
// access picture: H.264 IDR (7.4.1.2.4), HEVC IRAP (7.4.2.2)?
bool has_random_access(std::span<const std::uint8_t> unit, bool hevc, unsigned length_bytes);

// Does the HEVC access unit hold a leading picture that can be decoded when decoding starts at its random
// access picture (RADL, 7.4.2.2)?
bool leads_decodably(std::span<const std::uint8_t> unit, unsigned length_bytes);

// Do the pictures after this MPEG-1 or MPEG-2 one that are shown before it refer to nothing before it
// (closed_gop in its group header, ISO/IEC 13818-2, 6.3.8)?
bool has_closed_group(std::span<const std::uint8_t> unit);

} // namespace butaca::origin
