// SPDX-License-Identifier: LGPL-2.1-or-later
// The file names of a FolderStore, which hold all that must survive a restart: "<key>.<size>.<cost>" in one
// of 256 folders. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace butaca::objects {

struct ObjectName {
    std::string key;
    std::uint64_t size_bytes = 0;
    std::uint64_t cost_ms = 0;
};

// May this be a key? Not empty, at most 120 bytes.
bool is_key(std::string_view key);
// The folder of a key's file, relative to the store: two hex digits.
std::string folder_name(std::string_view key);
// The file's name. The key is percent-encoded, so that it has no "/" and cannot begin with a dot.
std::string file_name(const ObjectName &name);
// The inverse; nothing for files that are not ours.
std::optional<ObjectName> parse_file_name(std::string_view text);

} // namespace butaca::objects
