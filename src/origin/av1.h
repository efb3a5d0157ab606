// SPDX-License-Identifier: LGPL-2.1-or-later
// What AV1 temporal units say of themselves (AV1 Bitstream & Decoding Process Specification). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace butaca::origin {

// av1C (AV1 in ISO BMFF, 2.3.3) without OBUs, out of the sequence header in a temporal unit. Nothing where
// there is no header, or a malformed one.
std::optional<std::vector<std::uint8_t>> av1_configuration(std::span<const std::uint8_t> unit);

// Whether a temporal unit begins with its sequence header and a key frame that is shown: decoding can start
// there, and needs nothing else.
bool av1_starts_alone(std::span<const std::uint8_t> unit);

} // namespace butaca::origin
