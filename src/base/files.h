// SPDX-License-Identifier: LGPL-2.1-or-later
// Whole small files: read within a limit, written so that a reader or a crash never meets half of one.
// All of it blocks on the disk: at start, on an Executor or in tools, not on the loop of a busy server.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "src/base/result.h"

namespace butaca {

// The bytes of a regular file. `not_found` when there is none, `too_large` beyond `limit_bytes`,
// `invalid_argument` when it is no regular file, else `internal`. The path is in the detail only.
// Thread-safe.
Result<std::string> read_file(const std::string &path, std::size_t limit_bytes);

enum class Existing {
    replace,
    keep, // `conflict` when there is a file already, which stays as it is: of two racing writers one wins
};

// Writes aside in the same directory, syncs, moves into place and syncs the directory. `mode` is exact,
// whatever the umask. On failure the old file is untouched and nothing is left beside it. `unavailable` when
// the disk is full. Thread-safe.
Status write_file_atomically(const std::string &path, std::string_view bytes, mode_t mode = 0644,
                             Existing existing = Existing::replace);

// Makes the directory and those above it; one that exists is fine. Mode 0777 less the umask. Thread-safe.
Status make_directories(const std::string &path);

} // namespace butaca
