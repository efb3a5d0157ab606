// SPDX-License-Identifier: LGPL-2.1-or-later
// The digest of a file, whose name it is from then on. Streams: memory stays the same however large the file.
#pragma once

#include <atomic>
#include <string>

#include "src/base/result.h"
#include "src/origin/listing.h"

namespace butaca::origin {

// SHA-256 of all bytes of the open file, 64 hex digits; logs its progress on long ones. `conflict` when the
// file's stamp is no longer `expected` at the end, `cancelled` once `stop` is set, `internal` when reading
// fails. Blocks; any thread.
Result<std::string> digest_file(int fd, const Stamp &expected, const std::atomic<bool> &stop);

// Opens a regular file for reading, if it still is as `expected`; never blocks on a FIFO. `conflict` when it
// changed, `not_found` when it is gone, `forbidden` when it may not be read. The caller owns the descriptor.
Result<int> open_unchanged(const std::string &path, const Stamp &expected);

} // namespace butaca::origin
