// SPDX-License-Identifier: LGPL-2.1-or-later
// Measures how loud a file's sound is as a whole (ITU-R BS.1770-4). Decodes all of it, so it runs in a
// process of its own, started with `--loudness`.
#pragma once

#include <functional>
#include <string>

#include "src/media/loudness.h"

namespace butaca::origin {

// All tracks of sound of the open regular file `fd` that can be decoded; `progress` is called now and then.
// The words of what stopped it where nothing could be measured. Blocks; needs gst_init().
Result<media::LoudnessReport> measure_loudness(int fd, std::uint64_t size_bytes,
                                               const std::function<void()> &progress);

} // namespace butaca::origin
