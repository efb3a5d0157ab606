// SPDX-License-Identifier: LGPL-2.1-or-later
// Configuration boxes of AC-3 and E-AC-3, which say what the first frame's own head does. Pure: bytes from
// outside in, bytes out.
#pragma once

#include <cstdint>
#include <span>

#include "plugins/mux/box_writer.h"
#include "src/base/result.h"

namespace butaca::mux {

// The body of dac3 (ETSI TS 102 366, F.4) from one AC-3 frame. Errors: invalid_argument when it is none.
Result<Bytes> ac3_configuration(std::span<const std::uint8_t> frame);

// The body of dec3 (ETSI TS 102 366, F.6) from one E-AC-3 frame of six blocks, which is a sample. Errors:
// invalid_argument when it is none, unsupported for fewer blocks or several substreams.
Result<Bytes> eac3_configuration(std::span<const std::uint8_t> frame);

} // namespace butaca::mux
