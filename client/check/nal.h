// SPDX-License-Identifier: LGPL-2.1-or-later
// NAL units of H.264 and HEVC, as far as is needed to tell an IDR picture. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "client/check/sample_entry.h"

namespace butaca::client::check {

// Is the picture in this sample (NAL units with their lengths) an IDR one? Nothing where the format has no
// such pictures, or none could be found.
std::optional<bool> has_idr(std::string_view sample, const Format &format);

// The same in a byte stream (ISO/IEC 14496-10, annex B).
std::optional<bool> has_idr_in_byte_stream(std::string_view bytes, bool hevc);

// The three bytes that name profile and level in the first sequence parameter set of H.264; else nothing.
std::optional<std::string_view> avc_profile_in_byte_stream(std::string_view bytes);

} // namespace butaca::client::check
