// SPDX-License-Identifier: LGPL-2.1-or-later
// What lies in a watched folder. Blocks on the disk: for an Executor.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "src/media/facts.h"

namespace butaca::origin {

// What tells one state of a file from another without reading it.
struct Stamp {
    std::uint64_t size_bytes = 0;
    std::int64_t mtime_ns = 0;
    std::uint64_t inode = 0;
    std::uint64_t device = 0;
    friend bool operator==(const Stamp &, const Stamp &) = default;
};
Stamp stamp_of(const struct stat &status);

// Which files an origin takes.
struct Policy {
    std::string name; // of the process: "vs", "as"
    media::Kind kind = media::Kind::video;
    std::uint16_t port = 0;
    std::vector<std::string> extensions; // lower case, without dot
    // Extensions that films and music share: such a file is listed only when it turns out to be of `kind`.
    std::vector<std::string> shared_extensions;

    bool takes(std::string_view file_name) const;
    bool is_shared(std::string_view file_name) const;
};

// The file name without folder; and without its suffix.
std::string_view file_name_of(std::string_view path);
std::string_view slug_of(std::string_view path);

// Hidden files and unfinished downloads.
bool is_ignored(std::string_view file_name);

struct Entry {
    std::string path;
    Stamp stamp;
    bool regular = true;
    std::string trouble; // why it cannot be read at all, for people
    // For how long nothing has touched it, by its own times. Not part of what a file is: two looks differ in
    // it.
    std::chrono::nanoseconds quiet{0};
};

struct Listing {
    std::vector<Entry> entries;
    std::vector<Entry> subtitles;     // files that may lie beside a film; of an origin of films only
    std::vector<std::string> folders; // to be watched
};

// All that `policy` takes at `path` and below it, `path` itself being a file or a folder below `root` (a real
// path). Symbolic links count only where they lead to a place below `root`. Nothing when `path` is gone.
Listing list_tree(const std::string &root, const std::string &path, const Policy &policy);

} // namespace butaca::origin
